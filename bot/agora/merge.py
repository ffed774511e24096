"""Details of one call that came in several answers, as one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from bot.model.call import Call, CallDetails, Series, Session
from bot.model.time import Window

WINDOWS_AT_MOST = 8
"""How many windows of one call are read, the newest: 24 hours of a call with windows of three."""


def span_of(call: Call, now: float) -> Window:
    """Return the time of a call, up to now while it goes on; at least one second."""
    end = call.ended_at if call.ended_at is not None else int(now)
    return Window(start=call.started_at, end=max(end, call.started_at + 1))


def merged(call: Call, sessions: Iterable[Session], series: Iterable[Series], *, cut: bool) -> CallDetails:
    """Return everything once, sessions newest join first; of what came twice the first listed counts."""
    known = merge_sessions(sessions)
    kept = {session.sid for session in known}
    users = {session.uid for session in known}
    return CallDetails(
        call=call,
        sessions=known,
        series=_merge_series(one for one in series if one.sid in kept),
        cut=cut,
        users_at_least=len(users) if cut else None,
    )


def merge_sessions(sessions: Iterable[Session]) -> tuple[Session, ...]:
    """Return each session once, newest join first; its join is the earliest told, its rest the first."""
    known: dict[str, Session] = {}
    for session in sessions:
        first = known.setdefault(session.sid, session)
        if session.joined_at < first.joined_at:
            known[session.sid] = replace(first, joined_at=session.joined_at)
    return tuple(sorted(known.values(), key=lambda session: -session.joined_at))


def _merge_series(series: Iterable[Series]) -> tuple[Series, ...]:
    """Return one series for each session, metric and peer; of one instant the first listed value counts."""
    parts: defaultdict[tuple[str, int, str], list[Series]] = defaultdict(list)
    for one in series:
        parts[one.sid, one.mid, one.peer_uid].append(one)
    return tuple(_joined(same) for same in parts.values())


def _joined(same: list[Series]) -> Series:
    if len(same) == 1:
        return same[0]
    ts, first = np.unique(np.concatenate([one.ts for one in same]), return_index=True)
    return replace(same[0], ts=ts, values=np.concatenate([one.values for one in same])[first])
