"""Sweeping: the young stay, the old go in small bites, and nobody who writes meanwhile has to wait for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event

from bot.flows import sweep as flow
from bot.flows.sweep import Retention, forget, sweep
from bot.model.alert import Alert, State
from bot.model.catalog import Feed
from bot.model.incident import Line, MessageKind
from bot.model.observation import DiagnosisEvent, FinishedCall, MetricPoint
from bot.model.time import DAY_S
from bot.model.verdict import Severity, labels
from bot.store import Database, SqlLedger, alerts, calls, history, incidents, ledger, observations, outbox
from tests.conftest import T0
from tests.seen import known, values
from tests.told import TARGET, told

KEEP = Retention(metrics_days=90, events_days=30)


def on() -> bool:
    """Rest for no time at all."""
    return False


def points(*minutes: int, metric: str = "pcu") -> list[MetricPoint]:
    return [MetricPoint(metric=metric, minute=minute, value=1.0) for minute in minutes]


def save_aged(database: Database, *ages_days: float) -> None:
    """Store a point, an event and a known minute for each age."""
    minutes = [T0 - int(age * DAY_S) // 60 * 60 for age in ages_days]
    events = [DiagnosisEvent(ts=minute, cname="c", user="1", experience_id=4) for minute in minutes]
    with database.transaction() as tx:
        observations.save_points(tx, "p", points(*minutes), T0)
        observations.save_events(tx, "p", events, T0)
        observations.mark_known(tx, "p", Feed.DIAGNOSIS, minutes, cut=frozenset())


def ages(database: Database) -> tuple[list[int], list[int], list[int]]:
    """Return the ages in days of what is left: points, events, known minutes."""
    with database.transaction() as tx:
        seen = observations.read(tx, ["p"], 0, T0 + 60, ["pcu"])
    found = (values(seen, "pcu"), [event.ts for event in seen.events], known(seen, Feed.DIAGNOSIS))
    fresh_first = [sorted((T0 - instant) // DAY_S for instant in kind) for kind in found]
    return fresh_first[0], fresh_first[1], fresh_first[2]


@pytest.mark.parametrize(
    ("keep", "metrics", "events", "known"),
    [
        pytest.param(KEEP, [0, 2, 3, 30, 31, 90], [0, 2, 3, 30], [0, 2, 3, 30, 31, 90], id="as shipped"),
        pytest.param(
            Retention(metrics_days=2, events_days=90),
            [0, 2],
            [0, 2, 3, 30, 31, 90],
            [0, 2, 3, 30, 31, 90],
            id="events longer",
        ),
        pytest.param(
            Retention(metrics_days=2, events_days=2), [0, 2], [0, 2], [0, 2], id="as short as may be"
        ),
    ],
)
def test_what_is_young_stays(
    database: Database, keep: Retention, metrics: list[int], events: list[int], known: list[int]
) -> None:
    save_aged(database, 0, 2, 3, 30, 31, 90, 91)
    sweep(database, T0, keep, on)
    assert ages(database) == (metrics, events, known)


def test_a_clock_that_leaps_ahead_deletes_nothing(database: Database) -> None:
    save_aged(database, 0, 2, 29)
    with database.transaction() as tx:
        observations.claim_poll(tx, "p", Feed.SCALE, now=T0, lease_s=60, since=T0 - 3600)
        observations.poll_succeeded(tx, "p", Feed.SCALE, watermark=T0 - 180, now=T0)
    SqlLedger(database).take("a", "live", limit=9, spacing_s=0, now=T0)
    leapt = T0 + 91 * DAY_S
    with database.transaction() as tx:  # a feed that is claimed while the clock is wrong
        observations.claim_poll(tx, "p", Feed.NET, now=leapt, lease_s=60, since=leapt - 3600)
    sweep(database, leapt, KEEP, on)
    assert ages(database) == ([0, 2, 29], [0, 2, 29], [0, 2, 29])
    with database.transaction() as tx:
        assert [use.used for use in ledger.used_today(tx, T0)] == [1]


@contextmanager
def deletions() -> Iterator[list[int]]:
    """Collect how many rows each transaction of the block deletes."""
    found: list[int] = []

    def on_begin(_connection) -> None:
        found.append(0)

    def on_execute(_connection, cursor, statement, *_) -> None:
        if statement.startswith("DELETE"):
            found[-1] += cursor.rowcount

    event.listen(Engine, "begin", on_begin)
    event.listen(Engine, "after_cursor_execute", on_execute)
    yield found
    event.remove(Engine, "begin", on_begin)
    event.remove(Engine, "after_cursor_execute", on_execute)


def test_calls_stay_as_long_as_metrics(database: Database) -> None:
    ends = [T0 - days * DAY_S for days in (0, 90, 91)]
    made = [FinishedCall(call_id=str(n), cname="c", created_ts=n, destroyed_ts=n) for n in ends]
    with database.transaction() as tx:
        calls.save(tx, "p", made, T0)
    sweep(database, T0, KEEP, on)
    with database.transaction() as tx:
        left = observations.read(tx, ["p"], 0, T0 + 60, []).calls
    assert [call.destroyed_ts for _, call in left] == sorted(ends[:2])


def test_no_transaction_deletes_more_than_a_thousand_rows(database: Database) -> None:
    with database.transaction() as tx:
        for metric in ("pcc", "pcu", "videoFreezeRate"):
            observations.save_points(tx, "p", points(*range(0, 900 * 60, 60), metric=metric), T0)
    with deletions() as found:
        assert forget(database, history.POINTS, T0, on) == 2700
    assert found == [0, 1000, 1000, 700]


def test_a_run_ends_after_its_bites_and_the_next_goes_on(database: Database) -> None:
    with database.transaction() as tx:
        observations.save_points(tx, "p", points(*range(0, 25 * 60, 60)), T0)
        observations.save_points(tx, "q", points(*range(0, 25 * 60, 60)), T0)
    gone = [forget(database, history.POINTS, T0, on, rows_a_bite=10, bites=2) for _ in range(4)]
    assert gone == [20, 20, 10, 0]


def test_a_sweep_rests_before_each_bite_and_ends_when_it_is_told_to(database: Database) -> None:
    with database.transaction() as tx:
        observations.save_points(tx, "p", points(*range(0, 50 * 60, 60)), T0)
    answers = iter([False, False, True])
    assert forget(database, history.POINTS, T0, lambda: next(answers), rows_a_bite=10) == 20
    assert next(answers, "all were asked for") == "all were asked for"


def test_many_series_with_little_each_are_spread_over_transactions(database: Database) -> None:
    every = [f"m{n:03}" for n in range(2 * flow.SERIES_A_BITE + 1)]
    with database.transaction() as tx:
        for metric in every:
            observations.save_points(tx, "p", points(T0 - 60, T0, metric=metric), T0)
    assert forget(database, history.POINTS, T0, on, bites=1) == flow.SERIES_A_BITE
    assert forget(database, history.POINTS, T0, on, bites=2) == flow.SERIES_A_BITE
    assert forget(database, history.POINTS, T0, on, bites=3) == 1


def test_incidents_and_messages_go_after_their_time(database: Database) -> None:
    with database.transaction() as tx:
        kept = []
        for name, resolved_at in (("open", None), ("young", T0 - 364 * DAY_S), ("old", T0 - 366 * DAY_S)):
            stored = told(tx, _alert(name, resolved_at))
            incidents.save(tx, replace(stored.incident, resolved_at=resolved_at), None)
            kept.append((stored.incident.id, stored.alerts[0].id))
        line = Line(kind=MessageKind.OPENING, at=T0, severity=Severity.INFO)
        outbox.enqueue(tx, kept[0][0], [(TARGET, line)], now=T0 - 8 * DAY_S, wall=T0)
        waiting = outbox.backlog(tx)
    sweep(database, T0, KEEP, on)
    with database.transaction() as tx:
        assert [incidents.find(tx, n) is not None for n, _ in kept] == [True, True, False]
        assert [alerts.find(tx, n) is not None for _, n in kept] == [True, True, False]
        assert outbox.backlog(tx) == waiting, "a message that waits is never forgotten"


def _alert(name: str, resolved_at: int | None) -> Alert:
    return Alert(
        fingerprint=name,
        project="p",
        alertname=name,
        labels=labels(project="p"),
        state=State.FIRING if resolved_at is None else State.RESOLVED,
        severity=Severity.INFO,
        active_at=T0 - 400 * DAY_S,
        fired_at=T0 - 400 * DAY_S,
        resolved_at=resolved_at,
        judged_at=T0,
    )


def test_a_poller_and_a_second_sweeper_go_on_while_old_rows_are_deleted(database: Database) -> None:
    old = range(T0 - 100 * DAY_S, T0 - 100 * DAY_S + 6000 * 60, 60)
    with database.transaction() as tx:
        observations.save_points(tx, "p", points(*old), T0)
    gone: list[int] = []

    def prune() -> None:
        gone.append(forget(database, history.POINTS, T0 - 90 * DAY_S, on, rows_a_bite=200))

    sweepers = [threading.Thread(target=prune) for _ in range(2)]
    for thread in sweepers:
        thread.start()
    young = range(T0, T0 + 100 * 60, 60)
    for minute in young:
        with database.transaction() as tx:
            observations.save_points(tx, "p", points(minute), T0)
    for thread in sweepers:
        thread.join()
    forget(database, history.POINTS, T0 - 90 * DAY_S, on)
    with database.transaction() as tx:
        seen = observations.read(tx, ["p"], 0, young.stop, ["pcu"])
    assert (sorted(values(seen, "pcu")), len(gone)) == (list(young), 2)
