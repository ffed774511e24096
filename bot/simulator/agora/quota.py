"""How often a customer may ask: so many times in a sliding span, and so many in a UTC day."""

import threading

from .endpoints import DAY_S, Endpoint
from .refusals import over_limit

_EXACT_S = 1e-6


class Quota:
    """Counts what was admitted, by customer and family of endpoints; what it refuses costs nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: dict[tuple[str, str], list[float]] = {}
        self._daily: dict[tuple[str, str], tuple[int, int]] = {}

    def take(self, customer: str, endpoint: Endpoint, now: float) -> None:
        """Count one request; raise Refused when it is one too many."""
        key = (customer, endpoint.family or endpoint.path)
        with self._lock:
            recent = _within(self._recent.get(key, []), endpoint.burst_s, now)
            day, used = self._daily.get(key, (0, 0))
            today = int(now // DAY_S)
            used = used if day == today else 0
            if len(recent) >= endpoint.burst:
                raise over_limit("qps", f"more than {endpoint.burst} in {endpoint.burst_s} s")
            if used >= endpoint.per_day:
                raise over_limit("qpd", f"more than {endpoint.per_day} in the UTC day")
            self._recent[key] = [*recent, now]
            self._daily[key] = (today, used + 1)


def _within(times: list[float], span_s: float, now: float) -> list[float]:
    """Return the times close to ``now`` on either side: threads may arrive here in another order than they
    read the clock, and a clock that is set back must not lock its customer out."""
    return [time for time in times if abs(now - time) < span_s - _EXACT_S]
