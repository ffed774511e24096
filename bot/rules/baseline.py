"""The same clock time on earlier days: what is usual, and from which value on a minute is not."""

from dataclasses import dataclass

import numpy as np

from bot.model.observation import Flags, Floats, Ints, Observations
from bot.model.time import MINUTE_S
from bot.rules.compare import RISING
from bot.rules.conditions import Baseline, MetricCondition

_SIGMA = 1.4826
"""A normal distribution's standard deviation in units of its median absolute deviation."""
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """For each project and minute the value that must be passed, and whether the history is too short; and
    what both follow from: the median, the scale in whose units the distance is told, the number of points."""

    threshold: Floats
    short: Flags
    median: Floats
    scale: Floats
    points: Ints


def reference(metric: MetricCondition, baseline: Baseline, seen: Observations, minutes: range) -> Reference:
    """Return what earlier days say of each minute; where they are too few the threshold is NaN."""
    median, deviation, counts = _usual(metric, baseline, seen, minutes)
    scale = np.maximum(_SIGMA * deviation, baseline.min_scale or 0.0)
    if baseline.method == "ratio":
        threshold = median * baseline.threshold
    elif baseline.method == "delta":
        threshold = median + baseline.threshold
    else:
        threshold = median + baseline.threshold * scale
    if baseline.floor is not None:
        stricter = np.maximum if baseline.op in RISING else np.minimum
        threshold = stricter(threshold, baseline.floor)
    short = counts < baseline.min_history
    return Reference(
        threshold=np.where(short, np.nan, threshold),
        short=short,
        median=median,
        scale=scale,
        points=counts,
    )


def _usual(
    metric: MetricCondition, baseline: Baseline, seen: Observations, minutes: range
) -> tuple[Floats, Floats, Ints]:
    """Return the median, the median absolute deviation, and the number of points of each minute's history."""
    half = (baseline.window_s or metric.window_s) // MINUTE_S // 2
    slices = []
    for offset in baseline.offsets_s:
        start = minutes[0] - offset - half * MINUTE_S
        line = seen.line(metric.name, start, len(minutes) + 2 * half)
        slices.append(np.lib.stride_tricks.sliding_window_view(line, 2 * half + 1, axis=1))
    shape = (len(seen.projects), len(minutes))
    median, deviation, counts = np.empty(shape), np.empty(shape), np.empty(shape, dtype=np.int64)
    for first in range(0, len(minutes), _ROWS_AT_ONCE):
        part = slice(first, first + _ROWS_AT_ONCE)
        points = np.concatenate([rows[:, part] for rows in slices], axis=-1)
        counts[:, part] = np.isfinite(points).sum(axis=-1)
        median[:, part] = _median(points, counts[:, part])
        deviation[:, part] = _median(np.abs(points - median[:, part, None]), counts[:, part])
    return median, deviation, counts


def _median(points: Floats, counts: Ints) -> Floats:
    """Return the median of the last axis over its numbers, NaN where there are none."""
    ordered = np.sort(points, axis=-1)
    last = np.maximum(counts - 1, 0)[..., None]
    low, high = last // 2, (last + 1) // 2
    middle = (np.take_along_axis(ordered, low, -1) + np.take_along_axis(ordered, high, -1)) / 2
    return np.asarray(middle[..., 0])
