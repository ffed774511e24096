"""Agora's limits of 2019 as data, and the windows that keep inside them.

Source: Agora Analytics RESTful API (Beta), table of limits. Spacings carry a quarter of margin, because
requests bunch up on their way. Agora compares strictly (``end < now - delay``, ``start > now - range``,
``end - start < length``), so windows end one second early, and start later by what a request may take.
"""

import math
from dataclasses import dataclass

from bot.agora.errors import TooFresh, WindowRejected
from bot.model.time import DAY_S, HOUR_S, MINUTE_S, Window

NEW_END_SLACK_S = 1
OLD_END_SLACK_S = 5
LAST_SECONDS = 100_000_000_000
"""Instants from here on are milliseconds: Agora answers those with code 500, so they are never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint with its limits; ``rows`` is the key of the answer that holds the data.

    ``delay_s`` is how old data are before they can be read, ``keeps_s`` how old they may become, ``span_s``
    the length that a window stays below, and ``step_s`` the grid on which windows start and end.
    """

    name: str
    path: str
    rows: str
    per_day: int
    spacing_s: float
    delay_s: int
    keeps_s: int
    span_s: int
    step_s: int = 1

    @property
    def gap_s(self) -> float:
        """The least time between two arrivals; ``spacing_s`` holds a quarter more."""
        return self.spacing_s / 1.25


def _live(name: str) -> Endpoint:
    return Endpoint(
        name=f"live/{name}",
        path=f"/beta/live/{name}" + ("" if name == "diagnosis" else "/by_time"),
        rows="data",
        per_day=1000,
        spacing_s=1.25,
        delay_s=60,
        keeps_s=HOUR_S,
        span_s=HOUR_S,
        step_s=1 if name == "diagnosis" else MINUTE_S,
    )


CALL_LISTS = Endpoint(
    name="call/lists",
    path="/beta/analytics/call/lists",
    rows="call_lists",
    per_day=1000,
    spacing_s=0.42,
    delay_s=20,
    keeps_s=3 * DAY_S,
    span_s=3 * DAY_S,
)
CALL_DETAILS = Endpoint(
    name="call/details",
    path="/beta/analytics/call/details",
    rows="call_info",
    per_day=1000,
    spacing_s=1.25,
    delay_s=150,
    keeps_s=3 * DAY_S,
    span_s=3 * HOUR_S,
)
# A day is complete at 08:00 UTC of the next one, and less than a whole day answers nothing.
INSIGHT_USAGE = Endpoint(
    name="insight/usage",
    path="/beta/insight/usage/by_time",
    rows="data",
    per_day=10,
    spacing_s=75,
    delay_s=8 * HOUR_S,
    keeps_s=7 * DAY_S,
    span_s=7 * DAY_S,
    step_s=DAY_S,
)
LIVE_SCALE, LIVE_EXPERIENCE, LIVE_NET = _live("scale"), _live("experience"), _live("net")
LIVE_DIAGNOSIS = _live("diagnosis")

ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        CALL_LISTS,
        CALL_DETAILS,
        INSIGHT_USAGE,
        LIVE_SCALE,
        LIVE_EXPERIENCE,
        LIVE_NET,
        LIVE_DIAGNOSIS,
    )
}


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
    kept = f"{endpoint.keeps_s // DAY_S} days" if endpoint.keeps_s >= DAY_S else "hour"
    return f"Agora keeps these data for the last {kept} only"


def _floor(instant: int, step: int) -> int:
    return instant // step * step


def _ceil(instant: int, step: int) -> int:
    return -(-instant // step) * step
