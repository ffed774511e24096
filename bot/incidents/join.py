"""Which incident an alert belongs to, and what people may do to one (pure)."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from bot.incidents.step import close
from bot.model.alert import Alert, AlertEvent, Reason
from bot.model.incident import Incident, Line, MessageKind
from bot.model.verdict import Labels, Severity


def join(
    alert: Alert,
    group: Labels,
    latest: Incident | None,
    known: Collection[str],
    *,
    reopen_within_s: int,
    now: float,
) -> Incident:
    """Return the incident that an alert which fires belongs to: ``latest``, the last one of its group, while
    it is open, or if one of its alerts (``known`` fingerprints) fires again soon enough; else a new one."""
    if latest is not None and latest.is_open:
        return latest
    fired_at = alert.fired_at if alert.fired_at is not None else alert.active_at
    again = latest is not None and alert.fingerprint in known
    if latest is not None and again and fired_at - (latest.resolved_at or 0) <= reopen_within_s:
        return replace(
            latest,
            episode=latest.episode + 1,
            episode_at=now,
            resolved_at=None,
            acked_by=None,
            acked_at=None,
            acked_severity=None,
            snoozed_by=None,
            snoozed_until=None,
        )
    return Incident(
        group=group, opened_at=fired_at, episode_at=now, continues=latest.id if latest is not None else None
    )


def acknowledge(incident: Incident, severity: Severity, user: str, now: int) -> tuple[Incident, Line] | None:
    """Return the incident as taken by ``user`` at its present severity, or None where it is over or somebody
    was first."""
    if not incident.is_open or incident.acked_by is not None:
        return None
    taken = replace(incident, acked_by=user, acked_at=now, acked_severity=severity)
    return taken, Line(kind=MessageKind.ACKNOWLEDGED, at=now, severity=severity, actor=user)


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
