import numpy as np
import pytest

from bot.model.call import Series
from bot.render.samples import DETAILS
from bot.render.summary import summary


def _details(*series: tuple[str, int, list[float]]):
    made = tuple(
        Series(
            sid=sid,
            mid=mid,
            peer_uid="0",
            ts=np.arange(len(v), dtype=np.int64),
            values=np.array(v, dtype=float),
        )
        for sid, mid, v in series
    )
    return type(DETAILS)(call=DETAILS.call, sessions=DETAILS.sessions, series=made, cut=False)


ROWS = {
    "loss: high is bad": ([("s1", 20017, [1, 2, 3]), ("s2", 20017, [0, 0, 9])], (2.5, 7.5, 9, "2000")),
    "frame rate: low is bad": ([("s1", 20008, [15, 15]), ("s2", 20008, [3, 15])], (12, 4.8, 3, "2000")),
    "equally bad: the smaller uid": ([("s1", 20017, [5]), ("s2", 20017, [5])], (5, 5, 5, "2000")),
    "all series of a user count": (
        [("s1", 20011, [0] * 9), ("s1", 20011, [900]), ("s2", 20011, [600])],
        (136.363636, 750, 900, "2000"),
    ),
    "gaps are left out": ([("s1", 20017, [float("nan"), 4])], (4, 4, 4, "44361248")),
    "a session that is not listed": ([("s9", 20017, [4])], (4, 4, 4, "unknown")),
}


@pytest.mark.parametrize(("series", "expected"), ROWS.values(), ids=ROWS.keys())
def test_a_metric_is_summed_up(series, expected):
    (row,) = summary(_details(*series))
    assert (row.mean, row.worst_5, row.worst) == pytest.approx(expected[:3])
    assert row.worst_user == expected[3]


def test_metrics_stand_in_the_order_of_their_ids_and_empty_ones_are_left_out():
    found = summary(_details(("s1", 20017, [1]), ("s1", 99999, [1]), ("s1", 20001, [1]), ("s1", 20005, [])))
    assert [row.metric.title for row in found] == ["App CPU", "Video uplink loss", "mid 99999"]
