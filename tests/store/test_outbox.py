"""The outbox: in order, under a lease, nothing lost."""

from collections.abc import Sequence

from bot.model.alert import AlertEvent, EventKind, MessageKind, Outgoing
from bot.model.verdict import Severity
from bot.store import Claimed, Database, Root, alerts, outbox
from tests.conftest import T0
from tests.store.test_alerts import ALERT

OPENING, EDIT, REPLY = MessageKind.OPENING, MessageKind.EDIT, MessageKind.REPLY


def outgoing(kinds: Sequence[MessageKind]) -> tuple[Outgoing, ...]:
    event = AlertEvent(kind=EventKind.OPENED, at=T0, severity=Severity.WARNING, value=1.5)
    return tuple(Outgoing(kind=kind, event=event) for kind in kinds)


def queue(database: Database, *kinds: MessageKind, fingerprint: str = "f") -> int:
    from dataclasses import replace

    with database.transaction() as tx:
        stored = alerts.save(tx, replace(ALERT, fingerprint=fingerprint))
        outbox.enqueue(tx, stored.id, outgoing(kinds), T0, 0.0)
    return stored.id


def claim(database: Database, worker: str = "w", wall: float = 1.0) -> list[Claimed]:
    """Claim all that may be sent now."""
    claimed = []
    while True:
        with database.transaction() as tx:
            message = outbox.claim(tx, worker, wall=wall, lease_s=60)
        if message is None:
            return claimed
        claimed.append(message)


def done(database: Database, message: Claimed, worker: str = "w") -> bool:
    with database.transaction() as tx:
        return outbox.delivered(tx, message, worker)


def test_messages_of_an_incident_come_one_by_one_in_order(database: Database) -> None:
    queue(database, OPENING, EDIT, REPLY)
    order = []
    while messages := claim(database):
        (message,) = messages
        order.append((message.seq, message.kind))
        assert done(database, message)
    assert order == [(1, OPENING), (2, EDIT), (3, REPLY)]


def test_openings_go_first(database: Database) -> None:
    first = queue(database, EDIT, fingerprint="a")
    second = queue(database, OPENING, fingerprint="b")
    assert [m.incident_id for m in claim(database)] == [second, first]


def test_waiting_edits_collapse_into_the_newest(database: Database) -> None:
    incident = queue(database, EDIT, EDIT, REPLY)
    with database.transaction() as tx:
        outbox.enqueue(tx, incident, outgoing([EDIT]), T0, 0.0)
    kinds = []
    while messages := claim(database):
        kinds += [(m.seq, m.kind) for m in messages]
        done(database, messages[0])
    assert kinds == [(3, REPLY), (4, EDIT)]


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
        outbox.retry_at(tx, message, "w", due_at=50, error="busy", sent=False)
        assert outbox.backlog(tx) == (1, 1)
    assert claim(database, wall=49) == []
    assert [m.attempts for m in claim(database, wall=50)] == [0]


def test_the_first_root_wins(database: Database) -> None:
    incident = queue(database, OPENING)
    root = Root(target="#c", channel="C1", ts="1.1", edited_at=5.0)
    with database.transaction() as tx:
        assert outbox.root_of(tx, incident) is None
        outbox.set_root(tx, incident, root)
        outbox.set_root(tx, incident, Root(target="#c", channel="C1", ts="2.2", edited_at=6.0))
        assert outbox.root_of(tx, incident) == root


def test_only_delivered_messages_are_forgotten(database: Database) -> None:
    queue(database, OPENING, REPLY)
    done(database, claim(database)[0])
    with database.transaction() as tx:
        outbox.forget_before(tx, T0 + 1)
        assert outbox.backlog(tx) == (1, 0)


def test_an_edit_on_its_way_is_not_overtaken_by_a_newer_one(database: Database) -> None:
    incident = queue(database, EDIT)
    (on_its_way,) = claim(database, "w1", wall=100)
    with database.transaction() as tx:
        outbox.enqueue(tx, incident, outgoing([EDIT]), T0, 0.0)
    assert claim(database, "w2", wall=101) == []
    assert done(database, on_its_way, "w1")
    assert [m.seq for m in claim(database, "w2", wall=102)] == [2]
