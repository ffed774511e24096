"""Clocks that leap: what is told then, against real databases."""

from dataclasses import replace

import pytest

from bot.flows.correlate import Rulebook, correlate, resettle, timers
from bot.incidents import acknowledge, snooze
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


def test_a_reminder_does_not_come_before_the_reopening_it_would_remind_of(worker: Worker) -> None:
    worker.fires(T0)
    assert worker.looks(T0 + 30) == [OPENING]
    worker.ends(T0 + 60)
    assert worker.looks(T0 + 60) == [MessageKind.RESOLVED]
    again = T0 + 60 + 1500
    worker.fires(again)
    timers(worker.database, worker.book, now=again + 30, wall=again + 30)
    timers(worker.database, worker.book, now=again + 4000, wall=again + 4000)
    assert worker.looks(again + 4000) == [MessageKind.REOPENING], "Slack was away all the while"
    assert worker.looks(again + 4000 + 3600) == [REMINDER]


def test_an_escalation_that_an_acknowledgement_forestalled_comes_when_that_ends(database: Database) -> None:
    keys = "escalate_after: 5m\n  escalate_to: oncall\n  acknowledgement_timeout: 30m\n  repeat_interval: 4h"
    oncall = "receivers:\n  - {name: oncall, slack_configs: [{channel: '#oncall'}]}\n"
    worker = Worker(database)
    routing = DEFAULT.replace("repeat_interval: 4h", keys).replace("receivers:\n", oncall)
    worker.book = book(worker.book.rules, routing)
    worker.fires(T0)
    assert worker.looks(T0 + 30) == [OPENING]
    timers(database, worker.book, now=T0 + 301, wall=T0 + 301)
    with database.transaction() as tx:
        stored = incidents.find(tx, 1)
        assert stored is not None
        done = acknowledge(stored.incident, Severity.CRITICAL, "U1", T0 + 302)
        assert done is not None
        incidents.save(tx, done[0], wake_at=T0 + 302)
        message = outbox.claim(tx, "slack", "w", wall=T0 + 303, lease_s=60)
        assert message is not None
        outbox.dropped(tx, message, "w")
    assert worker.looks(T0 + 400) == []
    assert sorted(worker.looks(T0 + 302 + 1800)) == [MessageKind.ESCALATION, RETURNED]
