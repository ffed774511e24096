"""Agora's documented limits, enforced to the letter: calls per second and day, and what may be asked."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass

from .values import Answer, error

DAY_S = 86_400
_PACKAGE = "Service package limit check error, "


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint's limits: ``rate`` requests in ``per_s`` seconds and ``per_day``; ages and spans."""

    path: str
    rate: int = 1
    per_s: float = 1
    per_day: int = 1000
    delay_s: float = 0
    keeps_s: float = 3600
    span_s: float | None = None
    metrics: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


_LIVE = "/beta/live/"
_EXPERIENCE = ("joinSuccessRate", "joinSuccess5SecsRate", "videoFreezeRate", "audioFreezeRate")
_NET = tuple(
    f"{kind}ExcellentTransRate" for kind in ("videoUpstream", "audioUpstream", "videoEnd2End", "audioEnd2End")
)
_ALL = (
    Endpoint(path="/beta/analytics/call/lists", rate=3, delay_s=20, keeps_s=3 * DAY_S, optional=("cname",)),
    Endpoint(
        path="/beta/analytics/call/details",
        delay_s=150,
        keeps_s=3 * DAY_S,
        span_s=3 * 3600,
        required=("call_id",),
        optional=("exclude_server_user", "exclude_metrics_info"),
    ),
    Endpoint(
        path="/beta/insight/usage/by_time",
        per_s=60,
        per_day=10,
        keeps_s=7 * DAY_S,
        metrics=("userCount", "sessionCount", "channelCount"),
    ),
    Endpoint(path=_LIVE + "scale/by_time", delay_s=60, span_s=3600, metrics=("pcu", "pcc")),
    Endpoint(path=_LIVE + "experience/by_time", delay_s=60, span_s=3600, metrics=_EXPERIENCE),
    Endpoint(path=_LIVE + "net/by_time", delay_s=60, span_s=3600, metrics=_NET),
    Endpoint(path=_LIVE + "diagnosis", delay_s=60, span_s=3600),
)
ENDPOINTS = {endpoint.path: endpoint for endpoint in _ALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request whose form is right."""

    endpoint: Endpoint
    app_id: str
    start: int
    end: int
    metrics: tuple[str, ...]
    extra: dict[str, str]


def read_question(endpoint: Endpoint, params: dict[str, str]) -> Question | Answer:
    """Return the question, or the refusal of a request with a wrong parameter."""
    known = {"start_ts", "end_ts", "appid", *endpoint.required, *endpoint.optional}
    known |= {"metric"} if endpoint.metrics else set()
    for name in sorted({"start_ts", "end_ts", "appid", *endpoint.required} - params.keys()):
        return _bad(f"Bad request, parameter : {name} can not be null")
    if unknown := sorted(params.keys() - known):
        return _bad(f"Bad request, unknown parameter : {unknown[0]}")
    try:
        start, end = int(params["start_ts"]), int(params["end_ts"])
    except ValueError:
        return _bad("Bad request, start_ts and end_ts are numbers")
    if max(start, end) > 100_000_000_000:
        return error(500, "Unknown Error", violation="milliseconds")
    if end <= start:
        return _bad("Bad request, end_ts must be after start_ts")
    metrics = tuple(filter(None, params.get("metric", "").split(",")))
    if endpoint.metrics and (not metrics or set(metrics) - set(endpoint.metrics)):
        return _bad("Bad request, parameter : metric")
    extra = {name: params[name] for name in (*endpoint.required, *endpoint.optional) if name in params}
    return Question(
        endpoint=endpoint, app_id=params["appid"], start=start, end=end, metrics=metrics, extra=extra
    )


def outside_window(question: Question, now: float) -> Answer | None:
    """Return the refusal of a window that Agora does not answer, by its strict inequalities."""
    endpoint = question.endpoint
    if not question.end < now - endpoint.delay_s:
        return _limit("query latency limit error")
    if not question.start > now - endpoint.keeps_s:
        return _limit("query time range limit error")
    if endpoint.span_s is not None and not question.end - question.start < endpoint.span_s:
        return _limit("query time length limit error")
    return None


class Rates:
    """Counts the requests of each customer and endpoint; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._days: dict[tuple[str, str, int], int] = defaultdict(int)

    def refuse(self, customer: str, endpoint: Endpoint, now: float) -> Answer | None:
        """Count a request; return its refusal where the second or the day is spent."""
        with self._lock:
            recent = self._recent[customer, endpoint.path]
            while recent and recent[0] <= now - endpoint.per_s:
                recent.popleft()
            if len(recent) >= endpoint.rate:
                return _limit("qps limit error")
            day = (customer, endpoint.path, int(now // DAY_S))
            if self._days[day] >= endpoint.per_day:
                return _limit("qpd limit error")
            recent.append(now)
            self._days[day] += 1
            return None


def _bad(message: str) -> Answer:
    return error(400, message, violation=message)


def _limit(what: str) -> Answer:
    return error(300, _PACKAGE + what, violation=what)
