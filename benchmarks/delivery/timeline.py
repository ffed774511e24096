"""A clock that several processes share, that runs fast, and that may be set forward between two lives."""

import time
from dataclasses import dataclass, field, replace


def _monotonic() -> float:
    return time.monotonic()  # noqa: TID251 - one for all processes of a machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Runs at ``speed`` from ``at`` on; pickled, it tells the same in another process."""

    at: float
    speed: float
    since: float = field(default_factory=_monotonic)

    def now(self) -> float:
        return self.at + (_monotonic() - self.since) * self.speed

    def later(self, seconds: float) -> "Timeline":
        """Return the clock set forward."""
        return replace(self, at=self.at + seconds)
