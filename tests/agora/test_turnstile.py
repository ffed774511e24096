"""Requests keep their distance at arrival, however late they were sent."""

import threading
from itertools import pairwise

from bot.agora.turnstile import ARRIVES_WITHIN_S, Turnstile

from .stub import FakeClock


def test_the_next_request_waits_for_the_answer_and_the_gap() -> None:
    clock = FakeClock(100.0)
    turnstile = Turnstile(clock.now)
    turnstile.enter("e", 1.0, clock.wait)
    clock.wait(0.4)
    turnstile.leave("e")
    turnstile.enter("e", 1.0, clock.wait)
    assert 101.4 <= clock.now() < 101.41


def test_an_answer_that_takes_long_is_not_waited_for() -> None:
    clock = FakeClock(100.0)
    turnstile = Turnstile(clock.now)
    turnstile.enter("e", 1.0, clock.wait)
    turnstile.enter("e", 1.0, clock.wait)
    assert 100 + ARRIVES_WITHIN_S + 1 <= clock.now() < 100 + ARRIVES_WITHIN_S + 1.01


def test_endpoints_do_not_wait_for_one_another() -> None:
    clock = FakeClock(100.0)
    turnstile = Turnstile(clock.now)
    for endpoint in ("a", "b", "c"):
        turnstile.enter(endpoint, 60.0, clock.wait)
    assert clock.now() == 100.0


def test_threads_pass_one_by_one() -> None:
    clock, lock = FakeClock(100.0), threading.Lock()
    passed: list[float] = []

    def wait(seconds: float) -> None:
        with lock:
            clock.wait(seconds)

    turnstile = Turnstile(clock.now)

    def go() -> None:
        turnstile.enter("e", 1.0, wait)
        passed.append(clock.now())
        turnstile.leave("e")

    threads = [threading.Thread(target=go) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed.sort()
    assert all(later - earlier >= 0.999 for earlier, later in pairwise(passed))


def test_a_clock_that_was_set_back_holds_nobody_up_for_longer_than_the_gap() -> None:
    clock = FakeClock(100_000.0)
    turnstile = Turnstile(clock.now)
    turnstile.enter("answered", 1.0, clock.wait)
    turnstile.leave("answered")
    turnstile.enter("under way", 1.0, clock.wait)
    clock.instant -= 300
    turnstile.enter("answered", 1.0, clock.wait)
    assert clock.now() == 99_701.0
    turnstile.enter("under way", 1.0, clock.wait)
    assert clock.now() < 99_700 + 1 + ARRIVES_WITHIN_S + 1 + 0.01
