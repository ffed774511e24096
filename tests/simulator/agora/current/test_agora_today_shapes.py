"""Every endpoint of today answers in the shape of the vendor's sample, and nothing of 2019 is left."""

import json
from pathlib import Path
from typing import Any

import pytest

BODIES = Path(__file__).parents[3] / "agora" / "bodies"
DEMO = "lesson-algebra-7b"
HOUR, DAY = 3600, 86_400
CALL, INSIGHT, REALTIME = "/beta/analytics/call", "/beta/insight", "/beta/realtime"
ENDPOINTS = {
    "call_lists": (f"{CALL}/lists", {}),
    "call_sessions": (f"{CALL}/sessions", {}),
    "call_metrics": (f"{CALL}/metrics", {}),
    "call_statistics": (f"{CALL}/statistics", {"metric": "video_freeze_rate", "dimension": "sdk"}),
    "call_freeze_bucket": (f"{CALL}/freeze/bucket", {"metric": "audio_freeze_rate"}),
    "call_statistics_time": (f"{CALL}/statistics/time", {"metric": "video_freeze_rate"}),
    "insight_usage_by_time": (
        f"{INSIGHT}/usage/by_time",
        {"metric": "userCount", "aggregateGranularity": "1d"},
    ),
    "insight_quality_by_time": (
        f"{INSIGHT}/quality/by_time",
        {"metric": "networkDelay", "aggregateGranularity": "1h", "productType": "Native"},
    ),
    "insight_usage_aggregation": (
        f"{INSIGHT}/usage/aggregation",
        {"metric": "userCount", "dimension": "sdkVersion"},
    ),
    "insight_quality_aggregation": (
        f"{INSIGHT}/quality/aggregation",
        {"metric": "audioFreezeRate", "dimension": "country"},
    ),
    "realtime_usage_by_time_20sec": (
        f"{REALTIME}/usage/by_time_20sec",
        {"metric": "userCount", "productType": "Native", "dimension": "sdk"},
    ),
    "realtime_quality_by_time_20sec": (
        f"{REALTIME}/quality/by_time_20sec",
        {"metric": "networkDelay", "productType": "Native"},
    ),
    "realtime_quality_by_uids": (
        f"{REALTIME}/quality/by_time_20sec",
        {"metric": "networkDelay", "productType": "Native", "cname": DEMO},
    ),
    "realtime_usage_top20": (
        f"{REALTIME}/usage/dimension/top20",
        {"metric": "userCount", "productType": "Native", "dimension": "sdk"},
    ),
    "realtime_quality_top20": (
        f"{REALTIME}/quality/dimension/top20",
        {
            "metric": "audioFreezeRate",
            "productType": "Native",
            "dimension": "device",
            "extraMetrics": "userCount",
        },
    ),
}
MAY_BE_ABSENT = {"roles", "user_audio_freeze_rate", "user_video_freeze_rate"}


def windowed(now: int, path: str, call: dict[str, Any]) -> dict[str, int]:
    """Return the parameters of time of an endpoint."""
    if "top20" in path:
        return {"ts": now - 300}
    if "/realtime/" in path:
        return {"startTs": now - 600, "endTs": now - 120}
    if "/insight/" in path:
        return {"startTs": now // DAY * DAY - 2 * DAY, "endTs": now // DAY * DAY}
    return {"start_ts": call["created_ts"], "end_ts": min(call["destroyed_ts"] or now, now - 101)}


def asked(client: Any, name: str) -> Any:
    """Return a good answer of an endpoint by the name of its sample."""
    path, params = ENDPOINTS[name]
    now = int(client.clock.at)
    lists = {"start_ts": now - 9000, "end_ts": now - 3000, "cname": DEMO}
    [*_, call] = client.ask(f"{CALL}/lists", **lists)["call_lists"]
    if name == "call_lists":
        return client.ask(path, **lists)
    window = windowed(now, path, call)
    if "aggregation" in path:
        status, body = client.sums(path, **window, **params)
        assert (status, body["code"]) == (200, 200), body
        return body
    if path.startswith(CALL):
        params = params | {"call_id": call["call_id"]}
    if name in ("call_metrics", "realtime_quality_by_uids"):
        span = {"start_ts": now - 5000 if name == "call_metrics" else now - 1000, "end_ts": now - 200}
        found = client.ask(f"{CALL}/lists", start_ts=now - 200, end_ts=now - 100, cname=DEMO)
        running = found["call_lists"][0]
        sessions = client.ask(f"{CALL}/sessions", call_id=running["call_id"], **span)["call_info"]
        natives = [one for one in sessions if one["platform"] != "Web"][:2]
        if name == "realtime_quality_by_uids":
            params = params | {"uids": ",".join(str(one["uid"]) for one in natives)}
        else:
            params = params | {"call_id": running["call_id"], "sids": natives[0]["sid"]}
            window = {"start_ts": now - 500, "end_ts": now - 200}
    return client.ask(path, **params, **window)


def shape(value: Any) -> Any:
    """Return the keys of a body: of a list those of its first element, of anything else nothing."""
    if isinstance(value, dict):
        return {key: shape(of) for key, of in value.items()}
    if isinstance(value, list) and value and not isinstance(value[0], int | float | str):
        return [shape(value[0])]
    return None


def without(value: Any, absent: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: without(of, absent) for key, of in value.items() if key not in absent}
    return [without(of, absent) for of in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_answer_has_the_keys_of_the_sample(today: Any, name: str) -> None:
    _, client = today
    sample = json.loads((BODIES / f"current_{name}.json").read_text())
    absent = MAY_BE_ABSENT | ({"has_more"} if name == "call_sessions" else set())
    assert without(shape(asked(client, name)), absent) == without(shape(sample), absent)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (f"{CALL}/details", {"call_id": "x"}),
        ("/beta/live/scale/by_time", {"metric": "pcu"}),
        ("/beta/live/experience/by_time", {"metric": "videoFreezeRate"}),
        ("/beta/live/net/by_time", {"metric": "videoUpstreamExcellentTransRate"}),
        ("/beta/live/diagnosis", {}),
        ("/beta/realtime/traffic", {}),
        (f"{INSIGHT}/usage/aggregation", {"metric": "userCount"}),
    ],
)
def test_what_is_retired_or_asked_the_wrong_way_has_no_route(
    today: Any, path: str, params: dict[str, str]
) -> None:
    sim, client = today
    now = int(client.clock.at)
    answer = client.get(path, start_ts=now - 600, end_ts=now - 300, **params)
    assert answer == (404, {"message": "no Route matched with those values"})
    assert [request.violation for request in sim.violations()] == [f"no endpoint GET {path}"]


def test_a_plan_that_does_not_exist_is_refused_with_the_known_ones(simulated: Any) -> None:
    with pytest.raises(ValueError, match="unknown plan 'gold'; known: standard, premium, enterprise"):
        simulated(plan="gold")


def test_scripted_faults_break_the_new_paths_too(today: Any) -> None:
    sim, client = today
    path, params = ENDPOINTS["realtime_quality_by_time_20sec"]
    sim.fault(path, "null_data")
    sim.fault(f"{CALL}/sessions", "null_data")
    sim.fault("*", "no_code_429")
    envelope = {"code": 200, "message": "success"}
    assert client.get(path, **params) == (200, envelope | {"data": None})
    assert client.get(f"{CALL}/sessions") == (200, envelope | {"call_info": None})
    assert client.get(path)[0] == 429
    with pytest.raises(ValueError, match="unknown endpoint '/beta/live/diagnosis'"):
        sim.fault("/beta/live/diagnosis", "qps")
    sim.inject("outage", lasts_s=60)
    sim.fault(path, "gone404")
    assert client.get(path)[0] == 404
