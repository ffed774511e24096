"""Whether freezes and end-to-end loss stand in the other row of a pair than received rates, which are plain.

Three independent signs, each from -1 (the same row) to 1 (the other): loss moves with the loss on the way up
of its own sender; frame rates dip where pictures freeze; nothing is lost of a stream that is switched off.
"""

import numpy as np
import numpy.typing as npt

from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Floats, mean
from bot.diagnosis.series import (
    AUDIO_END_LOSS,
    AUDIO_FREEZE,
    AUDIO_RECEIVED,
    AUDIO_UP_LOSS,
    RECEIVED_FPS,
    VIDEO_END_LOSS,
    VIDEO_FREEZE,
    VIDEO_RECEIVED,
    VIDEO_UP_LOSS,
)

MARGIN_OF_SIGNS = 0.35
_CELLS_AT_LEAST = 6


def quality_turned(grid: Grid) -> float:
    """Return how much the signs say for the other row, above 0, or for the same, below."""
    return _by_loss(grid) + _by_dips(grid) + _by_silence(grid)


def reverse(grid: Grid) -> npt.NDArray[np.int64]:
    """Return for each pair the place of the pair the other way round."""
    place = {pair: n for n, pair in enumerate(zip(grid.receiver.tolist(), grid.sender.tolist(), strict=True))}
    return np.array([place[b, a] for a, b in place], dtype=np.int64)


def _by_loss(grid: Grid) -> float:
    found = [0.0]
    for up, end in ((VIDEO_UP_LOSS, VIDEO_END_LOSS), (AUDIO_UP_LOSS, AUDIO_END_LOSS)):
        if up in grid.own and end in grid.heard:
            lost = grid.own[up]
            same = _together(grid.heard[end], lost[grid.sender])
            other = _together(grid.heard[end], lost[grid.receiver])
            found.append(other - same)
    return max(found, key=abs)


def _by_dips(grid: Grid) -> float:
    if VIDEO_FREEZE not in grid.heard or RECEIVED_FPS not in grid.heard:
        return 0.0
    rate = grid.heard[RECEIVED_FPS]
    low = 1 - rate / np.maximum(mean(rate)[:, None], 1)
    frozen = grid.heard[VIDEO_FREEZE]
    if np.count_nonzero(frozen > 0) < _CELLS_AT_LEAST:
        return 0.0
    return 0.7 * (_together(frozen, low[reverse(grid)]) - _together(frozen, low))


def _by_silence(grid: Grid) -> float:
    """Streams that are off cannot lose or freeze: count where one does, read one way and the other."""
    same = other = 0
    back = reverse(grid)
    for received, signs in (
        (VIDEO_RECEIVED, (VIDEO_END_LOSS, VIDEO_FREEZE)),
        (AUDIO_RECEIVED, (AUDIO_END_LOSS, AUDIO_FREEZE)),
    ):
        if received not in grid.heard:
            continue
        off, on = grid.heard[received] == 0, grid.heard[received] > 0
        for mid in signs:
            if mid in grid.heard:
                there = grid.heard[mid] > 0
                same += int((there & off & on[back]).sum())
                other += int((there & on & off[back]).sum())
    return (same - other) / (same + other) if same + other >= _CELLS_AT_LEAST else 0.0


def _together(one: Floats, other: Floats) -> float:
    """Return how far two series move together over all pairs, each beside its own mean: their correlation."""
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < _CELLS_AT_LEAST:
        return 0.0
    a = np.where(known, one - mean(one, known)[:, None], 0.0)
    b = np.where(known, other - mean(other, known)[:, None], 0.0)
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size else 0.0
