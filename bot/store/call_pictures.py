"""Pictures of calls that were examined: kept for a day, because a verdict is told within minutes."""

from sqlalchemy import delete, select

from bot.store.database import Transaction, upsert
from bot.store.tables import call_pictures

_t = call_pictures.c


def save(tx: Transaction, project: str, call_id: str, png: bytes, now: float) -> None:
    """Store the PNG of a call, in place of an earlier one."""
    row = {"project": project, "call_id": call_id, "png": png, "drawn_at": int(now)}
    upsert(tx, call_pictures, [row], update=("png", "drawn_at"))


def get(tx: Transaction, project: str, call_id: str) -> bytes | None:
    """Return the PNG of a call, None where none was drawn lately."""
    query = select(_t.png).where(_t.project == project, _t.call_id == call_id)
    return tx.execute(query).scalar()


def forget_before(tx: Transaction, instant: int) -> None:
    """Delete the pictures that were drawn before ``instant``."""
    tx.execute(delete(call_pictures).where(_t.drawn_at < instant))
