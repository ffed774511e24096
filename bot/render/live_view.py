"""How the calls are now, and what was used, as ``live.j2`` and ``usage.j2`` get them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.live import Live, LiveMetric
from bot.model.message import Block
from bot.model.time import Window
from bot.model.usage import UsageDay
from bot.render import words
from bot.render.chart import chart
from bot.render.table import monospaced

_HEADER = ("Metric", "Now", "Hour", "Yesterday", "Week ago", "Change")
_USAGE = ("Day (UTC)", "Users", "Sessions", "Channels")
_CHANGED = 0.1
"""A mean that differs by more than a tenth of that of yesterday is marked."""
PROJECTS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """The names of ``live.j2``. ``table`` is text; ``trouble``, ``channels`` and ``users`` are empty where
    nobody suffered."""

    project: str
    until_at: str
    table: str
    charts: tuple[Block, ...]
    trouble: str
    channels: str
    users: str
    others: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageProject:
    """One project: its name and its days as a table."""

    name: str
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageView:
    """The names of ``usage.j2``."""

    span: str
    projects: tuple[UsageProject, ...]
    more: int
    failed: tuple[str, ...]


def live_view(live: Live, others: int) -> LiveView:
    """Return the last hour; ``others`` is how many further projects there are."""
    rows = [_row(metric) for metric in live.metrics]
    charts = [chart(trend, low_is_bad=False) for trend in live.charts]
    return LiveView(
        project=words.plain(live.project, 80),
        until_at=words.moment(live.until),
        table=monospaced(_HEADER, rows, right=frozenset({1, 2, 3, 4})) if rows else "",
        charts=tuple(block for block in charts if block is not None),
        trouble=words.count(live.events, "bad moment") if live.events else "",
        channels=words.listed(f"{words.code(name, 40)} ×{count:,}" for name, count in live.channels),
        users=words.listed(f"{words.code(name, 40)} ×{count:,}" for name, count in live.users),
        others=words.count(others, "other project") if others > 0 else "",
    )


def _row(metric: LiveMetric) -> tuple[str, ...]:
    values = (metric.last, metric.hour, metric.yesterday, metric.week_ago)
    shown = ("-" if value is None else words.amount(value, metric.unit) for value in values)
    return (words.clean(metric.title, 36), *shown, _trend(metric))


def _trend(metric: LiveMetric) -> str:
    """Return whether the last hour is better or worse than the same hour of yesterday, in a word."""
    hour, before = metric.hour, metric.yesterday
    if hour is None or before is None or abs(hour - before) <= _CHANGED * max(abs(before), 1.0):
        return ""
    if metric.high_is_good is None:
        return "more" if hour > before else "less"
    return "better" if (hour > before) is metric.high_is_good else "worse"


def usage_view(
    window: Window, told: Sequence[tuple[str, Sequence[UsageDay]]], failed: Sequence[tuple[str, str]]
) -> UsageView:
    """Return what was used, day by day, the newest first."""
    return UsageView(
        span=f"{words.utc(window.start, '%Y-%m-%d')} to {words.utc(window.end - 1, '%Y-%m-%d')}",
        projects=tuple(
            UsageProject(name=words.plain(name, 80), table=_days(days))
            for name, days in told[:PROJECTS_SHOWN]
        ),
        more=max(0, len(told) - PROJECTS_SHOWN),
        failed=tuple(f"{words.plain(name, 80)}: {words.plain(why, 200)}" for name, why in failed[:3]),
    )


def _days(days: Sequence[UsageDay]) -> str:
    rows = [
        (words.utc(day.day, "%a %Y-%m-%d"), *(_count(n) for n in (day.users, day.sessions, day.channels)))
        for day in sorted(days, key=lambda day: -day.day)
    ]
    return monospaced(_USAGE, rows, right=frozenset({1, 2, 3})) if rows else ""


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"
