"""What people said of the doctor's verdicts: one answer for each person and verdict, the last one counts."""

from dataclasses import asdict

from sqlalchemy import select, tuple_

from bot.model.feedback import Feedback, Verdict
from bot.model.time import Window
from bot.store.database import Transaction, upsert
from bot.store.tables import feedback

_t = feedback.c
_SAID = ("project", "call_id", "verdict", "kind", "uid", "confidence")
_ORDER = (_t.answered_at, _t.project, _t.call_id, _t.verdict, _t.kind, _t.uid, _t.user)


def save(tx: Transaction, given: Feedback) -> None:
    """Store an answer in place of the one that this person gave to this verdict before."""
    row = asdict(given.verdict) | {
        "user": given.user,
        "right": given.right,
        "answered_at": given.answered_at,
    }
    upsert(tx, feedback, [row], update=("right", "confidence", "answered_at"))


def given_within(
    tx: Transaction, window: Window, project: str | None, *, after: Feedback | None, limit: int
) -> list[Feedback]:
    """Return the next ``limit`` answers of a span behind ``after``, oldest first."""
    where = [_t.answered_at >= window.start, _t.answered_at < window.end]
    if project is not None:
        where.append(_t.project == project)
    if after is not None:
        v = after.verdict
        last = (after.answered_at, v.project, v.call_id, v.verdict, v.kind, v.uid, after.user)
        where.append(tuple_(*_ORDER) > last)
    query = select(feedback).where(*where).order_by(*_ORDER).limit(limit)
    return [
        Feedback(
            verdict=Verdict(**{name: getattr(row, name) for name in _SAID}),
            right=row.right,
            user=row.user,
            answered_at=row.answered_at,
        )
        for row in tx.execute(query)
    ]
