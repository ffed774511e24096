"""Agora's limits of 2019 as data: each endpoint has a budget of its own.

Source: Agora Analytics RESTful API (Beta), table of limits; spacings with the margin of ``plan``.
"""

from bot.agora.plan import CALLS_SHARE, Endpoint
from bot.model.time import DAY_S, HOUR_S, MINUTE_S


def _live(name: str) -> Endpoint:
    return Endpoint(
        name=f"live/{name}",
        family=f"live/{name}",
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
    family="call/lists",
    path="/beta/analytics/call/lists",
    rows="call_lists",
    per_day=1000,
    spacing_s=0.42,
    delay_s=20,
    keeps_s=3 * DAY_S,
    span_s=3 * DAY_S,
    own_share=CALLS_SHARE,
)
CALL_DETAILS = Endpoint(
    name="call/details",
    family="call/details",
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
    family="insight/usage",
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
