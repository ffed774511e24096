"""Judging a metric: all minutes at once, one row of its window per minute."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bot.model.observation import Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import Affected, Labels, Outcome, Verdict
from bot.rules.compare import HOLDS, crossed, judged
from bot.rules.grammar import MetricCondition
from bot.rules.rule import Rule

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_NOBODY = Affected()


def judge_metric(
    rule: Rule, metric: MetricCondition, seen: Observations, minutes: Sequence[int], labels: Labels
) -> list[Verdict]:
    """Return a verdict per minute, in the order of ``minutes``.

    A project too small for the rate to mean anything (``min_denominator``) is a MISS, whatever else is
    known; after that, too few minutes with data are UNKNOWN.
    """
    if not minutes:
        return []
    span = metric.window_s // MINUTE_S
    rows = _windows(seen.metrics.get(metric.name, {}), minutes, span)
    values = aggregate(metric.aggregate, rows)
    samples = np.isfinite(rows).sum(axis=1)
    small, unsure = _denominator(metric, seen, minutes)
    unknown = ~small & (unsure | (samples < metric.needed_samples) | np.isnan(values))
    levels = np.where(small | unknown, 0, crossed(rule.op, rule.thresholds, values))
    held = ~small & ~unknown & _held(rule, metric, values)
    facts = zip(
        minutes, values.tolist(), samples.tolist(), levels.tolist(), held.tolist(), unknown, strict=True
    )
    return [_verdict(rule, labels, *fact) for fact in facts]


def aggregate(kind: str, rows: Floats) -> Floats:
    """Return one value per row over its numbers; NaN is "no data", and so is the value of a row of NaN."""
    if kind == "last":
        return rows[:, -1]
    known = np.isfinite(rows)
    counts = known.sum(axis=1)
    lowest = np.where(known, rows, np.inf).min(axis=1)
    highest = np.where(known, rows, -np.inf).max(axis=1)
    if kind == "min":
        found = lowest
    elif kind == "max":
        found = highest
    elif kind in ("sum", "avg"):
        found = np.where(known, rows, 0.0).sum(axis=1)
    else:
        found = _percentile(int(kind[1:]), rows, counts)
    if kind == "avg":  # rounding must not carry the mean of equal values over a threshold
        found = np.clip(found / np.maximum(counts, 1), lowest, highest)
    return np.where(counts > 0, found, np.nan)


def _percentile(percent: int, rows: Floats, counts: npt.NDArray[np.int_]) -> Floats:
    """Return the percentile of each row, linear between neighbours; sorting leaves NaN at the end."""
    ordered = np.sort(rows, axis=1)
    position = np.maximum(counts - 1, 0) * (percent / 100)
    below = np.floor(position).astype(np.int64)
    above = np.ceil(position).astype(np.int64)
    row = np.arange(len(rows))
    low, high = ordered[row, below], ordered[row, above]
    return np.clip(low + (high - low) * (position - below), low, high)


def _windows(points: Mapping[int, float], minutes: Sequence[int], span: int) -> Floats:
    """Return one row per minute: the ``span`` values that end with it, NaN where nothing is known."""
    ends = np.asarray(minutes, dtype=np.int64)
    first = int(ends.min()) - (span - 1) * MINUTE_S
    line = np.full((int(ends.max()) - first) // MINUTE_S + 1, np.nan)
    at = np.fromiter(points.keys(), dtype=np.int64, count=len(points))
    values = np.fromiter(points.values(), dtype=np.float64, count=len(points))
    places = (at - first) // MINUTE_S
    inside = (places >= 0) & (places < len(line)) & np.isfinite(values)
    line[places[inside]] = values[inside]
    starts = (ends - first) // MINUTE_S - (span - 1)
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(line, span)[starts])


def _denominator(metric: MetricCondition, seen: Observations, minutes: Sequence[int]) -> tuple[Flags, Flags]:
    """Return per minute whether the project is too small, and whether nobody knows its size."""
    guard = metric.min_denominator
    if guard is None:
        nothing = np.zeros(len(minutes), dtype=np.bool_)
        return nothing, nothing
    rows = _windows(seen.metrics.get(guard.metric, {}), minutes, metric.window_s // MINUTE_S)
    size = aggregate("avg", rows)
    return size < guard.value, np.isnan(size)


def _held(rule: Rule, metric: MetricCondition, values: Floats) -> Flags:
    if metric.resolve_threshold is None:
        return np.zeros(len(values), dtype=np.bool_)
    return np.asarray(HOLDS[rule.op](values, metric.resolve_threshold), dtype=np.bool_)


def _verdict(
    rule: Rule, labels: Labels, minute: int, value: float, samples: int, level: int, held: bool, unknown: bool
) -> Verdict:
    outcome, severity, threshold = judged(rule.thresholds, level, held=held)
    return Verdict(
        minute=minute,
        labels=labels,
        outcome=Outcome.UNKNOWN if unknown else outcome,
        severity=severity,
        value=None if np.isnan(value) else value,
        threshold=threshold,
        samples=samples,
        affected=_NOBODY,
    )
