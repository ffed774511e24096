"""Comparing values with thresholds; works on numbers and on numpy arrays alike."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.model.observation import Floats
from bot.model.verdict import Severity

Level = tuple[Severity, float]
"""A threshold and the severity that crossing it means."""
Severities = npt.NDArray[np.int8]

RISING = (">", ">=")
FALLING = ("<", "<=")
HOLDS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """An operator and its thresholds, mildest first."""

    op: str
    levels: tuple[Level, ...]

    def severity(self, values: Floats) -> Severities:
        """Return the severity of each value, 0 where no threshold is crossed; NaN crosses none."""
        found = np.zeros(values.shape, dtype=np.int8)
        for severity, threshold in self.levels:
            crossed = HOLDS[self.op](values, threshold) & ~np.isnan(values)
            found[crossed] = severity
        return found

    def threshold(self, severities: Severities) -> Floats:
        """Return the threshold that decided: the highest crossed, else the lowest."""
        found = np.full(severities.shape, self.levels[0][1])
        for severity, threshold in self.levels[1:]:
            found[severities == severity] = threshold
        return found


def thresholds_of(
    op: str, threshold: float | None, ladder: Sequence[float | None], plain: Severity
) -> Thresholds:
    """Return a test of one threshold with the ``plain`` severity, or of a ladder in order of Severity."""
    if threshold is not None:
        return Thresholds(op, ((plain, threshold),))
    steps = zip(Severity, ladder, strict=True)
    return Thresholds(op, tuple((severity, value) for severity, value in steps if value is not None))
