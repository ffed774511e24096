"""From scores to confidences that mean what they say.

Few numbers, so that they also hold for calls of another make: a slope and a shift, found on the calibration
calls of the development benchmark, and limits that follow from how much was seen.
"""

import math

SLOPE, SHIFT = 1.8, 0.5
"""A little flatter than the fit on the calibration calls (2.2 and 0.7): other calls are less sure."""
HIGHEST = 0.97
_TICKS_FOR = ((15, HIGHEST), (8, 0.95), (5, 0.88), (0, 0.75))
"""One sample names no culprit: how sure a segment of so many ticks can make."""
BLIND = 0.5
"""How sure anybody can be between two people, without a direct sign."""


def calibrated(share: float, ticks: int) -> float:
    """Return the confidence in the likeliest cause, which has this ``share`` of the scores of all."""
    held = min(max(share, 1e-4), 1 - 1e-4)
    logit = SLOPE * math.log(held / (1 - held)) + SHIFT
    limit = next(most for least, most in _TICKS_FOR if ticks >= least)
    return round(min(1 / (1 + math.exp(-logit)), limit), 3)


def part_of_rest(share: float, first_share: float, first: float) -> float:
    """Return the confidence in a cause that comes after one of confidence ``first``: its part of what that
    leaves, and never more than it."""
    return round(min((1 - first) * share / max(1 - first_share, 1e-4), first), 3)
