"""Whom a trouble follows. Who else suffers says whose side it is: this carries the verdict.

A sender's trouble shows at all who receive it, a receiver's on all that it receives. So each origin predicts
which pairs are bad; what share of all badness it explains says how well it fits.
"""

from dataclasses import dataclass

import numpy as np

from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Flags, Floats, mean
from bot.diagnosis.segments import Segment, least_mass, segments
from bot.model.diagnosis import Scope

_ALONE = 1.6
"""How much heavier the trouble of a single stream must be among many: somewhere there is always one."""
_MOST = 0.7
"""Where more of the pairs are bad, it is everybody's trouble rather than that of two."""
_SECOND_GAIN = 0.2
"""What share a second origin must explain beside the first to be believed at this place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origin:
    """One place where a trouble may come from, and the pairs that it would make bad."""

    scope: Scope
    user: int
    pairs: Flags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """The bad share of each pair in a segment (NaN unknown), and how much of it each origin explains."""

    bad: Floats
    explained: dict[tuple[Scope, int], float]

    def of(self, scope: Scope, user: int) -> float:
        return self.explained.get((scope, user), 0.0)


def origins(grid: Grid) -> list[Origin]:
    """Return every origin that the pairs of a call allow."""
    found = [
        Origin(scope=scope, user=user, pairs=ends == user)
        for scope, ends in ((Scope.SENDER, grid.sender), (Scope.RECEIVER, grid.receiver))
        for user in np.unique(ends).tolist()
    ]
    found += [
        Origin(scope=Scope.PAIR, user=n, pairs=np.arange(len(grid.sender)) == n)
        for n in range(len(grid.sender))
    ]
    if len(grid.sender) > 1:
        found.append(Origin(scope=Scope.GLOBAL, user=-1, pairs=np.ones(len(grid.sender), dtype=np.bool_)))
    return found


def heaviest(
    grid: Grid, places: list[Origin], badness: Floats, background: float
) -> tuple[Origin, Segment] | None:
    """Return the origin and the stretch of time that gather most badness, None where there is none."""
    usual = least_mass(len(grid.sender))
    best: tuple[Origin, Segment] | None = None
    for place in places:
        alone = len(grid.users) > 2 and int(place.pairs.sum()) == 1
        least = usual * (_ALONE if alone else 1.0)
        for segment in segments(badness[place.pairs], background, least, grid.tick_s):
            if best is None or segment.mass > best[1].mass * 1.0001:
                best = place, segment
    return best


def fit(grid: Grid, places: list[Origin], badness: Floats, segment: Segment, background: float) -> Fit:
    """Return how well each origin explains a segment."""
    bad = mean(badness[:, segment.slice()])
    beyond = np.where(np.isfinite(bad), np.maximum(bad - background, 0.0), 0.0)
    known = np.isfinite(bad)
    beyond = _without_second(places, beyond, known)
    whole = float((beyond**2).sum())
    explained = {}
    for place in places:
        explained[place.scope, place.user] = _explains(beyond, known & place.pairs) / whole if whole else 0.0
    for user in range(len(grid.users)):
        both = known & ((grid.sender == user) | (grid.receiver == user))
        explained[Scope.UNKNOWN, user] = _explains(beyond, both) / whole if whole else 0.0
    return Fit(bad=bad, explained=explained)


def _explains(beyond: Floats, pairs: Flags) -> float:
    """Return the squares that one common level of these pairs explains."""
    count = int(pairs.sum())
    return float(beyond[pairs].sum() ** 2 / count) if count else 0.0


def _without_second(places: list[Origin], beyond: Floats, known: Flags) -> Floats:
    """Return the badness without that of a second origin at the same time, if there clearly is one."""
    whole = float((beyond**2).sum())
    sides = [place for place in places if place.scope in (Scope.SENDER, Scope.RECEIVER)]
    hit = beyond > 0.35 * beyond.max(initial=0.0)
    if not whole or len(sides) < 3 or hit[known].mean() > _MOST:
        return beyond
    first = max(sides, key=lambda place: _explains(beyond, known & place.pairs))
    if _explains(beyond, known & first.pairs) > (1 - _SECOND_GAIN) * whole:
        return beyond
    rest = np.where(first.pairs, 0.0, beyond)
    second = max(sides, key=lambda place: _explains(rest, known & place.pairs & ~first.pairs))
    gain = _explains(rest, known & second.pairs & ~first.pairs)
    if second.user == first.user or gain < _SECOND_GAIN * whole:
        return beyond
    left = _explains(beyond, known & first.pairs) + gain
    return np.where(second.pairs & ~first.pairs, 0.0, beyond) if left > 0.7 * whole else beyond
