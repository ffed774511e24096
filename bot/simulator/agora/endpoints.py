"""What an endpoint is, and the seven of 2019 with their limits.

Source: Agora Analytics RESTful API (Beta), 2019.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """``burst`` requests are answered in any ``burst_s`` seconds. A window starts after ``now - keeps_s``,
    ends before ``now - delay_s`` (None: anywhere) and is shorter than ``below_s`` and at most ``up_to_s``.

    Endpoints of one ``family`` share their requests; one without a family has its own. ``window`` names the
    parameters of time, ``choices`` the words that a parameter may be. What is not ``included`` in the plan of
    the customer is refused.
    """

    path: str
    verb: str = "GET"
    family: str = ""
    included: bool = True
    burst: int = 1
    burst_s: int = 1
    per_day: int = 1000
    delay_s: int | None
    keeps_s: int
    below_s: int | None = None
    up_to_s: int | None = None
    window: tuple[str, ...] = ("start_ts", "end_ts")
    metrics: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: tuple[str, ...] = ("data",)


def _live(name: str, *metrics: str) -> Endpoint:
    return Endpoint(
        path=f"/beta/live/{name}",
        delay_s=MINUTE_S,
        keeps_s=HOUR_S,
        up_to_s=HOUR_S,
        metrics=metrics,
        required=("metric",) if metrics else (),
    )


CALL_LISTS = Endpoint(
    path="/beta/analytics/call/lists",
    burst=3,
    delay_s=20,
    keeps_s=3 * DAY_S,
    texts=("cname",),
    rows=("call_lists",),
)
CALL_DETAILS = Endpoint(
    path="/beta/analytics/call/details",
    delay_s=150,
    keeps_s=3 * DAY_S,
    below_s=3 * HOUR_S,
    required=("call_id",),
    flags=("exclude_server_user", "exclude_metrics_info"),
    rows=("call_info", "metrics"),
)
INSIGHT_USAGE = Endpoint(
    path="/beta/insight/usage/by_time",
    burst_s=MINUTE_S,
    per_day=10,
    delay_s=None,
    keeps_s=7 * DAY_S,
    metrics=("userCount", "sessionCount", "channelCount"),
    required=("metric",),
)
LIVE_SCALE = _live("scale/by_time", "pcu", "pcc")
LIVE_EXPERIENCE = _live(
    "experience/by_time", "joinSuccessRate", "joinSuccess5SecsRate", "videoFreezeRate", "audioFreezeRate"
)
LIVE_NET = _live(
    "net/by_time",
    "videoUpstreamExcellentTransRate",
    "audioUpstreamExcellentTransRate",
    "videoEnd2EndExcellentTransRate",
    "audioEnd2EndExcellentTransRate",
)
LIVE_DIAGNOSIS = _live("diagnosis")

ENDPOINTS: Mapping[str, Endpoint] = {
    endpoint.path: endpoint
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
