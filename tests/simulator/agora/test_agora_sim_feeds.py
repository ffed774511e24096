"""The live feeds: ranges, lateness, order, the cut at ten rows, and the mark that each scenario leaves."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from bot.simulator.agora import SCENARIOS, AgoraSimulator

EXPERIENCE = {
    "joinSuccessRate": (98.8, 99.9),
    "joinSuccess5SecsRate": (97, 99.3),
    "videoFreezeRate": (0.6, 1.8),
    "audioFreezeRate": (0.3, 0.9),
}
NET = {
    f"{way}ExcellentTransRate": (97.5, 99.7)
    for way in ("videoUpstream", "audioUpstream", "videoEnd2End", "audioEnd2End")
}
SCALE = {"pcu": (38, 80), "pcc": (8, 14)}
DEMO = "lesson-algebra-7b"


def points(client: Any, start: float, end: float) -> list[dict[str, Any]]:
    """Return every number of each minute."""
    feeds = ("scale", SCALE), ("experience", EXPERIENCE), ("net", NET)
    asked = [client.live(f"{name}/by_time", start, end, metric=",".join(names)) for name, names in feeds]
    return [{**a, **b, **c} for a, b, c in zip(*asked, strict=True)]


def seen(client: Any, sim: AgoraSimulator, scenario: str) -> list[dict[str, Any]]:
    """Run a scenario of ten minutes, wait until all is readable, return its fifteen minutes."""
    start = client.clock.at
    sim.inject(scenario, lasts_s=600)
    client.clock.at += 1500
    return points(client, start - 120, start + 780)


def rows(client: Any, start: float, minutes: int) -> Iterator[list[dict[str, Any]]]:
    for minute in range(int(start), int(start) + 60 * minutes, 60):
        yield client.live("diagnosis", minute, minute + 60)


def troubled(client: Any, sim: AgoraSimulator, scenario: str) -> list[list[dict[str, Any]]]:
    """Return the diagnosis rows of the minutes of a scenario, minute by minute."""
    start = client.clock.at
    sim.inject(scenario, lasts_s=600)
    client.clock.at += 1500
    return list(rows(client, start, 10))


def factors(minutes: list[list[dict[str, Any]]]) -> Counter[tuple[int, bool]]:
    """Count the tags by factor and by whether they blame somebody else."""
    tags = [tag for minute in minutes for row in minute for tag in row["cause_tags"]]
    return Counter((tag["factor_id"], tag["host_user"] != "") for tag in tags)


def test_a_quiet_hour_is_healthy_all_day(client: Any) -> None:
    for _ in range(12):
        client.clock.at += 7200
        for point in points(client, client.clock.at - 3540, client.clock.at - 300):
            for name, (low, high) in (SCALE | EXPERIENCE | NET).items():
                assert low <= point[name] <= high, (name, point)


def test_the_crowd_follows_the_day_and_numbers_come_as_int_and_float(client: Any) -> None:
    users: dict[int, int] = {}
    kinds = set()
    for _ in range(24):
        client.clock.at += 3600
        point = points(client, client.clock.at - 600, client.clock.at - 540)[0]
        users[point["ts"] // 3600 % 24] = point["pcu"]
        kinds |= {type(value) for name, value in point.items() if name.endswith("Rate")}
    assert users[15] > users[3] + 20
    assert kinds == {int, float}


def test_asking_for_one_metric_brings_that_and_the_time(client: Any) -> None:
    [point] = client.live("net/by_time", client.clock.at - 600, client.clock.at - 540, metric=next(iter(NET)))
    assert list(point) == ["videoUpstreamExcellentTransRate", "ts"]
    assert point["ts"] == client.clock.at - 1 - 600


def test_points_lie_on_minutes_wherever_the_window_begins(client: Any) -> None:
    at = client.clock.at
    for start, end in ((at - 1817, at - 603), (at - 1800, at - 600)):
        found = [point["ts"] for point in client.live("scale/by_time", start, end, metric="pcu")]
        assert found == list(range(-(-int(start) // 60) * 60, int(end), 60))


@pytest.mark.parametrize(("scenario", "soonest", "latest"), [("quiet", 60, 120), ("late_data", 240, 360)])
def test_every_minute_arrives_within_its_bounds(
    client: Any, sim: AgoraSimulator, scenario: str, soonest: int, latest: int
) -> None:
    sim.inject(scenario, in_s=-3600, lasts_s=10_000)
    arrived_late = 0
    for _ in range(40):
        client.clock.at += 37
        at = client.clock.at + 1
        found = {point["ts"] for point in client.live("scale/by_time", at - 900, at - 61, metric="pcu")}
        first = -(-int(at - 900) // 60) * 60
        assert {ts for ts in range(first, int(at), 60) if ts + 60 + latest <= at} <= found
        assert max(found) + 60 + soonest <= at
        arrived_late += max(found) + 60 + soonest + 60 <= at
    assert arrived_late > 0


def test_overlapping_polls_bring_the_same_row_again(client: Any, sim: AgoraSimulator) -> None:
    start = client.clock.at
    sim.inject("downlink_loss", lasts_s=600)
    client.clock.at += 1500
    first = client.live("diagnosis", start + 120, start + 180)
    second = client.live("diagnosis", start + 150, start + 210)
    shared = [row for row in first if row["ts"] >= start + 150]
    assert shared
    assert [row for row in second if row["ts"] < start + 180] == shared


def test_minutes_come_one_to_two_minutes_late_and_stay(client: Any) -> None:
    minute = int(client.clock.at) + 600
    came = []
    for after in range(110, 200, 2):
        client.clock.at = minute + after
        if client.live("scale/by_time", minute - 300, minute + 45, metric="pcu")[-1]["ts"] == minute:
            came.append(after + 1)
    assert 120 <= came[0] <= 182
    assert came == list(range(came[0], 200, 2))


def test_an_answer_is_shuffled_the_same_way_each_time(client: Any) -> None:
    at = client.clock.at
    window = {"start_ts": at - 1800, "end_ts": at - 600, "metric": "pcu"}
    first, second = (client.ask("/beta/live/scale/by_time", **window)["data"] for _ in range(2))
    assert first == second
    assert [point["ts"] for point in first] != sorted(point["ts"] for point in first)


def test_the_world_repeats_itself_for_the_same_seed_only(client: Any) -> None:
    at, worlds = client.clock.at, []
    for seed in (1, 1, 2):
        simulator = AgoraSimulator(
            now=client.clock,
            credentials={"customer-1": "secret-1"},
            projects={"app-1": "customer-1"},
            seed=seed,
        )
        client.clock.at, client.url = at, simulator.start()
        simulator.inject("storm", in_s=-900)
        call = client.calls(at - 600)[9]
        worlds.append(
            (
                points(client, at - 1800, at - 600),
                client.details(call, end_ts=call["created_ts"] + 300),
                client.calls(at - 30),
            )
        )
        simulator.stop()
    assert worlds[0] == worlds[1]
    assert worlds[0][0] != worlds[2][0]
    assert worlds[0][2] != worlds[2][2]


def test_projects_live_their_own_lives(client: Any, sim: AgoraSimulator) -> None:
    at = client.clock.at
    assert sim.inject("cpu", in_s=-600, app_id="app-2") == "cpu-1"
    assert sim.inject("storm", in_s=-600, app_id="app-2") == "storm-2"
    window = {"start_ts": at - 500, "end_ts": at - 240, "metric": "videoFreezeRate"}
    for app_id, is_bad in (("app-1", False), ("app-2", True)):
        points = client.ask("/beta/live/experience/by_time", appid=app_id, **window)["data"]
        assert {point["videoFreezeRate"] > 6 for point in points} == {is_bad}


MARKS = {
    "uplink_loss": {"videoFreezeRate": (9, 14), "videoUpstreamExcellentTransRate": (78, 85)},
    "downlink_loss": {"videoFreezeRate": (6, 10), "videoEnd2EndExcellentTransRate": (74, 84)},
    "cpu": {"videoFreezeRate": (6, 8)},
    "join_failures": {"joinSuccessRate": (70, 80), "joinSuccess5SecsRate": (57, 63)},
    "storm": {"videoFreezeRate": (12, 18), "audioFreezeRate": (3.5, 6)},
    "reconnects": {"videoFreezeRate": (2, 4)},
    "quiet": {},
    "same_uid": {},
}
UNTOUCHED = {"downlink_loss": "videoUpstreamExcellentTransRate", "join_failures": "videoFreezeRate"}


@pytest.mark.parametrize("scenario", MARKS)
def test_a_scenario_bends_its_rates_while_it_lasts(client: Any, sim: AgoraSimulator, scenario: str) -> None:
    before, during, after = 2, 10, 3
    minutes = seen(client, sim, scenario)
    assert len(minutes) == before + during + after
    healthy = EXPERIENCE | NET
    for number, point in enumerate(minutes):
        is_on = before <= number < before + during
        for name, (low, high) in (healthy | (MARKS[scenario] if is_on else {})).items():
            if not is_on or name in MARKS[scenario] or name == UNTOUCHED.get(scenario):
                assert low <= point[name] <= high, (number, name, point)


def test_scenarios_overlay_and_begin_and_end_within_a_minute(client: Any, sim: AgoraSimulator) -> None:
    start = client.clock.at
    sim.inject("cpu", in_s=90, lasts_s=300)
    sim.inject("join_failures", in_s=150, lasts_s=300)
    client.clock.at += 1200
    marks = [
        (point["videoFreezeRate"] > 5.5, point["joinSuccessRate"] < 81)
        for point in points(client, start, start + 540)
    ]
    off, cpu, both, joins = (False, False), (True, False), (True, True), (False, True)
    # The minutes at either end are covered by half.
    assert marks == [off, off, cpu, both, both, both, joins, off, off]


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in ("outage", "late_data")])
def test_rows_come_on_top_of_the_background_and_only_while_it_lasts(
    client: Any, sim: AgoraSimulator, scenario: str
) -> None:
    start = client.clock.at
    client.clock.at += 1500
    background = list(rows(client, start - 120, 9))
    begin, end = start + 30, start + 270
    sim.inject(scenario, in_s=begin - client.clock.at, lasts_s=end - begin)
    minutes = list(rows(client, start - 120, 9))
    added = [row for old, new in zip(background, minutes, strict=True) for row in new if row not in old]
    assert all(begin <= row["ts"] < end for row in added)
    assert bool(added) is (scenario != "quiet")
    lost = [row for old, new in zip(background, minutes, strict=True) for row in old if row not in new]
    assert lost == [] or scenario == "storm"


def test_nothing_at_all_is_different_while_it_is_quiet(client: Any, sim: AgoraSimulator) -> None:
    at = client.clock.at
    before = points(client, at - 1800, at - 600)
    sim.inject("quiet", in_s=-1800, lasts_s=1200)
    assert points(client, at - 1800, at - 600) == before


def test_one_bad_uplink_blames_one_host(client: Any, sim: AgoraSimulator) -> None:
    minutes = troubled(client, sim, "uplink_loss")
    blamed = {
        tag["host_user"]
        for minute in minutes
        for row in minute
        for tag in row["cause_tags"]
        if tag["factor_id"] == 21 and row["cname"] == DEMO and tag["host_user"]
    }
    assert len(blamed) == 1
    for minute in minutes:
        victims = {row["user"] for row in minute if row["cname"] == DEMO and row["exp_id"] == 4}
        assert 6 <= len(victims - blamed) <= 9
        assert len(minute) <= 8
    tags = factors(minutes)
    assert tags[29, True] >= 55
    assert 5 <= tags[23, False] <= 35


def test_a_bad_region_hurts_viewers_of_several_channels(client: Any, sim: AgoraSimulator) -> None:
    minutes = troubled(client, sim, "downlink_loss")
    hurt = [
        row for minute in minutes for row in minute if {"factor_id": 8, "host_user": ""} in row["cause_tags"]
    ]
    assert len({row["cname"] for row in hurt}) >= 3
    assert len({row["user"] for row in hurt}) >= 6
    assert factors(minutes)[23, False] >= 40


def test_busy_senders_are_blamed_by_themselves_and_by_viewers(client: Any, sim: AgoraSimulator) -> None:
    tags = factors(troubled(client, sim, "cpu"))
    assert tags[10, False] >= 15
    assert tags[10, True] >= 15


def test_expired_tokens_keep_users_out(client: Any, sim: AgoraSimulator) -> None:
    minutes = troubled(client, sim, "join_failures")
    kept_out = [row for minute in minutes for row in minute if row["exp_id"] == 6]
    assert len({row["user"] for row in kept_out}) >= 50
    tags = factors(minutes)
    assert tags[34, False] > tags[33, False] > 0


def test_a_storm_is_cut_to_ten_rows_without_saying_so(client: Any, sim: AgoraSimulator) -> None:
    start = client.clock.at
    sim.inject("storm", lasts_s=600)
    client.clock.at += 1500
    body = client.ask("/beta/live/diagnosis", start_ts=start + 60, end_ts=start + 120)
    assert (sorted(body), len(body["data"])) == (["code", "data", "message"], 10)
    by_seconds = [
        row for part in range(60, 120, 5) for row in client.live("diagnosis", start + part, start + part + 5)
    ]
    assert 25 <= len(by_seconds) <= 35
    assert len({row["cname"] for row in by_seconds}) >= 6
    assert all(row in by_seconds for row in body["data"])


def test_twins_kick_each_other_out_again_and_again(client: Any, sim: AgoraSimulator) -> None:
    minutes = troubled(client, sim, "same_uid")
    kicked = Counter(
        row["user"]
        for minute in minutes
        for row in minute
        for tag in row["cause_tags"]
        if tag["factor_id"] == 1
    )
    assert len(kicked) == 2
    assert min(kicked.values()) >= 4


def test_reconnects_are_spread_over_many_users(client: Any, sim: AgoraSimulator) -> None:
    minutes = troubled(client, sim, "reconnects")
    users = {
        row["user"]
        for minute in minutes
        for row in minute
        for tag in row["cause_tags"]
        if tag["factor_id"] in (37, 41)
    }
    assert len(users) >= 8
    assert min(factors(minutes)[factor, False] for factor in (37, 41)) >= 5


def test_the_background_is_thin_mixed_and_knows_factor_18(client: Any) -> None:
    found = []
    for _ in range(6):
        client.clock.at = client.clock.at // 60 * 60 + 3600
        found += list(rows(client, client.clock.at - 3480, 50))
    assert {len(minute) for minute in found} == {0, 1}
    assert 60 <= sum(map(len, found)) <= 150
    assert {row["exp_id"] for minute in found for row in minute} == {4, 5, 6}
    tags = factors(found)
    assert tags[18, False] and tags[18, True]
    assert max(tags.values()) < sum(tags.values()) / 4
    assert not any(tags[factor, False] for factor in (1, 33, 34, 37, 41))


def test_rows_have_the_shape_and_types_of_2019(client: Any, sim: AgoraSimulator) -> None:
    row = troubled(client, sim, "uplink_loss")[3][0]
    kinds = {name: type(value).__name__ for name, value in row.items()}
    assert kinds == {"user": "str", "exp_id": "int", "cname": "str", "cause_tags": "list", "ts": "int"}
    assert set(map(tuple, row["cause_tags"])) == {("factor_id", "host_user")}


def test_late_data_bring_points_and_rows_four_to_six_minutes_late(client: Any, sim: AgoraSimulator) -> None:
    start = client.clock.at
    sim.inject("late_data", lasts_s=600)
    sim.inject("storm", lasts_s=600)
    for after, expected in ((60 + 235, False), (60 + 365, True)):
        client.clock.at = start + after
        window = start, start + 60
        assert bool(client.live("scale/by_time", *window, metric="pcu")) is expected
        assert bool(client.live("diagnosis", *window)) is expected


def test_an_outage_answers_in_three_bad_ways_until_it_ends(client: Any, sim: AgoraSimulator) -> None:
    sim.inject("outage", in_s=10, lasts_s=100)
    at, statuses = client.clock.at, []
    for after in [0, *range(10, 110, 4), 110]:
        client.clock.at = at + after
        with suppress(OSError, ValueError):
            client.get("/beta/live/diagnosis", start_ts=at - 900, end_ts=at - 200)
        statuses.append(sim.journal()[-1].status)
    assert (statuses[0], statuses[-1]) == (200, 200)
    assert set(statuses[1:-1]) == {0, 500, 502}
    assert sim.violations() == []


def test_scenarios_last_six_to_ten_minutes() -> None:
    assert {name for name, one in SCENARIOS.items() if not 360 <= one.lasts_s <= 600} == set()
    assert all(name == one.name and one.title and one.description for name, one in SCENARIOS.items())
