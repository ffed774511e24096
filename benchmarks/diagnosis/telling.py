"""How a call is told: pieces joined, freezes added up, values in the other row of a pair."""

from dataclasses import dataclass

import numpy as np

from benchmarks.diagnosis.network import Floats
from benchmarks.diagnosis.presence import Visit


@dataclass(slots=True)
class Told:
    """One series of one visit: ``peer`` is -1 for a user's own values."""

    visit: Visit
    mid: int
    peer: int
    ts: Floats
    values: Floats


def joined(told: list[Told]) -> list[Told]:
    """Return the series with the pieces joined that a silence had parted."""
    parts: dict[tuple[str, int, int], Told] = {}
    for one in told:
        known = parts.get((one.visit.sid, one.mid, one.peer))
        if known is None:
            parts[one.visit.sid, one.mid, one.peer] = one
        else:
            known.ts = np.concatenate((known.ts, one.ts))
            known.values = np.concatenate((known.values, one.values))
    return [one for one in parts.values() if len(one.ts)]


def add_up(told: list[Told]) -> None:
    for one in told:
        if one.mid in (20005, 20011):
            one.values = np.cumsum(one.values)


def turned(given: list[Told], visits: list[Visit], *, everything: bool) -> list[Told]:
    """Return the series with values about a stream in the row of its sender, stay by stay."""
    mids = [20005, 20011, 20016, 20018, *([20004, 20009, 20010, 20019, 20020] if everything else [])]
    homes: dict[int, list[Visit]] = {}
    for visit in sorted(visits, key=lambda visit: visit.joined):
        homes.setdefault(visit.user, []).append(visit)
    told: list[Told] = []
    for one in given:
        if one.mid not in mids or one.peer < 0:
            told.append(one)
            continue
        starts = np.array([visit.joined for visit in homes[one.peer]])
        home = np.maximum(np.searchsorted(starts, one.ts) - 1, 0)
        for n, visit in enumerate(homes[one.peer]):
            if (home == n).any():
                told.append(Told(visit, one.mid, one.visit.user, one.ts[home == n], one.values[home == n]))
    return told
