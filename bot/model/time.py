"""Instants and spans as plain numbers.

An instant is an ``int``: Unix seconds, UTC, as Agora's API and Slack's date tokens have it; it means the
same in Python, SQLite, PostgreSQL and numpy. A name that ends in ``_at`` or ``_ts`` is an instant, ``_s`` a
span in seconds, ``minute`` the start of a minute (the half-open span of 60 s that follows it).
"""

from dataclasses import dataclass

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400


def floor_minute(instant: float) -> int:
    """Return the start of the minute that holds ``instant``."""
    return int(instant // MINUTE_S) * MINUTE_S


def utc_day(instant: float) -> int:
    """Return the number of the UTC day that holds ``instant``, counted from 1970-01-01."""
    return int(instant // DAY_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The half-open span ``[start, end)`` of instants."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a window ends after it starts, not {self.start} to {self.end}")

    @property
    def span_s(self) -> int:
        return self.end - self.start

    def minutes(self) -> range:
        """Return the starts of all minutes that lie wholly inside, oldest first."""
        first = -(-self.start // MINUTE_S) * MINUTE_S
        return range(first, self.end - MINUTE_S + 1, MINUTE_S)

    def halves(self) -> tuple["Window", "Window"]:
        """Split at the minute nearest to the middle, so that both halves are whole minutes."""
        middle = floor_minute((self.start + self.end) / 2)
        return Window(start=self.start, end=middle), Window(start=middle, end=self.end)
