"""The short form of `make bench-quota`: some hours, over HTTP from the simulator, in virtual time."""

import pytest

from benchmarks.quota.__main__ import DAY_BEGINS
from benchmarks.quota.contest import bot, fixed, watched
from benchmarks.quota.traffic import LOADS, Day, Load, Outbreak

STORM = next(load for load in LOADS if load.name == "storm")


class Stormy(Day):
    """A day that begins quietly; ten minutes of trouble break out after twenty."""

    def __init__(self, rows_per_minute: float) -> None:
        load = Load(name="storm", usual=1.0, outbreaks=(0, 0), lasts_min=(0, 0), strength=(0, 0))
        super().__init__(load, 1, DAY_BEGINS)
        self.outbreaks = (Outbreak(start=1200, end=1800, rows_per_minute=rows_per_minute),)


def test_a_storm_is_read_where_one_answer_in_90_s_shows_little() -> None:
    day = Stormy(100)
    ours, theirs = watched(day, bot, hours=1), watched(day, fixed, hours=1)
    assert ours.outbreak_seen > 0.9 * 1000
    assert ours.outbreak_seen > 5 * theirs.outbreak_seen
    assert ours.violations == 0


@pytest.mark.parametrize("load", [load for load in LOADS if load is not STORM], ids=lambda load: load.name)
def test_a_common_morning_is_read_whole(load: Load) -> None:
    day = Day(load, 3, DAY_BEGINS)
    ours = watched(day, bot, hours=3)
    known = sum(at < DAY_BEGINS + 3 * 3600 - 300 for at in day.truth.values())
    assert ours.seen > 0.93 * known
    assert ours.violations == 0
