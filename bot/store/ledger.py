"""The quota as a ledger: requests of a UTC day per account and endpoint, and the pace between them.

Both are single statements with a condition, so that any number of processes together never pass a limit.
"""

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.quota import QuotaUse
from bot.model.time import utc_day
from bot.store.database import Database, Transaction, upsert
from bot.store.tables import paces, quota

WAITING_AT_MOST = 40
"""Requests to one endpoint that may wait their turn: the threads of some processes."""
WAIT_AT_MOST_S = 900
"""A slot further ahead than this, or than those requests, was reserved by a clock that went back since."""


class SqlLedger:
    """The ledger that ``bot.agora`` asks; each call is a transaction of its own, committed before sending."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self, account: str, endpoint: str, *, limit: int, kept: int = 0, spacing_s: float, now: float
    ) -> float | None:
        """Reserve one request; return the seconds to wait before it, or None when the day is spent, but for
        what is ``kept`` for others."""
        with self._database.transaction() as tx:
            if not _take_of_day(tx, account, endpoint, limit, kept, utc_day(now)):
                return None
            return max(0.0, _take_slot(tx, account, endpoint, spacing_s, now) - now)

    def exhaust(self, account: str, endpoint: str, *, limit: int, now: float) -> None:
        """Mark the day as spent: Agora counts other clients of the account too, so its word goes."""
        row = {
            "account": account,
            "endpoint": endpoint,
            "day": utc_day(now),
            "used": limit,
            "daily_limit": limit,
        }
        with self._database.transaction() as tx:
            upsert(tx, quota, [row], update=("used", "daily_limit"))

    def give_back(self, account: str, endpoint: str, *, now: float) -> None:
        """Undo ``take`` of the UTC day of ``now``; its slot passes unused."""
        key = (quota.c.account == account) & (quota.c.endpoint == endpoint) & (quota.c.day == utc_day(now))
        statement = update(quota).where(key, quota.c.used > 0).values(used=quota.c.used - 1)
        with self._database.transaction() as tx:
            tx.execute(statement)


def _take_of_day(tx: Transaction, account: str, endpoint: str, limit: int, kept: int, day: int) -> bool:
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    first = {"account": account, "endpoint": endpoint, "day": day, "used": 1, "daily_limit": limit}
    statement = (
        dialect.insert(quota)
        .values(first)
        .on_conflict_do_update(
            index_elements=["account", "endpoint", "day"],
            set_={"used": quota.c.used + 1, "daily_limit": limit},
            where=quota.c.used < limit - kept,
        )
        .returning(quota.c.used)
    )
    return tx.execute(statement).first() is not None


def _take_slot(tx: Transaction, account: str, endpoint: str, spacing_s: float, now: float) -> float:
    """Return the instant reserved for this request: ``spacing_s`` after the one before, not before now."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    ahead_s = min(WAIT_AT_MOST_S, WAITING_AT_MOST * spacing_s)
    kept = case((paces.c.next_at > now + ahead_s, now), else_=paces.c.next_at)
    later = func.max if dialect is sqlite else func.greatest
    statement = (
        dialect.insert(paces)
        .values(account=account, endpoint=endpoint, next_at=now + spacing_s)
        .on_conflict_do_update(
            index_elements=["account", "endpoint"],
            set_={"next_at": later(kept, now) + spacing_s},
        )
        .returning(paces.c.next_at)
    )
    return float(tx.execute(statement).scalar_one()) - spacing_s


def used_today(tx: Transaction, now: float) -> list[QuotaUse]:
    """Return what was spent today, per account and endpoint."""
    query = select(quota).where(quota.c.day == utc_day(now)).order_by(quota.c.account, quota.c.endpoint)
    return [
        QuotaUse(account=row.account, endpoint=row.endpoint, used=row.used, limit=row.daily_limit)
        for row in tx.execute(query)
    ]


def forget_before(tx: Transaction, instant: float) -> None:
    """Delete the days before that of ``instant``."""
    tx.execute(delete(quota).where(quota.c.day < utc_day(instant)))
