"""When each flow runs; never what. APScheduler in memory: what must survive a restart is in the database."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.telemetry import JOB_FAILURES, log

_log = log("schedule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A flow and the wall seconds between two of its runs."""

    name: str
    every_s: float
    run: Callable[[], object]


class Schedule:
    """Runs jobs in threads, each at once and then at its pace, never twice at the same time.

    ``misfire_grace_time=None``: the default of one second silently drops runs on a busy machine.
    """

    def __init__(self, jobs: list[Job], threads: int = 12) -> None:
        self.stopping = threading.Event()
        self._jobs = jobs
        self._running = 0
        self._changed = threading.Condition()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(threads)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        at_once = datetime.now(UTC)  # noqa: TID251 - APScheduler's clock is the wall's
        for job in self._jobs:
            trigger = IntervalTrigger(seconds=job.every_s)
            self._scheduler.add_job(self._guarded(job), trigger, id=job.name, next_run_time=at_once)
        self._scheduler.start()

    def close(self, timeout_s: float) -> bool:
        """Begin no further run and wait for those that run; return whether all have ended in time."""
        self.stopping.set()
        self._scheduler.shutdown(wait=False)
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, timeout_s)

    def _guarded(self, job: Job) -> Callable[[], None]:
        def run() -> None:
            with self._changed:
                if self.stopping.is_set():
                    return
                self._running += 1
            try:
                job.run()
            except Exception as error:  # noqa: BLE001 - a loop that must survive: log, count, go on
                JOB_FAILURES.labels(job.name).inc()
                _log.error(
                    "job failed", job=job.name, error=f"{type(error).__name__}: {error}", exc_info=True
                )
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()

        return run
