"""What is left of a window of which Agora refused one end.

Our limits are Agora's, so a refusal means that the clocks differ, or that the limits have changed. The end
that was refused is moved by as much as our clock is wrong, where the answer said so, else by a minute.
"""

import math

from bot.agora.errors import WindowLimit, WindowRejected
from bot.agora.plan import Endpoint
from bot.model.time import MINUTE_S, Window

SLACK_S = 5


def clipped(endpoint: Endpoint, window: Window, refusal: WindowRejected) -> Window | None:
    """Return the rest of ``window``, None where nothing is left or neither end is to blame."""
    moved_s = math.ceil(abs(refusal.clock_skew_s or 0)) + SLACK_S
    moved_s = max(moved_s, endpoint.step_s) if refusal.clock_skew_s else max(MINUTE_S, endpoint.step_s)
    start, end = window.start, window.end
    if refusal.limit is WindowLimit.LATENCY:
        end = (end - moved_s) // endpoint.step_s * endpoint.step_s
    elif refusal.limit is WindowLimit.RANGE:
        start = -(-(start + moved_s) // endpoint.step_s) * endpoint.step_s
    else:
        return None
    return Window(start=start, end=end) if start < end else None
