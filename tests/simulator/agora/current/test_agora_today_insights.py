"""Hours, days and sums of the past, the same as 2019 counted them."""

from typing import Any

import pytest

HOUR, DAY = 3600, 86_400
INSIGHT = "/beta/insight"
USAGE, QUALITY = f"{INSIGHT}/usage/by_time", f"{INSIGHT}/quality/by_time"
DURATIONS = ("totalDuration", "totalVideoDuration")


def midnight(client: Any, days_ago: int) -> int:
    return int(client.clock.at) // DAY * DAY - days_ago * DAY


def series(client: Any, path: str, start: int, end: int, **params: object) -> list[dict[str, Any]]:
    client.clock.at += 6
    return client.ask(path, startTs=start, endTs=end, **({"aggregateGranularity": "1d"} | params))["data"]


def summed(client: Any, kind: str, start: int, end: int, **asked: object) -> list[dict[str, Any]]:
    client.clock.at += 6
    status, body = client.sums(f"{INSIGHT}/{kind}/aggregation", startTs=start, endTs=end, **asked)
    assert (status, body["code"]) == (200, 200), body
    return body["data"]


@pytest.mark.parametrize("metric", ["userCount", "sessionCount", "channelCount"])
def test_both_generations_count_the_same_days(simulated: Any, metric: str) -> None:
    _, old = simulated()
    _, new = simulated(plan="enterprise")
    start, end = midnight(old, 3), midnight(old, 0)
    window = {"start_ts": start, "end_ts": end, "metric": metric}
    assert series(new, USAGE, start, end, metric=metric) == old.ask(USAGE, **window)["data"]


def test_days_are_whole_and_hours_include_both_ends(today: Any) -> None:
    _, client = today
    start, end = midnight(client, 3), midnight(client, 2)
    days = series(client, USAGE, start + 1, end + DAY + 1, metric="userCount")
    assert [row["ts"] for row in days] == [end]
    assert series(client, USAGE, start, start + HOUR, metric="userCount") == []
    hours = series(client, USAGE, start, end, metric="userCount", aggregateGranularity="1h")
    assert [row["ts"] for row in hours] == list(range(start, end + 1, HOUR))


def test_an_hour_appears_when_it_is_older_than_the_delay(today: Any) -> None:
    _, client = today
    client.clock.at = midnight(client, 0) + 12 * HOUR + 1800
    hour = {"metric": "userCount", "aggregateGranularity": "1h"}
    end = int(client.clock.at) - 6 * HOUR - 10
    rows = series(client, USAGE, midnight(client, 0), end, **hour)
    assert rows[-1]["ts"] == midnight(client, 0) + 5 * HOUR


def test_peaks_and_durations_fit_each_other(today: Any) -> None:
    _, client = today
    start, end = midnight(client, 2), midnight(client, 1)

    def day(metric: str) -> int:
        [row] = series(client, USAGE, start, end, metric=metric)
        return row[metric]

    assert 8 <= day("peakCurrentChannels") <= 14 < day("peakCurrentUsers") <= day("userCount") * 10
    assert day("totalDuration") == day("totalVideoDuration") > 24 * 60
    assert day("totalAudioDuration") == 0
    assert day("totalDuration") <= day("peakCurrentUsers") * 24 * 60


def test_a_bad_hour_stands_out_on_the_scale_of_one(simulated: Any) -> None:
    sim, client = simulated(plan="enterprise")
    start, end = midnight(client, 2), midnight(client, 1)
    at = start + 10 * HOUR
    sim.inject("uplink_loss", in_s=at - client.clock.at, lasts_s=HOUR)
    for product in ("Native", "WebRTC"):
        asked = {"metric": "videoFreezeRate", "aggregateGranularity": "1h", "productType": product}
        rates = {row["ts"]: row["videoFreezeRate"] for row in series(client, QUALITY, start, end, **asked)}
        assert rates.pop(at) > 0.07
        assert 0.005 < min(rates.values()) <= max(rates.values()) < 0.02


def test_browsers_have_no_history_of_frozen_audio(today: Any) -> None:
    _, client = today
    window = (midnight(client, 2), midnight(client, 1))
    assert series(client, QUALITY, *window, metric="audioFreezeRate", productType="WebRTC") == []
    assert len(series(client, QUALITY, *window, metric="audioFreezeRate", productType="Native")) == 1


def test_sums_agree_with_the_days(today: Any) -> None:
    _, client = today
    window = (midnight(client, 2), midnight(client, 1))
    for metric in ("sessionCount", "peakCurrentUsers"):
        [day] = series(client, USAGE, *window, metric=metric)
        assert summed(client, "usage", *window, metric=metric) == [{metric: day[metric]}]
    parts = summed(client, "usage", *window, metric="sessionCount", dimension="os")
    [whole] = summed(client, "usage", *window, metric="sessionCount")
    assert sum(part["sessionCount"] for part in parts) == whole["sessionCount"]
    assert "Linux" in {part["os"] for part in parts}
    counts = [part["sessionCount"] for part in parts]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("values", [["iOS", "Web"], '"iOS","Web"'], ids=["array", "text"])
def test_values_of_a_dimension_are_named_either_way(today: Any, values: object) -> None:
    _, client = today
    window = (midnight(client, 2), midnight(client, 1))
    asked = {"metric": "userCount", "dimension": "os", "dimensionValues": values}
    assert {row["os"] for row in summed(client, "usage", *window, **asked)} == {"iOS", "Web"}


def test_regions_can_be_those_of_one_country(today: Any) -> None:
    _, client = today
    window = (midnight(client, 2), midnight(client, 1))
    asked = {"metric": "userCount", "dimension": "region"}
    german = [{"name": "country", "value": "Germany"}]
    rows = summed(client, "usage", *window, **asked, filters=german)
    assert {row["region"] for row in rows} == {"Berlin", "Bavaria"}
    assert len(summed(client, "usage", *window, **asked)) > 2


def test_the_sdk_is_answered_as_sdk_version_whatever_it_was_called(today: Any) -> None:
    _, client = today
    window = (midnight(client, 2), midnight(client, 1))
    rows = [
        summed(client, "usage", *window, metric="userCount", dimension=name) for name in ("sdk", "sdkVersion")
    ]
    assert rows[0] == rows[1]
    assert set(rows[0][0]) == {"sdkVersion", "userCount"}


@pytest.mark.parametrize("metric", ["joinSuccessRate", "audioFreezeRate", "networkDelay"])
def test_quality_comes_with_what_weighs_it(today: Any, metric: str) -> None:
    _, client = today
    window = (midnight(client, 2), midnight(client, 1))
    [whole] = summed(client, "quality", *window, metric=metric)
    sizes = summed(client, "quality", *window, metric=metric, dimension="channelSize")
    assert {row["channelSize"] for row in sizes} == {"1-2", "3-10", "11-50"}
    weighed = sum(row["refUsage"] for row in sizes)
    assert weighed == pytest.approx(whole["refUsage"], rel=0.01)
    healthy = (0.95, 1) if metric.startswith("join") else (0.001, 0.05)
    assert all(healthy[0] < row[metric] < healthy[1] for row in [whole, *sizes])
