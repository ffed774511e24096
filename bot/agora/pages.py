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
    """Yield every page of every window, numbered from 1 in each.

    A page that tells nothing new of its window, and yet has more, is the last of all.
    """
    for window, first in read_each(lambda window: read(window, 1), windows):
        number, page, seen = 1, first, frozenset[str]()
        yield window, page
        while page.has_more and page.ids - seen:
            seen |= page.ids
            number += 1
            page = read(window, number)
            yield window, page
        if page.has_more:
            return


def newest_calls(
    read: Callable[[Window, int], Page[Call]],
    windows: Sequence[Window],
    window: Window,
    cname: str | None,
    at_most: int,
    *,
    answers: int | None = None,
) -> CallSearch:
    """Return the newest ``at_most`` calls that ran within ``window`` in exactly the channel ``cname``.

    ``windows`` are its pieces, newest first. Up to where pages were read, none is missing: a call that began
    before that line is shown only when all was read. When a later request fails, return what was found. With
    ``answers``, read no more than so many, and raise when any of them fails.
    """
    seen: dict[str, Call] = {}
    line, all_read, read_so_far = window.end, False, 0
    most = answers or len(windows) + 2 * -(-at_most // PAGE_SIZE) + 1
    try:
        for piece, page in pages_of(read, windows):
            read_so_far += 1
            seen = {call.call_id: call for call in page.items} | seen
            oldest = min((call.started_at for call in page.items), default=line)
            line = max(piece.start, oldest) if page.has_more else piece.start
            all_read = not page.has_more and piece.start == windows[-1].start
            if read_so_far == most or len(_from(line, wanted(seen, window, cname))) > at_most:
                break
    except AgoraError:
        if answers or not wanted(seen, window, cname):
            raise
    found = wanted(seen, window, cname)
    shown = found if all_read else _from(line, found) or found
    return CallSearch(
        calls=shown[:at_most], complete=all_read and len(found) <= at_most, requests=read_so_far
    )


def _from(line: int, calls: tuple[Call, ...]) -> tuple[Call, ...]:
    return tuple(call for call in calls if call.started_at >= line)
