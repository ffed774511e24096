"""Windows longer than one request may ask for, in pieces."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from bot.agora.errors import WindowLimit, WindowRejected
from bot.agora.plan import Endpoint, readable
from bot.model.time import MINUTE_S, Window

HALVINGS_AT_MOST = 6
"""Bounds what is spent should Agora's limits be far shorter than ours, as with a plan set wrongly."""

Answer = TypeVar("Answer")


def pieces(endpoint: Endpoint, window: Window, now: float) -> tuple[Window, ...]:
    """Return all that is readable of ``window`` in pieces below the endpoint's span, newest first.

    Where nothing is readable, return the window itself: asking for it raises why.
    """
    whole = readable(replace(endpoint, span_s=endpoint.keeps_s + endpoint.step_s), window, now)
    if whole is None:
        return (window,)
    longest = (endpoint.span_s - 1) // endpoint.step_s * endpoint.step_s
    ends = range(whole.end, whole.start, -longest)
    return tuple(Window(start=max(whole.start, end - longest), end=end) for end in ends)


def read_each(read: Callable[[Window], Answer], windows: Iterable[Window]) -> Iterator[tuple[Window, Answer]]:
    """Yield each window with its answer; one that Agora finds too long is read in halves, newest first."""
    waiting, halvings = list(windows), 0
    while waiting:
        window = waiting.pop(0)
        try:
            answer = read(window)
        except WindowRejected as refusal:
            too_long = refusal.limit is WindowLimit.LENGTH and window.span_s >= 2 * MINUTE_S
            if not too_long or halvings == HALVINGS_AT_MOST:
                raise
            halvings += 1
            older, newer = window.halves()
            waiting[:0] = [newer, older]
        else:
            yield window, answer
