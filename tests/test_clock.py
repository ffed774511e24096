"""The clock: faster, but never backwards, and its waits end when told."""

import threading

import pytest

from bot.clock import Clock, Steps


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
