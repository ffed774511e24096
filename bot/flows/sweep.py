"""Forget what nobody will ask for again."""

from bot.model.time import DAY_S
from bot.store import Database, incidents, ledger, observations, outbox

KEEP_OBSERVATIONS_S = 35 * DAY_S
KEEP_INCIDENTS_S = 365 * DAY_S
KEEP_MESSAGES_S = 7 * DAY_S


def sweep(database: Database, now: float) -> None:
    """Delete observations after five weeks, delivered messages after one, resolved incidents after a year."""
    with database.transaction() as tx:
        observations.forget_before(tx, int(now) - KEEP_OBSERVATIONS_S)
        incidents.forget_before(tx, int(now) - KEEP_INCIDENTS_S)
        outbox.forget_before(tx, int(now) - KEEP_MESSAGES_S)
        ledger.forget_before(tx, now - KEEP_MESSAGES_S)
