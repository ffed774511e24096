"""The outbox: messages to deliver, written with the change they tell and sent later, each under a lease.

    pending --claim--> pending, leased --delivered--> done
                                       --retry_at-->  pending, due later
                                       --expired-->   pending again (the worker died)
    pending edit with a newer pending edit of the same first message --claim--> superseded
    pending message that is not true any more --drop--> superseded

What one target hears of one incident goes in order: the first message before all others, then the lines one
by one. In Slack edits go beside them, because they only show the present; programs have no message to edit,
and theirs keep the order. Of all that may go, what people wait for most goes first. Leases and due times are
wall time: they belong to the receivers. ``due_at`` is when a message was queued; one that waits for another
try has a lease that is nobody's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, insert, or_, select, update

from bot.model.incident import FIRST, Line, MessageKind
from bot.store.database import Transaction, upsert
from bot.store.incidents import line_of, line_values, untell
from bot.store.tables import outbox, pauses, tellings

PENDING, DONE, SUPERSEDED = "pending", "done", "superseded"
NOBODY = ""

URGENCY = {
    MessageKind.OPENING: 0,
    MessageKind.ESCALATION: 0,
    MessageKind.REOPENING: 0,
    MessageKind.RESOLVED: 1,
    MessageKind.CLOSED: 1,
    MessageKind.ROSE: 2,
    MessageKind.EDIT: 3,
    MessageKind.REMINDER: 5,
}
"""What goes first; all other kinds are 4."""
_USUAL = 4
_FIRST = [kind.value for kind in FIRST]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that this worker may send until its lease ends. ``attempts`` counts earlier ones."""

    id: int
    incident_id: int
    target: str
    seq: int
    kind: MessageKind
    line: Line
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the first message of an incident stands at a target: ``channel`` and ``ts`` as Slack gave them;
    ``thread_ts`` where it is itself part of a thread. ``edited_at`` is wall time."""

    channel: str
    ts: str
    thread_ts: str | None = None
    edited_at: float = 0.0


def enqueue(
    tx: Transaction, incident_id: int, lines: Sequence[tuple[str, Line]], *, now: float, wall: float
) -> None:
    """Queue lines for their targets, behind those the incident has."""
    if not lines:
        return
    last = select(func.max(outbox.c.seq)).where(outbox.c.incident_id == incident_id)
    seq = tx.execute(last).scalar() or 0
    rows = [
        {
            "incident_id": incident_id,
            "target": target,
            "seq": seq + n,
            "kind": line.kind.value,
            "line": line_values(line),
            "state": PENDING,
            "created_at": int(now),
            "due_at": wall,
            "leased_until": 0.0,
            "worker": NOBODY,
            "attempts": 0,
        }
        for n, (target, line) in enumerate(lines, start=1)
    ]
    tx.execute(insert(outbox), rows)


def claim(tx: Transaction, service: str, worker: str, *, wall: float, lease_s: float) -> Claimed | None:
    """Lease the message of a service (``slack``, ``webhook``, ``pagerduty``) to send now, if any.

    Targets and methods that pause are passed over, so that one slow channel holds up no other.
    """
    _supersede_edits(tx, wall)
    known = tx.execute(select(pauses).order_by(pauses.c.key).with_for_update()).all()
    paused = {row.key for row in known if row.until > wall}
    o, earlier = outbox.c, outbox.alias().c
    before = and_(
        earlier.incident_id == o.incident_id,
        earlier.target == o.target,
        earlier.state == PENDING,
        earlier.seq < o.seq,
    )
    if service == "slack":
        alike = (earlier.kind == MessageKind.EDIT.value) == (o.kind == MessageKind.EDIT.value)
        before &= or_(earlier.kind.in_(_FIRST), alike)
    ready = and_(
        o.state == PENDING,
        o.due_at <= wall,
        o.leased_until <= wall,
        o.target.startswith(f"{service}:", autoescape=True),
        ~exists().where(before),
        *(_free(paused) if service == "slack" else [o.target.not_in(paused)]),
    )
    urgency = case({kind.value: number for kind, number in URGENCY.items()}, value=o.kind, else_=_USUAL)
    query = select(outbox).where(ready).order_by(urgency, o.id).limit(1).with_for_update(skip_locked=True)
    row = tx.execute(query).first()
    if row is None:
        return None
    lease = {"worker": worker, "leased_until": wall + lease_s, "attempts": o.attempts + 1}
    tx.execute(update(outbox).where(o.id == row.id).values(lease))
    return Claimed(
        id=row.id,
        incident_id=row.incident_id,
        target=row.target,
        seq=row.seq,
        kind=MessageKind(row.kind),
        line=line_of(row.line),
        attempts=row.attempts,
    )


def _free(paused: Collection[str]) -> list[ColumnElement[bool]]:
    """Return the conditions that leave out what pauses in Slack: ``post``, ``edit``, posts to a target."""
    is_edit = outbox.c.kind == MessageKind.EDIT.value
    conditions: list[ColumnElement[bool]] = []
    if "edit" in paused:
        conditions.append(~is_edit)
    if "post" in paused:
        conditions.append(is_edit)
    targets = [key for key in paused if ":" in key]
    if targets:
        conditions.append(or_(is_edit, outbox.c.target.not_in(targets)))
    return conditions


def pause(tx: Transaction, key: str, until: float) -> None:
    """Let a target, or Slack's method ``post`` or ``edit``, rest until then (wall time)."""
    upsert(tx, pauses, [{"key": key, "until": until}], update=("until",))


def forget_due_times(tx: Transaction, wall: float) -> None:
    """Make all that waits due at once, and end every pause: their ends were told by another clock."""
    late = (outbox.c.state == PENDING) & (outbox.c.due_at > wall)
    tx.execute(update(outbox).where(late).values(due_at=wall))
    rests = (outbox.c.state == PENDING) & (outbox.c.worker == NOBODY)
    tx.execute(update(outbox).where(rests).values(leased_until=0.0))
    tx.execute(delete(pauses))


def _supersede_edits(tx: Transaction, wall: float) -> None:
    """Drop every waiting edit behind which a newer one waits: an edit shows the current truth anyway. One
    that is on its way stays, so that the newer one waits for its end and lands last."""
    newer = outbox.alias()
    has_newer = exists().where(
        newer.c.incident_id == outbox.c.incident_id,
        newer.c.target == outbox.c.target,
        newer.c.kind == MessageKind.EDIT.value,
        newer.c.state == PENDING,
        newer.c.seq > outbox.c.seq,
    )
    tx.execute(
        update(outbox)
        .where(
            outbox.c.kind == MessageKind.EDIT.value,
            outbox.c.state == PENDING,
            or_(outbox.c.leased_until <= wall, outbox.c.worker == NOBODY),
            has_newer,
        )
        .values(state=SUPERSEDED)
    )


def renewed(tx: Transaction, message: Claimed, worker: str, *, wall: float, lease_s: float) -> bool:
    """Begin the lease of a message anew; False where it went to another worker meanwhile."""
    lease = {"leased_until": wall + lease_s}
    return tx.execute(update(outbox).where(_mine(message, worker)).values(lease)).rowcount == 1


def last_line(tx: Transaction, message: Claimed) -> MessageKind | None:
    """Return the kind of the last message before this one that its target gets, edits left out."""
    o = outbox.c
    earlier = (o.incident_id == message.incident_id) & (o.target == message.target) & (o.seq < message.seq)
    told = o.state.in_([PENDING, DONE]) & (o.kind != MessageKind.EDIT.value)
    kind = tx.execute(select(o.kind).where(earlier, told).order_by(o.seq.desc()).limit(1)).scalar()
    return MessageKind(kind) if kind is not None else None


def delivered(tx: Transaction, message: Claimed, worker: str) -> bool:
    """Mark a message as done; False where the lease went to another worker meanwhile."""
    return _end(tx, message, worker, DONE)


def dropped(tx: Transaction, message: Claimed, worker: str) -> bool:
    """Leave a message out that is not true any more. A target whose first message it was counts as not told
    of the incident. False as for ``delivered``."""
    ended = _end(tx, message, worker, SUPERSEDED)
    if ended and message.kind in FIRST:
        untell(tx, message.incident_id, message.target)
    return ended


def _end(tx: Transaction, message: Claimed, worker: str, state: str) -> bool:
    return (
        tx.execute(update(outbox).where(_mine(message, worker)).values(state=state, error=None)).rowcount == 1
    )


def _mine(message: Claimed, worker: str) -> ColumnElement[bool]:
    return (outbox.c.id == message.id) & (outbox.c.worker == worker) & (outbox.c.state == PENDING)


def retry_at(
    tx: Transaction, message: Claimed, worker: str, *, again_at: float, error: str | None, sent: bool
) -> None:
    """Give a message back, to be tried again at ``again_at``. ``sent`` says whether it may have arrived: such
    a message is looked for before it is sent again."""
    attempts = message.attempts + 1 if sent else message.attempts
    tx.execute(
        update(outbox)
        .where(_mine(message, worker))
        .values(worker=NOBODY, leased_until=again_at, error=error, attempts=attempts)
    )


def arrived(tx: Transaction, incident_id: int, target: str, now: float) -> None:
    """Note that a message which people see arrived; reminders count from here."""
    tx.execute(update(tellings).where(_telling(incident_id, target)).values(delivered_at=now))


def set_place(tx: Transaction, incident_id: int, target: str, place: Place) -> None:
    """Remember where the first message stands."""
    values = {
        "channel": place.channel,
        "ts": place.ts,
        "thread_ts": place.thread_ts,
        "edited_at": place.edited_at,
    }
    tx.execute(update(tellings).where(_telling(incident_id, target)).values(values))


def edited(tx: Transaction, incident_id: int, target: str, wall: float) -> None:
    tx.execute(update(tellings).where(_telling(incident_id, target)).values(edited_at=wall))


def place_of(tx: Transaction, incident_id: int, target: str) -> Place | None:
    """Return where the first message of an incident stands at a target, None before it is there."""
    row = tx.execute(select(tellings).where(_telling(incident_id, target))).first()
    if row is None or row.ts is None:
        return None
    return Place(channel=row.channel, ts=row.ts, thread_ts=row.thread_ts, edited_at=row.edited_at or 0.0)


def _telling(incident_id: int, target: str) -> ColumnElement[bool]:
    return (tellings.c.incident_id == incident_id) & (tellings.c.target == target)


def backlog(tx: Transaction) -> tuple[int, int]:
    """Return how many messages wait, and how many of them failed at least once."""
    waiting = select(func.count()).select_from(outbox).where(outbox.c.state == PENDING)
    failed = waiting.where(outbox.c.error.is_not(None))
    return tx.execute(waiting).scalar_one(), tx.execute(failed).scalar_one()


def behind(tx: Transaction, service: str, wall: float) -> tuple[int, float]:
    """Return how many messages of a service wait, edits left out, and for how many seconds the oldest
    does."""
    late = (
        (outbox.c.state == PENDING)
        & (outbox.c.kind != MessageKind.EDIT.value)
        & outbox.c.target.startswith(f"{service}:", autoescape=True)
    )
    row = tx.execute(select(func.count(), func.min(outbox.c.due_at)).where(late)).one()
    return row[0], max(0.0, wall - row[1]) if row[1] is not None else 0.0


def forget_before(tx: Transaction, instant: int) -> None:
    """Delete messages that were delivered or superseded and created before ``instant``; the last of each
    incident stays, because the next is numbered after it."""
    newer = outbox.alias()
    has_newer = exists().where(newer.c.incident_id == outbox.c.incident_id, newer.c.seq > outbox.c.seq)
    tx.execute(delete(outbox).where(outbox.c.state != PENDING, outbox.c.created_at < instant, has_newer))
