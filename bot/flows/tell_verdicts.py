"""Queue what the doctor found in the calls that an open incident touches, for its threads in Slack.

A call is told once in each incident. It goes through the outbox as all that is told does; which calls were
told is stored with it, so that a crash neither forgets nor doubles one.
"""

from collections.abc import Iterator

from bot.model.alert import Alert
from bot.model.feedback import Told
from bot.model.incident import Line, MessageKind
from bot.model.time import HOUR_S
from bot.store import Database, Transaction, alerts, incidents, outbox, suspects

CALLS_AT_MOST = 3
"""Calls that one incident tells of: the worst show what is wrong, the rest is one `/agora-call` away."""
BEFORE_S = HOUR_S
"""A finding may have opened the incident itself: it is older by what Agora and the examination took."""


def tell_verdicts(database: Database, *, now: float, wall: float) -> int:
    """Queue verdicts for open incidents; return how many calls that were."""
    with database.reading() as tx:
        touched = incidents.of_alerts(tx, [a.id for a in alerts.open_alerts(tx) if a.fired_at is not None])
        ids = {id_ for some in touched.values() for id_ in some}
        waiting = [stored.incident.id for stored in incidents.load(tx, ids) if _untold(tx, stored)]
    return sum(_tell(database, id_, now=now, wall=wall) for id_ in waiting)


def _tell(database: Database, incident_id: int, *, now: float, wall: float) -> int:
    with database.transaction() as tx:
        stored = incidents.find(tx, incident_id, lock=True)
        found = _untold(tx, stored) if stored is not None else []
        if stored is None or not found:
            return 0
        severity = max(alert.severity for alert in stored.alerts)
        lines = [Line(kind=MessageKind.VERDICT, at=int(now), severity=severity, told=told) for told in found]
        targets = _targets(stored)
        outbox.enqueue(
            tx, incident_id, [(target, line) for target in targets for line in lines], now=now, wall=wall
        )
        suspects.told(tx, incident_id, [told.verdict for told in found])
    return len(found)


def _targets(stored: incidents.Stored) -> list[str]:
    """Return where people hear of the incident now: programs have no use for a verdict."""
    return [t for t, told in stored.tellings.items() if told.is_open and t.startswith("slack:")]


def _untold(tx: Transaction, stored: incidents.Stored) -> list[Told]:
    """Return the worst bad calls of the incident's channels that it has not told of, as many as fit."""
    if not stored.incident.is_open or not _targets(stored):
        return []
    before = suspects.told_of(tx, stored.incident.id)
    room = CALLS_AT_MOST - len(before)
    found = (
        [told for told in _bad_calls(tx, stored) if told.verdict.call_id not in before] if room > 0 else []
    )
    return list({told.verdict.call_id: told for told in found}.values())[: max(0, room)]


def _bad_calls(tx: Transaction, stored: incidents.Stored) -> Iterator[Told]:
    for alert in stored.alerts:
        if alert.is_open and (names := channels_of(alert)):
            since = alert.active_at - BEFORE_S
            yield from suspects.bad_calls(tx, alert.project, names, since=since, limit=CALLS_AT_MOST * 2)


def channels_of(alert: Alert) -> tuple[str, ...]:
    """Return the channels that an alert is about."""
    named = alert.label("cname")
    return (named,) if named else alert.affected.channels
