"""Reading more calls than fit into one answer, by asking for ever older ones.

ask [start, end) ──► no older ones ──────────────────────────────► complete
     ▲    │
     │    ├─► enough found, start reached, too many in one second ─► not complete
     │    └─► failed ─► nothing found: raise, else ──────────────► not complete
     └── end = oldest start seen (+ 1, as others may have begun in that second)
"""

from collections.abc import Callable, Mapping

from bot.agora.beta import ROWS_AT_MOST, CallPage
from bot.agora.errors import AgoraError
from bot.model.call import Call, CallSearch
from bot.model.time import Window


def walk_back(
    read: Callable[[Window], CallPage],
    window: Window,
    cname: str | None,
    at_most: int,
    *,
    answers: int | None = None,
) -> CallSearch:
    """Return the newest ``at_most`` calls that ran within ``window`` in exactly the channel ``cname``.

    Whether Agora selects by start or by overlap is undocumented, so what it lists is filtered again. When
    a later answer fails, return what was found; raise AgoraError when nothing was. With ``answers``, read no
    more than so many, and raise when any of them fails.
    """
    seen: dict[str, Call] = {}
    end: int | None = window.end
    has_more, gap, read_so_far = True, False, 0
    for _ in range(answers or _answers_at_most(at_most)):
        if end is None or len(wanted(seen, window, cname)) >= at_most:
            break
        try:
            page = read(Window(start=window.start, end=end))
        except AgoraError:
            if answers or not wanted(seen, window, cname):
                raise
            break
        read_so_far += 1
        seen.update({call.call_id: call for call in page.calls})
        has_more = page.has_more
        end = _older_end(seen, window.start, end) if has_more else None
        gap = gap or (end is not None and end == _oldest(seen))
    found = wanted(seen, window, cname)
    return CallSearch(
        calls=found[:at_most],
        complete=not has_more and not gap and len(found) <= at_most,
        requests=read_so_far,
    )


def _older_end(seen: Mapping[str, Call], start: int, end: int) -> int | None:
    """Return the end of the next window, None where it would be empty or no older than the last.

    A window that ended right after the oldest call and brought none older than it leads past its second,
    which leaves a gap: more than ten calls may have begun in it.
    """
    oldest = _oldest(seen)
    if oldest is None:
        return None
    older = oldest + 1 if oldest + 1 < end else oldest
    return older if start < older < end else None


def _oldest(seen: Mapping[str, Call]) -> int | None:
    return min((call.started_at for call in seen.values()), default=None)


def wanted(seen: Mapping[str, Call], window: Window, cname: str | None) -> tuple[Call, ...]:
    """Return the calls that ran within ``window`` in exactly the channel ``cname``, newest first."""
    ran = (
        call
        for call in seen.values()
        if (cname is None or call.cname == cname)
        and call.started_at < window.end
        and (call.ended_at is None or call.ended_at >= window.start)
    )
    return tuple(sorted(ran, key=lambda call: -call.started_at))


def _answers_at_most(at_most: int) -> int:
    """Twice what is needed with one tie per answer: bounds the cost should Agora ignore a filter."""
    return 2 * -(-at_most // (ROWS_AT_MOST - 1)) + 1
