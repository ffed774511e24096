"""Faults by script: the next calls of a method fail as told, whatever they ask."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How a call fails; ``SlackSimulator.fault`` says what ``error`` may be."""

    error: str
    retry_after: int
    delay_s: float


class Faults:
    """Queues of faults by method; ``response_url`` and ``upload`` count as methods."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queued: dict[str, deque[Fault]] = defaultdict(deque)

    def add(self, method: str, error: str, *, times: int, retry_after: int, delay_s: float) -> None:
        fault = Fault(error=error, retry_after=retry_after, delay_s=delay_s)
        with self._lock:
            self._queued[method].extend([fault] * times)

    def clear(self) -> None:
        with self._lock:
            self._queued.clear()

    def take(self, method: str) -> Fault | None:
        """Return the next fault of a method and forget it."""
        with self._lock:
            queued = self._queued[method]
            return queued.popleft() if queued else None
