"""Windows of 20 s as minutes, and products as one project.

A rate of a minute is the mean over its windows and products, weighted by the users of each where all of
them are known, else plain. A count is the mean over a product's windows, summed over the products.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.agora.answers import TimedValue
from bot.model.time import HOUR_S, MINUTE_S, Window, floor_minute

WINDOW_S = 20
REMEMBER_S = 2 * HOUR_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What Agora told of one product: the values, and the part of time that they are about.

    ``users`` are the users online by start of their window, as far as they are known.
    """

    part: Window
    values: tuple[TimedValue, ...]
    users: Mapping[int, float]


def rates_by_minute(readings: Sequence[Reading]) -> dict[int, float]:
    """Return the project's rate of each minute that ended within every reading."""
    told: defaultdict[int, list[tuple[float, float | None]]] = defaultdict(list)
    for reading in readings:
        for point in reading.values:
            told[floor_minute(point.ts)].append((point.value, reading.users.get(window_start(point.ts))))
    return {minute: _mean(told[minute]) for minute in _whole(readings, told)}


def counts_by_minute(readings: Sequence[Reading]) -> dict[int, float]:
    """Return the project's count of each minute that ended within every reading."""
    told: defaultdict[int, float] = defaultdict(float)
    for reading in readings:
        windows: defaultdict[int, list[float]] = defaultdict(list)
        for point in reading.values:
            windows[floor_minute(point.ts)].append(point.value)
        for minute, values in windows.items():
            told[minute] += sum(values) / len(values)
    return {minute: told[minute] for minute in _whole(readings, told)}


def window_start(ts: int) -> int:
    """Return the start of the 20 s that hold ``ts``."""
    return ts // WINDOW_S * WINDOW_S


def _whole(readings: Sequence[Reading], minutes: Iterable[int]) -> list[int]:
    start = max(reading.part.start for reading in readings) if readings else 0
    end = min(reading.part.end for reading in readings) if readings else 0
    return sorted(minute for minute in minutes if start <= minute and minute + MINUTE_S <= end)


def _mean(told: Sequence[tuple[float, float | None]]) -> float:
    weights = [1.0 if users is None else users for _, users in told]
    if any(users is None for _, users in told) or sum(weights) <= 0:
        weights = [1.0] * len(told)
    return sum(value * weight for (value, _), weight in zip(told, weights, strict=True)) / sum(weights)


class Audience:
    """Remembers for two hours how many users each product of each App ID had. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: defaultdict[tuple[str, str], dict[int, float]] = defaultdict(dict)

    def learn(self, app_id: str, product: str, values: Iterable[TimedValue], now: float) -> None:
        """Remember how many users were online, and forget what is old."""
        with self._lock:
            kept = self._users[app_id, product]
            kept.update({window_start(point.ts): point.value for point in values})
            for ts in [ts for ts in kept if ts < now - REMEMBER_S]:
                del kept[ts]

    def of(self, app_id: str, product: str) -> dict[int, float]:
        """Return the users online by start of their window of 20 s."""
        with self._lock:
            return dict(self._users[app_id, product])
