"""From scores to confidences that mean what they say.

Few numbers, so that they also hold for calls of another make: a slope and a shift, found on the calibration
calls of the development benchmark, and limits that follow from how much was seen.
"""

import math

SLOPE, SHIFT = 1.0, 0.0
HIGHEST = 0.97
_TICKS_FOR = ((15, HIGHEST), (8, 0.93), (5, 0.84), (0, 0.7))
"""One sample names no culprit: how sure a segment of so many ticks can make."""
BLIND = 0.5
"""Between two people, without a direct sign."""


def calibrated(share: float, ticks: int, *, blind: bool) -> float:
    """Return the confidence in a cause that has this ``share`` of the scores of all."""
    held = min(max(share, 1e-4), 1 - 1e-4)
    logit = SLOPE * math.log(held / (1 - held)) + SHIFT
    confidence = 1 / (1 + math.exp(-logit))
    limit = next(most for least, most in _TICKS_FOR if ticks >= least)
    return round(min(confidence, limit, BLIND if blind else 1.0), 3)
