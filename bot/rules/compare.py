"""Comparing a value with thresholds; works on numbers and on numpy arrays alike."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.model.verdict import Outcome, Severity

Level = tuple[Severity, float]
"""A threshold and the severity that crossing it means."""

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


def crossed(op: str, levels: Sequence[Level], value: Any) -> Any:  # noqa: ANN401 - a number or an array of them
    """Return how many of the thresholds are crossed; ladders are monotone, so it is always the first ones."""
    return sum(HOLDS[op](value, threshold) * 1 for _, threshold in levels)


def judged(levels: Sequence[Level], count: int, *, held: bool) -> tuple[Outcome, Severity | None, float]:
    """Return the outcome of crossing ``count`` thresholds, its severity, and the threshold that decided."""
    if count:
        severity, threshold = levels[count - 1]
        return Outcome.MATCH, severity, threshold
    return Outcome.HELD if held else Outcome.MISS, None, levels[0][1]
