"""More than ten users and three hours of a call, out of answers that hold no more.

Agora lists the ten users who joined last, and has no pages. So a full answer is asked again for the time up
to the oldest join that it lists, where earlier users are the last ones. Where that shows nobody else, it is
asked again in halves, which shows those who were there in only one of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.agora.errors import AgoraError
from bot.agora.merge import WINDOWS_AT_MOST, merged
from bot.agora.pieces import read_each
from bot.model.call import Call, CallDetails, Session
from bot.model.time import MINUTE_S, Window

Read = Callable[[Window], CallDetails]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    window: Window
    details: CallDetails
    by_halves: bool = False

    def narrower(self) -> tuple[Window, ...]:
        """Return the windows that may show further users, none where the answer is not full or too short."""
        if not self.details.cut:
            return ()
        oldest = min(session.joined_at for session in self.details.sessions)
        if not self.by_halves and self.window.start < oldest + 1 < self.window.end:
            return (Window(start=self.window.start, end=oldest + 1),)
        return self.window.halves() if self.window.span_s >= 2 * MINUTE_S else ()

    def hides(self, earlier: "_Part") -> bool:
        """Tell whether users of an ``earlier`` part stayed on unseen: values of theirs are missing."""
        return any(
            session.left_at is None or session.left_at > earlier.window.end
            for session in self.new_in(earlier)
        )

    def new_in(self, other: "_Part") -> list[Session]:
        """Return the sessions of another part that this one does not list."""
        listed = {session.sid for session in self.details.sessions}
        return [session for session in other.details.sessions if session.sid not in listed]


def read_details(call: Call, windows: Sequence[Window], read: Read, *, spare: int) -> CallDetails:
    """Return the details of a call over its ``windows``, newest first, as far as the requests go.

    One request a window is always allowed, ``spare`` more to find users whom full answers hide. When one
    after the first fails, what was read until then is returned as cut.
    """
    parts, all_read = _each(windows[:WINDOWS_AT_MOST], read)
    further, all_found = _look_behind(parts, read, spare)
    told = [part.details for part in (*parts, *further)]
    sessions = [session for details in told for session in details.sessions]
    series = [one for details in told for one in details.series]
    whole = all_read and all_found and len(windows) <= WINDOWS_AT_MOST
    return merged(call, sessions, series, cut=not whole)


def _each(windows: Sequence[Window], read: Read) -> tuple[list[_Part], bool]:
    """Return the windows that could be read, and whether those are all."""
    parts: list[_Part] = []
    try:
        for window, details in read_each(read, windows):
            parts.append(_Part(window=window, details=details))
    except AgoraError:
        if not parts:
            raise
        return parts, False
    return parts, True


def _look_behind(parts: Sequence[_Part], read: Read, spare: int) -> tuple[list[_Part], bool]:
    """Return what the narrower windows of full answers tell, and whether nothing stays hidden."""
    full, further, hidden = [part for part in parts if part.details.cut], list[_Part](), False
    while full:
        part = full.pop(0)
        windows = part.narrower()
        if not windows or len(windows) > spare:
            hidden = True
            continue
        spare -= len(windows)
        try:
            found = [_Part(window=window, details=read(window)) for window in windows]
        except AgoraError:
            return further, False
        further += found
        if len(found) == 1 and not part.new_in(found[0]):
            full.append(replace(part, by_halves=True))
            continue
        full += [one for one in found if one.details.cut]
        hidden = hidden or (len(found) == 1 and part.hides(found[0]))
    return further, not hidden
