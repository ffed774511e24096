"""What people are told of a change, and what people may do to an incident.

Every announced incident keeps its root message at the current truth (EDIT); transitions add a REPLY to its
thread. A silenced incident is edited without replies, so that nobody is notified. Transitions that are older
than the catch-up limit, after downtime, only count for the state: their result is announced once.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.alert import Alert, AlertEvent, EventKind, MessageKind, Outgoing

_TOLD_IN_THREAD = {
    EventKind.WORSENED,
    EventKind.EASED,
    EventKind.RESOLVED,
    EventKind.ACKNOWLEDGED,
    EventKind.SILENCED,
}


def announce(
    incident: Alert, events: Sequence[AlertEvent], *, now: float, told_since: float
) -> tuple[Alert, tuple[Outgoing, ...]]:
    """Return the incident with ``announced`` brought up to date, and the messages to queue, in order.

    ``events`` are those of this tick; the ones before ``told_since`` are too old for messages of their own.
    """
    messages: list[Outgoing] = []
    for event in events:
        if event.at >= told_since:
            messages += _told(incident, event, now)
            incident = replace(incident, announced=incident.announced or _opens(event))
    if events and incident.is_open and not incident.announced:
        messages.append(Outgoing(kind=MessageKind.OPENING, event=events[-1]))
        incident = replace(incident, announced=True)
    if events and incident.announced and not messages:
        messages.append(Outgoing(kind=MessageKind.EDIT, event=events[-1]))
    return incident, _only_last_edit(messages)


def acknowledge(incident: Alert, user: str, now: int) -> tuple[Alert, AlertEvent] | None:
    """Return the incident as taken by ``user``, or None where it is over or somebody was first."""
    if not incident.is_open or incident.acked_by is not None:
        return None
    taken = replace(incident, acked_by=user, acked_at=now)
    return taken, _act(taken, EventKind.ACKNOWLEDGED, user, now)


def silence(incident: Alert, user: str, now: int, until: int) -> tuple[Alert, AlertEvent] | None:
    """Return the incident as silenced until ``until``, or None where it is over or silenced already."""
    if not incident.is_open or incident.is_silenced(now):
        return None
    quiet = replace(incident, silenced_by=user, silenced_until=until)
    return quiet, _act(quiet, EventKind.SILENCED, user, now)


def _act(incident: Alert, kind: EventKind, user: str, now: int) -> AlertEvent:
    return AlertEvent(kind=kind, at=now, severity=incident.severity, value=incident.value, actor=user)


def _opens(event: AlertEvent) -> bool:
    return event.kind is EventKind.OPENED


def _told(incident: Alert, event: AlertEvent, now: float) -> list[Outgoing]:
    if _opens(event):
        return [] if incident.announced else [Outgoing(kind=MessageKind.OPENING, event=event)]
    if not incident.announced:
        return []
    edit = Outgoing(kind=MessageKind.EDIT, event=event)
    by_person = event.kind is EventKind.SILENCED
    if event.kind in _TOLD_IN_THREAD and (by_person or not incident.is_silenced(now)):
        return [edit, Outgoing(kind=MessageKind.REPLY, event=event)]
    return [edit]


def _only_last_edit(messages: Sequence[Outgoing]) -> tuple[Outgoing, ...]:
    """Keep every opening and reply, and of the edits, which all show the current truth, one: before the
    first reply, so that a reader who follows a reply to its root finds it up to date. An opening without
    replies shows the current truth itself."""
    openings = [m for m in messages if m.kind is MessageKind.OPENING]
    edits = [m for m in messages if m.kind is MessageKind.EDIT]
    replies = [m for m in messages if m.kind is MessageKind.REPLY]
    return tuple(openings + (edits[-1:] if replies or not openings else []) + replies)
