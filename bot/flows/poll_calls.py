"""Read the finished calls of one project, calmly: half of the day's requests at most, the rest is people's.

Agora lists calls by when they began, and does not say whether it selects them by their start or by when they
ran. So a window reaches back to the start of the oldest call that was still on, or had just ended, when the
list was read last; of those that began longer ago than ``LOOKBACK_S`` only Agora's grace tells the end.

    now - LOOKBACK_S        since            watermark       complete   now
    ──────┼───────────────────┼──────────────────┼──────────────┼────────┼──> time
     a call that is on ═══════╪══════════════════╪══════════════╪════════╪═ ...
                              └── the next window begins here, not at the watermark
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial

from bot.agora import AgoraError, CallsAnswer
from bot.flows import follow_up, pace, reading
from bot.flows.turn import Turn, read_as_of
from bot.model.catalog import Feed
from bot.model.time import HOUR_S, MINUTE_S, Window, floor_minute, utc_day
from bot.store import FeedState, Transaction, calls, ledger, observations

PERIOD_S = 300
"""The pace while requests abound: a call is judged five minutes after its end anyway."""
REQUESTS_AT_MOST = 20
"""Requests of one turn. What does not fit is left out, and its minutes are marked as cut."""
LOOKBACK_S = 8 * HOUR_S
"""The longest call whose end is found however Agora selects: a working day, and the span that its smallest
plan answers in one request."""
LONGEST_S = 23 * HOUR_S
"""How far back a window reaches after a pause: the smallest plan keeps a day."""
OVERLAP_S = 600
"""How long after its end a call is read again, since its rates settle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the last turn left: ``since`` is the start of the oldest call to be read again, None for none;
    ``asked`` the requests of the UTC ``day``, and ``cost`` those that the next turn is expected to take."""

    since: int | None = None
    day: int = 0
    asked: int = 0
    cost: int = 1

    @classmethod
    def of(cls, state: FeedState) -> "Memory":
        return cls(**(state.reading or {}))

    def asked_on(self, day: int) -> int:
        """Return the requests of a UTC day."""
        return self.asked if self.day == day else 0

    def spent(self, requests: int, now: float) -> "Memory":
        """Return the memory with further requests of today."""
        today = utc_day(now)
        return replace(self, day=today, asked=requests + self.asked_on(today))


def budget(turn: Turn, tx: Transaction) -> pace.Budget:
    """Return what polls may still ask for today, in all projects of the account."""
    now, account = turn.now(), turn.project.account
    names = {project.name for project in turn.sharers}
    states = [s for s in observations.feed_states(tx) if s.feed is Feed.CALLS and s.project in names]
    memories = [Memory.of(state) for state in states]
    return pace.calls_budget(
        ledger.used_today(tx, now),
        account,
        turn.endpoint(Feed.CALLS),
        polled=sum(memory.asked_on(utc_day(now)) for memory in memories),
        round_cost=sum(memory.cost for memory in memories) + len(names) - len(states),
        now=now,
    )


def read_calls(turn: Turn, before: FeedState) -> Callable[[pace.Budget, bool], int]:
    """Read what has ended since the watermark, if today's requests allow it; return the pace."""
    memory, now = Memory.of(before), turn.now()
    with turn.database.transaction() as tx:
        left = budget(turn, tx).left
    if left >= memory.cost:
        try:
            read_as_of(now, partial(_read, turn, before, min(REQUESTS_AT_MOST, left)))
        except AgoraError:
            _remember(turn, memory.spent(memory.cost, now))
            raise
    return lambda today, _: today.even_s(PERIOD_S)


def _read(turn: Turn, before: FeedState, requests: int, asked_at: float) -> None:
    asked = next_window(before, asked_at)
    window = replace(asked, end=asked.end - turn.endpoint(Feed.CALLS).delay_s - 1)
    answer = turn.client.all_calls(turn.project, window, requests=requests)
    _store(turn, before, window, answer, asked_at)


def next_window(before: FeedState, now: float) -> Window:
    """Return the span of which to ask for calls; the first one looks back as far as it ever will."""
    newest = floor_minute(now) - MINUTE_S
    since = min(before.watermark, newest) - OVERLAP_S
    if before.succeeded_at is None:
        since = min(since, newest - LOOKBACK_S)
    elif (oldest := Memory.of(before).since) is not None:
        since = min(since, oldest)
    return Window(start=max(since, newest - LONGEST_S), end=int(now))


def _store(turn: Turn, before: FeedState, window: Window, answer: CallsAnswer, asked_at: float) -> None:
    """Write the calls, which minutes are known since, and from when to read next time."""
    now, name = turn.now(), turn.project.name
    complete = floor_minute(asked_at - reading.COMPLETE_S - reading.SETTLE_S)
    first = max(before.watermark, -(-answer.whole_from // MINUTE_S) * MINUTE_S)
    known = range(first, complete, MINUTE_S)
    cut = frozenset(known if answer.whole_from > window.start else ())
    memory = _learnt(before, window, answer, asked_at, settled=complete - OVERLAP_S)
    with turn.database.transaction() as tx:
        calls.save(tx, name, answer.finished, now)
        follow_up.notice(tx, turn.profile, name, answer, now)
        observations.mark_known(tx, name, Feed.CALLS, known, cut=cut)
        observations.poll_succeeded(tx, name, Feed.CALLS, watermark=complete, now=now, reading=asdict(memory))


def _learnt(
    before: FeedState, window: Window, answer: CallsAnswer, asked_at: float, *, settled: int
) -> Memory:
    """Return what to know next time: calls that ended since ``settled`` are read again, as those still on.

    The next turn is expected to cost as much for each second of its window as this one did.
    """
    unsettled = [call.created_ts for call in answer.finished if call.destroyed_ts >= settled]
    again = [
        start
        for start in (*(call.started_at for call in answer.running), *unsettled)
        if start >= asked_at - LOOKBACK_S
    ]
    since = min(again, default=None)
    gap_s = min(asked_at - before.watermark, HOUR_S)
    span_s = asked_at - min(settled, since or settled) + gap_s
    cost = max(1, round(answer.requests * min(1.0, span_s / window.span_s)))
    return replace(Memory.of(before).spent(answer.requests, asked_at), since=since, cost=cost)


def _remember(turn: Turn, memory: Memory) -> None:
    with turn.database.transaction() as tx:
        observations.poll_remembered(tx, turn.project.name, Feed.CALLS, asdict(memory))
