"""Polling: whose turn it is, which span is read, what a failure leaves."""

from collections.abc import Callable, Collection
from dataclasses import replace

import pytest

from bot.agora import (
    AgoraError,
    AuthRejected,
    DiagnosisAnswer,
    EndpointGone,
    MalformedAnswer,
    PlanLacksEndpoint,
    QuotaExhausted,
    ServerFailed,
    Stopped,
    Unreachable,
    profile,
)
from bot.flows import evaluate, notices, pace, poll
from bot.flows.selection import Needs, select
from bot.flows.turn import Turn
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.observation import DiagnosisEvent, MetricPoint
from bot.model.project import Project
from bot.model.quota import QuotaUse
from bot.model.time import Window
from bot.rules import Source, load
from bot.store import Database, SqlLedger, alerts, observations
from tests.conftest import T0, ManualClock
from tests.seen import cut, known, values
from tests.told import book

PROJECT = Project(name="p", app_id="app", account="a")
TWIN = replace(PROJECT, name="q")
NEEDS = (frozenset({"pcu"}), frozenset({"videoFreezeRate"}))
MIDNIGHT = (T0 // 86_400 + 1) * 86_400


UNREACHABLE = Unreachable(account="a", endpoint="live", detail="refused")


class Agora:
    """Answers like ``AgoraClient`` from a table of rows, ten at the most, and keeps the windows asked."""

    def __init__(self, rows: int = 0, failing: bool = False, error: AgoraError | None = None) -> None:
        self.windows: list[Window] = []
        self.rows_per_minute = rows
        self.error = error or (UNREACHABLE if failing else None)
        self.video_freeze = 1.0
        self.metrics: list[tuple[str, ...]] = []
        self.profile = profile("beta")

    def live(
        self, project: Project, feed: Feed, window: Window, metrics: Collection[str] | None = None
    ) -> tuple[MetricPoint, ...]:
        self.metrics.append(tuple(metrics or ()))
        self._asked(window)
        values = {"pcu": 1.0, "videoFreezeRate": self.video_freeze}
        return tuple(
            MetricPoint(metric=name, minute=m, value=value)
            for m in window.minutes()
            for name, value in values.items()
        )

    def diagnosis(self, project: Project, window: Window) -> DiagnosisAnswer:
        self._asked(window)
        events = [
            DiagnosisEvent(ts=ts, cname="c", user="u", experience_id=4)
            for minute in range(window.start // 60 * 60, window.end, 60)
            for ts in (minute + n * 60 // self.rows_per_minute for n in range(self.rows_per_minute))
            if window.start <= ts < window.end
        ]
        return DiagnosisAnswer(events=tuple(events[:10]), cut=len(events) >= 10)

    def _asked(self, window: Window) -> None:
        self.windows.append(window)
        if self.error:
            raise self.error


def run(database: Database, agora: Agora, feed: Feed, clock: ManualClock) -> bool:
    return poll.poll(turn(database, agora, feed, clock))


def turn(database: Database, agora: Agora, feed: Feed, clock: ManualClock, sharers: int = 1) -> Turn:
    return Turn(
        database=database,
        client=agora,
        profile=agora.profile,
        project=PROJECT,
        feed=feed,
        now=clock.now,
        sharers=(PROJECT, TWIN)[:sharers],
        selection=lambda: select(agora.profile, (PROJECT, TWIN)[:sharers], NEEDS),
    )


def state(database: Database, feed: Feed) -> observations.FeedState:
    with database.transaction() as tx:
        return next(s for s in observations.feed_states(tx, "p") if s.feed is feed)


def test_the_first_start_reads_back_the_hour_that_agora_keeps(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora()
    assert run(sqlite, agora, Feed.SCALE, clock)
    (window,) = agora.windows
    assert window.span_s >= 55 * 60
    assert window.start > T0 - 3600
    assert (state(sqlite, Feed.SCALE).watermark, window.end) == (T0 - 180, T0 - 120)


def test_the_next_poll_reads_what_is_new_with_overlap(sqlite: Database, clock: ManualClock) -> None:
    agora, marks = Agora(), []
    for _ in range(3):
        run(sqlite, agora, Feed.SCALE, clock)
        marks.append(state(sqlite, Feed.SCALE).watermark)
        clock.wait(120)
    _, second, third = agora.windows
    assert (second.start, third.start) == (marks[0] - 180, marks[1] - 180)
    assert (marks[1] - marks[0], marks[2] - marks[1]) == (120, 120)


def test_minutes_that_are_not_complete_yet_are_stored_but_not_known(
    sqlite: Database, clock: ManualClock
) -> None:
    agora = Agora()
    run(sqlite, agora, Feed.SCALE, clock)
    mark = state(sqlite, Feed.SCALE).watermark
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], mark, T0, ["pcu"])
    assert values(seen, "pcu") == {mark: 1.0}
    assert not known(seen, Feed.SCALE)


def test_a_poll_that_comes_early_asks_nothing(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora()
    assert [run(sqlite, agora, Feed.NET, clock) for _ in range(2)] == [True, False]
    assert len(agora.windows) == 1


def test_a_failed_poll_moves_no_watermark_and_the_span_is_read_again(
    sqlite: Database, clock: ManualClock
) -> None:
    run(sqlite, Agora(), Feed.NET, clock)
    before = state(sqlite, Feed.NET).watermark
    clock.wait(120)
    run(sqlite, Agora(failing=True), Feed.NET, clock)
    failed = state(sqlite, Feed.NET)
    assert failed.watermark == before
    assert "could not be reached" in (failed.error or "")
    clock.wait(120)
    agora = Agora()
    run(sqlite, agora, Feed.NET, clock)
    assert agora.windows[0].start == before - 180
    assert state(sqlite, Feed.NET).error is None


def spent(database: Database, feed: Feed, requests: int, at: float) -> None:
    ledger = SqlLedger(database)
    for _ in range(requests):
        ledger.take("a", f"live/{feed.value}", limit=1000, spacing_s=0, now=at)


class Counted(Agora):
    """Pays the ledger for every answer, as the client does."""

    def __init__(self, database: Database, clock: ManualClock, rows: int = 0) -> None:
        super().__init__(rows)
        self._ledger, self._clock = SqlLedger(database), clock
        self.feed = Feed.NET

    def _asked(self, window: Window) -> None:
        taken = self._ledger.take("a", f"live/{self.feed.value}", limit=1000, spacing_s=0, now=self._clock.at)
        if taken is None:
            raise QuotaExhausted(account="a", endpoint="live", resets_at=0)
        super()._asked(window)


def refusal(kind: type[AgoraError], request: int) -> AgoraError:
    return kind(account="a", endpoint="live/net", detail=f"code 401, request {request}")


@pytest.mark.parametrize(
    ("kind", "others_go_on"), [(AuthRejected, False), (PlanLacksEndpoint, True), (EndpointGone, True)]
)
def test_what_agora_refuses_is_told_once_and_stopped(
    sqlite: Database, clock: ManualClock, kind: type[AgoraError], others_go_on: bool
) -> None:
    run(sqlite, Agora(), Feed.SCALE, clock)
    told: list[str] = []
    for request in range(3):
        assert run(sqlite, Agora(error=refusal(kind, request)), Feed.NET, clock)
        notices.tell(sqlite, told.append, clock.now())
        clock.wait(poll.REFUSED_S - 1)
        assert not run(sqlite, Agora(), Feed.NET, clock), "it is left alone meanwhile"
        assert run(sqlite, Agora(), Feed.SCALE, clock) is others_go_on
        clock.wait(1)
    assert len(told) == 1
    assert kind.happened in told[0]
    run(sqlite, Agora(), Feed.NET, clock)
    clock.wait(poll.REFUSED_S)
    run(sqlite, Agora(error=refusal(kind, 4)), Feed.NET, clock)
    notices.tell(sqlite, told.append, clock.now())
    assert len(told) == 2, "it worked meanwhile, so that it is told again"


def test_a_restart_asks_at_once_what_failed_but_not_over_and_over(
    sqlite: Database, clock: ManualClock
) -> None:
    def restart() -> None:
        with sqlite.transaction() as tx:
            observations.poll_retried(tx, now=clock.now(), idle_s=120)

    run(sqlite, Agora(error=refusal(AuthRejected, 1)), Feed.NET, clock)
    restart()
    assert not run(sqlite, Agora(), Feed.NET, clock)
    clock.wait(121)
    restart()
    assert run(sqlite, Agora(), Feed.NET, clock)
    restart()
    assert not run(sqlite, Agora(), Feed.NET, clock), "it works, so its pace stays"


@pytest.mark.parametrize(("feed", "rows"), [(Feed.NET, 0), (Feed.DIAGNOSIS, 0), (Feed.DIAGNOSIS, 80)])
def test_a_days_requests_last_until_midnight_whatever_happens(
    sqlite: Database, clock: ManualClock, feed: Feed, rows: int
) -> None:
    clock.at = float(MIDNIGHT)
    agora = Counted(sqlite, clock, rows)
    agora.feed = feed
    asked_at: list[float] = []
    while clock.at < MIDNIGHT + 86_400:
        before = len(agora.windows)
        run(sqlite, agora, feed, clock)
        asked_at += [clock.at] * (len(agora.windows) - before)
        clock.at = max(clock.at + 5, state(sqlite, feed).due_at)
    assert 800 < len(agora.windows) <= 960
    assert asked_at[-1] > MIDNIGHT + 23.75 * 3600


def test_a_cut_answer_is_read_in_slices(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora()
    run(sqlite, agora, Feed.DIAGNOSIS, clock)
    start = state(sqlite, Feed.DIAGNOSIS).watermark
    clock.wait(300)
    agora.rows_per_minute = 6
    run(sqlite, agora, Feed.DIAGNOSIS, clock)
    end = state(sqlite, Feed.DIAGNOSIS).watermark
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], start, end, [])
    assert end - start == 300
    assert len(seen.events) == 6 * 5
    assert cut(seen, Feed.DIAGNOSIS) == frozenset()
    assert known(seen, Feed.DIAGNOSIS) == frozenset(range(start, end, 60))


def test_a_turn_that_was_cut_short_goes_on_where_it_was(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora(rows=300)
    for _ in range(40):
        run(sqlite, agora, Feed.DIAGNOSIS, clock)
        clock.at = max(clock.at + 5, state(sqlite, Feed.DIAGNOSIS).due_at)
    windows = agora.windows
    assert state(sqlite, Feed.DIAGNOSIS).watermark > T0 - 3000
    assert len(windows) > poll.REQUESTS_AT_MOST
    assert len(set(windows)) > 0.9 * len(windows)


def test_without_budget_the_feed_is_read_whole_and_marked_as_cut(
    sqlite: Database, clock: ManualClock
) -> None:
    run(sqlite, Agora(), Feed.DIAGNOSIS, clock)
    start = state(sqlite, Feed.DIAGNOSIS).watermark
    spent(sqlite, Feed.DIAGNOSIS, 990, clock.at)
    clock.wait(300)
    agora = Agora(rows=30)
    run(sqlite, agora, Feed.DIAGNOSIS, clock)
    assert len(agora.windows) == 1
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], start, start + 300, [])
    assert cut(seen, Feed.DIAGNOSIS) == frozenset(range(start, start + 300, 60))


def test_a_bad_number_lets_the_diagnosis_be_read_at_once(sqlite: Database, clock: ManualClock) -> None:
    clock.at = MIDNIGHT + 3600.0
    for feed in (Feed.DIAGNOSIS, Feed.EXPERIENCE):
        run(sqlite, Agora(), feed, clock)
    calm = state(sqlite, Feed.DIAGNOSIS)
    agora = Agora()
    agora.video_freeze = 12.0
    clock.wait(110)
    run(sqlite, agora, Feed.EXPERIENCE, clock)
    assert calm.due_at > clock.at
    assert state(sqlite, Feed.DIAGNOSIS).due_at == clock.at
    assert state(sqlite, Feed.EXPERIENCE).pace_s == 60


def test_the_bot_observes_its_own_feeds_and_quota(sqlite: Database, clock: ManualClock) -> None:
    ledger = SqlLedger(sqlite)
    for _ in range(5):
        ledger.take("a", "live/net", limit=10, spacing_s=0, now=T0)
    feeds = select(profile("beta"), (PROJECT,), (frozenset({"pcu"}),)).feeds("p")
    for feed in feeds:
        run(sqlite, Agora(failing=feed is Feed.NET), feed, clock)
    poll.observe_self(sqlite, [(PROJECT, feeds)], T0)
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], T0, T0 + 60, ["quotaUsedRate", "feedDelay"])
    assert (values(seen, "quotaUsedRate"), values(seen, "feedDelay")) == ({T0: 50.0}, {T0: 3600.0})


@pytest.mark.parametrize(
    ("left", "day_left_s", "projects", "calm_s", "trouble_s", "spare"),
    [
        pytest.param(1000, 86_400, 1, 216, 45, 702, id="a fresh day"),
        pytest.param(1000, 43_200, 1, 61, 45, 846, id="nothing spent until noon: faster"),
        pytest.param(400, 43_200, 1, 300, 45, 246, id="noon, a storm behind"),
        pytest.param(150, 43_200, 1, 288, 288, 0, id="less than the slowest pace needs"),
        pytest.param(
            1000, 86_400, 3, 648, 135, 702, id="shared by three projects: each at a third of the pace"
        ),
        pytest.param(0, 3_600, 1, 3600, 3600, 0, id="nothing left: wait for midnight"),
    ],
)
def test_the_pace_follows_what_is_left(
    left: int, day_left_s: int, projects: int, calm_s: int, trouble_s: int, spare: int
) -> None:
    budget = pace.Budget(left=left, limit=1000, day_left_s=day_left_s, round_cost=projects)
    share = pace.DIAGNOSIS
    assert (budget.calm_s(share), budget.trouble_s(share), budget.spare(share)) == (calm_s, trouble_s, spare)


def test_the_budget_is_what_the_ledger_left() -> None:
    used = [QuotaUse(account="a", endpoint="live/net", used=300, limit=1000)]
    net = profile("beta").endpoint("live/net", account="a")
    assert pace.budget(used, "a", net, 2, MIDNIGHT - 600).left == 660
    assert pace.budget(used, "b", net, 2, MIDNIGHT - 600).left == 960


NATIVE = Project(name="n", app_id="n", account="a", products=("Native",))


@pytest.mark.parametrize(
    ("dialect", "plan", "needs", "expected"),
    [
        pytest.param(
            "beta",
            None,
            (frozenset({"pcu"}),),
            dict.fromkeys(("live/diagnosis", "live/experience", "live/net", "live/scale"), 2),
            id="2019: one request tells all, each feed apart",
        ),
        pytest.param(
            "current",
            "enterprise",
            None,
            {"realtime": 7 * 3 - 1},
            id="today: metrics times products, less audio freezes in browsers",
        ),
        pytest.param(
            "current",
            "enterprise",
            (frozenset({"pcu"}), frozenset({"pcc", "pcu"})),
            {"realtime": 2 * 3},
            id="what rules look at, each once",
        ),
    ],
)
def test_a_round_costs_what_the_dialect_needs(
    dialect: str, plan: str | None, needs: Needs | None, expected: dict[str, int]
) -> None:
    assert select(profile(dialect, plan), (PROJECT, NATIVE), needs).costs == expected


def test_todays_api_is_asked_only_for_metrics_that_rules_look_at(
    sqlite: Database, clock: ManualClock
) -> None:
    agora = Agora()
    agora.profile = profile("current", "premium")
    clock.at = float(MIDNIGHT)
    run(sqlite, agora, Feed.EXPERIENCE, clock)
    assert agora.metrics == [("videoFreezeRate",)]
    # two metrics of two products: a round of 4 requests, of which 460 a day are planned, a fifth for trouble
    assert state(sqlite, Feed.EXPERIENCE).pace_s == 86_400 * 4 // (460 * 4 // 5)


def test_a_feed_without_metrics_that_matter_costs_nothing(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora()
    agora.profile = profile("current", "premium")
    assert not run(sqlite, agora, Feed.NET, clock)
    assert agora.windows == []
    feeds = select(agora.profile, (PROJECT,), (frozenset({"pcu"}),)).feeds("p")
    poll.observe_self(sqlite, [(PROJECT, feeds)], T0)
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], T0, T0 + 60, ["feedDelay"])
    assert values(seen, "feedDelay") == {}


def test_a_long_turn_keeps_its_claim_with_every_answer(sqlite: Database, clock: ManualClock) -> None:
    class Slow(Agora):
        def _asked(self, window: Window) -> None:
            super()._asked(window)
            clock.wait(60)
            others.append(run(sqlite, Agora(), Feed.DIAGNOSIS, clock))

    others: list[bool] = []
    run(sqlite, Slow(rows=20), Feed.DIAGNOSIS, clock)
    assert len(others) > 3
    assert not any(others)


ONE_RULE = load(
    [
        Source(
            name="r.yml",
            text="""
version: 1
groups:
  - name: g
    rules:
      - alert: Busy
        metric: {name: pcu, aggregate: last, window: 1m, op: ">", threshold: 1e9}
""",
        )
    ]
)


@pytest.mark.parametrize("projects", [1, 4, 12])
def test_minutes_are_polled_before_they_are_judged_however_many_projects_share(
    sqlite: Database, clock: ManualClock, projects: int
) -> None:
    agora, period = Agora(), 96 * projects
    judged: list[int] = []
    first_at = clock.at
    for _ in range(4 * 3600 // 15):
        poll.poll(turn(sqlite, agora, Feed.SCALE, clock, sharers=projects))
        before = _cursor(sqlite)
        evaluate.judge(sqlite, {"p": POLLED_FEEDS}, book(ONE_RULE), since=0, now=clock.at, wall=clock.at)
        after = _cursor(sqlite)
        if clock.at > first_at + 2 * period and after != before:
            judged += [m for m in range(before + 60, after + 60, 60) if m not in _known(sqlite, m)]
        clock.wait(15)
    assert judged == []
    assert _cursor(sqlite) > clock.at - 600 - 2 * period


def _cursor(database: Database) -> int:
    with database.transaction() as tx:
        return alerts.judged_until(tx, ["p"]).get(("p", "Busy"), 0)


def _known(database: Database, minute: int) -> frozenset[int]:
    with database.transaction() as tx:
        return known(observations.read(tx, ["p"], minute, minute + 60, []), Feed.SCALE)


def test_a_clock_that_went_ahead_and_back_is_survived(sqlite: Database, clock: ManualClock) -> None:
    run(sqlite, Agora(), Feed.SCALE, clock)
    clock.at += 86_400
    run(sqlite, Agora(), Feed.SCALE, clock)
    evaluate.judge(sqlite, {"p": POLLED_FEEDS}, book(ONE_RULE), since=0, now=clock.at, wall=clock.at)
    clock.at -= 86_400
    agora = Agora()
    for _ in range(20):
        run(sqlite, agora, Feed.SCALE, clock)
        evaluate.judge(sqlite, {"p": POLLED_FEEDS}, book(ONE_RULE), since=0, now=clock.at, wall=clock.at)
        clock.wait(30)
    assert len(agora.windows) >= 6
    assert clock.at - 600 < state(sqlite, Feed.SCALE).watermark < clock.at
    assert clock.at - 900 < _cursor(sqlite) < clock.at


@pytest.mark.parametrize(("asked_s", "left_alone_s"), [(400.0, 400), (86_400.0, 600)])
@pytest.mark.parametrize("feed", [Feed.SCALE, Feed.DIAGNOSIS])
def test_agora_is_left_alone_as_long_as_it_asks_but_not_for_ever(
    sqlite: Database, feed: Feed, asked_s: float, left_alone_s: int
) -> None:
    clock = ManualClock(T0)
    error = ServerFailed(account="a", endpoint="live", detail="HTTP 503", retry_after_s=asked_s)
    run(sqlite, Agora(error=error), feed, clock)
    with sqlite.transaction() as tx:
        (state,) = observations.feed_states(tx, "p")
    assert state.due_at - T0 == left_alone_s


def test_agora_is_left_alone_also_where_it_answered_first(sqlite: Database) -> None:
    clock = ManualClock(T0)
    busy = ServerFailed(account="a", endpoint="live", detail="HTTP 503", retry_after_s=400.0)
    agora = FailsLater(rows=100, error=busy)
    run(sqlite, agora, Feed.DIAGNOSIS, clock)
    with sqlite.transaction() as tx:
        (state,) = observations.feed_states(tx, "p")
    assert (len(agora.windows), state.due_at - T0) == (3, 400)


class FailsLater(Agora):
    """Answers twice before it fails."""

    def _asked(self, window: Window) -> None:
        self.windows.append(window)
        if self.error and len(self.windows) > 2:
            raise self.error


def test_a_poll_that_the_end_of_the_bot_cut_short_is_the_next_ones_turn(sqlite: Database) -> None:
    clock = ManualClock(T0)
    run(sqlite, Agora(error=Stopped(account="a", endpoint="live")), Feed.SCALE, clock)
    with sqlite.transaction() as tx:
        (state,) = observations.feed_states(tx, "p")
    assert state.error is None
    after = Agora()
    assert run(sqlite, after, Feed.SCALE, clock)
    assert after.windows


class Premium(Agora):
    """Answers one metric a question, calls ``meanwhile`` first, and fails for those in ``errors``."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None, **errors: AgoraError) -> None:
        super().__init__()
        self.profile = profile("current", "premium")
        self._meanwhile, self._errors = meanwhile, errors

    def live(
        self, project: Project, feed: Feed, window: Window, metrics: Collection[str] | None = None
    ) -> tuple[MetricPoint, ...]:
        self.metrics.append(tuple(metrics or ()))
        self._meanwhile()
        for name in metrics or ():
            if name in self._errors:
                raise self._errors[name]
        return tuple(
            MetricPoint(metric=n, minute=m, value=1.0) for m in window.minutes() for n in metrics or ()
        )


ALL_RATES = ("joinSuccessRate", "joinSuccess5SecsRate", "videoFreezeRate", "audioFreezeRate")


def premium_turn(database: Database, agora: Premium, clock: ManualClock) -> Turn:
    needs = tuple(frozenset({name}) for name in (*ALL_RATES, "pcu"))
    asked = turn(database, agora, Feed.EXPERIENCE, clock)
    return replace(asked, selection=lambda: select(agora.profile, (PROJECT,), needs))


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (
            MalformedAnswer(account="a", endpoint="e"),
            {"audioFreezeRate", "joinSuccessRate", "videoFreezeRate"},
        ),
        (UNREACHABLE, {ALL_RATES[0]}),
    ],
    ids=["one metric's own failure", "everybody's failure"],
)
def test_a_metric_that_fails_takes_nothing_from_those_that_were_read(
    sqlite: Database, error: AgoraError, kept: set[str]
) -> None:
    clock = ManualClock(T0)
    assert poll.poll(premium_turn(sqlite, Premium(joinSuccess5SecsRate=error), clock))
    with sqlite.transaction() as tx:
        stored = {point.metric for point in observations.points_since(tx, "p", T0 - 3600, ALL_RATES)}
        (state,) = observations.feed_states(tx, "p")
    assert (stored, state.error, state.succeeded_at) == (kept, str(error), None)


def test_two_workers_pay_a_round_of_premium_once_however_long_their_turn_takes(sqlite: Database) -> None:
    clock = ManualClock(T0)
    other_tried: list[bool] = []

    def meanwhile() -> None:
        clock.at += 300  # the round has nine requests, three a minute
        other_tried.append(poll.poll(premium_turn(sqlite, Premium(), clock)))

    agora = Premium(meanwhile)
    assert poll.poll(premium_turn(sqlite, agora, clock))
    assert [(name,) for name in ALL_RATES] == agora.metrics
    assert other_tried == [False] * 4
