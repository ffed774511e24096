"""Which slices of the diagnosis feed are asked for, and what is known after each answer."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from bot.flows import reading
from bot.flows.reading import Allowance, Reading
from bot.model.time import Window
from tests.conftest import T0

PLENTY = Allowance(spare=500, left=900, day_left_s=80_000)
NOTHING = Allowance(spare=0, left=100, day_left_s=30_000)
COMPLETE_AFTER = 180
"""A row can be read 60 to 120 s after the minute that holds it."""


@dataclass
class World:
    """Rows as seconds since T0; each can be read ``late_s`` after it happened."""

    rows: list[int]
    late_s: int = COMPLETE_AFTER
    asked: list[Window] = field(default_factory=list)
    got: set[int] = field(default_factory=set)

    def answer(self, window: Window, now: float) -> int:
        """Return how many rows Agora shows: ten at most; rows are numbers of their own."""
        self.asked.append(window)
        inside = [
            n
            for n, second in enumerate(self.rows)
            if window.start <= T0 + second < window.end and T0 + second + self.late_s <= now
        ]
        Random(len(self.asked)).shuffle(inside)
        self.got |= set(inside[:10])
        return min(10, len(inside))


def turn(world: World, before: Reading, now: float, allowance: Allowance = PLENTY) -> Reading:
    """Return the reading after one turn at one instant."""
    after = reading.opened(before, now)
    for _ in range(200):
        window = reading.next_window(after, now, allowance)
        if window is None:
            return after
        after = reading.taken(after, window, world.answer(window, now), now, allowance)
    raise AssertionError("a turn must end")


def spread(count: int, span_s: int = 180, start_s: int = 0) -> list[int]:
    return [start_s + n * span_s // count for n in range(count)]


NOW = T0 + 300.0
"""Minutes 0, 1 and 2 are complete, minute 3 may be read early."""


def test_a_few_rows_take_one_request_up_to_the_newest_minute() -> None:
    world = World(rows=spread(3))
    after = turn(world, Reading(frontier=T0), NOW)
    assert [(w.start, w.end) for w in world.asked] == [(T0 - 180, T0 + 180)]
    assert (after.frontier, after.cut, len(world.got)) == (T0 + 120, frozenset(), 3)


@pytest.mark.parametrize("count", [12, 40, 150, 600])
def test_what_ten_rows_hide_is_asked_for_in_slices(count: int) -> None:
    world = World(rows=spread(count, span_s=120))
    after = turn(world, Reading(frontier=T0), NOW)
    assert after.frontier == T0 + 120
    assert len(world.got) >= 0.97 * count
    assert len(world.asked) <= 6 + count / 3.5


def test_without_spare_requests_the_rest_is_read_whole_and_marked_as_cut() -> None:
    world = World(rows=spread(40, span_s=120))
    after = turn(world, Reading(frontier=T0), NOW, NOTHING)
    assert (len(world.asked), after.frontier) == (1, T0 + 120)
    assert after.cut == {T0 - 180 + 60 * n for n in range(3, 5)}


def test_two_rows_of_one_second_cannot_be_told_apart_by_time_and_count_as_cut() -> None:
    world = World(rows=[30] * 25)
    after = turn(world, Reading(frontier=T0), NOW)
    assert after.frontier == T0 + 120
    assert T0 in after.cut
    assert len(world.got) >= 10


STORM = Reading(frontier=T0 + 120, density=2.0, sure=True)


def test_in_a_storm_the_newest_minute_is_read_before_it_is_complete() -> None:
    world = World(rows=spread(120, span_s=60, start_s=120), late_s=60)
    after = turn(world, STORM, NOW)
    assert len(world.got) >= 110
    assert after.frontier == T0 + 120
    assert all(s.early for s in after.slices)


def test_a_minute_that_is_not_there_yet_costs_one_request_a_turn() -> None:
    world = World(rows=spread(120, span_s=60, start_s=120), late_s=10_000)
    after = turn(world, STORM, NOW)
    assert len(world.asked) == 1
    assert after.waits
    assert after.slices == ()


def test_rows_that_came_late_to_an_early_minute_are_found_when_it_is_complete() -> None:
    early = World(rows=spread(60, span_s=60, start_s=120), late_s=60)
    after = turn(early, STORM, NOW)
    later = World(rows=spread(60, span_s=60, start_s=120) + spread(60, span_s=60, start_s=120), late_s=60)
    after = turn(later, after, NOW + 60)
    assert after.frontier == T0 + 180
    assert len(later.got) >= 110


def test_an_early_minute_that_was_complete_is_checked_with_one_request() -> None:
    world = World(rows=spread(60, span_s=60, start_s=120), late_s=60)
    after = turn(world, STORM, NOW)
    world.asked.clear()
    after = turn(world, after, NOW + 60)
    again = [w for w in world.asked if w.end <= T0 + 180]
    assert len(again) == 1
    assert after.frontier == T0 + 180


def test_after_a_long_pause_what_agora_dropped_is_given_up() -> None:
    world = World(rows=spread(30, span_s=3000, start_s=600))
    after = turn(world, Reading(frontier=T0 - 90_000), T0 + 4000.0)
    assert min(w.start for w in world.asked) > T0 + 4000 - 3600
    assert after.frontier >= T0 + 3840
    assert len(world.got) >= 29


@pytest.mark.parametrize(
    ("density", "allowance", "expected"),
    [
        pytest.param(0.01, PLENTY, 5.5, id="few rows: slices that hide nothing"),
        pytest.param(0.09, PLENTY, 8.0, id="many all day: what is left is spread"),
        pytest.param(1.0, PLENTY, 5.5, id="an outbreak that can be afforded"),
        pytest.param(5.0, PLENTY, 9.0, id="an outbreak that is dear"),
        pytest.param(5.0, replace(PLENTY, spare=100), 14.0, id="no request brings less than it could"),
    ],
)
def test_slices_hold_as_many_rows_as_the_budget_wants(
    density: float, allowance: Allowance, expected: float
) -> None:
    assert allowance.rows(density) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rows", "span_s", "compare"),
    [
        pytest.param(10, 60, lambda after, before: after > before, id="full: more"),
        pytest.param(0, 60, lambda after, before: after == before / 4, id="many stay away: far less"),
        pytest.param(6, 60, lambda after, before: after == pytest.approx(before), id="as expected: the same"),
        pytest.param(2, 60, lambda after, before: before / 2 < after < before, id="fewer: a little less"),
    ],
)
def test_the_density_follows_what_came(
    rows: int, span_s: int, compare: Callable[[float, float], bool]
) -> None:
    assert compare(reading.learnt(0.1, rows, span_s), 0.1)


def test_cut_minutes_are_forgotten_once_they_are_told() -> None:
    after = turn(World(rows=spread(40, span_s=120)), Reading(frontier=T0), NOW, NOTHING)
    assert after.cut
    assert reading.opened(after, NOW + 60).cut == frozenset()
