"""How the calls of a project are now, beside how they were."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.message import Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMetric:
    """One metric: its last minute, and its mean in the last hour, in the same hour of yesterday and of a week
    ago. None is unknown. ``high_is_good`` is None where neither is."""

    title: str
    unit: str
    high_is_good: bool | None
    last: float | None
    hour: float | None
    yesterday: float | None
    week_ago: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """One project up to the instant ``until``; ``charts`` are at most two. ``channels`` and ``users`` are
    those with most bad moments in the last hour, of ``events`` in all."""

    project: str
    until: int
    metrics: Sequence[LiveMetric]
    charts: Sequence[Trend]
    events: int
    channels: Sequence[tuple[str, int]]
    users: Sequence[tuple[str, int]]
