"""Small facts that processes leave for one another: what the worker knows and /metrics tells."""

from typing import Any

from sqlalchemy import delete, select

from bot.store.database import Transaction, upsert
from bot.store.tables import notes


def put(tx: Transaction, key: str, value: dict[str, Any], now: float) -> None:
    upsert(tx, notes, [{"key": key, "value": value, "at": int(now)}], update=("value", "at"))


def get(tx: Transaction, key: str, *, lock: bool = False) -> dict[str, Any] | None:
    """Return the note, or None where nobody left one; with ``lock`` nobody else changes it meanwhile."""
    query = select(notes.c.value).where(notes.c.key == key)
    found: dict[str, Any] | None = tx.execute(query.with_for_update() if lock else query).scalar()
    return found


def starting(tx: Transaction, prefix: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the keys that start with ``prefix``, oldest first, with their notes."""
    query = select(notes.c.key, notes.c.value).where(notes.c.key.startswith(prefix, autoescape=True))
    return [(row.key, row.value) for row in tx.execute(query.order_by(notes.c.at, notes.c.key))]


def remove(tx: Transaction, key: str) -> None:
    tx.execute(delete(notes).where(notes.c.key == key))
