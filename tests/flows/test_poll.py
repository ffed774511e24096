"""Polling: whose turn it is, which span is read, what a failure leaves."""

from collections.abc import Callable

import pytest

from bot.agora import ENDPOINTS, DiagnosisAnswer, Unreachable
from bot.flows import evaluate, pace, poll
from bot.model.catalog import Feed
from bot.model.observation import DiagnosisEvent, MetricPoint
from bot.model.project import Project
from bot.model.time import Window
from bot.rules import Source, load
from bot.store import Database, QuotaUse, SqlLedger, incidents, observations
from tests.conftest import T0, ManualClock

PROJECT = Project(name="p", app_id="app", account="a")


class Agora:
    """Answers like ``AgoraClient`` from a table of rows, ten at the most, and keeps the windows asked."""

    def __init__(self, rows: int = 0, failing: bool = False) -> None:
        self.windows: list[Window] = []
        self.rows_per_minute = rows
        self.failing = failing

    def live(self, project: Project, feed: Feed, window: Window) -> tuple[MetricPoint, ...]:
        self._asked(window)
        return tuple(MetricPoint(metric="pcu", minute=m, value=1.0) for m in window.minutes())

    def diagnosis(self, project: Project, window: Window) -> DiagnosisAnswer:
        self._asked(window)
        events = [
            DiagnosisEvent(ts=minute + n, cname="c", user=str(n), experience_id=4)
            for minute in window.minutes()
            for n in range(self.rows_per_minute)
        ]
        return DiagnosisAnswer(events=tuple(events[:10]), cut=len(events) >= 10)

    def _asked(self, window: Window) -> None:
        self.windows.append(window)
        if self.failing:
            raise Unreachable(account="a", endpoint="live", detail="refused")


def run(database: Database, agora: Agora, feed: Feed, clock: ManualClock) -> bool:
    return poll.poll(database, agora, PROJECT, feed, now=clock.now, period=90)


def state(database: Database, feed: Feed) -> observations.FeedState:
    with database.transaction() as tx:
        return next(s for s in observations.feed_states(tx, "p") if s.feed is feed)


def test_the_first_start_reads_back_the_hour_that_agora_keeps(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora()
    assert run(sqlite, agora, Feed.SCALE, clock)
    (window,) = agora.windows
    assert window.span_s >= 55 * 60
    assert window.start > T0 - 3600
    assert window.end < T0 - 120
    assert state(sqlite, Feed.SCALE).watermark == window.end


def test_the_next_poll_reads_what_is_new_with_overlap(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora()
    for _ in range(3):
        run(sqlite, agora, Feed.SCALE, clock)
        clock.wait(90)
    first, second, third = agora.windows
    assert second.start == first.end - poll.OVERLAP_S
    assert third.start == second.end - poll.OVERLAP_S
    assert second.end - first.end in (60, 120)


def test_a_poll_that_comes_early_asks_nothing(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora()
    assert [run(sqlite, agora, Feed.NET, clock) for _ in range(2)] == [True, False]
    assert len(agora.windows) == 1


def test_a_failed_poll_moves_no_watermark_and_the_span_is_read_again(
    sqlite: Database, clock: ManualClock
) -> None:
    run(sqlite, Agora(), Feed.NET, clock)
    before = state(sqlite, Feed.NET).watermark
    clock.wait(90)
    run(sqlite, Agora(failing=True), Feed.NET, clock)
    failed = state(sqlite, Feed.NET)
    assert failed.watermark == before
    assert "could not be reached" in (failed.error or "")
    clock.wait(90)
    agora = Agora()
    run(sqlite, agora, Feed.NET, clock)
    assert agora.windows[0].start == before - poll.OVERLAP_S
    assert state(sqlite, Feed.NET).error is None


def test_a_day_of_polls_stays_under_the_quota(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora()
    clock.at = float((T0 // 86_400 + 1) * 86_400)
    for _ in range(86_400 // 15):
        run(sqlite, agora, Feed.NET, clock)
        clock.wait(15)
    assert 900 < len(agora.windows) <= 960 < ENDPOINTS["live/net"].per_day


@pytest.mark.parametrize(("projects", "expected"), [(1, 90), (2, 180), (5, 450)])
def test_projects_of_an_account_share_its_quota(projects: int, expected: int) -> None:
    assert pace.period_s(projects) == expected


def test_a_cut_answer_is_asked_again_in_halves(sqlite: Database, clock: ManualClock) -> None:
    agora = Agora(rows=6)
    run(sqlite, Agora(), Feed.DIAGNOSIS, clock)
    clock.wait(90)
    run(sqlite, agora, Feed.DIAGNOSIS, clock)
    whole, *parts = agora.windows
    assert len(parts) == poll.SPARE_REQUESTS
    with sqlite.transaction() as tx:
        seen = observations.read(tx, "p", whole.start, whole.end, [])
    minutes = list(whole.minutes())
    assert len(seen.events) == 6 * len(minutes)
    assert seen.coverage[Feed.DIAGNOSIS].cut == frozenset()
    assert seen.coverage[Feed.DIAGNOSIS].known == frozenset(minutes)


def asks(rows_per_minute: int) -> tuple[list[Window], Callable[[Window], DiagnosisAnswer]]:
    agora = Agora(rows=rows_per_minute)
    return agora.windows, lambda window: agora.diagnosis(PROJECT, window)


WINDOW = Window(start=T0, end=T0 + 240)


@pytest.mark.parametrize(
    ("rows", "spare", "requests", "cut"),
    [
        pytest.param(1, 8, 1, 0, id="four rows: whole"),
        pytest.param(3, 8, 3, 0, id="twelve rows: halves are whole"),
        pytest.param(12, 8, 7, 4, id="a minute cannot be split"),
        pytest.param(3, 1, 1, 1, id="no budget: stays cut"),
        pytest.param(12, 2, 3, 2, id="budget for one split"),
    ],
)
def test_splitting_stops_at_whole_answers_minutes_and_budget(
    rows: int, spare: int, requests: int, cut: int
) -> None:
    windows, ask = asks(rows)
    spans = poll.split_while_cut(ask, WINDOW, spare)
    assert (len(windows), sum(s.answer.cut for s in spans)) == (requests, cut)
    assert [m for s in spans for m in s.window.minutes()] == list(WINDOW.minutes())


def test_the_bot_observes_its_own_feeds_and_quota(sqlite: Database, clock: ManualClock) -> None:
    ledger = SqlLedger(sqlite)
    for _ in range(5):
        ledger.take("a", "live/net", limit=10, spacing_s=0, now=T0)
    for feed in poll.POLLED_FEEDS:
        run(sqlite, Agora(failing=feed is Feed.NET), feed, clock)
    poll.observe_self(sqlite, (PROJECT,), T0, lambda _project: 90)
    with sqlite.transaction() as tx:
        seen = observations.read(tx, "p", T0, T0 + 60, ["quotaUsedRate", "feedDelay"])
    assert seen.metrics == {"quotaUsedRate": {T0: 50.0}, "feedDelay": {T0: 3600.0}}


MIDNIGHT = (T0 // 86_400 + 1) * 86_400


@pytest.mark.parametrize(
    ("spent", "day_left_s", "projects", "expected"),
    [
        pytest.param(0, 86_400, 1, 90, id="a fresh day: the planned pace"),
        pytest.param(480, 43_200, 1, 90, id="noon, as planned"),
        pytest.param(900, 43_200, 1, 432, id="overspent: what is left lasts until midnight"),
        pytest.param(900, 43_200, 3, 1296, id="shared by three projects"),
        pytest.param(1000, 3_600, 1, 3600, id="nothing left: wait for midnight"),
        pytest.param(990, 600, 12, 1080, id="never faster than planned"),
    ],
)
def test_the_pace_spreads_what_is_left(spent: int, day_left_s: int, projects: int, expected: int) -> None:
    used = [QuotaUse(account="a", endpoint="live/net", used=spent, limit=1000)]
    now = MIDNIGHT - day_left_s
    assert pace.pace_s(used, "a", Feed.NET, pace.period_s(projects), now) == expected


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
    agora, period = Agora(), pace.period_s(projects)
    judged: list[int] = []
    first_at = clock.at
    for _ in range(4 * 3600 // 15):
        poll.poll(sqlite, agora, PROJECT, Feed.SCALE, now=clock.now, period=period)
        before = _cursor(sqlite)
        evaluate.judge_project(sqlite, PROJECT, ONE_RULE, now=clock.at, wall=clock.at, period=period)
        after = _cursor(sqlite)
        if clock.at > first_at + 2 * period and after != before:
            judged += [m for m in range(before + 60, after + 60, 60) if m not in _known(sqlite, m)]
        clock.wait(15)
    assert judged == []
    assert _cursor(sqlite) > clock.at - 600 - 2 * period


def _cursor(database: Database) -> int:
    with database.transaction() as tx:
        return incidents.cursor(tx, "p").get("Busy", 0)


def _known(database: Database, minute: int) -> frozenset[int]:
    with database.transaction() as tx:
        coverage = observations.read(tx, "p", minute, minute + 60, []).coverage.get(Feed.SCALE)
    return coverage.known if coverage else frozenset()


def test_a_clock_that_went_ahead_and_back_is_survived(sqlite: Database, clock: ManualClock) -> None:
    run(sqlite, Agora(), Feed.SCALE, clock)
    clock.at += 86_400
    run(sqlite, Agora(), Feed.SCALE, clock)
    evaluate.judge_project(sqlite, PROJECT, ONE_RULE, now=clock.at, wall=clock.at)
    clock.at -= 86_400
    agora = Agora()
    for _ in range(20):
        run(sqlite, agora, Feed.SCALE, clock)
        evaluate.judge_project(sqlite, PROJECT, ONE_RULE, now=clock.at, wall=clock.at)
        clock.wait(30)
    assert len(agora.windows) >= 6
    assert clock.at - 600 < state(sqlite, Feed.SCALE).watermark < clock.at
    assert clock.at - 900 < _cursor(sqlite) < clock.at
