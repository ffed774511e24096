"""Clocks that leap: what is told then, against real databases."""

from dataclasses import replace

import pytest

from bot.flows.correlate import Rulebook, correlate, resettle, timers
from bot.incidents import snooze
from bot.model.alert import State
from bot.model.incident import MessageKind
from bot.model.verdict import Severity
from bot.rules import RuleSet
from bot.rules.routing import DEFAULT
from bot.store import Database, alerts, incidents, outbox
from tests.conftest import T0
from tests.store.test_alerts import ALERT
from tests.told import TARGET, book

WAITS = DEFAULT.replace("repeat_interval: 4h", "repeat_interval: 1h")
OPENING, REMINDER, RETURNED = MessageKind.OPENING, MessageKind.REMINDER, MessageKind.RETURNED


class Worker:
    """Judges, looks at timers and takes everything out of the outbox that may go."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.book: Rulebook = book(RuleSet(rules=(), digest=""), WAITS)

    def fires(self, now: float) -> None:
        with self.database.transaction() as tx:
            self.alert = alerts.save(tx, replace(ALERT, fired_at=int(now)))
            correlate(tx, self.book, [self.alert], now=now, wall=now)

    def ends(self, now: float) -> None:
        with self.database.transaction() as tx:
            over = replace(self.alert, state=State.RESOLVED, resolved_at=int(now))
            correlate(tx, self.book, [alerts.save(tx, over)], now=now, wall=now)

    def looks(self, now: float) -> list[MessageKind]:
        """Return what is sent at an instant; edits are sent and left out."""
        timers(self.database, self.book, now=now, wall=now)
        sent = []
        with self.database.transaction() as tx:
            while message := outbox.claim(tx, "slack", "w", wall=now, lease_s=60):
                outbox.delivered(tx, message, "w")
                outbox.arrived(tx, message.incident_id, message.target, now)
                incidents.wake(tx, now, message.incident_id)
                sent.append(message.kind)
        return [kind for kind in sent if kind is not MessageKind.EDIT]


@pytest.fixture
def worker(database: Database) -> Worker:
    return Worker(database)


def test_a_clock_that_is_set_back_delays_a_first_message_by_group_wait_at_most(worker: Worker) -> None:
    worker.fires(T0)
    assert worker.looks(T0 + 20) == []
    resettle(worker.database, now=T0 - 280, wall=T0 - 280)
    assert worker.looks(T0 - 280) == []
    assert worker.looks(T0 - 250) == [OPENING]
    assert [worker.looks(T0 + at) for at in range(-249, 400, 50)] == [[]] * 13


def test_a_message_that_waits_when_the_clock_is_set_back_goes_at_once_and_once(worker: Worker) -> None:
    worker.fires(T0)
    timers(worker.database, worker.book, now=T0 + 31, wall=T0 + 31)
    with worker.database.transaction() as tx:
        outbox.pause(tx, TARGET, T0 + 32)
    resettle(worker.database, now=T0 - 269, wall=T0 - 269)
    assert worker.looks(T0 - 269) == [OPENING]
    assert [worker.looks(T0 + at) for at in (-268, 0, 31, 400)] == [[]] * 4


def test_nothing_is_told_twice_by_a_clock_that_swings(worker: Worker) -> None:
    worker.fires(T0)
    told = []
    for at in (31, -269, 31, -200, 400, 100, 700):
        resettle(worker.database, now=T0 + at, wall=T0 + at)
        told += worker.looks(T0 + at)
    assert told == [OPENING]
    worker.ends(T0 + 600)
    assert [worker.looks(T0 + at) for at in (600, 300, 900)] == [[MessageKind.RESOLVED], [], []]


def test_after_a_pause_of_three_hours_each_thing_is_told_once(worker: Worker) -> None:
    worker.fires(T0)
    assert worker.looks(T0 + 30) == [OPENING]
    assert worker.looks(T0 + 3 * 3600) == [REMINDER]
    assert worker.looks(T0 + 3 * 3600 + 1) == []
    assert worker.looks(T0 + 4 * 3600) == [REMINDER]


def test_a_snooze_that_ended_in_the_pause_is_told_once(worker: Worker) -> None:
    worker.fires(T0)
    assert worker.looks(T0 + 30) == [OPENING]
    with worker.database.transaction() as tx:
        stored = incidents.find(tx, 1)
        assert stored is not None
        done = snooze(stored.incident, Severity.CRITICAL, "U1", T0 + 60, T0 + 3660)
        assert done is not None
        incidents.save(tx, done[0], wake_at=T0 + 60)
    assert worker.looks(T0 + 60) == []
    assert worker.looks(T0 + 3 * 3600) == [RETURNED]
    assert worker.looks(T0 + 3 * 3600 + 1) in ([], [REMINDER])


def test_what_began_before_a_pause_and_ended_in_it_is_told_with_its_end(worker: Worker) -> None:
    worker.fires(T0)
    worker.ends(T0 + 3 * 3600)
    assert worker.looks(T0 + 3 * 3600) == [OPENING, MessageKind.RESOLVED]
