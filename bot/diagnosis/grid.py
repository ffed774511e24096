"""A call as arrays: own values by user and tick, values about a stream by pair and tick. Holes are NaN."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.diagnosis.measure import Flags, Floats
from bot.diagnosis.series import FREEZES, OWN, QUALITY, STREAM
from bot.model.call import CallDetails, Series, Session
from bot.model.time import DAY_S

Ints = npt.NDArray[np.int64]

TICK_S = 2
"""How far Agora's samples lie apart."""
CELLS_AT_MOST = 4_000_000
"""Of pairs times ticks; ticks of larger calls are longer, so that the memory has an end."""
SPAN_AT_MOST_S = 7 * DAY_S


class Unusable(Exception):
    """Nothing can be said of the call; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """``users`` are rows of ``own`` and ``alive``; ``receiver`` and ``sender`` name the users of each pair,
    the rows of ``heard``. ``listed``: users with a stay of their own, not only named as somebody's peer.
    """

    start: int
    tick_s: int
    ticks: int
    users: tuple[str, ...]
    listed: Flags
    receiver: Ints
    sender: Ints
    alive: Flags
    """Ticks in which a user's own values came, or any where a stay has none of its own."""
    sessions: tuple[Session, ...]
    own: dict[int, Floats] = field(default_factory=dict)
    heard: dict[int, Floats] = field(default_factory=dict)

    def tick(self, instant: float) -> int:
        """Return the tick that holds an instant, the nearest for instants beyond the grid."""
        return int(min(max((instant - self.start) // self.tick_s, 0), self.ticks - 1))

    def at(self, tick: int) -> int:
        """Return the instant at which a tick begins."""
        return self.start + tick * self.tick_s

    def in_ticks(self, span_s: float) -> int:
        """Return a span in ticks, at least one."""
        return max(1, round(span_s / self.tick_s))

    def mine(self, mid: int) -> Floats:
        """Return an own metric of all users, holes where it was never told."""
        found = self.own.get(mid)
        return found if found is not None else np.full((len(self.users), self.ticks), np.nan)

    def of_pairs(self, mid: int) -> Floats:
        """Return a metric of all pairs, holes where it was never told."""
        found = self.heard.get(mid)
        return found if found is not None else np.full((len(self.receiver), self.ticks), np.nan)


def make_grid(details: CallDetails) -> Grid:
    """Return the grid of a call; raise Unusable where no sample is left to put into it."""
    uid_of = {session.sid: session.uid for session in details.sessions}
    series = [one for one in details.series if one.sid in uid_of and one.ts.size]
    if not series:
        raise Unusable("no sample was measured")
    first = min(int(one.ts[0]) for one in series)
    last = max(int(one.ts[-1]) for one in series)
    joins = [s.joined_at for s in details.sessions if first - DAY_S < s.joined_at <= last]
    start = min([first, *joins])
    if last - start > SPAN_AT_MOST_S:
        raise Unusable(f"samples lie {(last - start) // DAY_S} days apart, which no call lasts")
    users = _users(series, uid_of)
    place = {uid: n for n, uid in enumerate(users)}
    pairs = _pairs(series, uid_of, place)
    tick_s = _tick_s(series, last - start, max(len(pairs), len(users)))
    ticks = (last - start) // tick_s + 1
    grid = Grid(
        start=start,
        tick_s=tick_s,
        ticks=ticks,
        users=users,
        listed=np.array([uid in set(uid_of.values()) for uid in users]),
        receiver=np.array([a for a, _ in pairs], dtype=np.int64),
        sender=np.array([b for _, b in pairs], dtype=np.int64),
        alive=np.zeros((len(users), ticks), dtype=np.bool_),
        sessions=tuple(s for s in details.sessions if s.uid in place),
    )
    rows = {pair: n for n, pair in enumerate(pairs)}
    telling = {one.sid for one in series if one.mid in OWN}
    for one in series:
        _put(grid, one, place, rows, place[uid_of[one.sid]])
        if one.mid in OWN or one.sid not in telling:
            grid.alive[place[uid_of[one.sid]], (one.ts - start) // tick_s] = True
    return grid


def _users(series: Iterable[Series], uid_of: dict[str, str]) -> tuple[str, ...]:
    """Return all users with values of their own or named as peer, in the order of their numbers."""
    named = {uid_of[one.sid] for one in series} | set(uid_of.values())
    named |= {one.peer_uid for one in series if one.mid in STREAM or one.mid in QUALITY}
    return tuple(sorted(named - {"", "0"}, key=lambda uid: (len(uid), uid)))


def _pairs(series: Iterable[Series], uid_of: dict[str, str], place: dict[str, int]) -> list[tuple[int, int]]:
    """Return (row's user, peer) of all values about a stream, and the other way round."""
    found = set()
    for one in series:
        a, b = place.get(uid_of[one.sid]), _peer(one, place, uid_of[one.sid])
        if (one.mid in STREAM or one.mid in QUALITY) and a is not None and b is not None and a != b:
            found |= {(a, b), (b, a)}
    return sorted(found)


def _peer(one: Series, place: dict[str, int], uid: str) -> int | None:
    """Return the other user of a value; with two users, "0" can only mean the other."""
    if one.peer_uid in ("0", "") and len(place) == 2:
        return next(n for other, n in place.items() if other != uid)
    return place.get(one.peer_uid)


def _tick_s(series: Sequence[Series], span_s: int, rows: int) -> int:
    """Return how long a tick is: as far as samples lie apart, longer where there are too many."""
    steps = [float(np.median(np.diff(one.ts))) for one in series if one.ts.size > 2]
    tick_s = max(TICK_S, round(float(np.median(steps)))) if steps else TICK_S
    return max(tick_s, -(-span_s * rows // CELLS_AT_MOST))


def _put(grid: Grid, one: Series, place: dict[str, int], rows: dict[tuple[int, int], int], user: int) -> None:
    ticks = (one.ts - grid.start) // grid.tick_s
    values = one.values
    if one.mid in OWN:
        _array(grid.own, one.mid, len(grid.users), grid.ticks)[user, ticks] = values
        return
    peer = _peer(one, place, grid.users[user])
    row = rows.get((user, peer)) if peer is not None else None
    if row is None or not (one.mid in STREAM or one.mid in QUALITY):
        return
    target = _array(grid.heard, one.mid, len(grid.receiver), grid.ticks)[row]
    if one.mid in FREEZES:
        target[ticks] = np.where(np.isnan(target[ticks]), 0, target[ticks])
        np.add.at(target, ticks, values)
    else:
        target[ticks] = values


def _array(where: dict[int, Floats], mid: int, rows: int, ticks: int) -> Floats:
    found = where.get(mid)
    if found is None:
        found = where[mid] = np.full((rows, ticks), np.nan)
    return found
