"""What is kept for long: found oldest first, read page by page, forgotten in small bites.

Rows stand in series, each the beginning of a primary key or index (a project's metric, a project's events).
Every statement names one series, so that an index answers it and a transaction touches few rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, select, tuple_

from bot.model.catalog import Feed
from bot.model.observation import DiagnosisEvent, FinishedCall, MetricPoint
from bot.model.time import MINUTE_S, Window
from bot.store.calls import call_of
from bot.store.database import Transaction
from bot.store.observations import event_of
from bot.store.tables import alerts, calls, diagnosis_events, feeds, known_minutes, metric_points, suspects

Series = tuple[str, ...]
"""The values of the columns that name one series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A table in series. ``order`` sorts a series from old to young and tells its rows apart; it begins with
    the instant by which a row is old."""

    table: Table
    series: tuple[Column[Any], ...]
    order: tuple[Column[Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPoint:
    """A metric point with whose it is and when it was last read from Agora."""

    project: str
    point: MetricPoint
    fetched_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event with whose it is and when it came first; ``ts`` of an alert is Agora's time for it.

    ``at_least``: the answer for its minute was cut, so that there were more events than are stored; None
    where no complete poll has covered the minute yet, and for alerts.
    """

    project: str
    event: DiagnosisEvent
    fetched_at: int
    at_least: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """A call that is over with whose it is and when it was last read from Agora."""

    project: str
    call: FinishedCall
    fetched_at: int


_points, _events, _known = metric_points.c, diagnosis_events.c, known_minutes.c

POINTS = Shelf(table=metric_points, series=(_points.project, _points.metric), order=(_points.minute,))
EVENTS = Shelf(
    table=diagnosis_events,
    series=(_events.project,),
    order=(_events.ts, _events.cname, _events.user, _events.experience_id, _events.source),
)
CALLS = Shelf(table=calls, series=(calls.c.project,), order=(calls.c.destroyed_ts, calls.c.call_id))
SUSPECTS = Shelf(
    table=suspects, series=(suspects.c.project,), order=(suspects.c.noticed_at, suspects.c.call_id)
)
KNOWN = Shelf(table=known_minutes, series=(_known.project, _known.feed), order=(_known.minute,))
RESOLVED = Shelf(table=alerts, series=(alerts.c.project,), order=(alerts.c.resolved_at, alerts.c.id))
"""Open alerts have no ``resolved_at`` and are therefore never old."""


def series_of(tx: Transaction, shelf: Shelf) -> list[Series]:
    """Return every series of a shelf in order, by one look into the index for each."""
    return list(_walk(tx, shelf.series))


def projects(tx: Transaction) -> list[str]:
    """Return the names of all projects of which anything is stored, sorted."""
    found: set[str] = set()
    for table in (metric_points, diagnosis_events, calls, feeds, alerts):
        found.update(project for (project,) in _walk(tx, (table.c.project,)))
    return sorted(found)


def forget_oldest(tx: Transaction, shelf: Shelf, series: Series, before: int, *, limit: int) -> int:
    """Delete at most ``limit`` rows of a series that are older than ``before``; return how many they were.

    Fewer than ``limit`` means that nothing old is left. What refers to the rows goes with them.
    """
    age, key = shelf.order[0], tuple_(*shelf.order)
    mine = _in_series(shelf, series)
    oldest = select(*shelf.order).where(*mine, age < before).order_by(*shelf.order).limit(limit)
    keys = tx.execute(oldest).all()
    if not keys:
        return 0
    first, last = keys[0], keys[-1]
    # Between two ages PostgreSQL reckons with few rows, also when its statistics still count what is gone:
    # with only an upper bound it read the whole table for each bite.
    few = age.between(first[0], last[0]) & (key <= tuple_(*last))
    return tx.execute(delete(shelf.table).where(*mine, few)).rowcount


def read_points(
    tx: Transaction, series: Series, window: Window, *, after: StoredPoint | None, limit: int
) -> list[StoredPoint]:
    """Return the next ``limit`` points of a series of POINTS behind ``after``, oldest first."""
    where = [*_in_series(POINTS, series), _points.minute >= window.start, _points.minute < window.end]
    if after is not None:
        where.append(_points.minute > after.point.minute)
    query = select(metric_points).where(*where).order_by(_points.minute).limit(limit)
    return [
        StoredPoint(
            project=row.project,
            point=MetricPoint(metric=row.metric, minute=row.minute, value=row.value),
            fetched_at=row.fetched_at,
        )
        for row in tx.execute(query)
    ]


def read_events(
    tx: Transaction, series: Series, window: Window, *, after: StoredEvent | None, limit: int
) -> list[StoredEvent]:
    """Return the next ``limit`` events of a series of EVENTS behind ``after``, oldest first."""
    where = [*_in_series(EVENTS, series), _events.ts >= window.start, _events.ts < window.end]
    if after is not None:
        last = after.event
        key = tuple_(last.ts, last.cname, last.user, last.experience_id, last.source)
        where.append(tuple_(*EVENTS.order) > key)
    polled = (
        (_events.source == "agora")
        & (_known.project == _events.project)
        & (_known.feed == Feed.DIAGNOSIS.value)
        & (_known.minute == _events.ts - _events.ts % MINUTE_S)
    )
    query = select(diagnosis_events, _known.cut).join_from(
        diagnosis_events, known_minutes, polled, isouter=True
    )
    return [
        StoredEvent(
            project=row.project,
            event=event_of(row, ts=row.ts),
            fetched_at=row.fetched_at,
            at_least=row.cut,
        )
        for row in tx.execute(query.where(*where).order_by(*EVENTS.order).limit(limit))
    ]


def read_calls(
    tx: Transaction, series: Series, window: Window, *, after: StoredCall | None, limit: int
) -> list[StoredCall]:
    """Return the next ``limit`` calls of a series of CALLS behind ``after``, in order of their end."""
    ended = calls.c.destroyed_ts
    where = [*_in_series(CALLS, series), ended >= window.start, ended < window.end]
    if after is not None:
        where.append(tuple_(*CALLS.order) > tuple_(after.call.destroyed_ts, after.call.call_id))
    query = select(calls).where(*where).order_by(*CALLS.order).limit(limit)
    return [
        StoredCall(project=row.project, call=call_of(row), fetched_at=row.fetched_at)
        for row in tx.execute(query)
    ]


def _in_series(shelf: Shelf, series: Series) -> list[ColumnElement[bool]]:
    return [column == value for column, value in zip(shelf.series, series, strict=True)]


def _walk(tx: Transaction, columns: Sequence[Column[Any]]) -> Iterator[Series]:
    """Yield the different values of ``columns``, the first of an index: as many look-ups as there are
    values, where SELECT DISTINCT would read the whole table."""
    last: Series = ("",) * len(columns)  # no name is empty, so all come behind this
    query = select(*columns).order_by(*columns).limit(1)
    while (row := tx.execute(query.where(tuple_(*columns) > tuple_(*last))).first()) is not None:
        last = tuple(row)
        yield last
