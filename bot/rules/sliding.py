"""Counting distinct things in a window that slides over the minutes, for many series at once.

A count changes only when an event enters the window or leaves it, so it is kept as pieces: from minute to
minute, the count. An item that occurs again before it left the window stays counted once:

    item seen at        x     x                    x
    counted (window)    |===========|              |=======|
"""

from dataclasses import dataclass

import numpy as np

from bot.model.observation import Flags, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Counts of one series: ``count[i]`` from minute number ``since[i]`` until ``since[i + 1]``."""

    since: Ints
    count: Ints

    def at(self, minutes: Ints) -> Ints:
        """Return the counts at minute numbers; 0 before the first piece."""
        place = np.searchsorted(self.since, minutes, side="right") - 1
        return np.where(place >= 0, self.count[place], 0) if len(self.since) else np.zeros_like(minutes)


_NONE = np.zeros(0, dtype=np.int64)
NOTHING = Pieces(since=_NONE, count=_NONE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """The pieces of many series in one: those of ``series[i]`` from ``starts[i]`` to ``starts[i + 1]``."""

    series: Ints
    starts: Ints
    since: Ints
    count: Ints

    def of(self, series: int) -> Pieces:
        """Return the pieces of one series, NOTHING where it was never seen."""
        place = int(np.searchsorted(self.series, series))
        if place == len(self.series) or self.series[place] != series:
            return NOTHING
        part = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return Pieces(since=self.since[part], count=self.count[part])

    def where(self, passes: Flags) -> Ints:
        """Return the series of which a piece passes, each once and in order."""
        places = np.searchsorted(self.starts, np.flatnonzero(passes), side="right") - 1
        return self.series[np.unique(places)]


def distinct(series: Ints, item: Ints, minute: Ints, window: int) -> Counts:
    """Return for each series how many distinct items the window holds. ``window`` is in minutes."""
    if not len(series):
        return Counts(series=_NONE, starts=np.zeros(1, dtype=np.int64), since=_NONE, count=_NONE)
    order = np.lexsort((minute, item, series))
    series, item, minute = series[order], item[order], minute[order]
    again = np.zeros(len(series), dtype=np.bool_)
    again[:-1] = (series[1:] == series[:-1]) & (item[1:] == item[:-1])
    leaves = minute + window
    leaves[:-1] = np.where(again[:-1], np.minimum(leaves[:-1], minute[1:]), leaves[:-1])
    return _pieces(
        np.concatenate((series, series)),
        np.concatenate((minute, leaves)),
        np.concatenate((np.ones(len(series), dtype=np.int64), np.full(len(series), -1, dtype=np.int64))),
    )


def _pieces(series: Ints, minute: Ints, change: Ints) -> Counts:
    order = np.lexsort((minute, series))
    series, minute, change = series[order], minute[order], change[order]
    total = np.cumsum(change)  # each series ends with 0, so that the next one begins with it
    last = np.ones(len(series), dtype=np.bool_)
    last[:-1] = (series[1:] != series[:-1]) | (minute[1:] != minute[:-1])
    series, minute, total = series[last], minute[last], total[last]
    names, starts = np.unique(series, return_index=True)
    return Counts(series=names, starts=np.append(starts, len(series)), since=minute, count=total)
