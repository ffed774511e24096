"""Pairs of time and value as JSON text, whole arrays at once.

An hour of a call with ten users is half a million pairs, which json.dumps takes most of a second for. Here
every pair takes 20 bytes, padded with spaces, so that numpy writes a series in one go.
"""

import numpy as np
import numpy.typing as npt

from bot.simulator.agora.runs import Floats

HIGHEST = 4000.0
_STEPS = 10
_VALUES = np.array([f"{tenths / _STEPS:6g}" for tenths in range(int(HIGHEST) * _STEPS + 1)], dtype="S6")
_PAIR = np.dtype([("open", "S1"), ("ts", "S10"), ("comma", "S1"), ("value", "S6"), ("close", "S2")])

Stamps = npt.NDArray[np.bytes_]


def stamps(times: Floats) -> Stamps:
    """Return instants as text; every series of a session shares them."""
    return times.astype(np.int64).astype("S10")


def kvs_text(times: Stamps, values: Floats) -> str:
    """Return ``[[ts, value], ...]``; values are cut to 0 to 4000 and rounded to tenths."""
    pairs = np.empty(len(times), dtype=_PAIR)
    pairs["open"], pairs["comma"], pairs["close"] = b"[", b",", b"],"
    pairs["ts"] = times
    pairs["value"] = _VALUES[np.rint(np.clip(values, 0.0, HIGHEST) * _STEPS).astype(np.int64)]
    return f"[{pairs.tobytes()[:-1].decode()}]"
