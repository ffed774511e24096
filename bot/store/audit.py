"""What people did, and what they were refused; and which of Slack's deliveries were taken already."""

from sqlalchemy import delete, insert, select

from bot.model.audit import Asker, AuditEntry, Outcome
from bot.model.time import Window
from bot.store.database import Transaction, insert_new
from bot.store.tables import audit, deliveries

ABOUT_MAX = 500
_t = audit.c


def add(tx: Transaction, entry: AuditEntry) -> None:
    values = {
        "at": entry.at,
        "user": entry.asker.user[:80],
        "channel": entry.asker.channel[:32],
        "team": entry.asker.team[:32],
        "deed": entry.deed[:32],
        "outcome": entry.outcome.value,
        "incident_id": entry.incident_id,
        "about": entry.about[:ABOUT_MAX],
    }
    tx.execute(insert(audit).values(values))


def within(tx: Transaction, window: Window, *, after: int, limit: int) -> list[AuditEntry]:
    """Return the next ``limit`` entries of a span whose id is above ``after``."""
    query = select(audit).where(_t.id > after, _t.at >= window.start, _t.at < window.end)
    return [
        AuditEntry(
            id=row.id,
            at=row.at,
            asker=Asker(user=row.user, channel=row.channel, team=row.team),
            deed=row.deed,
            outcome=Outcome(row.outcome),
            incident_id=row.incident_id,
            about=row.about,
        )
        for row in tx.execute(query.order_by(_t.id).limit(limit))
    ]


def first_time(tx: Transaction, key: str, at: int) -> bool:
    """Remember a delivery of Slack's; False where it was taken before, here or by another process."""
    return insert_new(tx, deliveries, {"key": key[:160], "at": at})


def not_yet(tx: Transaction, key: str) -> None:
    """Take back that a delivery was taken."""
    tx.execute(delete(deliveries).where(deliveries.c.key == key[:160]))


def forget_before(tx: Transaction, instant: int, *, deliveries_before: int) -> None:
    """Delete the entries before ``instant``, and deliveries that Slack repeats no more."""
    tx.execute(delete(audit).where(_t.at < instant))
    tx.execute(delete(deliveries).where(deliveries.c.at < deliveries_before))
