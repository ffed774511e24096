"""The windows of 20 seconds: which there are, whose they are, and what scenarios do to them."""

import statistics
from typing import Any

import pytest

CALL, REALTIME = "/beta/analytics/call", "/beta/realtime"
QUALITY, USAGE = f"{REALTIME}/quality/by_time_20sec", f"{REALTIME}/usage/by_time_20sec"
DEMO = "lesson-algebra-7b"
RATES_OF_2019 = {
    "joinSuccessRate": "joinSuccessRate",
    "joinSuccessIn5sRate": "joinSuccess5SecsRate",
    "audioFreezeRate": "audioFreezeRate",
    "videoFreezeRate": "videoFreezeRate",
}


def points(client: Any, path: str, start: int, end: int, **params: object) -> list[dict[str, Any]]:
    client.clock.at += 6
    window = {"startTs": start, "endTs": end, "productType": "Native"}
    return client.ask(path, **(window | params))["data"]


def top(client: Any, name: str, ts: int, **params: object) -> list[dict[str, Any]]:
    client.clock.at += 6
    asked = {"ts": ts, "productType": "Native"} | params
    return client.ask(f"{REALTIME}/{name}/dimension/top20", **asked)["data"]["list"]


def demo_people(client: Any) -> list[dict[str, Any]]:
    """Return the sessions of the demo channel; a call of it is on nearly always."""
    now = int(client.clock.at)
    [call, *_] = client.ask(f"{CALL}/lists", start_ts=now - 600, end_ts=now - 300, cname=DEMO)["call_lists"]
    window = {"start_ts": call["created_ts"], "end_ts": now - 101, "call_id": call["call_id"]}
    return client.ask(f"{CALL}/sessions", **window)["call_info"]


def mean(rows: list[dict[str, Any]], metric: str) -> float:
    return statistics.fmean(row[metric] for row in rows)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(10, 70, [0, 20, 40]), (0, 60, [0, 20, 40]), (19, 21, [0]), (20, 39, []), (1, 19, [])],
)
def test_the_window_that_holds_the_start_is_told_and_the_one_that_holds_the_end_is_not(
    today: Any, start: int, end: int, expected: list[int]
) -> None:
    _, client = today
    base = int(client.clock.at) // 60 * 60 - 600
    rows = points(client, QUALITY, base + start, base + end, metric="networkDelay")
    assert [row["ts"] - base for row in rows] == expected


@pytest.mark.parametrize("metric", RATES_OF_2019)
@pytest.mark.parametrize("scenario", ["quiet", "uplink_loss", "join_failures", "storm"])
def test_the_windows_of_a_minute_mean_the_minute_of_2019(simulated: Any, metric: str, scenario: str) -> None:
    old_sim, old = simulated()
    new_sim, new = simulated(plan="enterprise")
    for sim in (old_sim, new_sim):
        sim.inject(scenario, in_s=-900, lasts_s=600)
    start = int(old.clock.at) - 1200
    end = start + 600
    name = RATES_OF_2019[metric]
    minutes = old.live("experience/by_time", start, end, metric=name)
    rows = points(new, QUALITY, start, end, metric=metric)
    for minute in minutes:
        share = [row[metric] for row in rows if minute["ts"] <= row["ts"] < minute["ts"] + 60]
        assert len(share) == 3
        assert 100 * statistics.fmean(share) == pytest.approx(minute[name], abs=0.06)


@pytest.mark.parametrize(
    ("scenario", "metric", "usual", "troubled"),
    [
        ("uplink_loss", "videoFreezeRate", (0, 0.03), (0.07, 0.18)),
        ("uplink_loss", "networkDelay", (0, 0.04), (0.06, 0.18)),
        ("downlink_loss", "networkDelay", (0, 0.04), (0.08, 0.2)),
        ("cpu", "videoFreezeRate", (0, 0.03), (0.04, 0.11)),
        ("join_failures", "joinSuccessRate", (0.98, 1), (0.6, 0.85)),
        ("join_failures", "joinSuccessIn5sRate", (0.95, 1), (0.4, 0.75)),
        ("storm", "audioFreezeRate", (0, 0.02), (0.025, 0.08)),
        ("reconnects", "networkDelay", (0, 0.04), (0.02, 0.07)),
    ],
)
@pytest.mark.parametrize("product", ["Native", "WebRTC"])
def test_a_scenario_bends_the_rates_of_the_project(
    simulated: Any,
    product: str,
    scenario: str,
    metric: str,
    usual: tuple[float, float],
    troubled: tuple[float, float],
) -> None:
    sim, client = simulated(plan="enterprise")
    now = int(client.clock.at)
    sim.inject(scenario, in_s=-1200, lasts_s=600)
    rows = points(client, QUALITY, now - 1800, now - 60, metric=metric, productType=product)
    if (product, metric) == ("WebRTC", "audioFreezeRate"):
        assert rows == []
        return
    during = [row[metric] for row in rows if now - 1200 <= row["ts"] < now - 600]
    outside = [row[metric] for row in rows if not now - 1220 <= row["ts"] < now - 600]
    assert usual[0] <= min(outside) <= max(outside) <= usual[1]
    assert troubled[0] <= min(during) <= max(during) <= troubled[1]


def test_a_failing_uplink_shows_in_its_channel_and_not_in_another(simulated: Any) -> None:
    sim, client = simulated(plan="enterprise")
    now = int(client.clock.at)
    sim.inject("uplink_loss", in_s=-1200, lasts_s=600)
    window = (now - 1140, now - 620)
    hurt, well = (
        points(client, QUALITY, *window, metric="videoFreezeRate", cname=cname)
        for cname in (DEMO, "townhall")
    )
    assert mean(hurt, "videoFreezeRate") > 0.07 > 0.02 > mean(well, "videoFreezeRate")
    late = points(client, QUALITY, *window, metric="networkDelay", cname=DEMO)
    assert mean(late, "networkDelay") > 0.06


def test_users_are_told_apart_in_the_order_asked(simulated: Any) -> None:
    sim, client = simulated(plan="enterprise")
    sim.inject("uplink_loss", in_s=-600, lasts_s=500)
    now = int(client.clock.at)
    people = demo_people(client)
    host = people[-1]["uid"]
    viewer = next(one["uid"] for one in people if one["platform"] != "Web" and one["uid"] != host)
    asked = {"metric": "videoFreezeRate", "cname": DEMO, "uids": f"{viewer},{host},7"}
    rows = points(client, QUALITY, now - 500, now - 120, **asked)
    assert [row["uid"] for row in rows] == [viewer, host, 7]
    theirs, own, nobody = (row["values"] for row in rows)
    assert mean(theirs, "videoFreezeRate") > 0.05 > mean(own, "videoFreezeRate")
    assert nobody == []
    assert {row["ts"] % 20 for row in theirs} == {0}


def test_browsers_have_no_rows_of_frozen_audio(today: Any) -> None:
    _, client = today
    now = int(client.clock.at)
    narrowed = [{}, {"cname": "townhall"}, {"dimension": "sdk"}]
    asked = {"metric": "audioFreezeRate", "productType": "WebRTC"}
    for more in narrowed:
        assert points(client, QUALITY, now - 600, now - 60, **asked, **more) == []
    assert top(client, "quality", now - 60, dimension="os", **asked) == []


def test_users_add_up_over_channels_products_and_values_of_a_dimension(today: Any) -> None:
    _, client = today
    now = int(client.clock.at)
    window = (now - 600, now - 120)
    total = points(client, USAGE, *window, metric="userCount")
    channels = points(client, USAGE, *window, metric="channelCount")
    browsers = points(client, USAGE, *window, metric="userCount", productType="WebRTC")
    split = points(client, USAGE, *window, metric="userCount", dimension="sdk")
    assert len(total) == len(channels) == 24
    for row, channel, browser in zip(total, channels, browsers, strict=True):
        assert row["userCount"] == sum(one["userCount"] for one in split if one["ts"] == row["ts"])
        assert 30 < row["userCount"] + browser["userCount"] < 100
        assert 8 <= channel["channelCount"] <= 14
    assert points(client, USAGE, *window, metric="userCount", cname="nowhere") == []


def test_users_are_counted_while_they_are_in_the_channel(today: Any) -> None:
    _, client = today
    now = int(client.clock.at)
    span = {"start_ts": now - 3000, "end_ts": now - 300}
    calls = client.ask(f"{CALL}/lists", cname="support-desk-2", **span)["call_lists"]
    people = [
        one
        for call in calls
        for one in client.ask(f"{CALL}/sessions", call_id=call["call_id"], **span)["call_info"]
        if one["platform"] != "Web"
    ]
    rows = points(client, USAGE, *span.values(), metric="userCount", cname="support-desk-2")
    counts = {
        ts: sum(one["join_ts"] < ts + 20 and (one["leave_ts"] or now) > ts for one in people)
        for ts in range((now - 3000) // 20 * 20, (now - 300) // 20 * 20, 20)
    }
    assert {row["ts"]: row["userCount"] for row in rows} == {
        ts: count for ts, count in counts.items() if count
    }
    assert len(set(counts.values())) > 1


def test_named_values_of_a_dimension_come_alone(today: Any) -> None:
    _, client = today
    now = int(client.clock.at)
    asked = {"dimension": "os", "dimensionValues": '"iOS","Android","BeOS"', "metric": "networkDelay"}
    rows = points(client, QUALITY, now - 600, now - 120, **asked)
    assert {row["os"] for row in rows} == {"iOS", "Android"}
    assert [row["ts"] for row in rows] == sorted(row["ts"] for row in rows)


def test_the_top_of_a_dimension_is_sorted_by_users_and_lies_where_asked(today: Any) -> None:
    _, client = today
    now = int(client.clock.at) - 300
    rows = top(client, "usage", now + 7, metric="userCount", dimension="device")
    counts = [row["userCount"] for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert {(row["windowStartTs"], row["windowEndTs"]) for row in rows} == {(now + 7, now + 27)}
    plain = top(client, "quality", now, metric="videoFreezeRate", dimension="net")
    assert all("userCount" not in row and 0 <= row["videoFreezeRate"] <= 1 for row in plain)
    joined = top(client, "quality", now, metric="joinSuccessRate", dimension="country")
    assert all(0.9 < row["joinSuccessRate"] <= 1 for row in joined)


def test_late_data_come_as_late_as_in_2019(simulated: Any) -> None:
    sim, client = simulated(plan="enterprise")
    sim.inject("late_data", in_s=-900, lasts_s=900)
    start = int(client.clock.at) - 1200

    def newest_age(end: int) -> int:
        rows = points(client, QUALITY, start, end, metric="networkDelay")
        return end - rows[-1]["ts"]

    assert 240 < newest_age(start + 1200 - 21) < 480
    client.clock.at += 600
    assert newest_age(start + 1200 - 21) < 40
