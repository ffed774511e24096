"""Answer ``/agora-live``: the last hour beside yesterday and last week, from what the polls have read."""

from collections.abc import Iterable

from bot.flows.answer import Desk
from bot.flows.question import Unclear
from bot.flows.typed import as_typed, nearest
from bot.model.catalog import METRICS, POLLED_FEEDS, Metric
from bot.model.live import Live, LiveMetric
from bot.model.message import Message, Trend
from bot.model.observation import MetricPoint
from bot.model.time import DAY_S, HOUR_S, Window, floor_minute
from bot.store import Transaction, observations, people

USAGE = "Usage: `/agora-live`, `/agora-live videoFreezeRate pcu` or `/agora-live school-eu`"
CHARTS = 2
"""Slack draws two charts in a message."""
_FIRST = ("videoFreezeRate", "pcu")
_WORST = 5
_POLLED = {name: metric for name, metric in METRICS.items() if metric.feed in POLLED_FEEDS}


def answer(desk: Desk, text: str) -> Message:
    """Return the last hour of a project: the named one, or that with most bad moments; raise Unclear."""
    project, names = _asked(desk, as_typed(text).split())
    now = floor_minute(desk.now())
    with desk.database.reading() as tx:
        chosen = project or _worst(tx, [p.name for p in desk.projects], now)
        found = _live(tx, chosen, names, now)
    return desk.renderer.live(found, others=len(desk.projects) - 1)


def _asked(desk: Desk, words: list[str]) -> tuple[str | None, list[str]]:
    """Return the project and the metrics that were named."""
    projects = {project.name.lower(): project.name for project in desk.projects}
    metrics = {name.lower(): name for name in _POLLED}
    project, names = None, list[str]()
    for word in words:
        if word.lower() in metrics:
            names.append(metrics[word.lower()])
        elif word.lower() in projects:
            project = projects[word.lower()]
        else:
            meant = nearest(word, [*_POLLED, *projects.values()]) or f" I know {', '.join(_POLLED)}."
            raise Unclear(f"“{word[:60]}” is neither a metric nor a project.{meant}", USAGE)
    return project, names


def _worst(tx: Transaction, projects: list[str], now: int) -> str:
    hour = Window(start=now - HOUR_S, end=now)
    counts = {name: people.most(tx, name, hour, limit=1)[0] for name in projects}
    return max(projects, key=lambda name: counts[name])


def _live(tx: Transaction, project: str, names: list[str], now: int) -> Live:
    def read(ago_s: int) -> dict[str, list[MetricPoint]]:
        span = Window(start=now - HOUR_S - ago_s, end=now - ago_s)
        return _by_metric(observations.points_within(tx, project, span, list(_POLLED)))

    hour, before = read(0), (read(DAY_S), read(7 * DAY_S))
    known = [name for name in _POLLED if name in hour or name in names]
    events, channels, users = people.most(tx, project, Window(start=now - HOUR_S, end=now), limit=_WORST)
    drawn = (names or [name for name in _FIRST if name in hour])[:CHARTS]
    return Live(
        project=project,
        until=now,
        metrics=[
            _metric(_POLLED[name], *(points.get(name, []) for points in (hour, *before)))
            for name in (names or known)
        ],
        charts=[_trend(_POLLED[name], hour.get(name, [])) for name in drawn],
        events=events,
        channels=channels,
        users=users,
    )


def _by_metric(points: Iterable[MetricPoint]) -> dict[str, list[MetricPoint]]:
    found: dict[str, list[MetricPoint]] = {}
    for point in sorted(points, key=lambda p: p.minute):
        found.setdefault(point.metric, []).append(point)
    return found


def _metric(
    metric: Metric, hour: list[MetricPoint], yesterday: list[MetricPoint], week_ago: list[MetricPoint]
) -> LiveMetric:
    return LiveMetric(
        title=metric.title,
        unit=metric.unit,
        high_is_good=metric.high_is_good,
        last=hour[-1].value if hour else None,
        hour=_mean(hour),
        yesterday=_mean(yesterday),
        week_ago=_mean(week_ago),
    )


def _mean(points: list[MetricPoint]) -> float | None:
    return sum(point.value for point in points) / len(points) if points else None


def _trend(metric: Metric, hour: list[MetricPoint]) -> Trend:
    return Trend(title=metric.title, unit=metric.unit, points=tuple((p.minute, p.value) for p in hour))
