"""The limits of each plan, to the second, and what is said beyond them."""

import json
from pathlib import Path
from typing import Any

import pytest

BODIES = Path(__file__).parents[3] / "agora" / "bodies"
MINUTE, HOUR, DAY = 60, 3600, 86_400
LISTS, SESSIONS = "/beta/analytics/call/lists", "/beta/analytics/call/sessions"
METRICS, BUCKETS = "/beta/analytics/call/metrics", "/beta/analytics/call/freeze/bucket"
USAGE, QUALITY = "/beta/insight/usage/by_time", "/beta/insight/quality/by_time"
NOW, TOP = "/beta/realtime/quality/by_time_20sec", "/beta/realtime/usage/dimension/top20"
USAGE_NOW, USAGE_SUM = "/beta/realtime/usage/by_time_20sec", "/beta/insight/usage/aggregation"
GOOD: dict[str, dict[str, object]] = {
    LISTS: {},
    SESSIONS: {"call_id": "x"},
    METRICS: {"call_id": "x", "sids": "s"},
    BUCKETS: {"call_id": "x", "metric": "video_freeze_rate"},
    USAGE: {"metric": "userCount", "aggregateGranularity": "1d"},
    QUALITY: {"metric": "networkDelay", "aggregateGranularity": "1h", "productType": "Native"},
    USAGE_SUM: {"metric": "userCount"},
    NOW: {"metric": "networkDelay", "productType": "WebRTC"},
    USAGE_NOW: {"metric": "userCount", "productType": "WebRTC"},
    TOP: {"metric": "userCount", "productType": "Native", "dimension": "os"},
}
NO_AUTH = (
    "Service package limit check error, "
    "you have no auth to access this service, please buy or upgrade your service package"
)


def sample(name: str) -> object:
    return json.loads((BODIES / f"{name}.json").read_text())


def limit(name: str) -> tuple[int, dict[str, object]]:
    message = f"Service package limit check error, {name} limit error"
    return 200, {"code": 300, "message": message, "data": None}


def bad(problem: str) -> tuple[int, dict[str, object]]:
    return 400, {"code": 400, "message": f"Bad request, parameter : {problem}", "data": None}


def ago(client: Any, path: str, start_ago: float, end_ago: float) -> dict[str, float]:
    """Return a window in the words of an endpoint; top 20 has an instant."""
    start, end = client.clock.at - start_ago, client.clock.at - end_ago
    if path == TOP:
        return {"ts": start}
    names = ("start_ts", "end_ts") if "/call/" in path else ("startTs", "endTs")
    return dict(zip(names, (start, end), strict=True))


def send(client: Any, path: str, params: dict[str, object]) -> tuple[int, Any]:
    return client.sums(path, **params) if path == USAGE_SUM else client.get(path, **params)


def ask(client: Any, path: str, start_ago: float, end_ago: float, **more: object) -> tuple[int, Any]:
    return send(client, path, GOOD[path] | ago(client, path, start_ago, end_ago) | more)


LENGTH, RANGE, LATENCY = "query time length", "query time range", "query latency"
WINDOWS = [
    ("standard", LISTS, 8 * HOUR + 100, 100, LENGTH),
    ("standard", LISTS, 8 * HOUR + 99, 100, None),
    ("premium", LISTS, 16 * HOUR + 100, 100, LENGTH),
    ("premium", LISTS, 16 * HOUR + 99, 100, None),
    ("enterprise", LISTS, 24 * HOUR + 100, 100, LENGTH),
    ("enterprise", LISTS, 24 * HOUR + 99, 100, None),
    ("standard", LISTS, 600, 60, LATENCY),
    ("standard", LISTS, 600, 61, None),
    ("premium", LISTS, 600, 20, LATENCY),
    ("premium", LISTS, 600, 21, None),
    ("enterprise", LISTS, 600, 20, LATENCY),
    ("enterprise", LISTS, 600, 21, None),
    ("standard", SESSIONS, HOUR + 400, 400, LENGTH),
    ("standard", METRICS, HOUR + 399, 400, None),
    ("premium", METRICS, 3 * HOUR + 400, 400, LENGTH),
    ("premium", SESSIONS, 3 * HOUR + 399, 400, None),
    ("enterprise", BUCKETS, 6 * HOUR + 400, 400, LENGTH),
    ("enterprise", SESSIONS, 6 * HOUR + 399, 400, None),
    ("standard", SESSIONS, 900, 300, LATENCY),
    ("standard", SESSIONS, 900, 301, None),
    ("premium", METRICS, 900, 150, LATENCY),
    ("premium", METRICS, 900, 151, None),
    ("enterprise", METRICS, 900, 100, LATENCY),
    ("enterprise", METRICS, 900, 101, None),
    ("standard", LISTS, DAY, DAY - 600, RANGE),
    ("standard", LISTS, DAY - 1, DAY - 600, None),
    ("premium", SESSIONS, 7 * DAY, 7 * DAY - 600, RANGE),
    ("premium", SESSIONS, 7 * DAY - 1, 7 * DAY - 600, None),
    ("enterprise", LISTS, 15 * DAY, 15 * DAY - 600, RANGE),
    ("enterprise", LISTS, 15 * DAY - 1, 15 * DAY - 600, None),
    ("premium", USAGE, 4 * DAY, DAY, LENGTH),
    ("premium", USAGE, 4 * DAY - 1, DAY, None),
    ("enterprise", QUALITY, 8 * DAY, DAY, LENGTH),
    ("enterprise", QUALITY, 8 * DAY - 1, DAY, None),
    ("premium", USAGE, DAY, 12 * HOUR, LATENCY),
    ("premium", USAGE, DAY, 12 * HOUR + 1, None),
    ("enterprise", USAGE, DAY, 6 * HOUR, LATENCY),
    ("enterprise", USAGE, DAY, 6 * HOUR + 1, None),
    ("premium", QUALITY, DAY, 6 * HOUR, LATENCY),
    ("enterprise", QUALITY, DAY, 6 * HOUR + 1, None),
    ("premium", USAGE, 14 * DAY, 13 * DAY, RANGE),
    ("premium", USAGE, 14 * DAY - 1, 13 * DAY, None),
    ("enterprise", QUALITY, 30 * DAY, 29 * DAY, RANGE),
    ("premium", USAGE_SUM, 14 * DAY - 1, DAY, None),
    ("premium", USAGE_SUM, 14 * DAY, DAY, RANGE),
    ("premium", NOW, 40 * MINUTE - 1, 41, None),
    ("premium", NOW, 40 * MINUTE, 41, RANGE),
    ("premium", NOW, 600, 40, LATENCY),
    ("enterprise", NOW, 60 * MINUTE - 1, 21, None),
    ("enterprise", NOW, 60 * MINUTE, 21, RANGE),
    ("enterprise", NOW, 600, 20, LATENCY),
    ("premium", TOP, 61, 0, None),
    ("premium", TOP, 60, 0, LATENCY),
    ("enterprise", TOP, 41, 0, None),
    ("enterprise", TOP, 40, 0, LATENCY),
    ("premium", TOP, 40 * MINUTE, 0, RANGE),
]


@pytest.mark.parametrize(("plan", "path", "start_ago", "end_ago", "refused"), WINDOWS)
def test_a_window_is_judged_by_the_plan(
    simulated: Any, plan: str, path: str, start_ago: float, end_ago: float, refused: str | None
) -> None:
    sim, client = simulated(plan=plan)
    status, body = ask(client, path, start_ago, end_ago)
    if refused is None:
        assert (status, body["code"], sim.violations()) == (200, 200, [])
    else:
        assert (status, body) == limit(refused)
        assert len(sim.violations()) == 1


BURSTS = [
    ("standard", (LISTS, SESSIONS, METRICS, BUCKETS), 1, 1),
    ("premium", (LISTS, SESSIONS, METRICS, BUCKETS), 3, 1),
    ("enterprise", (LISTS, SESSIONS, METRICS, BUCKETS), 10, 1),
    ("premium", (USAGE, QUALITY, USAGE_SUM), 3, 60),
    ("enterprise", (USAGE, QUALITY, USAGE_SUM), 10, 60),
    ("premium", (NOW, USAGE_NOW, TOP), 3, 60),
    ("enterprise", (NOW, USAGE_NOW, TOP), 10, 60),
]


def old_enough(client: Any, path: str) -> tuple[int, Any]:
    return ask(client, path, 2 * DAY, DAY) if "/insight/" in path else ask(client, path, 1200, 600)


@pytest.mark.parametrize(("plan", "paths", "burst", "burst_s"), BURSTS)
def test_a_family_shares_its_burst(
    simulated: Any, plan: str, paths: tuple[str, ...], burst: int, burst_s: int
) -> None:
    sim, client = simulated(plan=plan)
    for number in range(burst):
        assert old_enough(client, paths[number % len(paths)])[1]["code"] == 200
    assert [old_enough(client, path) for path in paths] == [limit("qps")] * len(paths)
    client.clock.at += burst_s
    assert old_enough(client, paths[-1])[1]["code"] == 200
    assert [request.violation for request in sim.violations()] == [f"more than {burst} in {burst_s} s"] * len(
        paths
    )


@pytest.mark.parametrize(
    ("plan", "paths", "per_day", "pause_s"),
    [
        ("standard", (LISTS, SESSIONS), 1000, 1),
        ("premium", (LISTS, SESSIONS), 2000, 1),
        ("premium", (USAGE, QUALITY), 40, 20),
        ("enterprise", (USAGE, USAGE_SUM), 60, 6),
        ("premium", (TOP, NOW), 480, 20),
        ("enterprise", (TOP, NOW), 1440, 6),
    ],
)
def test_a_family_shares_its_day_which_ends_at_midnight_utc(
    simulated: Any, plan: str, paths: tuple[str, str], per_day: int, pause_s: int
) -> None:
    sim, client = simulated(plan=plan)
    client.clock.at = midnight = client.clock.at // DAY * DAY
    for number in range(per_day):
        client.clock.at = midnight + number * pause_s
        # A refusal of the parameters costs a request as any other, and takes no time.
        assert send(client, paths[number % 2], {})[1]["code"] == 400
    client.clock.at += 60
    assert [old_enough(client, path) for path in paths] == [limit("qpd")] * 2
    client.clock.at = midnight + DAY - 0.1
    assert old_enough(client, paths[0]) == limit("qpd")
    client.clock.at = midnight + DAY
    assert old_enough(client, paths[0])[1]["code"] == 200
    assert sim.violations()[-1].violation == f"more than {per_day} in the UTC day"


def test_families_and_customers_do_not_share_anything(simulated: Any) -> None:
    sim, client = simulated(plan="premium")
    for path in (LISTS, USAGE, NOW) * 3:
        assert old_enough(client, path)[1]["code"] == 200
    assert [old_enough(client, path) for path in (LISTS, USAGE, NOW)] == [limit("qps")] * 3
    assert len(sim.violations()) == 3


@pytest.mark.parametrize("path", [USAGE, QUALITY, USAGE_SUM, NOW, USAGE_NOW, TOP])
def test_a_family_that_the_plan_lacks_is_not_for_sale_by_asking(simulated: Any, path: str) -> None:
    sim, client = simulated(plan="standard")
    refused = 200, {"code": 300, "message": NO_AUTH, "data": None}
    assert old_enough(client, path) == refused
    family = path.split("/")[2]
    assert sim.violations()[0].violation == f"the plan lacks {family}/*"


@pytest.mark.parametrize("path", [USAGE, QUALITY, USAGE_SUM, NOW, USAGE_NOW])
def test_the_names_of_2019_are_refused_as_agora_refused_them(simulated: Any, path: str) -> None:
    _, client = simulated(plan="premium")
    at = client.clock.at
    wrong = {"start_ts": at - 1200, "end_ts": at - 600}
    assert send(client, path, GOOD[path] | wrong) == (400, sample("real_400_missing_startTs"))


@pytest.mark.parametrize("path", [LISTS, SESSIONS, USAGE, USAGE_SUM, NOW, TOP])
def test_milliseconds_are_an_unknown_error(simulated: Any, path: str) -> None:
    _, client = simulated(plan="premium")
    window = {name: int(instant * 1000) for name, instant in ago(client, path, 1200, 600).items()}
    assert send(client, path, GOOD[path] | window) == (500, sample("real_500_ms_timestamps"))


def test_too_many_requests_are_refused_in_the_words_that_customers_saw(simulated: Any) -> None:
    _, client = simulated(plan="standard")
    old_enough(client, LISTS)
    assert old_enough(client, LISTS) == (200, sample("real_300_qps_limit"))


@pytest.mark.parametrize(
    ("path", "params", "problem"),
    [
        (LISTS, {"page_no": 0}, "page_no must be a positive number"),
        (LISTS, {"page_size": "many"}, "page_size must be a positive number"),
        (LISTS, {"metric": "x"}, "metric is unknown"),
        (SESSIONS, {"uids": ",".join("1" * 11)}, "uids can not be more than 10"),
        (SESSIONS, {"uids": "me"}, "uids must be numbers"),
        (SESSIONS, {"exclude_server_user": "no"}, "exclude_server_user must be true or false"),
        (SESSIONS, {"call_id": ""}, "call_id can not be null"),
        (METRICS, {"sids": ",".join("s" * 21)}, "sids can not be more than 20"),
        (METRICS, {"sids": ""}, "sids can not be null"),
        (BUCKETS, {"metric": "user_count"}, "metric 'user_count' is unknown"),
        (USAGE, {"aggregateGranularity": "1m"}, "aggregateGranularity '1m' is unknown"),
        (USAGE, {"metric": "userCount,sessionCount"}, "metric 'userCount,sessionCount' is unknown"),
        (QUALITY, {"productType": ""}, "productType can not be null"),
        (NOW, {"productType": "Flash"}, "productType 'Flash' is unknown"),
        (NOW, {"uids": "1"}, "uids need a cname"),
        (NOW, {"uids": ",".join("1" * 11), "cname": "c"}, "uids can not be more than 10"),
        (NOW, {"uids": "1", "cname": "c", "dimension": "os"}, "dimension can not go with uids"),
        (NOW, {"dimensionValues": '"iOS"'}, "dimensionValues need a dimension"),
        (NOW, {"dimension": "os", "dimensionValues": "iOS"}, "dimensionValues cannot be read"),
        (NOW, {"dimension": "os", "dimensionValues": "1"}, "dimensionValues must be quoted texts"),
        (NOW, {"dimension": "planet"}, "dimension 'planet' is unknown"),
        (USAGE_NOW, {"uids": "1"}, "uids is unknown"),
        (TOP, {"dimension": ""}, "dimension can not be null"),
        (TOP, {"endTs": 1}, "endTs is unknown"),
        (
            USAGE_SUM,
            {"metric": "peakCurrentUsers", "dimension": "os"},
            "dimension is not supported for peaks",
        ),
        (
            USAGE_SUM,
            {"filters": [{"name": "country", "value": "x"}]},
            "filters must name one country, of a region",
        ),
        (USAGE_SUM, {"metric": 7}, "metric '7' is unknown"),
        (USAGE_SUM, {"startTs": True}, "startTs must be a number"),
        (USAGE_SUM, {"aggregateGranularity": "1d"}, "aggregateGranularity is unknown"),
    ],
)
def test_a_wrong_parameter_is_refused_and_noted(
    simulated: Any, path: str, params: dict[str, object], problem: str
) -> None:
    sim, client = simulated(plan="premium")
    window = ago(client, path, 2 * DAY, DAY) if "/insight/" in path else ago(client, path, 1200, 600)
    assert send(client, path, GOOD[path] | window | params) == bad(problem)
    assert [request.violation for request in sim.violations()] == [problem]


@pytest.mark.parametrize("body", ["", "{", "[]", "7"], ids=["none", "cut", "list", "number"])
def test_an_aggregation_wants_a_json_object(today: Any, body: str) -> None:
    _, client = today
    headers = {"Authorization": "Basic Y3VzdG9tZXItMTpzZWNyZXQtMQ=="}
    status, said = client.send_text("POST", f"{USAGE_SUM}?appid=app-1", headers, body)
    assert (status, json.loads(said)) == bad("body must be a JSON object")
