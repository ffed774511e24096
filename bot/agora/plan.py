"""What one endpoint allows, and the windows that keep inside it.

Agora compares strictly (``end < now - delay``, ``start > now - range``, ``end - start < length``), so windows
end one second early, and start later by what a request may take.
"""

import math
from dataclasses import dataclass

from bot.agora.errors import TooFresh, WindowRejected
from bot.model.time import DAY_S, HOUR_S, MINUTE_S, Window

OWN_SHARE, CALLS_SHARE = 0.96, 0.8
"""The ``own_share`` of an endpoint, and of calls, which are what people's commands ask for."""
MARGIN = 1.25
"""Spacings carry a quarter of margin, because requests bunch up on their way."""
NEW_END_SLACK_S = 1
OLD_END_SLACK_S = 5
LAST_SECONDS = 100_000_000_000
"""Instants from here on are milliseconds: Agora answers those with code 500, so they are never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint with its limits; ``rows`` is the key of the answer that holds the data.

    ``family`` is the name under which ledger and turnstile count: ``per_day`` and ``spacing_s`` are those of
    the whole family. ``delay_s`` is how old data are before they can be read, ``keeps_s`` how old they may
    become, ``span_s`` the length that a window stays below, and ``step_s`` the grid on which windows start
    and end. ``times`` are the parameters of a window's start and end; a lone one takes the start.
    ``posts``: all parameters but the App ID travel as a JSON body. ``own_share`` is the part of a day's
    requests that the bot takes by itself: what is left when it is used, by whomever, is for people.
    """

    name: str
    family: str
    path: str
    rows: str
    per_day: int
    spacing_s: float
    delay_s: int
    keeps_s: int
    span_s: int
    step_s: int = 1
    times: tuple[str, ...] = ("start_ts", "end_ts")
    posts: bool = False
    own_share: float = OWN_SHARE

    @property
    def gap_s(self) -> float:
        """The least time between two arrivals; ``spacing_s`` holds a quarter more."""
        return self.spacing_s / MARGIN

    @property
    def for_polls(self) -> int:
        """The requests of a day that polls and examinations leave off at."""
        return int(self.per_day * self.own_share)

    def times_of(self, window: Window) -> dict[str, int]:
        """Return the parameters that say ``window``."""
        return dict(zip(self.times, (window.start, window.end), strict=False))


def readable(endpoint: Endpoint, window: Window, now: float) -> Window | None:
    """Return the newest part of ``window`` that Agora answers at ``now``, or None where nothing is left.

    The window is widened to the endpoint's grid (whole minutes for live feeds, whole UTC days for usage)
    before it is cut. It stays valid for the 5 s after ``now``.
    """
    step = endpoint.step_s
    newest = math.floor(now - endpoint.delay_s) - NEW_END_SLACK_S
    oldest = math.floor(now - endpoint.keeps_s) + 1 + OLD_END_SLACK_S
    end = _floor(min(_ceil(window.end, step), newest), step)
    start = _ceil(max(_floor(window.start, step), oldest, end - endpoint.span_s + 1), step)
    return Window(start=start, end=end) if start < end else None


def cut_to_readable(endpoint: Endpoint, window: Window, now: float, *, account: str) -> Window:
    """Return the readable part of ``window``; raise TooFresh or WindowRejected where there is none."""
    if window.end >= LAST_SECONDS:
        raise WindowRejected(
            account=account, endpoint=endpoint.name, detail="these are milliseconds, not seconds"
        )
    inside = readable(endpoint, window, now)
    if inside is not None:
        return inside
    first_end = _floor(window.start, endpoint.step_s) + endpoint.step_s
    ready_in_s = first_end + endpoint.delay_s + NEW_END_SLACK_S - now
    if ready_in_s > 0:
        raise TooFresh(account=account, endpoint=endpoint.name, ready_in_s=ready_in_s)
    raise WindowRejected(account=account, endpoint=endpoint.name, detail=_too_old(endpoint))


def _too_old(endpoint: Endpoint) -> str:
    units = ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute"))
    unit_s, unit = next(whole for whole in units if endpoint.keeps_s % whole[0] == 0)
    count = endpoint.keeps_s // unit_s
    kept = unit if count == 1 else f"{count} {unit}s"
    return f"Agora keeps these data for the last {kept} only"


def _floor(instant: int, step: int) -> int:
    return instant // step * step


def _ceil(instant: int, step: int) -> int:
    return -(-instant // step) * step
