"""The clock: faster, but never backwards, and its waits end when told."""

import threading

import pytest

from bot.clock import Clock


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
