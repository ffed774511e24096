"""Which incident an alert belongs to (pure)."""

from collections.abc import Collection
from dataclasses import replace

from bot.model.alert import Alert
from bot.model.incident import Incident
from bot.model.verdict import Labels


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
