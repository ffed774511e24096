"""The schedule: jobs run at once and again, survive failures, and end."""

import threading

from bot.schedule import Job, Schedule
from bot.telemetry import REGISTRY


def test_a_job_runs_at_once_again_and_after_a_failure() -> None:
    runs: list[int] = []
    thrice = threading.Event()

    def job() -> None:
        runs.append(1)
        if len(runs) >= 3:
            thrice.set()
        raise ValueError("a bad day")

    schedule = Schedule([Job(name="bad day", every_s=0.02, run=job)])
    schedule.start()
    assert thrice.wait(10)
    assert schedule.close(timeout_s=10)
    counted = REGISTRY.get_sample_value("agora_bot_job_failures_total", {"job": "bad day"})
    assert counted == len(runs)


def test_a_slow_job_is_waited_for_and_never_runs_twice_at_once() -> None:
    running, most, done = [0], [0], threading.Event()
    began, release = threading.Event(), threading.Event()

    def job() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        began.set()
        release.wait(10)
        running[0] -= 1
        done.set()

    schedule = Schedule([Job(name="slow", every_s=0.01, run=job)])
    schedule.start()
    assert began.wait(10)
    threading.Timer(0.1, release.set).start()
    assert schedule.close(timeout_s=10)
    assert done.is_set()
    assert (most[0], running[0]) == (1, 0)


def test_a_job_that_hangs_holds_up_the_end_no_longer_than_told() -> None:
    began, release = threading.Event(), threading.Event()

    def job() -> None:
        began.set()
        release.wait(10)

    schedule = Schedule([Job(name="hangs", every_s=5, run=job)])
    schedule.start()
    assert began.wait(10)
    assert not schedule.close(timeout_s=0.05)
    release.set()
