"""Judging a metric: all projects and minutes at once, one window for each."""

from collections.abc import Iterator, Sequence, Set

import numpy as np
import numpy.typing as npt

from bot.model.observation import Flags, Floats, Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import FIRES, Labels, Outcome, Series
from bot.rules.baseline import reference
from bot.rules.compare import HOLDS, RISING, Severities
from bot.rules.conditions import MetricCondition
from bot.rules.rolling import rolling
from bot.rules.rule import Rule
from bot.rules.series import own_labels
from bot.rules.unknown import Ground, outcomes


def judge_metric(
    rule: Rule, metric: MetricCondition, seen: Observations, minutes: range, also: Set[Labels]
) -> Iterator[Series]:
    """Yield the series of each project that fires in ``minutes``, or is in ``also``.

    A project too small for the rate to mean anything (``min_denominator``) is QUIET, whatever else is known;
    after that, too few minutes with data are UNKNOWN.
    """
    ground = Ground.of(rule, seen, minutes)
    span = metric.window_s // MINUTE_S
    line = stretch(seen, metric.name, ground.minutes, metric.window_s)
    values = aggregate(metric.aggregate, line, span)
    samples = rolling(np.add, np.isfinite(line).astype(np.int64), span)
    small, unsure = _denominator(metric, seen, ground.minutes)
    unknown = unsure | (samples < metric.needed_samples) | np.isnan(values)
    severities, thresholds, unclear = _judged(rule, metric, seen, values, ground.minutes)
    unknown |= unclear
    severities[small | unknown] = 0
    held = _held(rule, metric, values) & (severities == 0)
    plain = np.where(severities > 0, Outcome.MATCH, np.where(held, Outcome.HELD, Outcome.MISS))
    outcome = outcomes(rule, ground, plain, unknown=unknown, quiet=small)
    severities[outcome == Outcome.MATCH] = np.maximum(severities[outcome == Outcome.MATCH], rule.severity)
    fires = np.atleast_1d(np.isin(outcome[:, ground.asked], FIRES).any(axis=1))
    at, exact = np.asarray(minutes, dtype=np.int64), np.zeros(len(minutes), dtype=np.bool_)
    for place, project in enumerate(seen.projects):
        labels = own_labels(rule, project)
        if fires[place] or labels in also:
            yield Series(
                labels=labels,
                minutes=at,
                outcome=outcome[place, ground.asked].astype(np.int8),
                severity=severities[place, ground.asked],
                value=values[place, ground.asked],
                threshold=thresholds[place, ground.asked],
                samples=samples[place, ground.asked],
                at_least=exact,
            )


def stretch(seen: Observations, metric: str, minutes: range, window_s: int) -> Floats:
    """Return the values of each project from the first minute of the first window on, NaN where unknown."""
    span = window_s // MINUTE_S
    return seen.line(metric, minutes[0] - (span - 1) * MINUTE_S, len(minutes) + span - 1)


def aggregate(kind: str, line: Floats, span: int) -> Floats:
    """Return one value for every ``span`` neighbours; NaN is "no data", and so is the value of only NaN."""
    if kind == "last":
        return np.array(line[..., span - 1 :])
    if kind == "min":
        return rolling(np.fmin, line, span)
    if kind == "max":
        return rolling(np.fmax, line, span)
    known = np.isfinite(line)
    counts = rolling(np.add, known.astype(np.int32), span)
    if kind.startswith("p"):
        return _percentile(int(kind[1:]), line, counts, span)
    found = rolling(np.add, np.where(known, line, 0.0), span)
    if kind == "avg":  # rounding must not carry the mean of equal values over a threshold
        mean = found / np.maximum(counts, 1)
        return np.clip(mean, rolling(np.fmin, line, span), rolling(np.fmax, line, span))
    return np.where(counts > 0, found, np.nan)


def _percentile(percent: int, line: Floats, counts: npt.NDArray[np.int32], span: int) -> Floats:
    """Return the percentile of every window, linear between neighbours; sorting leaves NaN at the end."""
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(line, span, axis=-1), axis=-1)
    position = np.maximum(counts - 1, 0) * (percent / 100)
    below = np.floor(position).astype(np.int64)[..., None]
    above = np.ceil(position).astype(np.int64)[..., None]
    low = np.take_along_axis(ordered, below, axis=-1)[..., 0]
    high = np.take_along_axis(ordered, above, axis=-1)[..., 0]
    return np.asarray(np.clip(low + (high - low) * (position - below[..., 0]), low, high))


def _denominator(metric: MetricCondition, seen: Observations, minutes: range) -> tuple[Flags, Flags]:
    """Return per minute whether the project is too small, and whether nobody knows its size."""
    guard = metric.min_denominator
    if guard is None:
        nothing = np.zeros((len(seen.projects), len(minutes)), dtype=np.bool_)
        return nothing, nothing
    line = stretch(seen, guard.metric, minutes, metric.window_s)
    size = aggregate("avg", line, metric.window_s // MINUTE_S)
    return size < guard.value, np.isnan(size)


def _judged(
    rule: Rule, metric: MetricCondition, seen: Observations, values: Floats, minutes: range
) -> tuple[Severities, Floats, Flags]:
    """Return severities, the thresholds that decided, and where the history is too short to say."""
    severities, thresholds = _plain(rule, values)
    unclear = np.zeros(values.shape, dtype=np.bool_)
    if metric.baseline is None:
        return severities, thresholds, unclear
    earlier = reference(metric, metric.baseline, seen, minutes)
    crossed = HOLDS[metric.baseline.op](values, earlier.threshold)
    if rule.thresholds is None:
        severities = np.where(crossed, rule.severity, 0).astype(np.int8)
        thresholds = earlier.threshold
    else:
        decides = earlier.short & (metric.baseline.on_short_history == "threshold_only")
        severities = np.where(crossed | decides, severities, 0).astype(np.int8)
        stricter = np.maximum if metric.baseline.op in RISING else np.minimum
        thresholds = np.where(decides, thresholds, stricter(thresholds, earlier.threshold))
    if metric.baseline.on_short_history == "no_data":
        unclear = earlier.short
    return severities, thresholds, unclear


def _plain(rule: Rule, values: Floats) -> tuple[Severities, Floats]:
    if rule.thresholds is None:
        return np.zeros(values.shape, dtype=np.int8), np.full(values.shape, np.nan)
    severities = rule.thresholds.severity(values)
    return severities, rule.thresholds.threshold(severities)


def _held(rule: Rule, metric: MetricCondition, values: Floats) -> Flags:
    if metric.resolve_threshold is None:
        return np.zeros(values.shape, dtype=np.bool_)
    return np.asarray(HOLDS[rule.op](values, metric.resolve_threshold), dtype=np.bool_)


def spans(rule: Rule, minutes: range) -> Sequence[tuple[int, int]]:
    """Return the spans of time, start and end, of which ``minutes`` need the rule's metrics."""
    start, end = minutes[0] - rule.lookback_s, minutes[-1] + MINUTE_S
    baseline = rule.metric.baseline if rule.metric else None
    if baseline is None:
        return ((start, end),)
    half = (baseline.window_s or rule.window_s) // 2 + MINUTE_S
    return (
        (start, end),
        *((start - offset - half, end - offset + half) for offset in baseline.offsets_s),
    )
