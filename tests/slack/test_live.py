"""/agora-live and /agora-usage."""

import pytest

from bot.agora import QuotaExhausted
from bot.model.observation import MetricPoint
from bot.store import observations
from tests.conftest import T0
from tests.slack.conftest import ROOM, House
from tests.slack.test_incidents import ask
from tests.slack.test_people_asked import BAD, save_events

DAY_S = 86_400


def save(house: House, metric: str, value: float, *, ago_s: int = 0) -> None:
    """Leave an hour of one metric, every minute the same but the last, which is one more."""
    last = T0 // 60 * 60 - 60 - ago_s
    points = [MetricPoint(metric=metric, minute=last - 60 * n, value=value + (n == 0)) for n in range(60)]
    with house.database.transaction() as tx:
        observations.save_points(tx, "p", points, T0)


def charts(house: House) -> list[dict]:
    return [b for b in house.slack.messages(ROOM)[-1]["blocks"] if b["type"] == "data_visualization"]


def test_the_last_hour_stands_beside_yesterday_and_last_week(house: House) -> None:
    save(house, "videoFreezeRate", 6.0)
    save(house, "videoFreezeRate", 1.0, ago_s=DAY_S)
    save(house, "videoFreezeRate", 5.0, ago_s=7 * DAY_S)
    save(house, "pcu", 100.0)
    save_events(house, BAD)
    said = ask(house, "", 1, "/agora-live")
    (row,) = [line for line in said.splitlines() if "Video freeze" in line]
    assert row.split()[2:] == ["7", "%", "6", "%", "1", "%", "5", "%", "worse"]
    assert "*1 bad moment* in this hour" in said
    assert "Channels: `lesson-7b` ×1" in said and "Users: `7` ×1" in said
    assert len(charts(house)) == 2


def test_named_metrics_are_shown_alone_with_their_charts(house: House) -> None:
    save(house, "videoFreezeRate", 6.0)
    save(house, "audioFreezeRate", 2.0)
    said = ask(house, "AUDIOfreezerate P", 1, "/agora-live")
    assert "Audio freeze" in said and "Video freeze" not in said
    assert [block["title"] for block in charts(house)] == ["Audio freeze, last hour"]


def test_an_hour_without_data_says_so(house: House) -> None:
    said = ask(house, "", 1, "/agora-live")
    assert "No metric was read in this hour" in said and "No bad moment" in said


def test_a_metric_that_is_not_one_is_answered_with_the_nearest(house: House) -> None:
    assert "Did you mean `videoFreezeRate`?" in ask(house, "videofreeze", 1, "/agora-live")


def test_usage_is_of_complete_days_the_newest_first(house: House) -> None:
    said = ask(house, "3d", 1, "/agora-usage")
    days = [line.split()[1] for line in said.splitlines() if line.startswith(("Sat", "Sun", "Mon", "Tue"))]
    assert days == sorted(days, reverse=True) and len(days) == 3
    (window,) = house.agora.asked
    assert (window.end % DAY_S, window.end <= T0, window.span_s) == (0, True, 3 * DAY_S)


@pytest.mark.parametrize("text", ["0d", "31d", "a week", "-1d"])
def test_other_spans_of_usage_are_refused_with_the_usage(house: House, text: str) -> None:
    assert "is not a number of days from 1 to 30" in ask(house, text, 1, "/agora-usage")
    assert house.agora.asked == []


def test_usage_that_agora_does_not_tell_is_a_sentence(house: House) -> None:
    house.agora.error = QuotaExhausted(account="a", endpoint="insight/usage", resets_at=T0)
    assert "00:00 UTC" in ask(house, "", 1, "/agora-usage")
