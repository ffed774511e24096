"""What is stored of one user, of names of channels, and of how calls were: for people who ask."""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, String, cast, func, select

from bot.model.call_mark import CallMark
from bot.model.observation import DiagnosisEvent
from bot.model.time import Window
from bot.store.database import Transaction
from bot.store.observations import event_of
from bot.store.tables import calls, diagnosis_events, suspects

_e = diagnosis_events.c
_s = suspects.c


def events_of(
    tx: Transaction, project: str, uid: str, window: Window, *, limit: int
) -> tuple[int, list[DiagnosisEvent]]:
    """Return how many bad experiences a user had, and the last ``limit`` of them, the newest first."""
    return _events(tx, project, _e.user == uid, window, limit)


def events_by(
    tx: Transaction, project: str, uid: str, window: Window, *, limit: int
) -> tuple[int, list[DiagnosisEvent]]:
    """Return the same of others, where this user is named as whom it came from."""
    named = cast(_e.tags, String).contains(json.dumps(uid), autoescape=True)
    count, found = _events(tx, project, named & (_e.user != uid), window, limit)
    return count, [event for event in found if any(tag.host_user == uid for tag in event.tags)]


def _events(
    tx: Transaction, project: str, about: ColumnElement[bool], window: Window, limit: int
) -> tuple[int, list[DiagnosisEvent]]:
    within = (_e.project == project, _e.ts >= window.start, _e.ts < window.end, about)
    count: int = tx.execute(select(func.count()).select_from(diagnosis_events).where(*within)).scalar_one()
    newest = select(diagnosis_events).where(*within).order_by(_e.ts.desc(), _e.cname, _e.user).limit(limit)
    return count, [event_of(row, ts=row.ts) for row in tx.execute(newest)]


def most(
    tx: Transaction, project: str, window: Window, *, limit: int
) -> tuple[int, list[tuple[str, int]], list[tuple[str, int]]]:
    """Return how many bad moments there were, and the channels and users with most of them."""
    within = (_e.project == project, _e.ts >= window.start, _e.ts < window.end)
    total: int = tx.execute(select(func.count()).select_from(diagnosis_events).where(*within)).scalar_one()
    found = []
    for column in (_e.cname, _e.user):
        count = func.count().label("n")
        query = select(column.label("name"), count).where(*within, column != "").group_by(column)
        rows = tx.execute(query.order_by(count.desc(), column).limit(limit))
        found.append([(row.name, row.n) for row in rows])
    return total, found[0], found[1]


def blamed(tx: Transaction, project: str, uid: str, window: Window, *, limit: int) -> list[tuple[str, str]]:
    """Return the channel and the doctor's headline of calls whose trouble came from a user, newest first."""
    query = select(_s.cname, _s.headline).where(
        _s.project == project, _s.uid == uid, _s.noticed_at >= window.start, _s.noticed_at < window.end
    )
    rows = tx.execute(query.order_by(_s.created_ts.desc()).limit(limit))
    return [(row.cname, row.headline) for row in rows]


def channels_since(tx: Transaction, since: int, *, limit: int) -> list[str]:
    """Return names of channels that were seen since an instant."""
    seen = (
        select(calls.c.cname).where(calls.c.destroyed_ts >= since),
        select(_s.cname).where(_s.noticed_at >= since),
        select(_e.cname).where(_e.ts >= since),
    )
    found = {row.cname for query in seen for row in tx.execute(query.distinct().limit(limit))}
    return sorted(found)


def call_known(
    tx: Transaction, projects: Collection[str], call_id: str
) -> tuple[str, str, int, int | None] | None:
    """Return project, channel, start and end of a call of which only the id is known."""
    c = calls.c
    over = select(c.project, c.cname, c.created_ts, c.destroyed_ts).where(
        c.project.in_(projects), c.call_id == call_id
    )
    noticed = select(_s.project, _s.cname, _s.created_ts, _s.destroyed_ts).where(
        _s.project.in_(projects), _s.call_id == call_id
    )
    for query in (over, noticed):
        row = tx.execute(query.limit(1)).first()
        if row is not None:
            return row.project, row.cname, row.created_ts, row.destroyed_ts
    return None


def marks(tx: Transaction, project: str, call_ids: Collection[str]) -> Iterator[tuple[str, CallMark]]:
    """Yield what the doctor said of calls, as a mark for each that he looked at."""
    query = select(_s.call_id, _s.verdict, _s.headline).where(
        _s.project == project, _s.call_id.in_(call_ids), _s.verdict != ""
    )
    for row in tx.execute(query):
        yield row.call_id, CallMark(verdict=row.verdict, headline=row.headline)
