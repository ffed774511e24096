"""Forget what is older than it has to be kept, in small bites, so that nobody waits for long."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.model.time import DAY_S
from bot.store import (
    Database,
    audit,
    call_pictures,
    history,
    incidents,
    ledger,
    observations,
    outbox,
    rule_pauses,
    silences,
)

KEEP_INCIDENTS_S = 365 * DAY_S
KEEP_MESSAGES_S = 7 * DAY_S
KEEP_DELIVERIES_S = 2 * DAY_S
"""Slack's "Delayed Events" come again for 24 hours."""

ROWS_A_BITE = 1000
"""Rows that one transaction deletes at most. SQLite lets nobody else write meanwhile; measured on a busy
machine: 5 ms in the median, 300 ms at the longest."""
PAUSE_S = 0.1
"""The rest between two transactions: who waits for SQLite looks every 100 ms at most whether it is free."""
INCIDENTS_A_BITE = 100
"""Fewer, because the history and the messages of an incident go with it."""
SERIES_A_BITE = 50
"""Series that one transaction looks at, where each has only a few old rows."""
BITES_A_RUN = 200
"""Transactions that one run spends on a shelf. The rest waits for the next run: 200,000 rows an hour are what
some two hundred projects gather."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many days observations are kept; calls as long as metrics."""

    metrics_days: int
    events_days: int


Rest = Callable[[], bool]
"""Waits for PAUSE_S; True means that it is time to stop."""


def sweep(database: Database, now: float, keep: Retention, rest: Rest) -> None:
    """Delete old observations, incidents and silences a year after their end, what people did after a year,
    delivered messages after a week.

    Known minutes are kept as long as the longer of metrics and events: both are told by them. Age counts up
    to the newest minute that was read of Agora, so that a clock that leaps ahead deletes nothing.
    """
    with database.transaction() as tx:
        read = [state.watermark for state in observations.feed_states(tx) if state.succeeded_at is not None]
    today = min(int(now), max(read, default=int(now)))
    for shelf, keep_s, rows in (
        (history.POINTS, keep.metrics_days * DAY_S, ROWS_A_BITE),
        (history.EVENTS, keep.events_days * DAY_S, ROWS_A_BITE),
        (history.CALLS, keep.metrics_days * DAY_S, ROWS_A_BITE),
        (history.SUSPECTS, keep.events_days * DAY_S, ROWS_A_BITE),
        (history.KNOWN, max(keep.metrics_days, keep.events_days) * DAY_S, ROWS_A_BITE),
        (history.RESOLVED, KEEP_INCIDENTS_S, INCIDENTS_A_BITE),
    ):
        forget(database, shelf, today - keep_s, rest, rows_a_bite=rows)
    with database.transaction() as tx:
        incidents.forget_before(tx, today - KEEP_INCIDENTS_S, limit=INCIDENTS_A_BITE)
        silences.forget_before(tx, today - KEEP_INCIDENTS_S)
        outbox.forget_before(tx, today - KEEP_MESSAGES_S)
        ledger.forget_before(tx, today - KEEP_MESSAGES_S)
        call_pictures.forget_before(tx, today - DAY_S)
        rule_pauses.forget_before(tx, today - DAY_S)
        audit.forget_before(tx, today - KEEP_INCIDENTS_S, deliveries_before=today - KEEP_DELIVERIES_S)


def forget(
    database: Database,
    shelf: history.Shelf,
    before: int,
    rest: Rest,
    *,
    rows_a_bite: int = ROWS_A_BITE,
    bites: int = BITES_A_RUN,
) -> int:
    """Delete rows older than ``before`` in at most ``bites`` transactions; return how many they were.

    Between two of them, and before the first, it rests.
    """
    with database.transaction() as tx:
        waiting = deque(history.series_of(tx, shelf))
    gone = 0
    while waiting and bites > 0 and not rest():
        gone += _bite(database, shelf, waiting, before, rows_a_bite)
        bites -= 1
    return gone


def _bite(
    database: Database, shelf: history.Shelf, waiting: deque[history.Series], before: int, rows: int
) -> int:
    """Delete up to ``rows`` in one transaction; take the series that hold nothing old off ``waiting``."""
    room, looks = rows, SERIES_A_BITE
    with database.transaction() as tx:
        while waiting and room > 0 and looks > 0:
            gone = history.forget_oldest(tx, shelf, waiting[0], before, limit=room)
            if gone < room:
                waiting.popleft()
            room, looks = room - gone, looks - 1
    return rows - room
