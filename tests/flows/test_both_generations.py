"""The flows over both of Agora's generations, against the simulator over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.agora import Credentials, open_client, profile
from bot.config import default_folder
from bot.flows import poll
from bot.flows.blind import blind_rules, fed_by_alerts
from bot.flows.checkup import check_agora, check_clock
from bot.flows.rulebook import read_folder
from bot.flows.turn import Turn
from bot.model.catalog import Feed
from bot.model.finding import Health
from bot.model.project import Project
from bot.simulator.agora import AgoraSimulator
from bot.store import Database, SqlLedger, observations
from tests.conftest import T0, ManualClock
from tests.seen import known, values

PROJECT = Project(name="p", app_id="app", account="a")
GENERATIONS = [("beta", None), ("current", "premium"), ("current", "enterprise")]


@contextmanager
def agora(clock: ManualClock, database: Database, dialect: str, plan: str | None) -> Iterator[tuple]:
    simulator = AgoraSimulator(now=clock.now, credentials={"id": "secret"}, projects={"app": "id"}, plan=plan)
    client = open_client(
        dialect,
        plan,
        base_url=simulator.start(),
        credentials=Credentials(account="a", customer_id="id", customer_secret="secret"),
        ledger=SqlLedger(database),
        now=clock.now,
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
            wanted=lambda: {"videoFreezeRate"},
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


@pytest.mark.parametrize(("dialect", "plan"), [*GENERATIONS, ("current", "standard")])
def test_a_checkup_asks_each_endpoint_once_and_finds_it_well(
    sqlite: Database, clock: ManualClock, dialect: str, plan: str | None
) -> None:
    with agora(clock, sqlite, dialect, plan) as (simulator, client):
        findings = list(check_agora(client, (PROJECT,), profile(dialect, plan), clock.now()))
        asked = [request.path for request in simulator.journal()]
    assert {finding.health for finding in findings} == {Health.OK}
    assert 1 <= len(asked) == len(set(asked)) <= len(findings)


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
    found = blind_rules(rules, profile(dialect, plan), alerts=False)
    assert blind <= found.keys()
    assert not seeing & found.keys()


def test_alerts_feed_their_own_rules_everywhere_and_reach_those_of_the_diagnosis() -> None:
    rules = read_folder(default_folder("rules")).rules
    assert rules is not None
    found = blind_rules(rules, profile("current", "premium"), alerts=True)
    assert found["WeakWifi"] == "live diagnosis, only Agora's own alerts"
    assert fed_by_alerts(rules) == ["AgoraAlert"]
    assert "AgoraAlert" not in found
