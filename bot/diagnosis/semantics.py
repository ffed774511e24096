"""What the numbers of this call mean: the reference leaves it open, the values mostly tell.

Of doubtful readings the plain one is taken (percent, per interval, the receiver's row), and said as an
assumption.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Flags, Floats, median
from bot.diagnosis.rows import MARGIN_OF_SIGNS, quality_turned, reverse
from bot.diagnosis.series import FREEZES, LOSSES, MATCHING, QUALITY, STREAM
from bot.model.call import CallDetails, Series

MARGIN = 0.8
"""How much better another reading must fit before it is believed."""
LEAST_LOSS = 0.05
_COUNTED = 20
_PLATEAU = 3
_LONG_FREEZE = 1.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How the call was read, and what had to be assumed for it."""

    loss_unit: str
    freeze_mode: str
    assumptions: tuple[str, ...]


def with_intervals(details: CallDetails) -> tuple[CallDetails, bool]:
    """Return the details with freeze times per interval, and whether they came added up.

    They did where no series ever falls and one stays up: times per interval fall back to 0 when all is well.
    """
    freezes = [
        one for one in details.series if one.mid in FREEZES and one.values.size and one.values.max() > 0
    ]
    if not freezes or not all((np.diff(one.values) >= 0).all() for one in freezes):
        return details, False
    if not any(_stays_up(one.values) for one in freezes):
        return details, False
    return replace(details, series=tuple(map(_differences, details.series))), True


def _stays_up(values: Floats) -> bool:
    since = int(np.argmax(values > 0))
    after = values[since:]
    return after.size > _PLATEAU and bool((np.diff(after) == 0).sum() >= _PLATEAU)


def _differences(one: Series) -> Series:
    if one.mid not in FREEZES:
        return one
    return replace(one, values=np.diff(one.values, prepend=0.0))


def understood(grid: Grid, *, cumulative: bool) -> tuple[Grid, Meaning]:
    """Return the grid with receivers' rows, loss in percent and freezes as shares of ticks."""
    assumptions = []
    turned, doubt = _turned(grid)
    if turned:
        names = "all values about a stream" if len(turned) > len(QUALITY) else "freezes and end-to-end loss"
        assumptions.append(f"{names} stand in the sender's row, with the receiver as peer_uid")
    elif doubt:
        assumptions.append("values about a stream stand in the receiver's row, with the sender as peer_uid")
    grid = _without_empty(_turn(grid, turned))
    grid = replace(
        grid, heard={**grid.heard, **{mid: _shares(grid, mid) for mid in FREEZES if mid in grid.heard}}
    )
    fraction, unsure = _is_fraction(grid)
    assumptions.append("loss read as fraction" if fraction else "loss read as percent")
    if unsure:
        assumptions[-1] += ", which no value proves"
    if fraction:
        grid = _scaled(grid)
    assumptions.append("freeze times read as cumulative" if cumulative else "freeze times read per interval")
    meaning = Meaning(
        loss_unit="fraction" if fraction else "percent",
        freeze_mode="cumulative" if cumulative else "interval",
        assumptions=tuple(assumptions),
    )
    return grid, meaning


def _turned(grid: Grid) -> tuple[frozenset[int], bool]:
    """Return the metrics that stand in the sender's row, and whether that could not be told."""
    plain, other = _misfit(grid, grid.sender), _misfit(grid, grid.receiver)
    everything = frozenset((*STREAM, *QUALITY))
    all_turned = other < MARGIN * plain
    told = all_turned or plain < MARGIN * other
    streams = _keys(grid, STREAM)
    qualities = _keys(grid, QUALITY)
    if streams and qualities and streams != qualities:
        same = len(qualities & streams)
        swapped = len({(b, a) for a, b in qualities} & streams)
        if swapped > same:
            return (everything - frozenset(QUALITY) if all_turned else frozenset(QUALITY)), False
    elif streams and qualities and quality_turned(grid) > MARGIN_OF_SIGNS:
        return (everything - frozenset(QUALITY) if all_turned else frozenset(QUALITY)), False
    return (everything if all_turned else frozenset()), not told


def _misfit(grid: Grid, who: npt.NDArray[np.int64]) -> float:
    """Return how far what was received mostly lies from what ``who`` of each pair sent."""
    found = 0.0
    for received, sent in MATCHING:
        if received in grid.heard and sent in grid.own:
            apart = np.abs(np.log((grid.heard[received] + 5) / (grid.own[sent][who] + 5)))
            each = median(apart)
            found += each if each == each else 0.0
    return found


def _keys(grid: Grid, mids: Sequence[int]) -> set[tuple[int, int]]:
    pairs = list(zip(grid.receiver.tolist(), grid.sender.tolist(), strict=True))
    present = np.zeros(len(pairs), dtype=np.bool_)
    for mid in mids:
        if mid in grid.heard:
            present |= np.isfinite(grid.heard[mid]).any(axis=1)
    return {pair for pair, there in zip(pairs, present.tolist(), strict=True) if there}


def _turn(grid: Grid, mids: frozenset[int]) -> Grid:
    back = reverse(grid)
    heard = {mid: values[back] if mid in mids else values for mid, values in grid.heard.items()}
    return replace(grid, heard=heard)


def _without_empty(grid: Grid) -> Grid:
    """Return the grid without pairs of which nothing is known."""
    known = np.zeros(len(grid.receiver), dtype=np.bool_)
    for values in grid.heard.values():
        known |= np.isfinite(values).any(axis=1)
    return replace(
        grid,
        receiver=grid.receiver[known],
        sender=grid.sender[known],
        heard={mid: values[known] for mid, values in grid.heard.items()},
    )


def _shares(grid: Grid, mid: int) -> Floats:
    """Return freezes as shares of ticks; one that is longer than its tick began in the ticks before."""
    tick_ms = 1000.0 * grid.tick_s
    shares = grid.heard[mid] / tick_ms
    for row, tick in zip(*np.nonzero(shares > _LONG_FREEZE), strict=True):
        first = max(0, int(tick) - int(np.ceil(shares[row, tick])) + 1)
        known = np.isfinite(shares[row, first : tick + 1])
        shares[row, first : tick + 1] = np.where(known, 1.0, np.nan)
    return np.clip(shares, 0.0, 1.0)


def _is_fraction(grid: Grid) -> tuple[bool, bool]:
    """Return whether loss is told as a fraction, and whether no value proves the unit.

    A value above 1 proves percent. Two seconds of a stream are hardly more than 2000 packets, so that the
    least loss that can be counted is 0.05 %: much smaller values are fractions. Otherwise a fraction is
    believed only where loss of several percent, so read, comes with freezes and hardly any without.
    """
    losses = [(grid.own if mid in grid.own else grid.heard).get(mid) for mid in LOSSES]
    known = [values for values in losses if values is not None and np.isfinite(values).any()]
    if not known or any(float(np.nanmax(values)) > 1 for values in known):
        return False, False
    counted = np.concatenate([values[values > 0] for values in known])
    if counted.size >= _COUNTED and float(np.median(counted)) < LEAST_LOSS:
        return True, True
    bad = _bad_ticks(grid)
    if not bad.any() or bad.all():
        return False, True
    most = np.max([np.where(np.isfinite(v), v, 0.0).max(axis=0) for v in known], axis=0)
    inside, outside = float(np.mean(most[bad])), float(np.median(most[~bad]))
    return inside >= 0.02 and inside >= 3 * outside and outside <= LEAST_LOSS, True


def _bad_ticks(grid: Grid) -> Flags:
    found = np.zeros(grid.ticks, dtype=np.bool_)
    for mid in FREEZES:
        if mid in grid.heard:
            found |= (np.nan_to_num(grid.heard[mid]) > 0.1).any(axis=0)
    return found


def _scaled(grid: Grid) -> Grid:
    own = {mid: values * 100 if mid in LOSSES else values for mid, values in grid.own.items()}
    heard = {mid: values * 100 if mid in LOSSES else values for mid, values in grid.heard.items()}
    return replace(grid, own=own, heard=heard)
