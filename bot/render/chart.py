"""A trend as Slack's line chart: at most twenty points, so the minutes are put into buckets."""

import math
from collections.abc import Callable, Sequence

from bot.model.message import Block, Trend
from bot.model.time import HOUR_S, MINUTE_S
from bot.render import words
from bot.render.limits import CHART_LABEL_MAX, CHART_POINTS_MAX, CHART_TITLE_MAX

Pick = Callable[[Sequence[float]], float]


def chart(trend: Trend, *, low_is_bad: bool) -> Block | None:
    """Return a ``data_visualization`` block, or None where fewer than two points could be drawn.

    Beside a threshold a bucket shows its worst minute, so that no breach is smoothed away, else its mean.
    """
    known = [(minute, value) for minute, value in trend.points if math.isfinite(value)]
    buckets = _buckets(known, _pick(trend, low_is_bad)) if known else []
    if len(buckets) < 2:
        return None
    labels = [label for label, _ in buckets]
    title = words.clean(trend.title, CHART_LABEL_MAX + 1)
    name = title if 0 < len(title) <= CHART_LABEL_MAX else "value"
    series = [_series(name, buckets)]
    if trend.threshold is not None and math.isfinite(trend.threshold):
        limit = "threshold" if name != "threshold" else "limit"
        series.append(_series(limit, [(label, trend.threshold) for label in labels]))
    axis: Block = {"categories": labels, "x_label": "Time (UTC)"}
    if trend.unit:
        axis["y_label"] = words.clean(trend.unit, 50)
    return {
        "type": "data_visualization",
        "title": _title(trend, known),
        "chart": {"type": "line", "series": series, "axis_config": axis},
    }


def _title(trend: Trend, known: Sequence[tuple[int, float]]) -> str:
    hour = known[-1][0] - known[0][0] <= HOUR_S
    span = ", last hour" if hour else ""
    return words.clean(trend.title, CHART_TITLE_MAX - len(span)) + span


def _pick(trend: Trend, low_is_bad: bool) -> Pick:
    if trend.threshold is None:
        return lambda values: math.fsum(values) / len(values)
    return min if low_is_bad else max


def _buckets(points: Sequence[tuple[int, float]], pick: Pick) -> list[tuple[str, float]]:
    """Return (label, value) of the buckets that hold data, on a grid that starts with the first point."""
    start = points[0][0]
    span_minutes = (points[-1][0] - start) // MINUTE_S + 1
    width_s = math.ceil(span_minutes / CHART_POINTS_MAX) * MINUTE_S
    groups: dict[int, list[float]] = {}
    for minute, value in points:
        groups.setdefault(start + (minute - start) // width_s * width_s, []).append(value)
    form = "%H:%M" if span_minutes * MINUTE_S < 24 * HOUR_S else "%m-%d %H:%M"
    return [(words.utc(at, form), pick(values)) for at, values in sorted(groups.items())]


def _series(name: str, points: Sequence[tuple[str, float]]) -> Block:
    return {"name": name, "data": [{"label": label, "value": round(value, 2)} for label, value in points]}
