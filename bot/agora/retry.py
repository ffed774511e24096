"""When a failed request is worth another one, and after which pause."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.agora.errors import AgoraError, Throttled, Transient

BACK_OFF_S = (1.0, 3.0)
"""Agora's advice for its REST services, without the third pause of 6 s: by then people stop waiting."""
LONGEST_PAUSE_S = 30.0
"""A longer ``Retry-After`` is the caller's to plan; a thread should not sleep through it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many attempts a passing failure gets, the first one included."""

    attempts: int


PEOPLE_WAIT = Patience(attempts=3)
NEXT_POLL_READS_AGAIN = Patience(attempts=1)


def pause_s(error: AgoraError, attempt: int, patience: Patience, jitter: Callable[[], float]) -> float | None:
    """Return the pause before the next attempt after number ``attempt`` (from 1), None to give up."""
    if isinstance(error, Throttled):
        give_up = attempt >= patience.attempts or error.retry_after_s > LONGEST_PAUSE_S
        return None if give_up else max(1.0, error.retry_after_s) + jitter()
    if isinstance(error, Transient) and attempt < patience.attempts:
        return BACK_OFF_S[min(attempt, len(BACK_OFF_S)) - 1]
    return None
