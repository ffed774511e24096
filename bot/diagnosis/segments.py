"""Where in time a trouble lies: the stretches in which badness adds up to more than the background."""

from dataclasses import dataclass

import numpy as np

from bot.diagnosis.measure import Flags, Floats, mean

_GAP_S = 24
_TICKS_AT_LEAST = 3
_CLEAR, _CLEAR_SUM = 0.25, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Ticks ``[start, end)``; ``mass`` is the badness beyond the background, in pairs times ticks."""

    start: int
    end: int
    mass: float

    @property
    def ticks(self) -> int:
        return self.end - self.start

    def slice(self) -> slice:
        return slice(self.start, self.end)


def least_mass(pairs: int) -> float:
    """Return the mass that chance does not reach: it has more chances where there are more pairs."""
    return 1.6 + 0.25 * float(np.log(max(pairs, 1)))


def segments(badness: Floats, background: float, least: float, tick_s: int) -> list[Segment]:
    """Return the stretches of ``badness`` (pairs by ticks) that are heavier than ``least``.

    Bad ticks less than 24 s apart belong together; ends that take more away than they add are cut off.
    """
    known = np.isfinite(badness)
    beyond = np.where(known, badness - background, 0.0).sum(axis=0)
    hot = np.flatnonzero(beyond > 0)
    if hot.size < _TICKS_AT_LEAST:
        return []
    splits = np.flatnonzero(np.diff(hot) > max(1, _GAP_S // tick_s)) + 1
    found = []
    for group in np.split(hot, splits):
        if group.size >= _TICKS_AT_LEAST and beyond[group].sum() >= least:
            best = _heaviest(beyond, int(group[0]), int(group[-1]) + 1)
            if best.mass >= least and _lasts(badness, best):
                found.append(best)
    return found


def _lasts(badness: Floats, segment: Segment) -> bool:
    """Return whether it is more than one glitch: three ticks clearly bad, or many a little."""
    level = mean(badness[:, segment.slice()], axis=0)
    clear = int((level > _CLEAR).sum()) >= _TICKS_AT_LEAST and float(np.nansum(level)) >= _CLEAR_SUM
    return clear or int((level > 0).sum()) >= 2 * _TICKS_AT_LEAST


def _heaviest(beyond: Floats, start: int, end: int) -> Segment:
    """Return the part of ``[start, end)`` whose sum is the highest."""
    total = np.concatenate(([0.0], np.cumsum(beyond[start:end])))
    gain = total - np.minimum.accumulate(total)
    last = int(np.argmax(gain))
    first = int(np.argmin(total[: last + 1]))
    return Segment(start=start + first, end=start + last, mass=float(gain[last]))


def stretched(segment: Segment, signal: Flags, at_most: int) -> Segment:
    """Return the segment with the ticks beside it in which a direct sign of the cause was there already or
    still, a hole of two ticks allowed, ``at_most`` on each side."""
    start, end = segment.start, segment.end
    start -= _reach(signal[max(0, start - at_most) : start][::-1])
    end += _reach(signal[end : end + at_most])
    return Segment(start=start, end=end, mass=segment.mass)


def _reach(signal: Flags) -> int:
    reach = 0
    for n, there in enumerate(signal.tolist(), 1):
        if there:
            reach = n
        elif n - reach > 2:
            break
    return reach
