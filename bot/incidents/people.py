"""What people may do to an incident (pure): each act returns None where there is nothing to do."""

from collections.abc import Iterable
from dataclasses import replace

from bot.incidents.step import close
from bot.model.alert import Alert, AlertEvent, Reason
from bot.model.incident import Incident, Line, MessageKind
from bot.model.verdict import Severity


def acknowledge(incident: Incident, severity: Severity, user: str, now: int) -> tuple[Incident, Line] | None:
    """Return the incident as taken by ``user`` at its present severity, or None where it is over or somebody
    was first."""
    if not incident.is_open or incident.acked_by is not None:
        return None
    taken = replace(incident, acked_by=user, acked_at=now, acked_severity=severity)
    return taken, Line(kind=MessageKind.ACKNOWLEDGED, at=now, severity=severity, actor=user)


def assign(
    incident: Incident, severity: Severity, user: str, now: int, to: str
) -> tuple[Incident, Line] | None:
    """Return the incident as given to ``to`` by ``user``, or None where it is over or theirs already."""
    if not incident.is_open or incident.assigned_to == to:
        return None
    line = Line(kind=MessageKind.ASSIGNED, at=now, severity=severity, actor=user, about=to)
    return replace(incident, assigned_to=to), line


def close_by_hand(
    incident: Incident, alerts: Iterable[Alert], user: str, now: int
) -> tuple[list[tuple[Alert, AlertEvent]], Line] | None:
    """Return the alerts that fire as closed by ``user``, or None where nothing fires any more. The incident
    ends with them at its next review."""
    firing = [alert for alert in alerts if alert.is_open]
    if not incident.is_open or not firing:
        return None
    worst = max(alert.severity for alert in firing)
    closed = [close(alert, max(now, alert.judged_at), Reason.MANUAL) for alert in firing]
    return closed, Line(kind=MessageKind.CLOSED, at=now, severity=worst, actor=user)


def snooze(
    incident: Incident, severity: Severity, user: str, now: int, until: int
) -> tuple[Incident, Line] | None:
    """Return the incident as quiet until ``until``, or None where it is over or quiet already."""
    if not incident.is_open or incident.is_snoozed(now):
        return None
    quiet = replace(incident, snoozed_by=user, snoozed_until=until)
    return quiet, Line(kind=MessageKind.SNOOZED, at=now, severity=severity, actor=user, until=until)
