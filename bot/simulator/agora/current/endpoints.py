"""The endpoints of today, with the limits of a plan. Source: Analytics REST API reference.

No limits are published for the three statistics of a call; here they have those of its sessions.
"""

from collections.abc import Callable, Mapping

from bot.simulator.agora.endpoints import Endpoint
from bot.simulator.agora.traffic.traits import NATIVE, WEBRTC

from .plans import CALL, INSIGHT, REALTIME, Plan

FREEZES = ("audio_freeze_rate", "video_freeze_rate")
FREEZING_USERS = ("audio_freeze_user_count", "video_freeze_user_count")
PEAKS = ("peakCurrentChannels", "peakCurrentUsers")
DURATIONS = ("totalDuration", "totalVideoDuration", "totalAudioDuration")
USAGE = ("userCount", "sessionCount", "channelCount", *PEAKS, *DURATIONS)
QUALITY = ("joinSuccessRate", "joinSuccessIn5sRate", "audioFreezeRate", "videoFreezeRate", "networkDelay")
PRODUCTS = (NATIVE, WEBRTC)
DIMENSIONS = ("country", "region", "net", "sdk", "os", "device")
SIZE = "channelSize"
# The reference names the dimension sdk, its examples sdkVersion.
SUMMED_DIMENSIONS = (*DIMENSIONS, "sdkVersion")
VALUES_AT_MOST = {"device": 50}
USUAL_VALUES_AT_MOST = 20

LISTS, SESSIONS, METRICS, STATISTICS, BUCKETS, OVER_TIME = (
    f"/beta/analytics/call/{name}"
    for name in ("lists", "sessions", "metrics", "statistics", "freeze/bucket", "statistics/time")
)
USAGE_BY_TIME, QUALITY_BY_TIME = "/beta/insight/usage/by_time", "/beta/insight/quality/by_time"
USAGE_SUM, QUALITY_SUM = "/beta/insight/usage/aggregation", "/beta/insight/quality/aggregation"
USAGE_NOW, QUALITY_NOW = "/beta/realtime/usage/by_time_20sec", "/beta/realtime/quality/by_time_20sec"
USAGE_TOP, QUALITY_TOP = "/beta/realtime/usage/dimension/top20", "/beta/realtime/quality/dimension/top20"

_SPAN = ("startTs", "endTs")
_PAGE = ("page_no", "page_size")


def endpoints_of(plan: Plan) -> Mapping[str, Endpoint]:
    """Return every endpoint by path; those of families that the plan lacks are not ``included``."""
    every = (*_calls(plan), *_insights(plan), *_realtime(plan))
    return {endpoint.path: endpoint for endpoint in every}


def _limited(plan: Plan, family: str, reach: str) -> Callable[..., Endpoint]:
    """Return what makes endpoints of a family with the limits of the plan."""
    allowance = plan.families.get(family)
    if allowance is None:
        return lambda path, **more: Endpoint(
            path=path, family=family, included=False, delay_s=None, keeps_s=0, **more
        )
    limits = plan.reaches[reach]
    return lambda path, **more: Endpoint(
        path=path,
        family=family,
        burst=allowance.burst,
        burst_s=allowance.burst_s,
        per_day=allowance.per_day,
        keeps_s=allowance.keeps_s,
        delay_s=limits.delay_s,
        below_s=limits.below_s,
        **more,
    )


def _calls(plan: Plan) -> tuple[Endpoint, ...]:
    lists, of_call = _limited(plan, CALL, "lists"), _limited(plan, CALL, "sessions")
    call, measured = ("call_id",), ("call_id", "metric")
    return (
        lists(LISTS, texts=("cname", *_PAGE), rows=("call_lists",)),
        of_call(
            SESSIONS,
            required=call,
            texts=("uids", *_PAGE),
            flags=("exclude_server_user",),
            rows=("call_info",),
        ),
        of_call(METRICS, required=(*call, "sids"), rows=("metrics",)),
        of_call(
            STATISTICS, required=(*measured, "dimension"), metrics=FREEZES, choices={"dimension": DIMENSIONS}
        ),
        of_call(BUCKETS, required=measured, metrics=FREEZES),
        of_call(OVER_TIME, required=measured, metrics=("user_count", *FREEZES, *FREEZING_USERS)),
    )


def _insights(plan: Plan) -> tuple[Endpoint, ...]:
    steps = {"aggregateGranularity": ("1d", "1h")}
    series = {"window": _SPAN, "required": ("metric", *steps)}
    summed = {
        "verb": "POST",
        "window": _SPAN,
        "required": ("metric",),
        "texts": ("dimension", "dimensionValues", "filters"),
    }
    return (
        _limited(plan, INSIGHT, "usage by time")(USAGE_BY_TIME, metrics=USAGE, choices=steps, **series),
        _limited(plan, INSIGHT, "quality by time")(
            QUALITY_BY_TIME,
            metrics=QUALITY,
            choices=steps | {"productType": PRODUCTS},
            **series | {"required": ("metric", *steps, "productType")},
        ),
        _limited(plan, INSIGHT, "usage")(
            USAGE_SUM, metrics=USAGE, choices={"dimension": SUMMED_DIMENSIONS}, **summed
        ),
        _limited(plan, INSIGHT, "quality")(
            QUALITY_SUM, metrics=QUALITY, choices={"dimension": (*SUMMED_DIMENSIONS, SIZE)}, **summed
        ),
    )


def _realtime(plan: Plan) -> tuple[Endpoint, ...]:
    now = _limited(plan, REALTIME, "now")
    choices = {"productType": PRODUCTS, "dimension": DIMENSIONS}
    series = {"window": _SPAN, "required": ("metric", "productType"), "choices": choices}
    top = {"window": ("ts",), "required": ("metric", "productType", "dimension")}
    narrowed = ("cname", "dimension", "dimensionValues")
    return (
        now(USAGE_NOW, metrics=("userCount", "channelCount"), texts=narrowed, **series),
        now(QUALITY_NOW, metrics=QUALITY, texts=(*narrowed, "uids"), **series),
        now(USAGE_TOP, metrics=("userCount",), choices=choices, **top),
        now(
            QUALITY_TOP,
            metrics=QUALITY,
            texts=("extraMetrics",),
            choices=choices | {"extraMetrics": ("userCount",)},
            **top,
        ),
    )
