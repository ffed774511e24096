"""Calls: how they are listed, walked back through, counted, and what their details hold."""

import statistics
from typing import Any

import pytest

from bot.simulator.agora import AgoraSimulator

DAY = 86_400
DEMO = "lesson-algebra-7b"
INFO = {
    "sid": "str",
    "cname": "str",
    "uid": "int",
    "network": "str",
    "platform": "str",
    "speaker": "bool",
    "sdk_version": "str",
    "device_type": "str",
    "join_ts": "int",
    "leave_ts": "int",
    "finished": "bool",
}
OWN = {20001, 20002, 20003, 20006, 20007, 20008, 20013, 20015, 20017}
RECEIVED = {20004, 20005, 20009, 20010, 20011, 20016, 20018, 20019, 20020}


def walk_back(client: Any, start: int, end: int, **params: object) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    while True:
        body = client.ask("/beta/analytics/call/lists", start_ts=start, end_ts=end, **params)
        found |= {call["call_id"]: call for call in body["call_lists"]}
        end = body["call_lists"][-1]["created_ts"] + 1
        if not body["has_more"] or end <= start:
            return list(found.values())


def ten_minutes(client: Any, call: dict[str, Any], **params: object) -> Any:
    """Return the details of a call from its fifth minute on."""
    start = call["created_ts"] + 300
    return client.details(call, start_ts=start, end_ts=start + 600, **params)


def long_call(client: Any, cname: str) -> dict[str, Any]:
    """Return a call of a channel that is over."""
    return next(call for call in client.calls(client.clock.at - 30, cname=cname) if call["finished"])


def series(body: Any, sid: str) -> dict[tuple[int, int], list[list[float]]]:
    [found] = [entry["data"] for entry in body["metrics"] if entry["sid"] == sid]
    return {(one["mid"], one["peer_uid"]): one["kvs"] for one in found}


def mean(kvs: list[list[float]], start: float = 0, end: float = 1e11) -> float:
    return statistics.fmean(value for ts, value in kvs if start <= ts < end)


def test_a_page_holds_the_ten_newest_calls(client: Any) -> None:
    now = int(client.clock.at)
    body = client.ask("/beta/analytics/call/lists", start_ts=now - DAY, end_ts=now - 30)
    assert list(body) == ["code", "message", "has_more", "call_lists"]
    created = [call["created_ts"] for call in body["call_lists"]]
    assert (body["has_more"], len(created), created) == (True, 10, sorted(created, reverse=True))
    assert list(body["call_lists"][0]) == ["call_id", "cname", "created_ts", "destroyed_ts", "finished"]


def test_walking_back_finds_more_than_25_demo_calls_of_a_day(client: Any) -> None:
    now = int(client.clock.at)
    calls = walk_back(client, now - DAY, now - 30, cname=DEMO)
    assert {call["cname"] for call in calls} == {DEMO}
    assert 26 <= len(calls) <= 45
    calls.sort(key=lambda call: call["created_ts"])
    ends = [call["destroyed_ts"] for call in calls if call["finished"]]
    gaps = [later["created_ts"] - end for end, later in zip(ends, calls[1:], strict=False)]
    assert 0 < min(gaps) <= max(gaps) <= 60
    lengths = {end - call["created_ts"] for end, call in zip(ends, calls, strict=False)}
    assert 20 * 60 <= min(lengths) <= max(lengths) <= 90 * 60


def test_walking_back_with_the_oldest_start_as_the_next_end_skips_and_repeats_nothing(client: Any) -> None:
    now = int(client.clock.at)
    found: list[dict[str, Any]] = []
    has_more, end = True, now - 30
    while has_more:
        window = {"start_ts": now - DAY, "end_ts": end, "cname": DEMO}
        body = client.ask("/beta/analytics/call/lists", **window)
        found += body["call_lists"]
        has_more, end = body["has_more"], found[-1]["created_ts"]
        assert len(body["call_lists"]) == 10 if has_more else 1 <= len(body["call_lists"]) <= 10
    assert len({call["call_id"] for call in found}) == len(found) > 25
    assert found == walk_back(client, now - DAY, now - 30, cname=DEMO)


@pytest.mark.parametrize("cname", ["<b>& fun 🎉", "15056678066620"])
def test_a_channel_is_found_by_its_exact_name(client: Any, cname: str) -> None:
    assert {call["cname"] for call in client.calls(client.clock.at - 30, cname=cname)} == {cname}


@pytest.mark.parametrize("cname", ["nowhere", "lesson-algebra", "LESSON-ALGEBRA-7B"])
def test_a_channel_nobody_used_has_no_calls(client: Any, cname: str) -> None:
    now = int(client.clock.at)
    body = client.ask("/beta/analytics/call/lists", start_ts=now - DAY, end_ts=now - 30, cname=cname)
    assert (body["has_more"], body["call_lists"]) == (False, [])


def test_three_days_exist_at_once_with_channels_of_every_kind(client: Any) -> None:
    now = int(client.clock.at)
    names = {call["cname"] for call in walk_back(client, now - 3 * DAY + 5000, now - 3 * DAY + 20_000)}
    assert {"standup-berlin", "telehealth-4711", "15056678066620", "<b>& fun 🎉", DEMO} <= names
    assert 10 <= len(names) <= 14


def test_a_window_lists_what_overlaps_it_and_began_before_its_end(client: Any) -> None:
    call = long_call(client, DEMO)
    created, destroyed = call["created_ts"], call["destroyed_ts"]
    windows = [
        (created - 20, created),
        (created - 20, created + 1),
        (created + 60, created + 90),
        (destroyed, destroyed + 5),
        (destroyed + 1, destroyed + 5),
    ]
    path = "/beta/analytics/call/lists"
    listed = [
        call in client.ask(path, start_ts=start, end_ts=end, cname=DEMO)["call_lists"]
        for start, end in windows
    ]
    assert listed == [False, True, True, True, False]


def test_a_call_appears_and_ends_20_s_late(client: Any) -> None:
    first = client.calls(client.clock.at - 30, cname=DEMO)[0]
    assert (first["finished"], first["destroyed_ts"]) == (False, 0)
    while True:
        client.clock.at += 10
        newest, *older = client.calls(client.clock.at - 21, cname=DEMO)
        if newest["call_id"] != first["call_id"]:
            break
    assert first["call_id"] == older[0]["call_id"]
    assert older[0]["finished"] is True
    assert newest["created_ts"] <= client.clock.at - 20
    client.clock.at = older[0]["destroyed_ts"] + 18
    assert client.calls(client.clock.at - 30, cname=DEMO)[0] == first
    client.clock.at = older[0]["destroyed_ts"] + 19
    assert client.calls(client.clock.at - 30, cname=DEMO)[0] == older[0]


def test_details_have_the_keys_and_types_of_2019(client: Any) -> None:
    body = ten_minutes(client, long_call(client, DEMO))
    assert list(body) == ["code", "message", "call_id", "call_info", "metrics"]
    for info in body["call_info"]:
        assert {name: type(value).__name__ for name, value in info.items()} == INFO
    assert [entry["sid"] for entry in body["metrics"]] == [info["sid"] for info in body["call_info"]]
    for entry in body["metrics"]:
        assert list(entry) == ["sid", "data"]
        for one in entry["data"]:
            assert list(one) == ["mid", "kvs", "peer_uid"]
            assert {later[0] - ts[0] for ts, later in zip(one["kvs"], one["kvs"][1:], strict=False)} <= {2}


def test_series_lie_on_their_side(client: Any) -> None:
    body = ten_minutes(client, long_call(client, DEMO))
    senders = {info["uid"] for info in body["call_info"] if info["speaker"]}
    assert 2 <= len(senders) <= 4
    for info in body["call_info"]:
        found = series(body, info["sid"])
        own = {mid for mid, peer in found if peer == 0}
        assert own <= (OWN if info["speaker"] else {20001, 20002})
        peers = {peer for _, peer in found} - {0}
        assert peers <= senders - {info["uid"]}
        assert 1 <= len(peers) <= 3
        for peer in peers:
            mids = {mid for mid, other in found if other == peer}
            assert mids == RECEIVED - ({20005} if info["platform"] == "Web" else set())


def test_people_and_devices_vary_and_some_uids_exceed_31_bits(client: Any) -> None:
    now = int(client.clock.at)
    people: list[dict[str, Any]] = []
    for call in walk_back(client, now - 7200, now - 3600):
        people += client.details(call, exclude_metrics_info="true")["call_info"]
    assert len({info["platform"] for info in people}) >= 4
    assert len({info["network"] for info in people}) >= 3
    assert len({info["sdk_version"] for info in people}) >= 5
    uids = {info["uid"] for info in people}
    assert (min(uids) < 1 << 31 < max(uids), max(uids) < 1 << 32) == (True, True)


def test_some_users_rejoin_with_another_session(client: Any) -> None:
    now = int(client.clock.at)
    for call in walk_back(client, now - DAY, now - 30, cname=DEMO):
        infos = client.details(call, exclude_metrics_info="true")["call_info"]
        uids = [info["uid"] for info in infos]
        if len(set(uids)) < len(uids):
            assert len({info["sid"] for info in infos}) == len(uids) <= 10
            return
    raise AssertionError("nobody rejoined in a day")


def test_at_most_ten_sessions_come_the_latest_joiner_first(client: Any) -> None:
    infos = ten_minutes(client, long_call(client, "townhall"), exclude_metrics_info="true")["call_info"]
    joined = [info["join_ts"] for info in infos]
    assert (len(infos), joined) == (10, sorted(joined, reverse=True))


def test_servers_on_linux_show_up_only_when_asked_for(client: Any) -> None:
    call = long_call(client, "townhall")
    platforms = []
    for with_servers in ("true", "false"):
        # The recorder may join too early for a place among the ten latest, so ask before the others come.
        window = {"start_ts": call["created_ts"], "end_ts": call["created_ts"] + 121}
        for end in range(call["created_ts"] + 2, window["end_ts"], 4):
            flags = {"exclude_server_user": with_servers, "exclude_metrics_info": "true"}
            infos = client.details(call, end_ts=end, **flags)["call_info"]
            platforms += [(with_servers, info["platform"]) for info in infos]
    assert ("true", "Linux") not in platforms
    assert ("false", "Linux") in platforms


def test_series_can_be_left_out_and_unknown_calls_are_empty(client: Any) -> None:
    call = long_call(client, DEMO)
    assert "metrics" not in client.details(call, exclude_metrics_info="true")
    empty = client.details(call | {"call_id": "ffff"})
    assert (empty["call_id"], empty["call_info"], empty["metrics"]) == ("ffff", [], [])


def test_a_value_does_not_depend_on_the_window(client: Any) -> None:
    call = long_call(client, DEMO)
    whole = ten_minutes(client, call)
    start = call["created_ts"] + 400
    part = client.details(call, start_ts=start, end_ts=start + 60)
    sid = whole["call_info"][0]["sid"]
    for key, kvs in series(part, sid).items():
        assert kvs == [pair for pair in series(whole, sid)[key] if start <= pair[0] < start + 60]
        assert len(kvs) == 30


def test_an_ongoing_call_is_known_up_to_150_s_ago(client: Any) -> None:
    call = client.calls(client.clock.at - 900, cname=DEMO)[0]
    client.clock.at = call["created_ts"] + 600
    body = client.details(call | {"destroyed_ts": 0})
    assert {(info["finished"], info["leave_ts"]) for info in body["call_info"]} == {(False, 0)}
    newest = max(kvs[-1][0] for info in body["call_info"] for kvs in series(body, info["sid"]).values())
    assert client.clock.at - 156 <= newest < client.clock.at - 150


def hurt_call(client: Any, sim: AgoraSimulator, scenario: str) -> tuple[Any, int, int]:
    """Run a scenario within a demo call; return its details and the span of the full trouble."""
    call = long_call(client, DEMO)
    start = call["created_ts"] + 480
    sim.inject(scenario, in_s=start - client.clock.at, lasts_s=240)
    return ten_minutes(client, call), start + 60, start + 240


def test_a_bad_uplink_shows_at_the_sender_and_at_all_receivers(client: Any, sim: AgoraSimulator) -> None:
    body, start, end = hurt_call(client, sim, "uplink_loss")
    host = body["call_info"][-1]
    own = series(body, host["sid"])
    assert (host["network"], host["speaker"]) == ("Wi-Fi", True)
    assert mean(own[20017, 0], start, end) > 12 > 1 > mean(own[20017, 0], 0, start - 60)
    for info in body["call_info"][:-1]:
        for (mid, peer), kvs in series(body, info["sid"]).items():
            if mid in (20011, 20018):
                is_hurt = peer == host["uid"]
                assert (mean(kvs, start, end) > (300 if mid == 20011 else 8)) is is_hurt
                assert mean(kvs, end) < (60 if mid == 20011 else 1)


@pytest.mark.parametrize(
    ("scenario", "own_mids", "received_mids"),
    [
        ("uplink_loss", {20003, 20006, 20008, 20013, 20015, 20017}, RECEIVED - {20005}),
        ("cpu", {20001, 20002, 20006, 20007, 20008}, {20009, 20010, 20011}),
        ("quiet", set(), set()),
    ],
)
def test_a_series_changes_at_none_but_the_times_of_its_trouble(
    client: Any, sim: AgoraSimulator, scenario: str, own_mids: set[int], received_mids: set[int]
) -> None:
    call = long_call(client, DEMO)
    healthy = ten_minutes(client, call)
    start = call["created_ts"] + 480
    sim.inject(scenario, in_s=start - client.clock.at, lasts_s=240)
    body = ten_minutes(client, call)
    changed: set[tuple[int, bool]] = set()
    for info in body["call_info"]:
        before = series(healthy, info["sid"])
        for (mid, peer), kvs in series(body, info["sid"]).items():
            pairs = zip(before[mid, peer], kvs, strict=True)
            times = [new[0] for old, new in pairs if new != old]
            assert all(start < ts < start + 240 for ts in times), (mid, peer)
            changed |= {(mid, peer == 0)} if times else set()
    assert {mid for mid, is_own in changed if is_own} == own_mids
    assert {mid for mid, is_own in changed if not is_own} - {20005} == received_mids


def test_busy_senders_show_in_cpu_and_frames_not_in_loss(client: Any, sim: AgoraSimulator) -> None:
    body, start, end = hurt_call(client, sim, "cpu")
    own = series(body, body["call_info"][-1]["sid"])
    assert mean(own[20001, 0], start, end) > 60 > 30 > mean(own[20001, 0], end)
    assert mean(own[20002, 0], start, end) > 90 > 60 > mean(own[20002, 0], end)
    assert mean(own[20007, 0], start, end) < 12 < 20 < mean(own[20007, 0], end)
    assert mean(own[20017, 0], start, end) < 1


@pytest.mark.parametrize(("scenario", "hurt_at_least"), [("downlink_loss", 2), ("storm", 6)])
def test_a_bad_downlink_shows_from_every_sender(
    client: Any, sim: AgoraSimulator, scenario: str, hurt_at_least: int
) -> None:
    body, start, end = hurt_call(client, sim, scenario)
    sick = 0
    for info in body["call_info"]:
        found = series(body, info["sid"])
        losses = {mean(kvs, start, end) > 5 for (mid, _), kvs in found.items() if mid == 20018}
        assert len(losses) == 1
        sick += losses == {True}
    assert sick >= hurt_at_least


def test_who_reconnects_receives_nothing_for_seconds(client: Any, sim: AgoraSimulator) -> None:
    body, start, end = hurt_call(client, sim, "reconnects")
    silent = {
        info["uid"]
        for info in body["call_info"]
        for (mid, _), kvs in series(body, info["sid"]).items()
        if mid == 20009 and sum(value == 0 for ts, value in kvs if start <= ts < end) >= 15
    }
    assert len(silent) >= 2


def test_usage_counts_whole_days_that_are_complete(client: Any) -> None:
    today = int(client.clock.at) // DAY * DAY
    names = "channelCount,userCount,sessionCount"
    client.clock.at = today + 8 * 3600 - 10
    window = {"start_ts": today - 3 * DAY + 5, "end_ts": today + 60, "metric": names}
    path = "/beta/insight/usage/by_time"
    assert [point["ts"] for point in client.ask(path, **window)["data"]] == [today - 2 * DAY]
    client.clock.at += 60
    points = client.ask(path, **window)["data"]
    assert sorted(point["ts"] for point in points) == [today - 2 * DAY, today - DAY]
    for point in points:
        assert 80 <= point["userCount"] < point["sessionCount"]
        assert 150 < point["channelCount"] < 500
    client.clock.at += 60
    short = {"start_ts": today - DAY, "end_ts": today - 60, "metric": "userCount"}
    assert client.ask(path, **short)["data"] == []
