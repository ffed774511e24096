"""The outbox: messages to deliver, written with the change they tell and sent later, each under a lease.

    pending --claim--> pending, leased --delivered--> done
                                       --retry_at-->  pending, due later
                                       --expired-->   pending again (the worker died)
    pending edit with a newer pending edit of the same incident --claim--> superseded

Messages of one incident go strictly in order. Leases and due times are wall time: they belong to Slack.
"""

from dataclasses import dataclass

from sqlalchemy import delete, exists, func, insert, select, update

from bot.model.alert import AlertEvent, MessageKind, Outgoing
from bot.store.alerts import event_of, event_values
from bot.store.database import Transaction, upsert
from bot.store.tables import outbox, roots

PENDING, DONE, SUPERSEDED = "pending", "done", "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that this worker may send until its lease ends. ``attempts`` counts earlier ones."""

    id: int
    incident_id: int
    seq: int
    kind: MessageKind
    event: AlertEvent
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Where an incident's root message stands: ``target`` as configured, ``channel`` and ``ts`` as posted."""

    target: str
    channel: str
    ts: str
    edited_at: float


def enqueue(
    tx: Transaction, incident_id: int, messages: tuple[Outgoing, ...], now: float, wall: float
) -> None:
    """Queue messages behind those the incident has."""
    last = select(func.max(outbox.c.seq)).where(outbox.c.incident_id == incident_id)
    seq = tx.execute(last).scalar() or 0
    rows = [
        {
            "incident_id": incident_id,
            "seq": seq + n,
            "kind": message.kind.value,
            "event": event_values(message.event),
            "state": PENDING,
            "created_at": int(now),
            "due_at": wall,
            "leased_until": 0.0,
            "worker": "",
            "attempts": 0,
        }
        for n, message in enumerate(messages, start=1)
    ]
    if rows:
        tx.execute(insert(outbox), rows)


def claim(tx: Transaction, worker: str, *, wall: float, lease_s: float) -> Claimed | None:
    """Lease the message to send now, if any: the first pending of its incident, openings before others."""
    _supersede_edits(tx, wall)
    earlier = outbox.alias()
    blocked = exists().where(
        earlier.c.incident_id == outbox.c.incident_id,
        earlier.c.state == PENDING,
        earlier.c.seq < outbox.c.seq,
    )
    due = (
        select(outbox)
        .where(outbox.c.state == PENDING, outbox.c.due_at <= wall, outbox.c.leased_until <= wall, ~blocked)
        .order_by((outbox.c.kind != MessageKind.OPENING.value), outbox.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = tx.execute(due).first()
    if row is None:
        return None
    lease = {"worker": worker, "leased_until": wall + lease_s, "attempts": outbox.c.attempts + 1}
    tx.execute(update(outbox).where(outbox.c.id == row.id).values(lease))
    return Claimed(
        id=row.id,
        incident_id=row.incident_id,
        seq=row.seq,
        kind=MessageKind(row.kind),
        event=event_of(row.event),
        attempts=row.attempts,
    )


def _supersede_edits(tx: Transaction, wall: float) -> None:
    """Drop every waiting edit behind which a newer one waits: an edit shows the current truth anyway. One
    that is on its way stays, so that the newer one waits for its end and lands last."""
    newer = outbox.alias()
    has_newer = exists().where(
        newer.c.incident_id == outbox.c.incident_id,
        newer.c.kind == MessageKind.EDIT.value,
        newer.c.state == PENDING,
        newer.c.seq > outbox.c.seq,
    )
    tx.execute(
        update(outbox)
        .where(
            outbox.c.kind == MessageKind.EDIT.value,
            outbox.c.state == PENDING,
            outbox.c.leased_until <= wall,
            has_newer,
        )
        .values(state=SUPERSEDED)
    )


def delivered(tx: Transaction, message: Claimed, worker: str) -> bool:
    """Mark a message as done; False where the lease went to another worker meanwhile."""
    mine = (outbox.c.id == message.id) & (outbox.c.worker == worker) & (outbox.c.state == PENDING)
    return tx.execute(update(outbox).where(mine).values(state=DONE, error=None)).rowcount == 1


def retry_at(
    tx: Transaction, message: Claimed, worker: str, *, due_at: float, error: str | None, sent: bool
) -> None:
    """Give a message back, to be tried again at ``due_at``. ``sent`` says whether Slack may have it: such a
    message is looked for before it is sent again."""
    mine = (outbox.c.id == message.id) & (outbox.c.worker == worker) & (outbox.c.state == PENDING)
    attempts = message.attempts + 1 if sent else message.attempts
    tx.execute(
        update(outbox).where(mine).values(due_at=due_at, leased_until=0.0, error=error, attempts=attempts)
    )


def set_root(tx: Transaction, incident_id: int, root: Root) -> None:
    """Remember where the root message stands; the first poster wins."""
    row = {"incident_id": incident_id, "target": root.target, "channel": root.channel, "ts": root.ts}
    upsert(tx, roots, [row | {"edited_at": root.edited_at}])


def root_edited(tx: Transaction, incident_id: int, wall: float) -> None:
    tx.execute(update(roots).where(roots.c.incident_id == incident_id).values(edited_at=wall))


def root_of(tx: Transaction, incident_id: int) -> Root | None:
    row = tx.execute(select(roots).where(roots.c.incident_id == incident_id)).first()
    return Root(target=row.target, channel=row.channel, ts=row.ts, edited_at=row.edited_at) if row else None


def backlog(tx: Transaction) -> tuple[int, int]:
    """Return how many messages wait, and how many of them failed at least once."""
    waiting = select(func.count()).select_from(outbox).where(outbox.c.state == PENDING)
    failed = waiting.where(outbox.c.error.is_not(None))
    return tx.execute(waiting).scalar_one(), tx.execute(failed).scalar_one()


def forget_before(tx: Transaction, instant: int) -> None:
    """Delete messages that were delivered or superseded and created before ``instant``."""
    tx.execute(delete(outbox).where(outbox.c.state != PENDING, outbox.c.created_at < instant))
