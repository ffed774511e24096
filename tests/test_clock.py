"""The clock: faster, but never backwards, and its waits end when told."""

import threading

import pytest

from bot.clock import Clock, Shared, Steps


def test_now_is_the_wall_unless_sped_up() -> None:
    clock = Clock()
    assert clock.now() == pytest.approx(clock.wall(), abs=1)


def test_a_fast_clock_runs_ahead_and_waits_shorter() -> None:
    clock = Clock(speed=600)
    before, wall = clock.now(), clock.wall()
    assert not clock.wait(60)
    assert clock.now() - before >= 60
    assert clock.wall() - wall < 5


def test_a_wait_ends_when_told() -> None:
    stop = threading.Event()
    stop.set()
    assert Clock().wait(3600, stop)


def test_a_clock_that_is_set_back_is_noticed_once() -> None:
    wall, steady = iter([1000.0, 1010.0, 715.0, 720.0, 11_520.0]), iter([5.0, 15.0, 20.0, 25.0, 26.0])
    steps = Steps(lambda: next(wall), lambda: next(steady))
    assert [steps.set_back() for _ in range(4)] == [0.0, 300.0, 0.0, 0.0], "set back, on time, slept for 3 h"


@pytest.mark.parametrize("local", [-300.0, 0.0, 60.0])
def test_a_shared_clock_tells_what_all_machines_agree_on(local: float) -> None:
    steady = [0.0]
    shared = Shared(lambda: 1000.0 + steady[0], wall=lambda: 1000.0 + local, steady=lambda: steady[0])
    assert shared() == 1000.0
    steady[0] = 30.0
    assert shared() == 1030.0, "though this machine's was set meanwhile"


def test_a_shared_clock_goes_on_while_nobody_answers_and_asks_again() -> None:
    at = [0.0, 59.0, 60.0, 119.0, 120.0, 180.0]
    answers = [ValueError("away"), 1000.0, ValueError("away"), 5000.0]

    def ask() -> float:
        answer = answers.pop(0)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    shared = Shared(ask, (ValueError,), wall=lambda: 7.0, steady=lambda: at[0])
    told = []
    while at:
        told.append(shared())
        at.pop(0)
    assert told == [7.0, 7.0, 1000.0, 1059.0, 1060.0, 5000.0]


def test_a_database_that_has_no_clock_leaves_it_to_this_machine() -> None:
    assert Shared(lambda: None, wall=lambda: 7.0)() == 7.0
