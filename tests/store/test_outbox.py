"""The outbox: in order, under a lease, nothing lost."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.clock import Clock
from bot.model.incident import Line, MessageKind
from bot.model.verdict import Severity
from bot.store import Claimed, Database, Place, incidents, outbox
from tests.conftest import T0
from tests.store.test_alerts import ALERT
from tests.told import TARGET, told

OPENING, EDIT, RESOLVED = MessageKind.OPENING, MessageKind.EDIT, MessageKind.RESOLVED
HOOK, OTHER_HOOK = "webhook:ops:0", "webhook:ops:1"
ROSE, REMINDER, MEMBERS = MessageKind.ROSE, MessageKind.REMINDER, MessageKind.MEMBERS
ESCALATION = MessageKind.ESCALATION


def lines(kinds: Sequence[MessageKind], target: str = TARGET) -> list[tuple[str, Line]]:
    return [(target, Line(kind=kind, at=T0, severity=Severity.WARNING, value=1.5)) for kind in kinds]


def queue(database: Database, *kinds: MessageKind, fingerprint: str = "f", target: str = TARGET) -> int:
    with database.transaction() as tx:
        stored = told(tx, replace(ALERT, fingerprint=fingerprint), [target])
        outbox.enqueue(tx, stored.incident.id, lines(kinds, target), now=T0, wall=0.0)
    return stored.incident.id


def claim(database: Database, worker: str = "w", wall: float = 1.0, service: str = "slack") -> list[Claimed]:
    """Claim all that may be sent now."""
    claimed = []
    while True:
        with database.transaction() as tx:
            message = outbox.claim(tx, service, worker, wall=wall, lease_s=60)
        if message is None:
            return claimed
        claimed.append(message)


def done(database: Database, message: Claimed, worker: str = "w") -> bool:
    with database.transaction() as tx:
        return outbox.delivered(tx, message, worker)


def test_lines_of_an_incident_come_one_by_one_behind_the_first_message(database: Database) -> None:
    queue(database, OPENING, EDIT, ROSE, RESOLVED)
    order = []
    while messages := claim(database):
        order.append([message.kind for message in messages])
        assert all(done(database, message) for message in messages)
    assert order == [[OPENING], [ROSE, EDIT], [RESOLVED]]


def test_programs_are_told_edits_in_order_with_the_rest(database: Database) -> None:
    queue(database, OPENING, MEMBERS, EDIT, RESOLVED, target=HOOK)
    order = []
    while messages := claim(database, service="webhook"):
        order.append([message.kind for message in messages])
        assert all(done(database, message) for message in messages)
    assert order == [[OPENING], [MEMBERS], [EDIT], [RESOLVED]]


@pytest.mark.parametrize(
    ("paused", "slack", "webhook"),
    [("post", 0, 2), ("edit", 1, 2), ("slack:", 0, 2), (HOOK, 1, 1)],
)
def test_a_pause_of_slack_holds_up_no_program(
    database: Database, paused: str, slack: int, webhook: int
) -> None:
    for fingerprint, target in [("a", TARGET), ("b", HOOK), ("c", OTHER_HOOK)]:
        queue(database, OPENING, fingerprint=fingerprint, target=target)
    with database.transaction() as tx:
        outbox.pause(tx, paused, 60.0)
    assert (len(claim(database)), len(claim(database, service="webhook"))) == (slack, webhook)


def test_a_paused_program_gets_no_edit_either(database: Database) -> None:
    queue(database, EDIT, target=HOOK)
    with database.transaction() as tx:
        outbox.pause(tx, HOOK, 60.0)
    assert claim(database, service="webhook", wall=59.0) == []
    assert [m.kind for m in claim(database, service="webhook", wall=60.0)] == [EDIT]


def test_what_people_wait_for_most_goes_first(database: Database) -> None:
    kinds = [REMINDER, MEMBERS, EDIT, ROSE, RESOLVED, OPENING]
    for kind in kinds:
        queue(database, kind, fingerprint=kind.value)
    assert [m.kind for m in claim(database)] == [OPENING, RESOLVED, ROSE, EDIT, MEMBERS, REMINDER]


def test_targets_of_one_incident_do_not_wait_for_each_other(database: Database) -> None:
    incident = queue(database, OPENING, target="slack:#a")
    with database.transaction() as tx:
        outbox.enqueue(tx, incident, lines([OPENING], "slack:#b"), now=T0, wall=0.0)
        outbox.enqueue(tx, incident, lines([OPENING], "webhook:w:0"), now=T0, wall=0.0)
    assert [m.target for m in claim(database)] == ["slack:#a", "slack:#b"]


def test_what_pauses_is_passed_over(database: Database) -> None:
    queue(database, OPENING, target="slack:#a", fingerprint="a")
    queue(database, EDIT, target="slack:#a", fingerprint="b")
    queue(database, OPENING, target="slack:#b", fingerprint="c")
    with database.transaction() as tx:
        outbox.pause(tx, "slack:#a", until=10.0)
        outbox.pause(tx, "edit", until=20.0)
    assert [m.target for m in claim(database, wall=9.0)] == ["slack:#b"]
    assert [(m.target, m.kind) for m in claim(database, wall=10.0)] == [("slack:#a", OPENING)]
    assert [m.kind for m in claim(database, wall=20.0)] == [EDIT]


def test_waiting_edits_collapse_into_the_newest(database: Database) -> None:
    incident = queue(database, EDIT, EDIT, RESOLVED)
    with database.transaction() as tx:
        outbox.enqueue(tx, incident, lines([EDIT]), now=T0, wall=0.0)
    kinds = []
    while messages := claim(database):
        kinds += [(m.seq, m.kind) for m in messages]
        done(database, messages[0])
    assert kinds == [(3, RESOLVED), (4, EDIT)]


def test_a_leased_message_is_not_given_twice_until_its_worker_is_dead(database: Database) -> None:
    queue(database, OPENING)
    (first,) = claim(database, "w1", wall=100)
    assert claim(database, "w2", wall=159) == []
    (again,) = claim(database, "w2", wall=160)
    assert (first.attempts, again.attempts) == (0, 1)
    assert not done(database, first, "w1")
    assert done(database, again, "w2")
    assert claim(database, "w1", wall=999) == []


def test_a_message_given_back_waits_for_its_time(database: Database) -> None:
    queue(database, OPENING)
    (message,) = claim(database)
    with database.transaction() as tx:
        outbox.retry_at(tx, message, "w", again_at=50, error="busy", sent=False)
        assert outbox.backlog(tx) == (1, 1)
    assert claim(database, wall=49) == []
    assert [m.attempts for m in claim(database, wall=50)] == [0]


def test_the_place_of_the_first_message_is_remembered(database: Database) -> None:
    incident = queue(database, OPENING)
    place = Place(channel="C1", ts="1.1", edited_at=5.0)
    with database.transaction() as tx:
        assert outbox.place_of(tx, incident, TARGET) is None
        outbox.set_place(tx, incident, TARGET, place)
        assert outbox.place_of(tx, incident, TARGET) == place


def test_how_far_delivery_is_behind(database: Database) -> None:
    queue(database, OPENING, RESOLVED, EDIT)
    with database.transaction() as tx:
        assert outbox.behind(tx, "slack", 90.0) == (2, 90.0)
        assert outbox.behind(tx, "webhook", 90.0) == (0, 0.0)


def test_only_delivered_messages_are_forgotten(database: Database) -> None:
    queue(database, OPENING, RESOLVED)
    done(database, claim(database)[0])
    with database.transaction() as tx:
        outbox.forget_before(tx, T0 + 1)
        assert outbox.backlog(tx) == (1, 0)


def test_an_edit_on_its_way_is_not_overtaken_by_a_newer_one(database: Database) -> None:
    incident = queue(database, EDIT)
    (on_its_way,) = claim(database, "w1", wall=100)
    with database.transaction() as tx:
        outbox.enqueue(tx, incident, lines([EDIT]), now=T0, wall=0.0)
    assert claim(database, "w2", wall=101) == []
    assert done(database, on_its_way, "w1")
    assert [m.seq for m in claim(database, "w2", wall=102)] == [2]


def test_the_line_after_a_sweep_is_numbered_after_those_that_are_gone(database: Database) -> None:
    incident = queue(database, OPENING, RESOLVED)
    for _ in range(2):
        done(database, claim(database)[0])
    with database.transaction() as tx:
        outbox.forget_before(tx, T0 + 1)
        outbox.enqueue(tx, incident, lines([ROSE]), now=T0, wall=0.0)
    assert [message.seq for message in claim(database)] == [3]


def test_a_message_that_is_tried_again_is_late_since_it_was_queued(database: Database) -> None:
    queue(database, OPENING)
    (message,) = claim(database)
    with database.transaction() as tx:
        outbox.retry_at(tx, message, "w", again_at=500, error="refused", sent=True)
        assert outbox.behind(tx, "slack", 90.0) == (1, 90.0)
        outbox.forget_due_times(tx, wall=90.0)
    assert [m.attempts for m in claim(database, wall=90)] == [1], "its wait was told by another clock"


def test_a_target_whose_first_message_was_left_out_counts_as_not_told(database: Database) -> None:
    incident = queue(database, ESCALATION)
    (message,) = claim(database)
    with database.transaction() as tx:
        outbox.dropped(tx, message, "w")
        stored = incidents.find(tx, incident)
    assert stored is not None
    telling = stored.tellings[TARGET]
    assert (telling.episode, telling.is_open, telling.told) == (0, False, frozenset())


def test_the_time_of_the_database_is_this_machines_here(database: Database) -> None:
    told = database.seconds()
    assert told is None or told == pytest.approx(Clock.wall(), abs=5)
    assert (told is None) == (database._engine.dialect.name == "sqlite")
