"""Take stored history out, row by row: what is read is at most a page, however much is asked for."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol, TypeVar

from bot.flows.export_columns import COLUMNS, What
from bot.model.alert import Alert
from bot.model.audit import AuditEntry
from bot.model.feedback import Feedback
from bot.model.time import Window
from bot.store import Database, Transaction, alerts, audit, feedback, history

PAGE_ROWS = 2000
"""Rows read by one transaction: short enough for SQLite, where a transaction holds up every writer."""

T = TypeVar("T")
Row = list[object]


class UnknownProject(Exception):
    """Nothing is stored of this project; the message names those that are known."""


class _Read(Protocol[T]):
    """Returns the page behind ``after``, or the first."""

    def __call__(self, tx: Transaction, *, after: T | None) -> list[T]: ...


def rows(database: Database, what: What, window: Window, project: str | None) -> Iterator[Row]:
    """Return the values of ``COLUMNS[what]``, of one project or all, in the order of ``ORDER[what]``.

    Each page is a transaction of its own: rows that are written or forgotten meanwhile may be in or not, but
    none comes twice. Raises UnknownProject at once, DatabaseUnavailable at any row.
    """
    _check(database, project)
    columns = COLUMNS[what]
    return ([column.of(item) for column in columns] for item in _ITEMS[what](database, window, project))


def _check(database: Database, project: str | None) -> None:
    if project is None:
        return
    with database.transaction() as tx:
        known = history.projects(tx)
    if project not in known:
        stored = f"projects with data are {', '.join(known)}" if known else "nothing is stored at all"
        raise UnknownProject(f"nothing is stored of a project {project!r}; {stored}")


def _points(database: Database, window: Window, project: str | None) -> Iterator[history.StoredPoint]:
    for series in _series(database, history.POINTS, project):
        read = partial(history.read_points, series=series, window=window, limit=PAGE_ROWS)
        yield from _paged(database, read)


def _events(database: Database, window: Window, project: str | None) -> Iterator[history.StoredEvent]:
    for series in _series(database, history.EVENTS, project):
        read = partial(history.read_events, series=series, window=window, limit=PAGE_ROWS)
        yield from _paged(database, read)


def _calls(database: Database, window: Window, project: str | None) -> Iterator[history.StoredCall]:
    for series in _series(database, history.CALLS, project):
        yield from _paged(
            database, partial(history.read_calls, series=series, window=window, limit=PAGE_ROWS)
        )


def _alerts(database: Database, window: Window, project: str | None) -> Iterator[Alert]:
    def read(tx: Transaction, *, after: Alert | None) -> list[Alert]:
        last = after.id if after else 0
        return alerts.fired_within(tx, window, project, after=last, limit=PAGE_ROWS)

    return _paged(database, read)


def _feedback(database: Database, window: Window, project: str | None) -> Iterator[Feedback]:
    def read(tx: Transaction, *, after: Feedback | None) -> list[Feedback]:
        return feedback.given_within(tx, window, project, after=after, limit=PAGE_ROWS)

    return _paged(database, read)


def _audit(database: Database, window: Window, project: str | None) -> Iterator[AuditEntry]:
    def read(tx: Transaction, *, after: AuditEntry | None) -> list[AuditEntry]:
        return audit.within(tx, window, after=after.id if after else 0, limit=PAGE_ROWS)

    return _paged(database, read)


_ITEMS: dict[What, Callable[[Database, Window, str | None], Iterator[Any]]] = {
    What.METRICS: _points,
    What.EVENTS: _events,
    What.CALLS: _calls,
    What.ALERTS: _alerts,
    What.FEEDBACK: _feedback,
    What.AUDIT: _audit,
}


def _series(database: Database, shelf: history.Shelf, project: str | None) -> list[history.Series]:
    with database.transaction() as tx:
        return [series for series in history.series_of(tx, shelf) if project in (None, series[0])]


def _paged(database: Database, read: _Read[T]) -> Iterator[T]:
    after: T | None = None
    while True:
        with database.transaction() as tx:
            page = read(tx, after=after)
        yield from page
        if len(page) < PAGE_ROWS:
            return
        after = page[-1]
