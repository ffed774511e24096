"""Reading lists that come in pages, over one window or several."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.agora.current import PAGE_SIZE, Item, Page
from bot.agora.errors import AgoraError
from bot.agora.pieces import read_each
from bot.agora.walk import wanted
from bot.model.call import Call, CallSearch
from bot.model.time import Window


def pages_of(
    read: Callable[[Window, int], Page[Item]], windows: Iterable[Window]
) -> Iterator[tuple[Window, Page[Item]]]:
    """Yield every page of every window, numbered from 1 in each; an empty page is the last of its window."""
    for window, first in read_each(lambda window: read(window, 1), windows):
        number, page = 1, first
        yield window, page
        while page.has_more and page.items:
            number += 1
            page = read(window, number)
            yield window, page


def newest_calls(
    read: Callable[[Window, int], Page[Call]],
    windows: Sequence[Window],
    window: Window,
    cname: str | None,
    at_most: int,
) -> CallSearch:
    """Return the newest ``at_most`` calls that ran within ``window`` in exactly the channel ``cname``.

    ``windows`` are its pieces, newest first. Up to where pages were read, none is missing: a call that began
    before that line is shown only when all was read. When a later request fails, return what was found.
    """
    seen: dict[str, Call] = {}
    line, all_read = window.end, False
    requests = len(windows) + 2 * -(-at_most // PAGE_SIZE) + 1
    try:
        for piece, page in pages_of(read, windows):
            fresh = {call.call_id: call for call in page.items if call.call_id not in seen}
            seen |= fresh
            line = max(piece.start, min((call.started_at for call in page.items), default=piece.start))
            line = line if page.has_more else piece.start
            requests -= 1
            repeats = page.has_more and not fresh
            if repeats or requests == 0 or len(_from(line, wanted(seen, window, cname))) > at_most:
                break
        else:
            all_read = True
    except AgoraError:
        if not wanted(seen, window, cname):
            raise
    found = wanted(seen, window, cname)
    shown = found if all_read else _from(line, found) or found
    return CallSearch(calls=shown[:at_most], complete=all_read and len(found) <= at_most)


def _from(line: int, calls: tuple[Call, ...]) -> tuple[Call, ...]:
    return tuple(call for call in calls if call.started_at >= line)
