"""Calls of today: pages, freeze rates, people, series and statistics, in the same world as in 2019."""

import json
import statistics
from collections.abc import Iterator
from typing import Any

import pytest

CALL = "/beta/analytics/call"
DEMO = "lesson-algebra-7b"
BUCKETS = {"[0%,3%)": (0, 0.03), "[3%,5%)": (0.03, 0.05), "[5%,10%)": (0.05, 0.1), "[10%,100%)": (0.1, 1.01)}
DIMENSION_KEYS = {"net": "network", "sdk": "sdk_version", "os": "platform", "device": "device_type"}
OUTAGE_AGO, OUTAGE_LASTS = 6000, 600


def pages(client: Any, name: str, rows: str, **params: object) -> Iterator[Any]:
    """Yield every page until there are as many rows as there are said to be."""
    seen = 0
    for page_no in range(1, 100):
        body = client.ask(f"{CALL}/{name}", page_no=page_no, **params)
        seen += len(body[rows])
        yield body
        if seen >= body["total_size"] or not body[rows]:
            return


def lists(client: Any, hours: float = 8, **params: object) -> list[dict[str, Any]]:
    now = int(client.clock.at)
    window = {"start_ts": now - int(hours * 3600), "end_ts": now - 400}
    return [
        call
        for page in pages(client, "lists", "call_lists", **window, **params)
        for call in page["call_lists"]
    ]


def around(call: dict[str, Any], client: Any) -> dict[str, object]:
    """Return the parameters that name a call and its whole time."""
    end = min(call["destroyed_ts"] or client.clock.at, int(client.clock.at) - 400)
    return {"call_id": call["call_id"], "start_ts": call["created_ts"], "end_ts": end}


def sessions(client: Any, call: dict[str, Any], **params: object) -> list[dict[str, Any]]:
    body = client.ask(f"{CALL}/sessions", page_size=100, **around(call, client), **params)
    return body["call_info"]


def finished(client: Any, cname: str) -> dict[str, Any]:
    return next(call for call in lists(client, cname=cname) if call["finished"])


def troubled(simulated: Any, scenario: str) -> tuple[Any, dict[str, Any]]:
    """Return a client and the call of the demo channel that was on while a scenario ran."""
    sim, client = simulated(plan="enterprise")
    sim.inject(scenario, in_s=-OUTAGE_AGO, lasts_s=OUTAGE_LASTS)
    at = int(client.clock.at) - OUTAGE_AGO + OUTAGE_LASTS // 2
    calls = client.ask(f"{CALL}/lists", start_ts=at, end_ts=at + 10, cname=DEMO)["call_lists"]
    return client, calls[0]


@pytest.mark.parametrize("page_size", [7, 20, 100])
def test_paging_to_the_end_gives_every_call_exactly_once(today: Any, page_size: int) -> None:
    _, client = today
    now = int(client.clock.at)
    window = {"start_ts": now - 8 * 3600, "end_ts": now - 400}
    answers = list(pages(client, "lists", "call_lists", page_size=page_size, **window))
    calls = [call for body in answers for call in body["call_lists"]]
    assert len({call["call_id"] for call in calls}) == len(calls) == answers[0]["total_size"] > 100
    assert calls == sorted(calls, key=lambda call: (-call["created_ts"], call["call_id"]))
    assert [body["has_more"] for body in answers] == [True] * (len(answers) - 1) + [False]
    assert [body["page_no"] for body in answers] == list(range(1, len(answers) + 1))
    assert len({body["requestId"] for body in answers}) == len(answers)


def test_a_page_that_ends_with_the_last_call_has_no_more_and_every_answer_an_id_of_its_own(
    today: Any,
) -> None:
    _, client = today
    now = int(client.clock.at)
    window = {"start_ts": now - 3600, "end_ts": now - 400, "cname": DEMO}
    size = client.ask(f"{CALL}/lists", **window)["total_size"]
    answers = [client.ask(f"{CALL}/lists", page_size=size, **window) for _ in range(2)]
    assert [body["has_more"] for body in answers] == [False, False]
    assert answers[0]["requestId"] != answers[1]["requestId"]
    assert client.ask(f"{CALL}/lists", page_size=size - 1, **window)["has_more"]


def test_a_page_is_never_larger_than_a_hundred_and_beyond_the_last_one_empty(today: Any) -> None:
    _, client = today
    now = int(client.clock.at)
    window = {"start_ts": now - 12 * 3600, "end_ts": now - 400}
    body = client.ask(f"{CALL}/lists", page_size=5000, **window)
    assert (body["page_size"], len(body["call_lists"]), body["has_more"]) == (100, 100, True)
    body = client.ask(f"{CALL}/lists", page_no=50, **window)
    assert (body["page_size"], body["call_lists"], body["has_more"]) == (20, [], False)


def test_both_generations_tell_of_the_same_calls_people_and_series(simulated: Any) -> None:
    _, old = simulated()
    _, new = simulated(plan="enterprise")
    call = finished(new, DEMO)
    listed = old.ask(f"{CALL}/lists", start_ts=call["created_ts"], end_ts=call["destroyed_ts"], cname=DEMO)[
        "call_lists"
    ]
    assert {key: call[key] for key in listed[-1]} in listed
    details = old.ask(f"{CALL}/details", **around(call, old))
    people = sessions(new, call)
    assert [{key: one[key] for key in details["call_info"][0]} for one in people] == details["call_info"]
    sids = ",".join(one["sid"] for one in people)
    series = new.ask(f"{CALL}/metrics", sids=sids, **around(call, new))["metrics"]
    assert sorted(series, key=json.dumps) == sorted(details["metrics"], key=json.dumps)


def test_series_come_for_the_named_sessions_only(today: Any) -> None:
    _, client = today
    call = finished(client, DEMO)
    sid = sessions(client, call)[2]["sid"]
    body = client.ask(f"{CALL}/metrics", sids=f"{sid},nobody", **around(call, client))
    assert [entry["sid"] for entry in body["metrics"]] == [sid]
    loss = [kv[1] for one in body["metrics"][0]["data"] if one["mid"] == 20018 for kv in one["kvs"]]
    assert 0 <= min(loss) < max(loss) <= 100
    assert client.ask(f"{CALL}/metrics", sids="nobody", **around(call, client))["metrics"] == []


@pytest.mark.parametrize(
    ("mid", "key"), [(20005, "user_audio_freeze_rate"), (20011, "user_video_freeze_rate")]
)
def test_the_freeze_rate_of_a_user_is_the_frozen_part_of_the_series(
    simulated: Any, mid: int, key: str
) -> None:
    client, call = troubled(simulated, "uplink_loss")
    people = [one for one in sessions(client, call) if key in one]
    sids = ",".join(one["sid"] for one in people)
    series = client.ask(f"{CALL}/metrics", sids=sids, **around(call, client))["metrics"]
    frozen = {
        entry["sid"]: [kv[1] for one in entry["data"] if one["mid"] == mid for kv in one["kvs"]]
        for entry in series
    }
    for one in people:
        assert one[key] == pytest.approx(statistics.fmean(frozen[one["sid"]]) / 2000, rel=0.01)


def test_an_unknown_call_has_nobody_in_it(today: Any) -> None:
    _, client = today
    window = around(finished(client, DEMO), client) | {"call_id": "x"}
    body = client.ask(f"{CALL}/sessions", **window)
    assert (body["call_info"], body["total_size"]) == ([], 0)
    assert client.ask(f"{CALL}/metrics", sids="x", **window)["metrics"] == []
    for name in ("statistics", "freeze/bucket", "statistics/time"):
        dimension = {"dimension": "os"} if name == "statistics" else {}
        body = client.ask(f"{CALL}/{name}", metric="video_freeze_rate", **dimension, **window)
        assert body["data"] == []


def test_sessions_come_in_pages_whose_has_more_is_sometimes_absent(today: Any) -> None:
    _, client = today
    call = finished(client, "townhall")
    answers = list(pages(client, "sessions", "call_info", page_size=2, **around(call, client)))
    sids = [one["sid"] for body in answers for one in body["call_info"]]
    assert len(set(sids)) == len(sids) == answers[0]["total_size"] >= 12
    assert {"has_more" in body for body in answers} == {True, False}
    told = [body["has_more"] for body in answers if "has_more" in body]
    assert told == sorted(told, reverse=True)


def test_sessions_can_be_asked_by_uid_and_hide_servers_unless_told(today: Any) -> None:
    _, client = today
    call = finished(client, "townhall")
    people = sessions(client, call)
    uids = {one["uid"] for one in people[:3]}
    found = sessions(client, call, uids=",".join(map(str, uids)))
    assert {one["uid"] for one in found} == uids
    everybody = sessions(client, call, exclude_server_user="false")
    [server] = [one for one in everybody if one["platform"] == "Linux"]
    assert (len(everybody), server["roles"]) == (len(people) + 1, "Cloud Recording")
    assert not {"user_video_freeze_rate", "user_audio_freeze_rate"} & set(server)


def test_roles_are_a_text_a_list_or_absent_and_browsers_measure_no_audio_freezes(today: Any) -> None:
    _, client = today
    calls = [call for call in lists(client, hours=2) if call["finished"]]
    people = [one for call in calls for one in sessions(client, call)]
    assert {type(one.get("roles")) for one in people} == {str, list, type(None)}
    assert {one["platform"] == "Web" for one in people if "user_audio_freeze_rate" not in one} == {True}
    assert all("user_audio_freeze_rate" in one for one in people if one["platform"] != "Web")
    assert all(0 <= one["user_video_freeze_rate"] <= 1 and one["account"] for one in people)


def test_an_ongoing_call_counts_those_who_came_so_far(today: Any) -> None:
    _, client = today
    ongoing = [call for call in lists(client, hours=1) if not call["finished"]]
    assert ongoing
    assert {call["destroyed_ts"] for call in ongoing} == {0}
    assert all(1 <= call["call_pcu"] <= call["call_acu"] for call in ongoing)
    for call in lists(client, hours=2, cname=DEMO):
        if call["finished"]:
            assert call["call_acu"] == len({one["uid"] for one in sessions(client, call)})


def test_a_failing_uplink_shows_in_the_call_its_users_and_its_series(simulated: Any) -> None:
    client, call = troubled(simulated, "uplink_loss")
    others = [
        one for one in lists(client, hours=3) if one["call_id"] != call["call_id"] and one["call_pcu"] > 1
    ]
    usual = statistics.fmean(one["call_video_freeze_rate"] for one in others)
    assert 0 < usual < 0.015
    assert call["call_video_freeze_rate"] > 0.03
    people = sessions(client, call)
    host = people[-1]
    at = int(client.clock.at) - OUTAGE_AGO
    window = {"call_id": call["call_id"], "start_ts": at + 60, "end_ts": at + OUTAGE_LASTS}
    [body] = client.ask(f"{CALL}/metrics", sids=host["sid"], **window)["metrics"]
    [loss] = [one["kvs"] for one in body["data"] if one["mid"] == 20017]
    assert statistics.fmean(value for _, value in loss) > 10
    rates = {one["uid"]: one["user_video_freeze_rate"] for one in people}
    assert rates.pop(host["uid"]) < 0.02 < statistics.fmean(rates.values())


@pytest.mark.parametrize("dimension", ["country", "region", "net", "sdk", "os", "device"])
def test_statistics_count_every_user_in_one_value(today: Any, dimension: str) -> None:
    _, client = today
    call = finished(client, DEMO)
    people = sessions(client, call)
    asked = {"metric": "video_freeze_rate", "dimension": dimension, **around(call, client)}
    rows = client.ask(f"{CALL}/statistics", **asked)["data"]
    assert sum(row["user_count"] for row in rows) == len({one["uid"] for one in people})
    assert all(0 <= row["value"] <= 1 for row in rows)
    if dimension in DIMENSION_KEYS:
        seen = {one[DIMENSION_KEYS[dimension]] for one in people}
        assert {row["dimension_value"] for row in rows} == seen


def test_buckets_sort_the_users_by_how_much_froze(simulated: Any) -> None:
    client, call = troubled(simulated, "uplink_loss")
    asked = {"metric": "video_freeze_rate", **around(call, client)}
    counts = {
        row["bucket"]: row["user_count"] for row in client.ask(f"{CALL}/freeze/bucket", **asked)["data"]
    }
    assert len(counts) > 1
    rates = [one["user_video_freeze_rate"] for one in sessions(client, call)]
    expected = {name: sum(low <= rate < high for rate in rates) for name, (low, high) in BUCKETS.items()}
    assert counts == {name: count for name, count in expected.items() if count}


def test_minutes_are_unsorted_with_gaps_and_show_when_it_froze(simulated: Any) -> None:
    client, call = troubled(simulated, "uplink_loss")
    asked = around(call, client)
    begin = int(client.clock.at) - OUTAGE_AGO
    rates, users, freezing = (
        client.ask(f"{CALL}/statistics/time", metric=metric, **asked)["data"]
        for metric in ("video_freeze_rate", "user_count", "video_freeze_user_count")
    )
    stamps = [row["ts"] for row in rates]
    assert stamps != sorted(stamps)
    assert len(set(stamps)) == len(stamps) < (max(stamps) - min(stamps)) // 60 + 1
    assert {ts % 60 for ts in stamps} == {0}
    inside = [row["value"] for row in rates if begin + 60 <= row["ts"] < begin + OUTAGE_LASTS - 60]
    outside = [row["value"] for row in rates if not begin - 60 <= row["ts"] < begin + OUTAGE_LASTS]
    assert statistics.fmean(inside) > 0.05 > 0.02 > statistics.fmean(outside)
    assert max(row["value"] for row in freezing) > 2
    assert max(row["value"] for row in users) == call["call_pcu"]
