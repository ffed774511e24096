"""Means, levels and runs over series with holes. A hole is NaN and counts nowhere."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def mean(values: Floats, where: Flags | None = None, axis: int = -1) -> Floats:
    """Return means over what is known (and marked), NaN where nothing is."""
    known = np.isfinite(values)
    if where is not None:
        known &= where
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def number(value: Floats | float) -> float | None:
    """Return one value, None for a hole."""
    found = float(value)
    return found if found == found else None


def average(values: Floats, where: Flags | None = None) -> float:
    """Return the mean of all that is known (and marked), NaN where nothing is."""
    return float(mean(values.ravel(), None if where is None else where.ravel()))


def quantile(values: Floats, share: float) -> Floats:
    """Return the value below which ``share`` of what is known along the last axis lies; NaN without any."""
    ordered = np.sort(values, axis=-1)  # holes go last
    known = np.isfinite(ordered).sum(axis=-1)
    place = np.maximum(np.ceil(known * share).astype(np.int64) - 1, 0)
    return np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0]


def median(values: Floats, where: Flags | None = None) -> float:
    """Return the median of all that is known (and marked), NaN where nothing is."""
    known = values[np.isfinite(values) & (True if where is None else where)]
    return float(np.median(known)) if known.size else float("nan")


def usual_high(values: Floats, block: int, share: float = 0.75) -> Floats:
    """Return the level that each series keeps when all is well, block by block, in the shape of ``values``.

    A high quantile, because troubles pull values down; per block, because people change settings in a call.
    """
    found = np.empty_like(values)
    ticks = values.shape[-1]
    blocks = max(1, round(ticks / block))
    edges = [ticks * n // blocks for n in range(blocks + 1)]
    for start, end in pairwise(edges):
        found[..., start:end] = quantile(values[..., start:end], share)[..., None]
    return found


def ramp(values: Floats, none: float, full: float) -> Floats:
    """Return 0 up to ``none``, 1 from ``full`` on, a straight line between; holes stay holes."""
    return np.clip((values - none) / (full - none), 0.0, 1.0)


def soft(value: float, middle: float, width: float) -> float:
    """Return a logistic step from 0 to 1 around ``middle``; 0 for a hole."""
    if value != value:
        return 0.0
    return float(1 / (1 + np.exp(-np.clip((value - middle) / width, -30, 30))))


def held(values: Floats, ticks: int = 4) -> Floats:
    """Return the values with holes of up to so many ticks filled by what was there before."""
    found = values.copy()
    for _ in range(ticks):
        hole = ~np.isfinite(found[..., 1:])
        found[..., 1:][hole] = found[..., :-1][hole]
    return found


def third_of_five(values: Floats) -> Floats:
    """Return the third highest of five neighbours in time: a spike that is alone is gone. Holes count low."""
    low = np.where(np.isfinite(values), values, -np.inf)
    pad = [(0, 0)] * (values.ndim - 1) + [(2, 2)]
    wide = np.pad(low, pad, constant_values=-np.inf)
    ticks = values.shape[-1]
    a, b, c, d, e = (wide[..., n : n + ticks] for n in range(5))
    # The median of five by comparisons: sorting five copies takes ten times as long.
    low_ab, high_ab = np.minimum(a, b), np.maximum(a, b)
    low_cd, high_cd = np.minimum(c, d), np.maximum(c, d)
    inner_low, inner_high = np.maximum(low_ab, low_cd), np.minimum(high_ab, high_cd)
    found = np.maximum(np.minimum(inner_low, inner_high), np.minimum(np.maximum(inner_low, inner_high), e))
    return np.where(np.isfinite(found), found, np.nan)


def grown(flags: Flags, before: int, after: int) -> Flags:
    """Return the flags with each one stretched by ticks to both sides along the last axis."""
    if not (before or after):
        return flags
    ticks = flags.shape[-1]
    count = np.cumsum(np.pad(flags, [(0, 0)] * (flags.ndim - 1) + [(1, 0)]), axis=-1)
    places = np.arange(ticks)
    upper = np.minimum(places + before + 1, ticks)
    lower = np.maximum(places - after, 0)
    return np.asarray(count[..., upper] > count[..., lower])


def runs(flags: Flags) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each unbroken run of marks, ``end`` exclusive."""
    edges = np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))
    yield from zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True)
