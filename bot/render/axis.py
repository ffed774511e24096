"""Axes of pictures: round numbers and clock times to write beside them."""

import math
from dataclasses import dataclass

from bot.model.time import DAY_S, HOUR_S, MINUTE_S
from bot.render import words

_STEPS_S = (
    *(minutes * MINUTE_S for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR_S for hours in (1, 2, 3, 6, 12)),
    *(days * DAY_S for days in (1, 2, 7, 14, 28, 91, 182, 364)),
)
_MOST_TIMES = 9
_SOME_VALUES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis and what is written there; ``strong`` marks a new day."""

    at: float
    label: str
    strong: bool = False


def times(start: int, end: int) -> list[Tick]:
    """Return at most nine clock times of ``[start, end)``, with the date where a day begins."""
    step = next((step for step in _STEPS_S if (end - start) / step <= _MOST_TIMES), _STEPS_S[-1])
    first = -(-start // step) * step
    found = []
    for at in range(first, end, step):
        is_day = at % DAY_S == 0
        found.append(Tick(at=at, label=words.utc(at, "%-d %b" if is_day else "%H:%M"), strong=is_day))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The values from ``low`` to ``high`` that a picture shows, with those that are written."""

    low: float
    high: float
    ticks: tuple[Tick, ...]

    def part(self, value: float) -> float:
        """Return where a value lies: 0 is the lowest, 1 the highest."""
        return (value - self.low) / (self.high - self.low)


def scale(low: float, high: float, unit: str, *, from_zero: bool) -> Scale:
    """Return a scale of round numbers that holds ``low`` and ``high``; a percentage ends at 100."""
    if from_zero:
        low = min(low, 0.0)
    if high - low < 1e-9:
        high = low + 1.0
    step = _round_step((high - low) / _SOME_VALUES)
    bottom = math.floor(low / step + 1e-9) * step
    top = math.ceil(high / step - 1e-9) * step
    if unit == "%" and high <= 100 < top:
        top = 100.0
    count = round((top - bottom) / step)
    ticks = tuple(
        Tick(at=bottom + n * step, label=words.amount(bottom + n * step, unit)) for n in range(count + 1)
    )
    return Scale(low=bottom, high=top, ticks=ticks)


def _round_step(about: float) -> float:
    size = 10.0 ** math.floor(math.log10(about))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= about * 0.999)
