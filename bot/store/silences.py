"""Silences: kept after their end, so that it can be told who was quiet when."""

from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from bot.model.silence import Silence
from bot.store.database import Transaction
from bot.store.tables import silences


def add(tx: Transaction, silence: Silence) -> int:
    """Write a silence and return its id."""
    values = {
        "matchers": list(silence.matchers),
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "author": silence.author,
        "comment": silence.comment,
    }
    return int(tx.execute(insert(silences).values(values).returning(silences.c.id)).scalar_one())


def lasting(tx: Transaction, now: float) -> list[Silence]:
    """Return the silences that are in force or to come, in order of id."""
    query = select(silences).where(silences.c.ends_at > now).order_by(silences.c.id)
    return [_silence(row) for row in tx.execute(query)]


def ended(tx: Transaction, now: float, *, limit: int) -> list[Silence]:
    """Return the silences that are over, the last one first."""
    query = (
        select(silences).where(silences.c.ends_at <= now).order_by(silences.c.ends_at.desc(), silences.c.id)
    )
    return [_silence(row) for row in tx.execute(query.limit(limit))]


def find(tx: Transaction, silence_id: int) -> Silence | None:
    row = tx.execute(select(silences).where(silences.c.id == silence_id)).first()
    return _silence(row) if row else None


def expire(tx: Transaction, silence_id: int, now: int) -> bool:
    """End a silence now; False where there is none of this id that is not over. One that has not begun yet
    never does."""
    t = silences.c
    chosen = (t.id == silence_id) & (t.ends_at > now)
    tx.execute(update(silences).where(chosen, t.starts_at > now).values(starts_at=now))
    return tx.execute(update(silences).where(chosen).values(ends_at=now)).rowcount == 1


def forget_before(tx: Transaction, instant: int) -> None:
    """Delete the silences that ended before ``instant``."""
    tx.execute(delete(silences).where(silences.c.ends_at < instant))


def _silence(row: Row[Any]) -> Silence:
    return Silence(
        id=row.id,
        matchers=tuple(row.matchers),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        author=row.author,
        comment=row.comment,
    )
