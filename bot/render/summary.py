"""A call in numbers: one row per metric, over everybody's series (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.model.call import CallDetails, Series
from bot.model.catalog import CallMetric, call_metric

LOW_IS_BAD = frozenset({20003, 20004, 20006, 20007, 20008, 20009, 20010, 20019, 20020})
"""Bitrates, frame rates and picture sizes: trouble shows in their low values."""

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSummary:
    """One metric of a call. One value in twenty is ``worst_5`` or worse; ``worst_user`` measured the worst
    ``worst_5`` (of a received stream, that is the receiver)."""

    metric: CallMetric
    mean: float
    worst_5: float
    worst: float
    worst_user: str


def summary(details: CallDetails) -> tuple[MetricSummary, ...]:
    """Return one row for each metric id that has values, in the order of the ids."""
    users = {session.sid: session.uid for session in details.sessions}
    by_mid: dict[int, list[tuple[str, Values]]] = {}
    for series in details.series:
        values = _finite(series)
        if values.size:
            by_mid.setdefault(series.mid, []).append((users.get(series.sid, "unknown"), values))
    return tuple(_row(call_metric(mid), measured) for mid, measured in sorted(by_mid.items()))


def _finite(series: Series) -> Values:
    return series.values[np.isfinite(series.values)]


def _row(metric: CallMetric, measured: Sequence[tuple[str, Values]]) -> MetricSummary:
    low_is_bad = metric.mid in LOW_IS_BAD
    everything = np.concatenate([values for _, values in measured])
    return MetricSummary(
        metric=metric,
        mean=float(everything.mean()),
        worst_5=_worst_5(everything, low_is_bad),
        worst=float(everything.min() if low_is_bad else everything.max()),
        worst_user=_worst_user(measured, low_is_bad),
    )


def _worst_5(values: Values, low_is_bad: bool) -> float:
    return float(np.percentile(values, 5 if low_is_bad else 95))


def _worst_user(measured: Sequence[tuple[str, Values]], low_is_bad: bool) -> str:
    """Return whose values, taken together, are worst; the smaller uid where two are equally bad."""
    of_user: dict[str, list[Values]] = {}
    for uid, values in measured:
        of_user.setdefault(uid, []).append(values)
    sign = 1 if low_is_bad else -1
    return min(of_user, key=lambda uid: (sign * _worst_5(np.concatenate(of_user[uid]), low_is_bad), uid))
