"""Small facts that processes leave for one another: what the worker knows and /metrics tells."""

from typing import Any

from sqlalchemy import select

from bot.store.database import Transaction, upsert
from bot.store.tables import notes


def put(tx: Transaction, key: str, value: dict[str, Any], now: float) -> None:
    upsert(tx, notes, [{"key": key, "value": value, "at": int(now)}], update=("value", "at"))


def get(tx: Transaction, key: str, *, lock: bool = False) -> dict[str, Any] | None:
    """Return the note, or None where nobody left one; with ``lock`` nobody else changes it meanwhile."""
    query = select(notes.c.value).where(notes.c.key == key)
    found: dict[str, Any] | None = tx.execute(query.with_for_update() if lock else query).scalar()
    return found
