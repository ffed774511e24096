import pytest

from bot.model.message import Trend
from bot.render.chart import chart

HOUR = tuple((60 * n, float(n)) for n in range(60))


def _values(points, threshold=10.0, low_is_bad=False):
    block = chart(
        Trend(title="Video freeze", unit="%", points=points, threshold=threshold), low_is_bad=low_is_bad
    )
    return [point["value"] for point in block["chart"]["series"][0]["data"]]


def test_an_hour_becomes_twenty_points_that_keep_the_worst():
    assert _values(HOUR) == [float(n) for n in range(2, 60, 3)]
    assert _values(HOUR, low_is_bad=True) == [float(n) for n in range(0, 60, 3)]


def test_without_a_threshold_a_bucket_shows_its_mean():
    assert _values(HOUR, threshold=None) == [float(n) for n in range(1, 60, 3)]


def test_few_minutes_stay_as_they_are_and_gaps_stay_gaps():
    points = ((0, 1.0), (60, 2.0), (240, 3.0))
    block = chart(Trend(title="Video freeze", unit="%", points=points, threshold=2.5), low_is_bad=False)
    assert block["chart"]["axis_config"]["categories"] == ["00:00", "00:01", "00:04"]
    assert [series["name"] for series in block["chart"]["series"]] == ["Video freeze", "threshold"]
    assert [point["value"] for point in block["chart"]["series"][1]["data"]] == [2.5, 2.5, 2.5]


@pytest.mark.parametrize(
    "points", [(), ((0, 1.0),), ((0, 1.0), (60, float("nan")))], ids=["none", "one", "one that is known"]
)
def test_fewer_than_two_points_are_no_chart(points):
    assert chart(Trend(title="x", unit="", points=points), low_is_bad=False) is None


def test_a_metric_called_threshold_does_not_share_a_name():
    block = chart(Trend(title="threshold", unit="", points=HOUR, threshold=1.0), low_is_bad=False)
    assert [series["name"] for series in block["chart"]["series"]] == ["threshold", "limit"]


def test_days_are_labelled_with_their_date():
    points = tuple((3600 * n, 1.0) for n in range(48))
    block = chart(Trend(title="x", unit="", points=points), low_is_bad=False)
    assert block["chart"]["axis_config"]["categories"][0] == "01-01 00:00"
    assert len(block["chart"]["axis_config"]["categories"]) <= 20
