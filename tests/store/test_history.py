"""History: every statement is answered by an index, whatever the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, text

from bot.model.alert import Alert, AlertEvent, EventKind, State
from bot.model.catalog import Feed
from bot.model.observation import DiagnosisEvent, FinishedCall, MetricPoint
from bot.model.time import Window
from bot.model.verdict import Severity, labels
from bot.store import Database, Transaction, alerts, calls, history, observations
from tests.conftest import T0

PROJECTS, METRICS, MINUTES = ("p", "q"), ("pcc", "pcu"), 1500
DAY = Window(start=T0, end=T0 + 86_400)


def fill(database: Database) -> None:
    """Two projects with two metrics, an event and a call a minute, known minutes, and an incident each."""
    minutes = [T0 + 60 * n for n in range(MINUTES)]
    for project in PROJECTS:
        with database.transaction() as tx:
            observations.save_points(
                tx,
                project,
                [MetricPoint(metric=m, minute=t, value=1.0) for m in METRICS for t in minutes],
                T0,
            )
            observations.save_events(tx, project, [event_at(t + 7) for t in minutes], T0)
            observations.mark_known(tx, project, Feed.DIAGNOSIS, minutes, cut=frozenset())
            calls.save(tx, project, [call_at(t + 9) for t in minutes], T0)
            alerts.save(tx, resolved(project, T0))


def event_at(ts: int, cname: str = "c", user: str = "1") -> DiagnosisEvent:
    return DiagnosisEvent(ts=ts, cname=cname, user=user, experience_id=4)


def call_at(ended: int, call_id: str = "") -> FinishedCall:
    return FinishedCall(call_id=call_id or f"c{ended}", cname="é", created_ts=ended - 600, destroyed_ts=ended)


def resolved(project: str, at: int, fingerprint: str = "f") -> Alert:
    return Alert(
        fingerprint=fingerprint,
        project=project,
        alertname="A",
        labels=labels(project=project),
        state=State.RESOLVED,
        severity=Severity.WARNING,
        active_at=at - 600,
        fired_at=at - 300,
        resolved_at=at,
        judged_at=at,
    )


@contextmanager
def plans(tx: Transaction) -> Iterator[list[str]]:
    """Collect what the database says how it will answer each statement of the block."""
    found: list[str] = []
    ask = "EXPLAIN QUERY PLAN " if tx.dialect.name == "sqlite" else "EXPLAIN "

    def explain(connection, cursor, statement, parameters, *_) -> None:
        if not statement.startswith("EXPLAIN"):
            rows = connection.exec_driver_sql(ask + statement, parameters).all()
            found.append("\n".join(" ".join(map(str, row)) for row in rows))

    event.listen(Engine, "before_cursor_execute", explain)
    yield found
    event.remove(Engine, "before_cursor_execute", explain)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda tx: history.series_of(tx, history.POINTS), id="series of metrics"),
        pytest.param(lambda tx: history.series_of(tx, history.EVENTS), id="series of events"),
        pytest.param(lambda tx: history.series_of(tx, history.KNOWN), id="series of minutes"),
        pytest.param(lambda tx: history.series_of(tx, history.CALLS), id="series of calls"),
        pytest.param(
            lambda tx: history.forget_oldest(tx, history.CALLS, ("q",), T0 + 30_000, limit=99),
            id="forget calls",
        ),
        pytest.param(lambda tx: history.read_calls(tx, ("q",), DAY, after=None, limit=99), id="read calls"),
        pytest.param(
            lambda tx: history.forget_oldest(tx, history.POINTS, ("q", "pcu"), T0 + 30_000, limit=99),
            id="forget metrics",
        ),
        pytest.param(
            lambda tx: history.forget_oldest(tx, history.EVENTS, ("q",), T0 + 30_000, limit=99),
            id="forget events",
        ),
        pytest.param(
            lambda tx: history.forget_oldest(tx, history.KNOWN, ("q", "diagnosis"), T0 + 30_000, limit=99),
            id="forget minutes",
        ),
        pytest.param(
            lambda tx: history.read_points(tx, ("q", "pcu"), DAY, after=None, limit=99), id="read metrics"
        ),
        pytest.param(lambda tx: history.read_events(tx, ("q",), DAY, after=None, limit=99), id="read events"),
    ],
)
def test_no_statement_reads_a_whole_table(database: Database, work: Callable[[Transaction], object]) -> None:
    fill(database)
    with database.transaction() as tx:
        tx.execute(text("ANALYZE"))
    with database.transaction() as tx, plans(tx) as found:
        work(tx)
    assert found
    scans = ("SCAN", "TEMP B-TREE", "Seq Scan", "Sort")
    assert [plan for plan in found if any(scan in plan for scan in scans)] == []


@pytest.mark.parametrize(
    ("shelf", "series"),
    [
        (history.POINTS, ("q", "pcu")),
        (history.EVENTS, ("q",)),
        (history.CALLS, ("q",)),
        (history.KNOWN, ("q", "diagnosis")),
    ],
)
def test_the_index_is_used_also_while_the_statistics_count_what_is_gone(
    database: Database, shelf: history.Shelf, series: history.Series
) -> None:
    fill(database)
    with database.transaction() as tx:
        tx.execute(text("ANALYZE"))
    with database.transaction() as tx:
        for project in PROJECTS:
            history.forget_oldest(tx, shelf, (project, *series[1:]), T0 + 70_000, limit=5000)
        with plans(tx) as found:
            assert history.forget_oldest(tx, shelf, series, T0 + 80_000, limit=50) == 50
    assert [plan for plan in found if "Seq Scan" in plan or "SCAN" in plan] == []


def test_series_are_listed_once_each_in_order(database: Database) -> None:
    fill(database)
    with database.transaction() as tx:
        assert history.series_of(tx, history.POINTS) == [(p, m) for p in PROJECTS for m in METRICS]
        assert history.series_of(tx, history.EVENTS) == [(p,) for p in PROJECTS]
        assert history.series_of(tx, history.KNOWN) == [(p, "diagnosis") for p in PROJECTS]
        assert history.projects(tx) == list(PROJECTS)


def test_an_empty_database_has_no_series(database: Database) -> None:
    with database.transaction() as tx:
        assert (history.series_of(tx, history.POINTS), history.projects(tx)) == ([], [])


def test_no_more_rows_are_forgotten_than_allowed_even_of_one_second(database: Database) -> None:
    crowd = [event_at(T0, user=str(n)) for n in range(25)]
    with database.transaction() as tx:
        observations.save_events(tx, "p", crowd, T0)
        gone = [history.forget_oldest(tx, history.EVENTS, ("p",), T0 + 1, limit=10) for _ in range(4)]
    assert gone == [10, 10, 5, 0]


def test_a_series_leaves_its_neighbours_alone(database: Database) -> None:
    fill(database)
    with database.transaction() as tx:
        assert history.forget_oldest(tx, history.POINTS, ("q", "pcu"), T0 + 600, limit=99) == 10
        left = {
            (p, m): len(history.read_points(tx, (p, m), DAY, after=None, limit=5000))
            for p in PROJECTS
            for m in METRICS
        }
    assert {key: 1440 - n for key, n in left.items() if n != 1440} == {("q", "pcu"): 10}


def test_an_incident_takes_its_history_along(database: Database) -> None:
    with database.transaction() as tx:
        old = alerts.save(tx, resolved("p", T0))
        alerts.add_event(tx, old.id, AlertEvent(kind=EventKind.OPENED, at=T0, severity=Severity.WARNING))
        assert history.forget_oldest(tx, history.RESOLVED, ("p",), T0, limit=9) == 0
        assert history.forget_oldest(tx, history.RESOLVED, ("p",), T0 + 1, limit=9) == 1
        assert (alerts.find(tx, old.id), alerts.history(tx, old.id)) == (None, [])


@pytest.mark.parametrize(
    ("known", "cut", "expected"), [(True, True, True), (True, False, False), (False, False, None)]
)
def test_an_event_tells_whether_its_minute_was_cut(
    database: Database, known: bool, cut: bool, expected: bool | None
) -> None:
    with database.transaction() as tx:
        observations.save_events(tx, "p", [event_at(T0 + 59)], T0 + 200)
        observations.mark_known(
            tx, "p", Feed.DIAGNOSIS, [T0 + 60], cut=frozenset() if cut else frozenset({T0, T0 + 60})
        )
        observations.mark_known(tx, "p", Feed.NET, [T0], cut=frozenset() if cut else frozenset({T0, T0 + 60}))
        observations.mark_known(
            tx, "q", Feed.DIAGNOSIS, [T0], cut=frozenset() if cut else frozenset({T0, T0 + 60})
        )
        if known:
            observations.mark_known(tx, "p", Feed.DIAGNOSIS, [T0], cut=frozenset({T0} if cut else ()))
        (seen,) = history.read_events(tx, ("p",), DAY, after=None, limit=9)
    assert (seen.event, seen.at_least, seen.fetched_at) == (event_at(T0 + 59), expected, T0 + 200)


def test_pages_of_events_follow_each_other_without_gap_or_repetition(database: Database) -> None:
    polled = [event_at(T0 + s, cname, user) for s in (0, 1) for cname in ("A", "b", "é") for user in "12"]
    pushed = [replace(event, source="alert") for event in polled]
    events = [*polled, *pushed]
    with database.transaction() as tx:
        observations.save_events(tx, "p", polled, T0)
        for event in pushed:
            observations.save_alert(tx, "p", event.ts, [event])
        whole = history.read_events(tx, ("p",), DAY, after=None, limit=99)
        paged: list[history.StoredEvent] = []
        while page := history.read_events(tx, ("p",), DAY, after=paged[-1] if paged else None, limit=5):
            paged += page
    assert paged == whole
    assert sorted(map(repr, (stored.event for stored in whole))) == sorted(map(repr, events))


def test_pages_of_calls_follow_each_other_without_gap_or_repetition(database: Database) -> None:
    ended = [call_at(T0 + n // 4, f"{n:02}") for n in range(11)]
    with database.transaction() as tx:
        calls.save(tx, "p", reversed(ended), T0)
        paged: list[history.StoredCall] = []
        while page := history.read_calls(tx, ("p",), DAY, after=paged[-1] if paged else None, limit=3):
            paged += page
    assert [stored.call for stored in paged] == ended


def test_incidents_are_found_by_when_they_fired(database: Database) -> None:
    with database.transaction() as tx:
        saved = [alerts.save(tx, resolved(p, T0 + 300 + n, str(n))) for n, p in enumerate("pqpp")]
        window = Window(start=T0 + 1, end=T0 + 3)
        assert alerts.fired_within(tx, window, None, after=0, limit=9) == saved[1:3]
        assert alerts.fired_within(tx, window, None, after=0, limit=1) == saved[1:2]
        assert alerts.fired_within(tx, window, "p", after=saved[1].id, limit=9) == saved[2:3]
