"""Slack's natural rate limits: one post a second per channel, and a budget a minute per method."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .values import Refused

POSTS_PER_S = 1.0
POSTS_AT_ONCE = 3
# Calls a minute for the whole workspace, from the tier of each method.
PER_MINUTE = {
    "chat.update": 50,
    "chat.delete": 50,
    "views.open": 100,
    "views.push": 100,
    "files.getUploadURLExternal": 100,
    "files.completeUploadExternal": 100,
}


@dataclass(slots=True)
class _Bucket:
    size: float
    per_s: float
    tokens: float
    filled_at: float

    def take(self, at: float) -> float:
        """Take a token and return 0, or return the seconds until one is there."""
        self.tokens = min(self.size, self.tokens + max(0.0, at - self.filled_at) * self.per_s)
        self.filled_at = at
        if self.tokens >= 1 - 1e-6:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.per_s


class RateLimits:
    """Counts calls in token buckets on the wall's clock."""

    def __init__(self, *, wall: Callable[[], float], enforced: bool) -> None:
        self._wall = wall
        self._enforced = enforced
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}

    def count_post(self, channel_id: str) -> None:
        """Count a post to a channel; refuse the one too many with ``ratelimited``."""
        self._count(f"post {channel_id}", POSTS_AT_ONCE, POSTS_PER_S)

    def count_call(self, method: str) -> None:
        """Count a call of a method; refuse the one too many with ``ratelimited``."""
        if method in PER_MINUTE:
            self._count(method, PER_MINUTE[method], PER_MINUTE[method] / 60)

    def _count(self, key: str, size: float, per_s: float) -> None:
        if not self._enforced:
            return
        with self._lock:
            at = self._wall()
            bucket = self._buckets.setdefault(key, _Bucket(size, per_s, size, at))
            wait = bucket.take(at)
        if wait:
            raise Refused("ratelimited", retry_after=math.ceil(wait))
