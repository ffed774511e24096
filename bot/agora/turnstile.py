"""Keeps the requests of one process to an endpoint apart where Agora counts them: at their arrival.

The ledger spaces the moments at which requests may be sent, for all processes. Between that moment and the
arrival lie busy processors and new connections, which can bring two requests closer together than they were
sent. So a request waits until the one before it was answered, plus the gap; an answer that takes long is not
waited for, because its request has arrived by then. An instant that lies ahead was told by a clock that has
been set back since, and counts as now.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

ARRIVES_WITHIN_S = 2.0
"""How long a request may take to arrive; from then on the next one does not wait for its answer."""

LOOK_EVERY_S = 0.1
_LONG_AGO = float("-inf")


@dataclass(slots=True)
class _Endpoint:
    in_flight: int = 0
    sent_at: float = _LONG_AGO
    answered_at: float = _LONG_AGO


class Turnstile:
    """One for each account; thread-safe. ``now`` is that of the client."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._endpoints: defaultdict[str, _Endpoint] = defaultdict(_Endpoint)

    def enter(self, endpoint: str, gap_s: float, wait: Callable[[float], object]) -> None:
        """Wait until a request may be sent, and count it as sent; ``leave`` when it was answered.

        What ``wait`` raises ends the waiting.
        """
        while (pause_s := self._try(endpoint, gap_s)) > 0:
            wait(pause_s)

    def leave(self, endpoint: str) -> None:
        """Count a request as answered, or as failed."""
        with self._lock:
            state = self._endpoints[endpoint]
            state.in_flight -= 1
            state.answered_at = self._now()

    def _try(self, endpoint: str, gap_s: float) -> float:
        with self._lock:
            state, now = self._endpoints[endpoint], self._now()
            state.sent_at, state.answered_at = min(state.sent_at, now), min(state.answered_at, now)
            arrived_at = state.sent_at + ARRIVES_WITHIN_S if state.in_flight else _LONG_AGO
            left_s = max(arrived_at, state.answered_at) + gap_s - now
            if left_s > 0:
                return min(left_s, LOOK_EVERY_S) if state.in_flight else left_s
            state.in_flight += 1
            state.sent_at = now
            return 0.0
