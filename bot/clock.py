"""The one clock: the wall's, or a demo's that starts now and runs faster."""

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

    def wait(self, seconds: float, stop: threading.Event | None = None) -> bool:
        """Wait ``seconds`` of ``now``, or until ``stop`` is set; return whether it is set."""
        return (stop or threading.Event()).wait(max(0.0, seconds) / self.speed)


class Steps:
    """Notices that the machine's clock was set back, beside one that only runs forward."""

    def __init__(self, wall: Now = Clock.wall, steady: Now = time.monotonic) -> None:  # noqa: TID251 - the clock
        self._wall, self._steady = wall, steady
        self._seen = wall(), steady()

    def set_back(self) -> float:
        """Return by how many seconds the clock was set back since this was last asked, else 0."""
        (wall, steady), self._seen = self._seen, (self._wall(), self._steady())
        return max(0.0, (self._seen[1] - steady) - (self._seen[0] - wall))
