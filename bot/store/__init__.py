"""The memory: one database, SQLite or PostgreSQL, that returns model values.

``Database.transaction()`` gives what the modules observations, calls, alerts, incidents, silences,
outbox, ledger, call_pictures, audit and notes take.
"""

from bot.store.alerts import Conflict
from bot.store.database import Database, DatabaseUnavailable, SchemaBehind, Transaction
from bot.store.ledger import SqlLedger
from bot.store.observations import FeedState
from bot.store.outbox import Claimed, Place

__all__ = [
    "Claimed",
    "Conflict",
    "Database",
    "DatabaseUnavailable",
    "FeedState",
    "Place",
    "SchemaBehind",
    "SqlLedger",
    "Transaction",
]
