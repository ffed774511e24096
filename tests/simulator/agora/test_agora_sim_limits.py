"""Every documented limit: what is answered beyond it, and that the journal accuses."""

from typing import Any

import pytest

from bot.simulator.agora import AgoraSimulator

LISTS, DETAILS = "/beta/analytics/call/lists", "/beta/analytics/call/details"
USAGE, DIAGNOSIS, SCALE = "/beta/insight/usage/by_time", "/beta/live/diagnosis", "/beta/live/scale/by_time"
EXPERIENCE, NET = "/beta/live/experience/by_time", "/beta/live/net/by_time"
DAY = 86_400
EXTRA = {
    DETAILS: {"call_id": "x"},
    USAGE: {"metric": "userCount"},
    SCALE: {"metric": "pcu"},
    EXPERIENCE: {"metric": "joinSuccessRate"},
    NET: {"metric": "videoUpstreamExcellentTransRate"},
}
UNKNOWN_ERROR = 500, {"code": 500, "message": "Unknown Error", "data": None}


def window(client: Any, path: str, start_ago: float, end_ago: float, **more: object) -> tuple[int, Any]:
    now = client.clock.at
    return client.get(path, start_ts=now - start_ago, end_ts=now - end_ago, **EXTRA.get(path, {}), **more)


def limit(name: str) -> tuple[int, dict[str, object]]:
    message = f"Service package limit check error, {name} limit error"
    return 200, {"code": 300, "message": message, "data": None}


def bad(problem: str) -> tuple[int, dict[str, object]]:
    return 400, {"code": 400, "message": f"Bad request, parameter : {problem}", "data": None}


@pytest.mark.parametrize(
    ("path", "burst", "wait_s", "start_ago", "end_ago"),
    [
        (LISTS, 3, 1, 900, 60),
        (DETAILS, 1, 1, 900, 200),
        (USAGE, 1, 60, DAY, 0),
        (DIAGNOSIS, 1, 1, 900, 61),
        (SCALE, 1, 1, 900, 61),
        (EXPERIENCE, 1, 1, 900, 61),
        (NET, 1, 1, 900, 61),
    ],
)
def test_a_burst_is_refused_until_its_span_has_passed(
    client: Any, sim: AgoraSimulator, path: str, burst: int, wait_s: float, start_ago: float, end_ago: float
) -> None:
    for _ in range(burst):
        assert window(client, path, start_ago, end_ago)[1]["code"] == 200
    client.clock.at += wait_s - 0.01
    assert window(client, path, start_ago, end_ago) == limit("qps")
    client.clock.at += 0.01
    assert window(client, path, start_ago, end_ago)[1]["code"] == 200
    assert [request.code for request in sim.violations()] == [300]


def test_endpoints_have_budgets_of_their_own_that_projects_of_a_customer_share(client: Any) -> None:
    assert window(client, DIAGNOSIS, 900, 61)[1]["code"] == 200
    assert window(client, SCALE, 900, 61)[1]["code"] == 200
    assert window(client, DIAGNOSIS, 900, 61, appid="app-2") == limit("qps")


def test_the_daily_budget_is_spent_until_midnight_utc(client: Any, sim: AgoraSimulator) -> None:
    client.clock.at = client.clock.at // DAY * DAY + 100
    for _ in range(10):
        assert window(client, USAGE, DAY, 0)[1]["code"] == 200
        client.clock.at += 60
    assert window(client, USAGE, DAY, 0) == limit("qpd")
    client.clock.at += DAY
    assert window(client, USAGE, DAY, 0)[1]["code"] == 200
    assert [request.violation for request in sim.violations()] == ["more than 10 in the UTC day"]


def test_a_thousand_requests_a_day_are_answered_and_the_next_after_midnight(
    client: Any, sim: AgoraSimulator
) -> None:
    midnight = client.clock.at // DAY * DAY + DAY
    client.clock.at = midnight - 1001.0
    for _ in range(1000):
        assert window(client, DIAGNOSIS, 62, 61)[1]["code"] == 200
        client.clock.at += 1
    assert window(client, DIAGNOSIS, 62, 61) == limit("qpd")
    client.clock.at = midnight - 0.01
    assert window(client, DIAGNOSIS, 62, 61) == limit("qpd")
    client.clock.at = midnight
    assert window(client, DIAGNOSIS, 62, 61)[1]["code"] == 200
    assert [request.violation for request in sim.violations()] == ["more than 1000 in the UTC day"] * 2


def test_what_is_refused_for_its_window_has_cost_a_request(client: Any) -> None:
    assert window(client, DIAGNOSIS, 900, 10) == limit("query latency")
    assert window(client, DIAGNOSIS, 900, 61) == limit("qps")


def test_a_clock_that_is_set_back_locks_nobody_out(client: Any) -> None:
    assert window(client, DIAGNOSIS, 900, 61)[1]["code"] == 200
    client.clock.at -= 500
    assert window(client, DIAGNOSIS, 900, 61)[1]["code"] == 200


@pytest.mark.parametrize(
    ("path", "start_ago", "end_ago", "refused"),
    [
        (DIAGNOSIS, 600, 60, "query latency"),
        (DIAGNOSIS, 600, 60.1, None),
        (LISTS, 600, 20, "query latency"),
        (LISTS, 600, 20.1, None),
        (DETAILS, 600, 150, "query latency"),
        (DETAILS, 600, 150.1, None),
        (DIAGNOSIS, 3600.1, 61, "query time range"),
        (DIAGNOSIS, 3600, 61, "query time range"),
        (DIAGNOSIS, 3599.9, 61, None),
        (LISTS, 3 * DAY + 1, 61, "query time range"),
        (LISTS, 3 * DAY, 61, "query time range"),
        (LISTS, 3 * DAY - 1, 61, None),
        (DETAILS, 3 * DAY, 3 * DAY - 600, "query time range"),
        (DETAILS, 3 * DAY - 1, 3 * DAY - 600, None),
        (USAGE, 7 * DAY + 1, 61, "query time range"),
        (USAGE, 7 * DAY, 61, "query time range"),
        (USAGE, 7 * DAY - 1, -DAY, None),
        (DETAILS, 3 * 3600 + 200, 200, "query time length"),
        (DETAILS, 3 * 3600 + 199, 200, None),
        (SCALE, 3700, 90, "query time length"),
    ],
)
def test_a_window_is_judged_to_the_second(
    client: Any, sim: AgoraSimulator, path: str, start_ago: float, end_ago: float, refused: str | None
) -> None:
    status, body = window(client, path, start_ago, end_ago)
    if refused is None:
        assert (body["code"], sim.violations()) == (200, [])
    else:
        assert (status, body) == limit(refused)
        assert len(sim.violations()) == 1


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"start_ts": ""}, bad("start_ts can not be null")),
        ({"start_ts": "today"}, bad("start_ts must be a number")),
        ({"start_ts": "nan"}, bad("start_ts must be a number")),
        ({"end_ts": "inf"}, bad("end_ts must be a number")),
        ({"end_ts": "1_699_999_900"}, bad("end_ts must be a number")),
        ({"end_ts": " 1699999900"}, bad("end_ts must be a number")),
        ({"end_ts": "١٦٩٩٩٩٩٩٠٠"}, bad("end_ts must be a number")),
        ({"end_ts": ""}, bad("end_ts can not be null")),
        ({"end_ts": 1_699_999_000_000}, UNKNOWN_ERROR),
        ({"start_ts": 1_699_999_500_000, "end_ts": 1_699_999_900_000}, UNKNOWN_ERROR),
        ({"start_ts": 1_699_999_900, "end_ts": 1_699_999_500}, bad("end_ts must be after start_ts")),
        ({"start_ts": 1_699_999_900, "end_ts": 1_699_999_900}, bad("end_ts must be after start_ts")),
        ({"metric": ""}, bad("metric can not be null")),
        ({"metric": "pcu,mos"}, bad("metric 'mos' is unknown")),
        ({"page_no": 1}, bad("page_no is unknown")),
        ({"appid": ""}, bad("appid can not be null")),
    ],
)
def test_a_wrong_parameter_is_refused_and_noted(
    client: Any, sim: AgoraSimulator, params: dict[str, object], expected: object
) -> None:
    good = {"start_ts": 1_699_999_500, "end_ts": 1_699_999_900, "metric": "pcu"}
    assert client.get(SCALE, **(good | params)) == expected
    assert len(sim.violations()) == 1


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        (DETAILS, "call_id"),
        (USAGE, "metric"),
        (SCALE, "metric"),
        (EXPERIENCE, "metric"),
        (NET, "metric"),
        (DIAGNOSIS, "start_ts"),
        (LISTS, "end_ts"),
    ],
)
def test_what_is_required_must_be_there(client: Any, sim: AgoraSimulator, path: str, missing: str) -> None:
    at = client.clock.at
    params = {"start_ts": at - 900, "end_ts": at - 200} | EXTRA.get(path, {})
    del params[missing]
    assert client.get(path, **params) == bad(f"{missing} can not be null")
    assert [request.violation for request in sim.violations()] == [f"{missing} can not be null"]


def test_flags_of_details_are_true_or_false(client: Any) -> None:
    assert window(client, DETAILS, 900, 200, exclude_server_user="no") == bad(
        "exclude_server_user must be true or false"
    )
