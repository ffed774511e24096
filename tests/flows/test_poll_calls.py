"""Polling calls: none that ends is missed, however Agora selects them, and people keep their requests."""

import random
from dataclasses import asdict

import pytest

from bot.agora import AgoraError, CallsAnswer, Unreachable, profile
from bot.agora.beta import CallPage
from bot.agora.call_rows import calls_answer
from bot.agora.walk import walk_back
from bot.flows import pace, poll, poll_calls
from bot.flows.selection import select
from bot.flows.turn import Turn
from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.project import Project
from bot.model.time import HOUR_S, Window
from bot.store import Database, FeedState, SqlLedger, ledger, observations
from tests.conftest import T0, ManualClock
from tests.seen import cut, known

PROJECT = Project(name="p", app_id="app", account="a")
MIDNIGHT = (T0 // 86_400 + 1) * 86_400
WANTED = frozenset({"call_duration"})
AWAY = Unreachable(account="a", endpoint="call/lists", detail="refused")


class Lists:
    """Lists ten calls an answer, newest start first, by start or by overlap; pays the ledger for each."""

    def __init__(
        self, database: Database, clock: ManualClock, calls: list[Call], *, by_overlap: bool = False
    ) -> None:
        self.calls, self.by_overlap, self.clock = calls, by_overlap, clock
        self.ledger = SqlLedger(database)
        self.windows: list[Window] = []
        self.error: AgoraError | None = None

    def all_calls(self, project: Project, window: Window, *, requests: int) -> CallsAnswer:
        self.windows.append(window)
        return calls_answer(walk_back(self._page, window, None, 10 * requests, answers=requests), window)

    def _page(self, window: Window) -> CallPage:
        self.ledger.take("a", "call/lists", limit=1000, spacing_s=0, now=self.clock.at)
        if self.error:
            raise self.error
        now = int(self.clock.at) - 20
        inside = [
            c for c in self.calls if c.started_at < min(window.end, now) and self._old(c) >= window.start
        ]
        listed = sorted(inside, key=lambda c: -c.started_at)
        told = [c if (c.ended_at or 0) <= now else Call(**asdict(c) | {"ended_at": None}) for c in listed]
        return CallPage(calls=tuple(told[:10]), has_more=len(told) > 10)

    def _old(self, call: Call) -> int:
        return call.ended_at or 0 if self.by_overlap else call.started_at


def lasting(n: int, start: int, length_s: int) -> Call:
    return Call(call_id=f"c{n}", cname="c", started_at=start, ended_at=start + length_s)


def turn(database: Database, lists: Lists, sharers: tuple[Project, ...] = (PROJECT,)) -> Turn:
    return Turn(
        database=database,
        client=lists,
        profile=profile("beta"),
        project=PROJECT,
        feed=Feed.CALLS,
        now=lists.clock.now,
        sharers=sharers,
        selection=lambda: select(profile("beta"), sharers, (WANTED,)),
    )


def state(database: Database) -> FeedState:
    with database.transaction() as tx:
        return next(s for s in observations.feed_states(tx, "p") if s.feed is Feed.CALLS)


def stored(database: Database) -> dict[str, int]:
    with database.transaction() as tx:
        return {c.call_id: c.destroyed_ts for _, c in observations.read(tx, ["p"], 0, T0 * 2, []).calls}


def polls(database: Database, lists: Lists, until: float) -> None:
    """Poll at every turn until an instant."""
    while lists.clock.at < until:
        poll.poll(turn(database, lists))
        lists.clock.at = max(lists.clock.at + 5, state(database).due_at)


@pytest.mark.parametrize("by_overlap", [False, True], ids=["by start", "by overlap"])
@pytest.mark.parametrize("seed", range(4))
def test_every_call_is_there_when_the_watermark_passes_its_end(
    sqlite: Database, clock: ManualClock, seed: int, by_overlap: bool
) -> None:
    chance = random.Random(seed)
    longest = poll_calls.LOOKBACK_S - 1000
    made = [
        lasting(n, T0 + chance.randrange(-8 * HOUR_S, 3 * HOUR_S), int(longest ** chance.random()))
        for n in range(120)
    ]
    lists = Lists(sqlite, clock, made, by_overlap=by_overlap)
    while clock.at < T0 + 3 * HOUR_S:
        lists.error = AWAY if chance.random() < 0.2 else None
        poll.poll(turn(sqlite, lists))
        ended = {
            c.call_id: c.ended_at for c in made if T0 - 3500 < (c.ended_at or 0) < state(sqlite).watermark
        }
        assert ended.items() <= stored(sqlite).items()
        clock.at = max(clock.at + 5, state(sqlite).due_at)
    assert state(sqlite).watermark > T0 + 2 * HOUR_S


def test_the_first_look_reaches_back_for_long_calls_and_knows_an_hour(
    sqlite: Database, clock: ManualClock
) -> None:
    lists = Lists(sqlite, clock, [lasting(1, T0 - 7 * HOUR_S, 7 * HOUR_S - 600)])
    assert poll.poll(turn(sqlite, lists))
    assert stored(sqlite) == {"c1": T0 - 600}
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], 0, T0, [])
    assert known(seen, Feed.CALLS) == frozenset(range(T0 - HOUR_S, T0 - 180, 60))
    assert (state(sqlite).watermark, state(sqlite).pace_s) == (T0 - 180, poll_calls.PERIOD_S)


def test_the_first_look_also_reaches_back_after_one_that_failed(sqlite: Database, clock: ManualClock) -> None:
    lists = Lists(sqlite, clock, [])
    lists.error = AWAY
    poll.poll(turn(sqlite, lists))
    assert (state(sqlite).watermark, state(sqlite).error is None) == (T0 - HOUR_S, False)
    assert (state(sqlite).reading or {})["asked"] == 1, "what failed was asked for, too"
    lists.error = None
    clock.wait(state(sqlite).due_at - clock.at)
    poll.poll(turn(sqlite, lists))
    assert lists.windows[1].start <= T0 - poll_calls.LOOKBACK_S + 400
    assert state(sqlite).error is None


def test_a_quiet_project_is_asked_for_a_quarter_of_an_hour_every_five_minutes(
    sqlite: Database, clock: ManualClock
) -> None:
    lists = Lists(sqlite, clock, [])
    polls(sqlite, lists, T0 + HOUR_S)
    assert [b.end - a.end for a, b in zip(lists.windows, lists.windows[1:], strict=False)] == [300] * 11
    assert max(window.span_s for window in lists.windows[1:]) < 1300


def test_a_call_is_read_again_after_its_end_until_its_rates_have_settled(
    sqlite: Database, clock: ManualClock
) -> None:
    lists = Lists(sqlite, clock, [lasting(1, T0 - HOUR_S, HOUR_S + 60)])
    polls(sqlite, lists, T0 + 2 * HOUR_S)
    late = [w.end - (T0 + 60) for w in lists.windows if w.start <= T0 - HOUR_S]
    assert max(late) >= poll_calls.OVERLAP_S
    assert max(late) < 3 * poll_calls.OVERLAP_S


def test_an_endless_call_does_not_make_windows_grow(sqlite: Database, clock: ManualClock) -> None:
    lists = Lists(sqlite, clock, [lasting(1, T0 - HOUR_S, 10**9)], by_overlap=True)
    polls(sqlite, lists, T0 + 12 * HOUR_S)
    assert max(window.span_s for window in lists.windows) < poll_calls.LOOKBACK_S + 1200
    assert lists.windows[-1].span_s < 1300


def test_more_than_a_turn_may_read_is_said_to_be_cut(sqlite: Database, clock: ManualClock) -> None:
    lists = Lists(sqlite, clock, [lasting(n, T0 - 2 * HOUR_S + n * 10, 300) for n in range(720)])
    poll.poll(turn(sqlite, lists))
    assert len(lists.windows) == 1
    assert 150 < len(stored(sqlite)) < 200, "of some 180 that twenty answers list, some are still on"
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], 0, T0, [])
    assert cut(seen, Feed.CALLS) == known(seen, Feed.CALLS) != frozenset()
    assert T0 - 2400 < min(known(seen, Feed.CALLS)) < T0 - 1200
    assert state(sqlite).watermark == T0 - 180


def busy(n: int) -> Call:
    return lasting(n, MIDNIGHT - HOUR_S + n * 20, 1800)


def test_polls_take_half_of_a_day_and_last_until_its_end(sqlite: Database, clock: ManualClock) -> None:
    clock.at = float(MIDNIGHT)
    lists = Lists(sqlite, clock, [busy(n) for n in range(4400)])
    polls(sqlite, lists, MIDNIGHT + 86_400)
    with sqlite.transaction() as tx:
        (used,) = [u.used for u in ledger.used_today(tx, MIDNIGHT + 86_399)]
    assert 350 < used <= 500
    assert lists.windows[-1].end > MIDNIGHT + 22 * HOUR_S


@pytest.mark.parametrize(
    ("people", "asks"),
    [
        pytest.param(0, True, id="nobody else"),
        pytest.param(700, True, id="people take more than half"),
        pytest.param(800, False, id="the last part is theirs"),
    ],
)
def test_people_keep_the_last_part_of_the_day(
    sqlite: Database, clock: ManualClock, people: int, asks: bool
) -> None:
    lists = Lists(sqlite, clock, [])
    for _ in range(people):
        lists.ledger.take("a", "call/lists", limit=1000, spacing_s=0, now=clock.at)
    poll.poll(turn(sqlite, lists))
    assert bool(lists.windows) is asks
    assert state(sqlite).watermark == (T0 - 180 if asks else T0 - HOUR_S)
    assert asks or state(sqlite).due_at == pytest.approx(MIDNIGHT, abs=60)


@pytest.mark.parametrize(
    ("left", "day_left_s", "round_cost", "expected"),
    [
        pytest.param(500, 86_400, 1, 300, id="a fresh day"),
        pytest.param(500, 86_400, 10, 1728, id="ten projects, or a busy one"),
        pytest.param(10, 43_200, 1, 4320, id="little left"),
        pytest.param(2, 43_200, 5, 43_200, id="less than a round: wait for midnight"),
        pytest.param(0, 43_200, 1, 43_200, id="nothing left: wait for midnight"),
        pytest.param(400, 100, 1, 300, id="the end of the day"),
    ],
)
def test_the_pace_of_calls_spreads_what_is_left(
    left: int, day_left_s: int, round_cost: int, expected: int
) -> None:
    budget = pace.Budget(left=left, limit=500, day_left_s=day_left_s, round_cost=round_cost)
    assert budget.even_s(poll_calls.PERIOD_S) == expected


@pytest.mark.parametrize(
    ("dialect", "plan", "wanted", "read"),
    [
        ("beta", None, None, False),
        ("beta", None, {"pcu"}, False),
        ("beta", None, {"call_video_freeze_rate"}, False),
        ("beta", None, {"call_video_freeze_rate", "call_duration"}, True),
        ("current", "standard", {"call_video_freeze_rate"}, True),
        ("current", "standard", {"pcu"}, True),
        ("current", "premium", None, True),
        ("current", "premium", {"call_pcu"}, True),
    ],
)
def test_calls_are_read_where_a_rule_can_look_at_them_and_where_the_doctor_does(
    dialect: str, plan: str | None, wanted: set[str] | None, read: bool
) -> None:
    needs = None if wanted is None else tuple(frozenset({name}) for name in sorted(wanted))
    assert (Feed.CALLS in select(profile(dialect, plan), (PROJECT,), needs).feeds("p")) is read


def test_a_feed_that_nobody_reads_any_more_is_forgotten(sqlite: Database, clock: ManualClock) -> None:
    poll.poll(turn(sqlite, Lists(sqlite, clock, [])))
    with sqlite.transaction() as tx:
        observations.forget_feeds(tx, "q", but=())
        assert [s.feed for s in observations.feed_states(tx)] == [Feed.CALLS]
        observations.forget_feeds(tx, "p", but=[Feed.NET])
        assert observations.feed_states(tx) == []
