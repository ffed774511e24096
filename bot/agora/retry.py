"""When a failed request is worth another one, after which pause, and at which host.

Source of hosts and pauses: Agora's advice for its REST services, which asks the same host again first, then
the other primary host. Its third step, the host of a neighbouring region, is left out: nobody documents that
Analytics is served there. For the same reason the other primary host is asked after every kind of failure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.agora.errors import AgoraError, Throttled, Transient

BACK_OFF_S = (1.0, 3.0, 6.0)
LONGEST_PAUSE_S = 30.0
"""A longer ``Retry-After`` is the caller's to plan; a thread should not sleep through it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a question may take: ``attempts`` is the number of requests where there is a single host.

    ``clips``: when Agora refuses one end of the window, the rest is asked for. ``for_people``: somebody waits
    for the answer, so the whole day's requests may be used.
    """

    attempts: int
    clips: bool
    for_people: bool

    def route(self, hosts: int) -> tuple[int, ...]:
        """Return the number of the host (0 the first) for each attempt in a row of failures."""
        if hosts == 1 or self.attempts == 1:
            return (0,) * self.attempts if hosts == 1 else tuple(range(hosts))
        others = tuple(range(1, hosts))
        return (0, 0, *others, *others[-1:])[: max(self.attempts + 1, hosts + 1)]


PEOPLE_WAIT = Patience(attempts=3, clips=True, for_people=True)
ASKED_ONCE = Patience(attempts=1, clips=False, for_people=True)
NEXT_POLL_READS_AGAIN = Patience(attempts=1, clips=False, for_people=False)
NOBODY_WAITS = Patience(attempts=3, clips=True, for_people=False)


def pause_s(
    error: AgoraError, attempt: int, patience: Patience, jitter: Callable[[], float], hosts: int = 1
) -> float | None:
    """Return the pause before the next attempt after number ``attempt`` (from 1), None to give up.

    Between several hosts a jitter is added, because every client of Agora moves at the same moment.
    """
    if isinstance(error, Throttled):
        give_up = attempt >= patience.attempts or error.retry_after_s > LONGEST_PAUSE_S
        return None if give_up else max(1.0, error.retry_after_s) + jitter()
    if isinstance(error, Transient) and attempt < len(patience.route(hosts)):
        return BACK_OFF_S[min(attempt, len(BACK_OFF_S)) - 1] + (jitter() if hosts > 1 else 0.0)
    return None
