"""What people do to an incident: each act is stored, told wherever the incident was told, and done once.

Who may not act gets Forbidden; what is done stands in the audit, in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.flows.answer import Desk
from bot.incidents import acknowledge, assign, close_by_hand, snooze
from bot.model.audit import Asker, AuditEntry
from bot.model.incident import ASIDES, Incident, Line, MessageKind, Telling
from bot.model.time import HOUR_S
from bot.model.verdict import Severity
from bot.store import Conflict, Transaction, alerts, audit, incidents, outbox

SNOOZE_S = HOUR_S
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why nothing was done, for the one who asked; where ``who`` (a Slack user id) was first, the sentence
    goes on after that name."""

    sentence: str
    who: str = ""


Done = WhyNot | None
"""What came of an act: None when it is done."""


def take(desk: Desk, incident_id: int, asker: Asker) -> Done:
    """Acknowledge."""
    return _act(
        desk, incident_id, asker, lambda i, level, now: acknowledge(i, level, asker.user, now), _taken_already
    )


def hush(desk: Desk, incident_id: int, asker: Asker, seconds: int = SNOOZE_S) -> Done:
    """Snooze for a while."""

    def act(incident: Incident, level: Severity, now: int) -> tuple[Incident, Line] | None:
        return snooze(incident, level, asker.user, now, now + seconds)

    return _act(desk, incident_id, asker, act, _quiet_already)


def give(desk: Desk, incident_id: int, asker: Asker, to: str) -> Done:
    """Assign to ``to``, a Slack user id."""
    return _act(
        desk, incident_id, asker, lambda i, level, now: assign(i, level, asker.user, now, to), _theirs_already
    )


def resolve(desk: Desk, incident_id: int, asker: Asker) -> Done:
    """Close by hand."""

    def do(tx: Transaction, stored: incidents.Stored, now: int) -> Done:
        closed = close_by_hand(stored.incident, stored.alerts, asker.user, now)
        if closed is None:
            return WhyNot(sentence="This incident is resolved already.")
        for alert, event in closed[0]:
            alerts.save(tx, alert)
            alerts.add_event(tx, alert.id, replace(event, actor=asker.user))
        _record(tx, stored, stored.incident, closed[1], asker, wall=desk.wall())
        incidents.wake(tx, now)  # what these alerts hid may be told
        return None

    return _locked(desk, incident_id, asker, do)


def remark(desk: Desk, incident_id: int, asker: Asker, kind: MessageKind, about: str) -> Done:
    """Add to its history, also after its end, and to its threads: a note (NOTED), or a call's id (LINKED)."""

    def do(tx: Transaction, stored: incidents.Stored, now: int) -> None:
        line = Line(kind=kind, at=now, severity=_level(stored), actor=asker.user, about=about)
        _keep(tx, incident_id, line, asker)
        outbox.enqueue(tx, incident_id, _lines(stored, [line]), now=now, wall=desk.wall())

    return _locked(desk, incident_id, asker, do)


def _act(
    desk: Desk,
    incident_id: int,
    asker: Asker,
    act: Callable[[Incident, Severity, int], tuple[Incident, Line] | None],
    why_not: Callable[[Incident], WhyNot],
) -> Done:
    def do(tx: Transaction, stored: incidents.Stored, now: int) -> Done:
        done = act(stored.incident, _level(stored), now)
        if done is None:
            return why_not(stored.incident)
        _record(tx, stored, *done, asker, wall=desk.wall())
        return None

    return _locked(desk, incident_id, asker, do)


def _locked(
    desk: Desk, incident_id: int, asker: Asker, do: Callable[[Transaction, incidents.Stored, int], Done]
) -> Done:
    """Do something to an incident that nobody else changes meanwhile; raise Forbidden."""
    desk.access.may_act(asker, incident_id)
    for _ in range(_TRIES):
        try:
            with desk.database.transaction() as tx:
                stored = incidents.find(tx, incident_id, lock=True)
                if stored is None:
                    return WhyNot(sentence=f"Incident #{incident_id} is not in my records.")
                return do(tx, stored, int(desk.now()))
        except Conflict:
            continue
    return WhyNot(sentence="This incident is changing just now; please try again.")


def _record(
    tx: Transaction, stored: incidents.Stored, incident: Incident, line: Line, asker: Asker, *, wall: float
) -> None:
    """Store what somebody did, tell it wherever the incident was told, and have its timers looked at."""
    incidents.save(tx, incident, wake_at=line.at)
    _keep(tx, incident.id, line, asker)
    edit = replace(line, kind=MessageKind.EDIT)
    outbox.enqueue(tx, incident.id, _lines(stored, [edit, line]), now=line.at, wall=wall)


def _keep(tx: Transaction, incident_id: int, line: Line, asker: Asker) -> None:
    """Write what somebody did into the incident's history and into the audit."""
    incidents.add_event(tx, incident_id, line)
    done = AuditEntry(
        at=line.at, asker=asker, deed=line.kind.value, incident_id=incident_id, about=line.about
    )
    audit.add(tx, done)


def _lines(stored: incidents.Stored, lines: list[Line]) -> list[tuple[str, Line]]:
    return [(t, line) for t, telling in stored.tellings.items() for line in lines if _hears(telling, line)]


def _hears(telling: Telling, line: Line) -> bool:
    """Return whether a target is told: what people say to each other goes to Slack alone, after the end,
    too."""
    if line.kind in ASIDES:
        return telling.target.startswith("slack:") and telling.episode > 0
    return telling.is_open


def _level(stored: incidents.Stored) -> Severity:
    return max((alert.severity for alert in stored.alerts if alert.is_open), default=Severity.INFO)


def _taken_already(incident: Incident) -> WhyNot:
    if incident.acked_by is None:
        return WhyNot(sentence="This incident is resolved already; there is nothing to acknowledge.")
    return WhyNot(who=incident.acked_by, sentence="acknowledged this incident already.")


def _quiet_already(incident: Incident) -> WhyNot:
    if not incident.is_open or incident.snoozed_by is None:
        return WhyNot(sentence="This incident is resolved already; there is nothing to snooze.")
    return WhyNot(who=incident.snoozed_by, sentence="snoozed this incident already.")


def _theirs_already(incident: Incident) -> WhyNot:
    if not incident.is_open or incident.assigned_to is None:
        return WhyNot(sentence="This incident is resolved already; there is nobody to assign.")
    return WhyNot(who=incident.assigned_to, sentence="has this incident already.")
