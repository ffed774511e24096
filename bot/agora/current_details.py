"""Who was in a call and what was measured, from today's ``call/sessions`` and ``call/metrics``."""

from collections.abc import Callable, Sequence

from bot.agora.current import Page
from bot.agora.errors import AgoraError
from bot.agora.merge import WINDOWS_AT_MOST, merge_sessions, merged
from bot.agora.pages import pages_of
from bot.model.call import Call, CallDetails, Series, Session
from bot.model.time import Window

SIDS_AT_ONCE = 20
"""The most sessions that ``call/metrics`` takes in one request."""

Pages = Callable[[Window, int], Page[Session]]
Metrics = Callable[[Window, Sequence[str]], tuple[Series, ...]]


def read_details(
    call: Call, windows: Sequence[Window], pages: Pages, metrics: Metrics, *, spare: int
) -> CallDetails:
    """Return the details of a call over its ``windows``, newest first, as far as the requests go.

    One page of sessions and one request for metrics a window are always allowed; ``spare`` more are shared.
    When a later request fails, what was read until then is returned as cut.
    """
    newest = windows[:WINDOWS_AT_MOST]
    sessions, read, all_read, used = read_sessions(pages, newest, at_most=len(newest) + spare // 2)
    chunks = [(window, sids) for window in read for sids in _chunks(sessions, window)]
    allowed = 2 * len(newest) + spare - used
    series: list[Series] = []
    for number, (window, sids) in enumerate(chunks[:allowed]):
        try:
            series += metrics(window, sids)
        except AgoraError:
            if number == 0:
                raise
            all_read = False
            break
    whole = all_read and len(chunks) <= allowed and len(newest) == len(windows)
    return merged(call, sessions, series, cut=not whole)


def read_sessions(
    pages: Pages, windows: Sequence[Window], *, at_most: int
) -> tuple[tuple[Session, ...], tuple[Window, ...], bool, int]:
    """Return sessions, newest join first, the windows they are of, whether that is all, and what was spent.

    When a request after the first fails, return what was read until then as not all.
    """
    known: dict[str, Session] = {}
    read: dict[Window, None] = {}
    spent, all_read = 0, False
    try:
        for window, page in pages_of(pages, windows):
            spent += 1
            read[window] = None
            known = {session.sid: session for session in page.items} | known
            if spent == at_most:
                break
        all_read = not page.has_more and window.start == windows[-1].start
    except AgoraError:
        if not spent:
            raise
    return merge_sessions(known.values()), tuple(read), all_read, spent


def _chunks(sessions: Sequence[Session], window: Window) -> list[list[str]]:
    """Return the sids of those who were in the call within ``window``, twenty at a time."""
    present = [
        session.sid
        for session in sessions
        if session.joined_at < window.end and (session.left_at is None or session.left_at >= window.start)
    ]
    return [present[n : n + SIDS_AT_ONCE] for n in range(0, len(present), SIDS_AT_ONCE)]
