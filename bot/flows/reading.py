"""Which part of the diagnosis feed to ask for next. Pure: a reading goes in, a window comes out.

Agora answers ten rows at most, of its own choice, and does not say how many there were. So the span that is
not known yet is asked for in slices that are expected to hold a little less:

       frontier         mature (2 min ago)     newest (1 min ago)
    ──────┼────────────────┼──────────────────────┼──> time
     done │ slices, in order, to be read for good │
                           │ rows may still come: read early where many suffer, and checked once mature

density ── a slice with fewer than ten rows: the next one is sized by what it held
   ├────── ten rows where few were expected: nothing is done yet, ask for half as much
   └────── ten rows where ten were likely: some are missing, go on; the slice stays marked as cut
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.model.time import HOUR_S, MINUTE_S, Window, floor_minute

CUT_AT = 10
"""Rows of an answer from which on it may hide others."""
EARLIEST_S, COMPLETE_S = 60, 120
"""Agora documents a delay of 60 to 120 s: the first rows of a minute can be read, and all of them."""
SETTLE_S = 1
OVERLAP_S = 180
"""How far a calm reading looks back for rows that came late; it costs rows of the answer, but no request."""

FEW_ROWS, MANY_ROWS = 5.5, 14.0
"""Rows expected in a slice, where requests abound and where they are short. A Poisson number of mean 5.5 is
above ten once in forty slices; one of mean 14 nearly always, so that no request brings less than it could."""
STEADY = 0.1
"""Rows a second up to which they are expected for the rest of the day, and not as an outbreak."""
STORM_LASTS_S = 900
"""How much longer an outbreak is expected to last, whatever its age."""
STORM = 0.5
"""Rows a second from which on the newest minutes are read early, slice by slice."""
SPARSE = 1 / 600
"""The least density assumed, so that a quiet hour is still read in a few requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What may be spent: ``spare`` requests beyond the slowest pace, ``left`` in all until 00:00 UTC."""

    spare: int
    left: int
    day_left_s: float

    def rows(self, density: float) -> float:
        """Return the rows that a slice should be expected to hold, so that the requests last."""
        if density > STEADY:
            each = density * STORM_LASTS_S / max(1, self.spare)
        else:
            each = density * self.day_left_s / max(1, self.left)
        return min(max(each, FEW_ROWS), MANY_ROWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A span that was read. ``early``: before all rows could be there, so it is to be checked."""

    start: int
    end: int
    rows: int
    cut: bool
    early: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far the feed is known: everything before ``frontier`` (a minute), and the slices after it.

    ``density`` is the number of rows expected in a second, and ``sure`` where the last answer hid none.
    ``waits`` says that the minute asked for last is not there yet: the rest is left for the next turn.
    """

    frontier: int
    density: float = SPARSE
    slices: tuple[Slice, ...] = ()
    waits: bool = False
    sure: bool = False
    cut: frozenset[int] = field(default_factory=frozenset)

    def ends(self, now: float) -> tuple[int, int]:
        """Return until where rows are complete at ``now``, and until where they may be read."""
        mature = floor_minute(now - COMPLETE_S - SETTLE_S)
        newest = floor_minute(now - EARLIEST_S - SETTLE_S)
        return max(mature, self.frontier), max(newest, self.frontier)


def opened(reading: Reading, now: float) -> Reading:
    """Return the reading as a new turn begins: nothing waits, and what Agora has dropped is given up."""
    kept_from = floor_minute(now - HOUR_S) + 2 * MINUTE_S
    frontier = max(min(reading.frontier, floor_minute(now)), kept_from)  # a clock that was ahead went back
    slices = tuple(s for s in reading.slices if s.start >= frontier)
    cut = frozenset(minute for minute in reading.cut if minute >= frontier)
    return replace(reading, frontier=frontier, slices=slices, waits=False, cut=cut)


def next_window(reading: Reading, now: float, allowance: Allowance) -> Window | None:
    """Return what to ask for next, or None when this turn is done."""
    mature, newest = reading.ends(now)
    spare, target = allowance.spare, allowance.rows(reading.density)
    if reading.waits or newest <= reading.frontier:
        return None
    few = reading.density * (newest - reading.frontier) <= target + 1
    if few and not reading.slices and reading.frontier < mature:
        return Window(start=reading.frontier - _overlap(reading, newest, target), end=newest)
    check = _to_check(reading, mature) if spare else None
    if check is not None:
        return Window(start=check.start, end=check.end)
    end = newest if reading.density >= STORM and spare else mature
    at, until = _gap(reading, end)
    if at >= until:
        return None
    length = max(1, round(target / reading.density)) if spare else until - at
    if at >= mature - MINUTE_S:  # early minutes come one by one
        until = min(until, floor_minute(at) + MINUTE_S)
    if until - at < 1.4 * length:
        length = until - at
    return Window(start=at, end=at + length)


def taken(reading: Reading, window: Window, rows: int, now: float, allowance: Allowance) -> Reading:
    """Return the reading after ``window``, asked for at ``now``, was answered with ``rows`` rows."""
    mature, _ = reading.ends(now)
    checked = next((s for s in reading.slices if (s.start, s.end) == (window.start, window.end)), None)
    if checked is not None:
        return _advanced(_checked(reading, checked, rows), mature)
    start = max(window.start, reading.frontier)
    expected = reading.density * (window.end - start)
    if rows >= CUT_AT and allowance.spare and window.span_s > 1 and _hides(reading, expected, allowance):
        density = max(2 * reading.density, 1.5 * CUT_AT / window.span_s)
        return replace(reading, density=density, sure=False)
    early = window.end > mature
    if window.start >= mature and rows == 0 and expected >= FEW_ROWS / 2:
        return replace(reading, waits=True)
    density = max(SPARSE, learnt(reading.density, rows, window.span_s))
    stays = density >= STORM and rows > 0
    end = window.end if stays or not early else max(mature, start)
    known = Slice(start=start, end=end, rows=rows, cut=rows >= CUT_AT, early=early and stays)
    slices = tuple(sorted((*reading.slices, known), key=lambda s: s.start)) if end > start else reading.slices
    after = replace(reading, density=density, slices=slices, waits=not stays and early, sure=rows < CUT_AT)
    return _advanced(after, mature)


def _hides(reading: Reading, expected: float, allowance: Allowance) -> bool:
    """Return whether ten rows came where so many were not expected, or nobody knows what to expect."""
    target = allowance.rows(reading.density)
    return expected < target - 1 or (target < CUT_AT and not reading.sure)


def learnt(density: float, rows: int, span_s: int) -> float:
    """Return the density after ``rows`` rows in ``span_s`` seconds: an average over the last rows, or over
    the last quarter of an hour where they are few. It falls at once where many rows stay away."""
    if rows >= CUT_AT:
        return density * 1.25
    if rows == 0 and density * span_s >= FEW_ROWS - 1:
        return density / 4
    memory_s = min(900.0, 14 / density)
    return (density * memory_s + rows) / (memory_s + span_s)


def _overlap(reading: Reading, newest: int, target: float) -> int:
    room_s = target / reading.density - (newest - reading.frontier)
    return floor_minute(max(0.0, min(float(OVERLAP_S), room_s)))


def _gap(reading: Reading, end: int) -> tuple[int, int]:
    """Return the first span before ``end`` that no slice covers."""
    at = reading.frontier
    for one in reading.slices:
        if one.start > at:
            return at, min(one.start, end)
        at = max(at, one.end)
    return at, end


def _to_check(reading: Reading, mature: int) -> Slice | None:
    """Return a slice read early whose minute is complete by now: rows that came late would show in it."""
    return next((s for s in reading.slices if s.early and s.end <= mature and not s.cut), None)


def _checked(reading: Reading, found: Slice, rows: int) -> Reading:
    """Return the reading with the minute of ``found`` trusted, or to be read again where rows came late."""
    minute = floor_minute(found.start)
    mine = {s for s in reading.slices if s.early and floor_minute(s.start) == minute}
    if rows > found.rows:
        return replace(reading, slices=tuple(s for s in reading.slices if s not in mine))
    return replace(reading, slices=tuple(replace(s, early=False) if s in mine else s for s in reading.slices))


def _advanced(reading: Reading, mature: int) -> Reading:
    """Return the reading with the frontier moved over all whole minutes that are read for good."""
    at = reading.frontier
    for one in reading.slices:
        if one.start > at or (one.early and not one.cut):
            break
        at = max(at, one.end)
    frontier = max(reading.frontier, floor_minute(min(at, mature)))
    return replace(
        reading,
        frontier=frontier,
        slices=tuple(s for s in reading.slices if s.end > frontier),
        cut=reading.cut | frozenset(_minutes(s for s in reading.slices if s.cut and s.start < frontier)),
    )


def _minutes(slices: Iterable[Slice]) -> Iterable[int]:
    return (minute for s in slices for minute in range(floor_minute(s.start), s.end, MINUTE_S))


def memory(reading: Reading) -> Mapping[str, Any]:
    """Return what JSON keeps of a reading until the next turn; its frontier is the feed's watermark."""
    slices = [[s.start, s.end, s.rows, s.cut, s.early] for s in reading.slices]
    return {"density": reading.density, "sure": reading.sure, "slices": slices, "cut": sorted(reading.cut)}


def recalled(frontier: int, told: Mapping[str, Any]) -> Reading:
    """Return the reading of a ``memory``, of an empty one for a feed that was never read."""
    slices = tuple(
        Slice(start=start, end=end, rows=rows, cut=cut, early=early)
        for start, end, rows, cut, early in told.get("slices", ())
    )
    return Reading(
        frontier=frontier,
        density=told.get("density", SPARSE),
        slices=slices,
        sure=told.get("sure", False),
        cut=frozenset(told.get("cut", ())),
    )
