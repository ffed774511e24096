"""What people do to an incident: each act is stored, told wherever the incident was told, and done once."""

from collections.abc import Callable
from dataclasses import replace

from bot.flows.answer import Desk
from bot.incidents import acknowledge, close_by_hand, snooze
from bot.model.incident import Incident, Line, MessageKind
from bot.model.time import HOUR_S
from bot.model.verdict import Severity
from bot.store import Conflict, Transaction, alerts, incidents, outbox

SNOOZE_S = HOUR_S
_CHANGING = "This incident is changing just now; please click again."


def take(desk: Desk, incident_id: int, user: str) -> str | None:
    """Acknowledge for ``user``; return None when it is done, else a sentence for that user alone."""
    return _act(desk, incident_id, lambda i, level, now: acknowledge(i, level, user, now), _taken_already)


def hush(desk: Desk, incident_id: int, user: str) -> str | None:
    """Snooze for an hour; return None when it is done, else a sentence for that user alone."""
    return _act(
        desk, incident_id, lambda i, level, now: snooze(i, level, user, now, now + SNOOZE_S), _quiet_already
    )


def resolve(desk: Desk, incident_id: int, user: str) -> str | None:
    """Close by hand for ``user``; return None when it is done, else a sentence for that user alone."""
    for _ in range(5):
        try:
            with desk.database.transaction() as tx:
                stored = incidents.find(tx, incident_id, lock=True)
                if stored is None:
                    return "This incident is not in my records any more."
                now = int(desk.now())
                done = close_by_hand(stored.incident, stored.alerts, user, now)
                if done is None:
                    return "This incident is resolved already."
                for alert, event in done[0]:
                    alerts.save(tx, alert)
                    alerts.add_event(tx, alert.id, replace(event, actor=user))
                _record(tx, stored, stored.incident, done[1], now=now, wall=desk.wall())
                incidents.wake(tx, now)  # what these alerts hid may be told
                return None
        except Conflict:
            continue
    return _CHANGING


def _act(
    desk: Desk,
    incident_id: int,
    act: Callable[[Incident, Severity, int], tuple[Incident, Line] | None],
    why_not: Callable[[Incident], str],
) -> str | None:
    for _ in range(5):
        try:
            with desk.database.transaction() as tx:
                stored = incidents.find(tx, incident_id, lock=True)
                if stored is None:
                    return "This incident is not in my records any more."
                now = int(desk.now())
                firing = [alert.severity for alert in stored.alerts if alert.is_open]
                done = act(stored.incident, max(firing, default=Severity.INFO), now)
                if done is None:
                    return why_not(stored.incident)
                _record(tx, stored, *done, now=now, wall=desk.wall())
                return None
        except Conflict:
            continue
    return _CHANGING


def _record(
    tx: Transaction, stored: incidents.Stored, incident: Incident, line: Line, *, now: int, wall: float
) -> None:
    """Store what somebody did, tell it wherever the incident was told, and have its timers looked at."""
    incidents.save(tx, incident, wake_at=now)
    incidents.add_event(tx, incident.id, line)
    edit = replace(line, kind=MessageKind.EDIT)
    told = [target for target, telling in stored.tellings.items() if telling.is_open]
    lines = [(target, one) for target in told for one in (edit, line)]
    outbox.enqueue(tx, incident.id, lines, now=now, wall=wall)


def _taken_already(incident: Incident) -> str:
    if incident.acked_by is None:
        return "This incident is resolved already; there is nothing to acknowledge."
    return f"<@{incident.acked_by}> acknowledged this incident already."


def _quiet_already(incident: Incident) -> str:
    if not incident.is_open:
        return "This incident is resolved already; there is nothing to snooze."
    return f"<@{incident.snoozed_by}> snoozed this incident already."
