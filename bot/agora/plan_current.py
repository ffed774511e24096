"""Agora's limits of today as data: one budget for each family, by the plan that the account has bought.

Source: Analytics REST API reference, table of plans. Whether a daily number applies to an endpoint or to
its family is undocumented, so it is kept for the family. The statistics of a call have no published limits:
they get those of its sessions; aggregations get those of the series.
"""

from dataclasses import dataclass, replace

from bot.agora.plan import CALLS_SHARE, MARGIN, OWN_SHARE, Endpoint
from bot.model.project import Plan
from bot.model.time import DAY_S, HOUR_S, MINUTE_S

CALL, INSIGHT, REALTIME = "call", "insight", "realtime"
REALTIME_STEP_S = 20
"""Windows of real-time data, aligned from 00:00:00; an answer covers [floor20(start), floor20(end))."""
CAMEL = ("startTs", "endTs")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """What a plan allows in one family: ``per_s`` requests a second, ``per_day`` a UTC day, how long kept."""

    per_s: float
    per_day: int
    keeps_s: int

    def endpoint(
        self, name: str, path: str, *, family: str, rows: str = "data", delay_s: int, span_s: int
    ) -> Endpoint:
        return Endpoint(
            name=name,
            family=family,
            path=path,
            rows=rows,
            per_day=self.per_day,
            spacing_s=MARGIN / self.per_s,
            delay_s=delay_s,
            keeps_s=self.keeps_s,
            span_s=span_s,
            own_share=CALLS_SHARE if family == CALL else OWN_SHARE,
        )


def _calls(family: _Family, *, lists: tuple[int, int], sessions: tuple[int, int]) -> tuple[Endpoint, ...]:
    """Return call/*; ``lists`` and ``sessions`` are (span, delay)."""
    listed = family.endpoint(
        "call/lists",
        "/beta/analytics/call/lists",
        family=CALL,
        rows="call_lists",
        span_s=lists[0],
        delay_s=lists[1],
    )
    others = (
        ("call/sessions", "call_info"),
        ("call/metrics", "metrics"),
        ("call/statistics", "data"),
        ("call/statistics/time", "data"),
        ("call/freeze/bucket", "data"),
    )
    return (
        listed,
        *(
            family.endpoint(
                name,
                f"/beta/analytics/{name}",
                family=CALL,
                rows=rows,
                span_s=sessions[0],
                delay_s=sessions[1],
            )
            for name, rows in others
        ),
    )


def _insights(
    family: _Family, *, span_s: int, usage_delay_s: int, quality_delay_s: int
) -> tuple[Endpoint, ...]:
    """Return insight/* on whole UTC days; the hourly series is the same endpoint with steps of an hour."""

    def pair(what: str, delay_s: int) -> tuple[Endpoint, Endpoint]:
        path = f"/beta/insight/{what}"
        series = family.endpoint(
            f"insight/{what}", f"{path}/by_time", family=INSIGHT, delay_s=delay_s, span_s=span_s
        )
        series = replace(series, times=CAMEL, step_s=DAY_S)
        total = replace(series, name=f"insight/{what}/aggregation", path=f"{path}/aggregation", posts=True)
        return series, total

    return (*pair("usage", usage_delay_s), *pair("quality", quality_delay_s))


def _realtime(family: _Family, *, delay_s: int) -> tuple[Endpoint, ...]:
    """Return realtime/*; a top-20 answer is about the one window that begins at ``ts``."""

    def pair(what: str) -> tuple[Endpoint, Endpoint]:
        path = f"/beta/realtime/{what}"
        series = family.endpoint(
            f"realtime/{what}",
            f"{path}/by_time_20sec",
            family=REALTIME,
            delay_s=delay_s,
            span_s=family.keeps_s,
        )
        series = replace(series, times=CAMEL, step_s=REALTIME_STEP_S)
        top = replace(
            series,
            name=f"realtime/{what}/top20",
            path=f"{path}/dimension/top20",
            times=("ts",),
            span_s=REALTIME_STEP_S + 1,
        )
        return series, top

    return (*pair("usage"), *pair("quality"))


_STANDARD = _calls(
    _Family(per_s=1, per_day=1000, keeps_s=DAY_S),
    lists=(8 * HOUR_S, 60),
    sessions=(HOUR_S, 300),
)
_PREMIUM = (
    *_calls(
        _Family(per_s=3, per_day=2000, keeps_s=7 * DAY_S),
        lists=(16 * HOUR_S, 20),
        sessions=(3 * HOUR_S, 150),
    ),
    *_insights(
        _Family(per_s=3 / MINUTE_S, per_day=40, keeps_s=14 * DAY_S),
        span_s=3 * DAY_S,
        usage_delay_s=12 * HOUR_S,
        quality_delay_s=6 * HOUR_S,
    ),
    *_realtime(_Family(per_s=3 / MINUTE_S, per_day=480, keeps_s=40 * MINUTE_S), delay_s=40),
)
_ENTERPRISE = (
    *_calls(
        _Family(per_s=10, per_day=10_000, keeps_s=15 * DAY_S),
        lists=(DAY_S, 20),
        sessions=(6 * HOUR_S, 100),
    ),
    *_insights(
        _Family(per_s=10 / MINUTE_S, per_day=60, keeps_s=30 * DAY_S),
        span_s=7 * DAY_S,
        usage_delay_s=6 * HOUR_S,
        quality_delay_s=6 * HOUR_S,
    ),
    *_realtime(_Family(per_s=10 / MINUTE_S, per_day=1440, keeps_s=60 * MINUTE_S), delay_s=20),
)

PLANS = {
    plan: {endpoint.name: endpoint for endpoint in endpoints}
    for plan, endpoints in (
        (Plan.STANDARD, _STANDARD),
        (Plan.PREMIUM, _PREMIUM),
        (Plan.ENTERPRISE, _ENTERPRISE),
    )
}
