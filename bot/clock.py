"""The one clock: the wall's, or a demo's that starts now and runs faster."""

import contextlib
import threading
import time
from collections.abc import Callable

Now = Callable[[], float]


class Clock:
    """Tells and waits. ``now`` runs at ``speed`` times the wall's pace, ``wall`` always at its own.

    Rules, polls and messages live in ``now``; what Slack itself times (signatures, rate limits, leases of
    deliveries) lives in ``wall``. They are one and the same unless a demo speeds time up.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._wall_origin = time.time()  # noqa: TID251 - this is the clock
        self._origin = time.monotonic()  # noqa: TID251 - this is the clock

    def now(self) -> float:
        """Return the instant in which the bot lives, Unix seconds UTC."""
        if self.speed == 1.0:
            return self.wall()
        passed = time.monotonic() - self._origin  # noqa: TID251 - this is the clock
        return self._wall_origin + passed * self.speed

    @staticmethod
    def wall() -> float:
        """Return the wall's instant, Unix seconds UTC; it may jump when the machine's clock is set."""
        return time.time()  # noqa: TID251 - this is the clock

    @staticmethod
    def steady() -> float:
        """Return seconds that only run forward, from an instant that means nothing."""
        return time.monotonic()  # noqa: TID251 - this is the clock

    def wait(self, seconds: float, stop: threading.Event | None = None) -> bool:
        """Wait ``seconds`` of ``now``, or until ``stop`` is set; return whether it is set."""
        return (stop or threading.Event()).wait(max(0.0, seconds) / self.speed)


class Steps:
    """Notices that the machine's clock was set back, beside one that only runs forward."""

    def __init__(self, wall: Now = Clock.wall, steady: Now = Clock.steady) -> None:
        self._wall, self._steady = wall, steady
        self._seen = wall(), steady()

    def set_back(self) -> float:
        """Return by how many seconds the clock was set back since this was last asked, else 0."""
        (wall, steady), self._seen = self._seen, (self._wall(), self._steady())
        return max(0.0, (self._seen[1] - steady) - (self._seen[0] - wall))


class Shared:
    """The wall's instant as ``ask`` tells it, which is the same for all machines: for leases and due times.

    Between two looks, ``LOOK_EVERY_S`` apart, it runs on by the steady clock, so that it does not leap with
    this machine's. Where ``ask`` returns None or raises one of ``failures``, the last answer goes on, and
    before there is any this machine's wall is told.
    """

    LOOK_EVERY_S = 60.0

    def __init__(
        self,
        ask: Callable[[], float | None],
        failures: tuple[type[Exception], ...] = (),
        wall: Now = Clock.wall,
        steady: Now = Clock.steady,
    ) -> None:
        self._ask, self._failures, self._wall, self._steady = ask, failures, wall, steady
        self._ahead: float | None = None
        self._look_at = steady()

    def __call__(self) -> float:
        """Return Unix seconds UTC."""
        before = self._steady()
        if before >= self._look_at:
            self._look_at = before + self.LOOK_EVERY_S
            with contextlib.suppress(*self._failures):
                told, after = self._ask(), self._steady()
                self._ahead = None if told is None else told - (before + after) / 2
        return self._wall() if self._ahead is None else self._steady() + self._ahead
