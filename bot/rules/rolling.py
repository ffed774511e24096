"""Windows over a line of minutes, all of them at once.

Neighbours are put together two by two, then four by four, so that a window of ten costs four steps and not
ten. What a window gives depends on its own values alone, never on where the line begins.
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

_Number = TypeVar("_Number", np.float64, np.int64, np.int32, np.bool_)


def rolling(combine: np.ufunc, line: npt.NDArray[_Number], span: int) -> npt.NDArray[_Number]:
    """Return ``combine`` over every ``span`` neighbours of the last axis."""
    windows = line.shape[-1] - span + 1
    block, width, taken = line, 1, 0
    found: npt.NDArray[_Number] | None = None
    while True:
        if span & width:
            part = block[..., taken : taken + windows]
            found = part if found is None else combine(found, part)
            taken += width
        if found is not None and taken == span:
            return found
        block = combine(block[..., :-width], block[..., width:])
        width *= 2
