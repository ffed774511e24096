"""The flows over both of Agora's generations, against the simulator over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.agora import Credentials, open_client, profile
from bot.config import default_folder
from bot.flows import evaluate, poll
from bot.flows.blind import blind_rules, fed_by_alerts
from bot.flows.checkup import check_agora, check_clock
from bot.flows.rulebook import read_folder
from bot.flows.selection import select
from bot.flows.turn import Turn
from bot.model.alert import EventKind
from bot.model.catalog import Feed
from bot.model.finding import Health
from bot.model.project import Project
from bot.model.time import HOUR_S, Window, floor_minute
from bot.rules import Source, load
from bot.simulator.agora import AgoraSimulator
from bot.store import Database, SqlLedger, observations
from tests.conftest import T0, ManualClock
from tests.seen import known, values
from tests.told import book

PROJECT = Project(name="p", app_id="app", account="a")
GENERATIONS = [("beta", None), ("current", "premium"), ("current", "enterprise")]


@contextmanager
def agora(
    clock: ManualClock, database: Database, dialect: str, plan: str | None, ahead_s: int = 0
) -> Iterator[tuple]:
    """Yield a simulator by ``clock`` and a client of it, whose own clock is ahead by so much."""
    simulator = AgoraSimulator(now=clock.now, credentials={"id": "secret"}, projects={"app": "id"}, plan=plan)
    client = open_client(
        dialect,
        plan,
        base_url=simulator.start(),
        credentials=Credentials(account="a", customer_id="id", customer_secret="secret"),
        ledger=SqlLedger(database),
        now=lambda: clock.now() + ahead_s,
        wait=clock.wait,
    )
    try:
        yield simulator, client
    finally:
        client.close()
        simulator.stop()


@pytest.mark.parametrize(("dialect", "plan"), GENERATIONS)
def test_freezes_are_the_same_percent_in_both_generations(
    sqlite: Database, clock: ManualClock, dialect: str, plan: str | None
) -> None:
    api = profile(dialect, plan)
    with agora(clock, sqlite, dialect, plan) as (simulator, client):
        simulator.inject("uplink_loss", in_s=-1200, lasts_s=600)
        turn = Turn(
            database=sqlite,
            client=client,
            profile=api,
            project=PROJECT,
            feed=Feed.EXPERIENCE,
            now=clock.now,
            sharers=(PROJECT,),
            selection=lambda: select(api, (PROJECT,), (frozenset({"videoFreezeRate"}),)),
        )
        assert poll.poll(turn)
        assert not [r for r in simulator.journal() if r.violation]
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], T0 - 1800, T0, ["videoFreezeRate"])
    freezes = values(seen, "videoFreezeRate")
    assert known(seen, Feed.EXPERIENCE) == frozenset(range(T0 - 1800, T0 - 180, 60))
    bad = [m for m, value in freezes.items() if value > 5]
    assert 8 <= len(bad) <= 11
    assert all(T0 - 1260 <= m <= T0 - 600 for m in bad)
    assert all(0 <= value <= 100 for value in freezes.values())


@pytest.mark.parametrize("ahead_s", [45, 90, 180])
@pytest.mark.parametrize(
    ("dialect", "plan", "feed"),
    [
        ("beta", None, Feed.EXPERIENCE),
        ("beta", None, Feed.DIAGNOSIS),
        ("current", "premium", Feed.EXPERIENCE),
        ("beta", None, Feed.CALLS),
        ("current", "premium", Feed.CALLS),
    ],
)
def test_a_clock_that_is_ahead_costs_the_minutes_that_are_not_there_yet_and_no_others(
    sqlite: Database, clock: ManualClock, dialect: str, plan: str | None, feed: Feed, ahead_s: int
) -> None:
    api = profile(dialect, plan)
    needs = (frozenset({"videoFreezeRate"}), frozenset({"call_duration"}))
    with agora(clock, sqlite, dialect, plan, ahead_s) as (simulator, client):
        simulator.inject("uplink_loss", in_s=-1200, lasts_s=1200)
        turn = Turn(
            database=sqlite,
            client=client,
            profile=api,
            project=PROJECT,
            feed=feed,
            now=lambda: clock.now() + ahead_s,
            sharers=(PROJECT,),
            selection=lambda: select(api, (PROJECT,), needs),
        )
        assert poll.poll(turn)
    with sqlite.transaction() as tx:
        (state,) = observations.feed_states(tx, "p")
        seen = observations.read(tx, ["p"], T0 - 1800, T0 + 600, [])
    assert state.error is None
    newest = max(known(seen, feed))
    assert T0 - 300 <= newest < T0 - 120  # complete by Agora's clock


CALL_RULE = """
version: 1
groups:
  - name: calls
    rules:
      - alert: BadCall
        call: {name: %s, op: ">", threshold: %s, settle: 2m}
        by: [project, cname]
        keep_firing_for: 10m
"""


@pytest.mark.parametrize(
    ("dialect", "plan", "field", "line"),
    [
        ("beta", None, "call_duration", 600),
        ("current", "standard", "call_video_freeze_rate", 1),
        ("current", "premium", "call_video_freeze_rate", 1),
    ],
)
def test_a_bad_call_is_polled_judged_and_told(
    sqlite: Database, clock: ManualClock, dialect: str, plan: str | None, field: str, line: int
) -> None:
    rules = load([Source(name="r.yml", text=CALL_RULE % (field, line))])
    api, opened = profile(dialect, plan), []
    with agora(clock, sqlite, dialect, plan) as (simulator, client):
        simulator.inject("storm", in_s=-3600, lasts_s=7200)
        turn = Turn(
            database=sqlite,
            client=client,
            profile=api,
            project=PROJECT,
            feed=Feed.CALLS,
            now=clock.now,
            sharers=(PROJECT,),
            selection=lambda: select(api, (PROJECT,), (frozenset({field}),)),
        )
        until = clock.at + 2 * HOUR_S
        while clock.at < until:
            poll.poll(turn)
            now = clock.now()
            happened = evaluate.judge(sqlite, {"p": api.polled}, book(rules), since=0, now=now, wall=now)
            opened += [event.at for event in happened if event.kind is EventKind.OPENED]
            clock.wait(60)
        assert not simulator.violations()
        requests = len(simulator.journal())
        truth = client.calls(PROJECT, Window(start=T0 - 4 * HOUR_S, end=int(clock.at)), at_most=500)
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], T0, int(until) - 600, []).calls
    ended = {c.call_id for c in truth.calls if c.ended_at and T0 <= c.ended_at < until - 600}
    assert {call.call_id for _, call in seen} == ended
    values = {"call_duration": "duration_s", "call_video_freeze_rate": "video_freeze_rate"}
    bad = [floor_minute(c.destroyed_ts + 120) for _, c in seen if getattr(c, values[field]) > line]
    assert opened
    assert {at for at in opened if T0 + 120 <= at < until - 1200} <= set(bad)
    assert requests <= 250


@pytest.mark.parametrize(("dialect", "plan"), [*GENERATIONS, ("current", "standard")])
def test_a_checkup_asks_each_endpoint_once_and_finds_it_well(
    sqlite: Database, clock: ManualClock, dialect: str, plan: str | None
) -> None:
    with agora(clock, sqlite, dialect, plan) as (simulator, client):
        findings = list(check_agora(client, (PROJECT,), profile(dialect, plan), clock.now()))
        asked = [request.path for request in simulator.journal()]
    assert {finding.health for finding in findings} == {Health.OK}
    assert len(asked) == len(set(asked))
    expected = {"call/details"} if dialect == "beta" else {"call/sessions", "call/metrics"}
    told = {name for f in findings for name in f.what.split() if "/" in name}
    assert told >= expected | {"call/lists"}
    assert ("insight/usage" in told) is (plan != "standard")
    assert len(told) == len(asked)


def test_an_account_without_projects_is_pointed_out(sqlite: Database, clock: ManualClock) -> None:
    with agora(clock, sqlite, "beta", None) as (simulator, client):
        (finding,) = check_agora(client, (), profile("beta"), clock.now())
        assert simulator.journal() == []
    assert finding.health is Health.WARNING


def test_a_checkup_of_the_wrong_generation_says_which_one_to_set(
    sqlite: Database, clock: ManualClock
) -> None:
    with agora(clock, sqlite, "beta", None) as (simulator, client):
        simulator.fault("*", "gone404", times=10)
        findings = list(check_agora(client, (PROJECT,), profile("beta"), clock.now()))
    assert {finding.health for finding in findings} == {Health.FAILED}
    assert all("AGORA_API_DIALECT=current" in finding.next_step for finding in findings)


@pytest.mark.parametrize(
    ("skew_s", "expected"),
    [(None, Health.WARNING), (3.0, Health.OK), (-40.0, Health.WARNING), (900.0, Health.FAILED)],
)
def test_the_clock_is_judged_by_what_breaks(skew_s: float | None, expected: Health) -> None:
    assert check_clock(skew_s).health is expected


@pytest.mark.parametrize(
    ("dialect", "plan", "blind", "seeing"),
    [
        ("beta", None, set(), {"VideoFreezeHigh", "WeakWifi"}),
        ("current", "premium", {"WeakWifi"}, {"VideoFreezeHigh", "JoinSuccessLow"}),
        ("current", "standard", {"WeakWifi", "VideoFreezeHigh"}, {"FeedStale"}),
    ],
)
def test_rules_that_an_account_cannot_feed_are_named(
    dialect: str, plan: str | None, blind: set[str], seeing: set[str]
) -> None:
    rules = read_folder(default_folder("rules")).rules
    assert rules is not None
    found = blind_rules(rules, profile(dialect, plan), (PROJECT,), alerts=False)
    assert blind <= found.keys()
    assert not seeing & found.keys()


FREEZES = CALL_RULE.replace("settle", "min_pcu: 2, settle") % ("call_video_freeze_rate", 10)


@pytest.mark.parametrize(
    ("dialect", "plan", "text", "lacking"),
    [
        ("beta", None, FREEZES, "call_pcu, call_video_freeze_rate"),
        ("beta", None, CALL_RULE % ("call_duration", 10), None),
        ("current", "standard", FREEZES, None),
    ],
)
def test_call_rules_that_look_at_what_the_lists_do_not_tell_are_blind(
    dialect: str, plan: str | None, text: str, lacking: str | None
) -> None:
    rules = load([Source(name="r.yml", text=text)])
    found = blind_rules(rules, profile(dialect, plan), (PROJECT,), alerts=False)
    assert found == ({"BadCall": f"the beta API has no {lacking}"} if lacking else {})


def test_alerts_feed_their_own_rules_everywhere_and_reach_those_of_the_diagnosis() -> None:
    rules = read_folder(default_folder("rules")).rules
    assert rules is not None
    found = blind_rules(rules, profile("current", "premium"), (PROJECT,), alerts=True)
    assert found["WeakWifi"].endswith("no live diagnosis, only Agora's own alerts")
    assert fed_by_alerts(rules) == ["AgoraAlert"]
    assert "AgoraAlert" not in found
