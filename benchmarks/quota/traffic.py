"""Days of diagnosis rows with known truth: who suffers in each minute, and when that can be read.

Everything is drawn from a seed. Three loads: ``calm`` (a row now and then), ``ordinary`` (a working product
with small bursts) and ``storm`` (a quiet product in which trouble of 50 to 300 rows a minute breaks out).
"""

import math
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

MINUTE_S, DAY_S = 60, 86_400
DELAY_S = (60.0, 120.0)
"""Agora publishes a minute 60 to 120 s after its end."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbreak:
    """A span, in seconds since the day began, with so many rows a minute on top of the usual."""

    start: float
    end: float
    rows_per_minute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """``usual`` rows a minute on the day's average; outbreaks a day, their length and strength as ranges."""

    name: str
    usual: float
    outbreaks: tuple[int, int]
    lasts_min: tuple[float, float]
    strength: tuple[float, float]


LOADS = (
    Load(name="calm", usual=0.3, outbreaks=(0, 0), lasts_min=(0, 0), strength=(0, 0)),
    Load(name="ordinary", usual=3.0, outbreaks=(4, 8), lasts_min=(2, 6), strength=(10, 25)),
    Load(name="storm", usual=1.0, outbreaks=(1, 5), lasts_min=(5, 20), strength=(50, 300)),
)


class Day:
    """One UTC day of one project, from the instant ``start`` on."""

    def __init__(self, load: Load, seed: int, start: int) -> None:
        self.load, self.seed, self.start = load, seed, start
        chance = Random(f"{load.name} {seed}")
        self.outbreaks = tuple(self._outbreak(chance) for _ in range(chance.randint(*load.outbreaks)))

    def _outbreak(self, chance: Random) -> Outbreak:
        start = chance.uniform(0, DAY_S - 2 * 3600)
        lasts_s = chance.uniform(*self.load.lasts_min) * MINUTE_S
        return Outbreak(start=start, end=start + lasts_s, rows_per_minute=chance.uniform(*self.load.strength))

    def arrives(self, minute: int) -> float:
        """Return when the rows of a minute can be read."""
        return minute + MINUTE_S + Random(f"{self.seed} late {minute}").uniform(*DELAY_S)

    def rows(self, minute: int) -> list[Row]:
        """Return the rows of the minute that begins at the instant ``minute``, in no order."""
        chance = Random(f"{self.load.name} {self.seed} {minute}")
        level = 1 - 0.7 * math.cos(2 * math.pi * (minute / DAY_S - 3 / 24))
        rows = [
            self._row(minute + chance.uniform(0, 60), chance, 500)
            for _ in range(_poisson(self.load.usual * level, chance))
        ]
        for number, outbreak in enumerate(self.outbreaks):
            first = max(minute, self.start + outbreak.start)
            last = min(minute + MINUTE_S, self.start + outbreak.end)
            if first < last:
                expected = outbreak.rows_per_minute * (last - first) / MINUTE_S
                rows += [
                    self._row(chance.uniform(first, last), chance, 60_000 + number)
                    for _ in range(_poisson(expected, chance))
                ]
        return rows

    @staticmethod
    def _row(at: float, chance: Random, users: int) -> Row:
        return {
            "user": str(chance.randrange(users * 1000)),
            "exp_id": chance.choice((4, 5)),
            "cname": f"channel-{chance.randrange(40)}",
            "cause_tags": [{"factor_id": 23, "host_user": ""}],
            "ts": int(at),
        }

    @cached_property
    def truth(self) -> dict[tuple[int, str, str, int], float]:
        """Return when each row of the day can be read; rows that come after midnight are left out."""
        return {
            key(row): self.arrives(minute)
            for minute in range(self.start, self.start + DAY_S - 300, MINUTE_S)
            for row in self.rows(minute)
        }


def key(row: Row) -> tuple[int, str, str, int]:
    """Return what tells two rows apart."""
    return row["ts"], row["cname"], row["user"], row["exp_id"]


def _poisson(mean: float, chance: Random) -> int:
    """Return a Poisson number by counting exponential gaps."""
    count, at = 0, chance.expovariate(1)
    while at < mean:
        count += 1
        at += chance.expovariate(1)
    return count
