"""What was asked, in order, and which documented limits that broke."""

import threading
from collections import deque

from .values import Answer, Asked, Request

KEPT = 100_000


class Journal:
    """The last requests; ``/_sim`` is not among them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Request] = deque(maxlen=KEPT)

    def record(self, at: float, asked: Asked, answer: Answer, violation: str) -> None:
        """Write one request down."""
        entry = Request(
            at=at,
            path=asked.path,
            params=dict(asked.params),
            status=answer.status,
            code=answer.code,
            violation=violation,
        )
        with self._lock:
            self._kept.append(entry)

    def entries(self) -> list[Request]:
        """Return the requests, the oldest first."""
        with self._lock:
            return list(self._kept)
