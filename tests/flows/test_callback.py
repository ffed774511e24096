"""Agora's own alerts: put to a project, stored once, and matched by rules like any diagnosis."""

import pytest

from bot.agora.alert_body import UnreadableAlert
from bot.config import default_folder
from bot.flows import callback, evaluate
from bot.flows.rulebook import read_folder
from bot.model.alert import EventKind
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.incident import MessageKind
from bot.model.project import Project
from bot.rules import RuleSet, Source, load
from bot.store import Database, alerts, observations, outbox
from tests.agora.test_alert_body import body
from tests.conftest import T0
from tests.told import book

PROJECT = Project(name="p", app_id="app", account="a")
OTHER = Project(name="q", app_id="app2", account="a", console_name="Premium-broadcasting")
FREEZES = """
version: 1
groups:
  - name: g
    rules:
      - alert: Freezes
        events:
          window: 1m
          experience: {any_of: [video_freeze]}
          count: {of: users, op: ">=", threshold: 1}
        by: [project, cname]
"""


@pytest.mark.parametrize(
    ("name", "projects", "expected"),
    [
        pytest.param("p", (OTHER, PROJECT), "p", id="our name"),
        pytest.param("Premium-broadcasting", (PROJECT, OTHER), "q", id="the console's name"),
        pytest.param("never heard of", (PROJECT,), "p", id="the only project"),
        pytest.param("", (PROJECT,), "p", id="no name, one project"),
    ],
)
def test_an_alert_belongs_to_one_of_our_projects(
    name: str, projects: tuple[Project, ...], expected: str
) -> None:
    assert callback.project_of(name, projects).name == expected


@pytest.mark.parametrize("name", ["never heard of", ""])
def test_an_alert_of_an_unknown_project_says_what_to_set(name: str) -> None:
    with pytest.raises(UnreadableAlert, match="none of p, q; write it as console_name"):
        callback.project_of(name, (PROJECT, OTHER))


def take(database: Database, now: float, **changes: object) -> bool:
    return callback.take(database, (PROJECT,), body(**changes), now)


def judge(database: Database, now: float, rules: RuleSet) -> list[tuple[int, EventKind]]:
    happened = evaluate.judge(database, {"p": POLLED_FEEDS}, book(rules), since=0, now=now, wall=now)
    return [((e.at - T0) // 60, e.kind) for e in happened if e.kind is not EventKind.CHANGED]


def shipped() -> RuleSet:
    rules = read_folder(default_folder("rules")).rules
    assert rules is not None
    return rules


def test_an_alert_is_told_within_a_minute_and_ends_though_no_feed_was_ever_polled(database: Database) -> None:
    rules = shipped()
    judge(database, T0 + 1, rules)
    assert take(database, T0 + 10)
    assert judge(database, T0 + 60, rules) == [(0, EventKind.OPENED)]
    with database.transaction() as tx:
        (incident,) = alerts.open_alerts(tx, ["p"])
        message = outbox.claim(tx, "slack", "w", wall=T0 + 61, lease_s=1)
    assert incident.annotations["summary"] == (
        "Agora's own alerting reports channel room of p: video freeze rate≥10%."
    )
    assert (incident.affected.users, message and message.kind) == (("7",), MessageKind.OPENING)
    story = [event for minute in range(2, 25) for event in judge(database, T0 + minute * 60, rules)]
    assert story == [(5, EventKind.RECOVERING), (15, EventKind.RESOLVED)]


def test_an_alert_sent_again_neither_counts_twice_nor_lasts_longer(sqlite: Database) -> None:
    assert [take(sqlite, T0 + s) for s in (10, 13, 70)] == [True, False, False]
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], T0, T0 + 120, [])
    assert [(e.ts, e.experience_id) for e in seen.events] == [(T0 + 10, 4), (T0 + 10, 900)]


def test_a_late_alert_counts_though_its_minute_was_judged(sqlite: Database) -> None:
    rules = shipped()
    judge(sqlite, T0 + 3600, rules)
    assert take(sqlite, T0 + 3610)
    assert judge(sqlite, T0 + 3660, rules) == [(60, EventKind.OPENED)]


def test_a_rule_on_freezes_counts_an_alert_though_its_diagnosis_is_unknown(sqlite: Database) -> None:
    rules = load([Source(name="r.yml", text=FREEZES)])
    judge(sqlite, T0, rules)
    assert take(sqlite, T0 + 10)
    waited_s = 60 + rules.rules[0].query_offset_s + evaluate.MAX_WAIT_S
    assert judge(sqlite, T0 + waited_s - 1, rules) == []
    assert judge(sqlite, T0 + waited_s, rules) == [(0, EventKind.OPENED)]


def test_where_no_diagnosis_can_be_polled_alerts_alone_open_and_end_incidents(sqlite: Database) -> None:
    rules = load([Source(name="r.yml", text=FREEZES)])

    def judge_polled(minute: int) -> list[tuple[int, EventKind]]:
        now = T0 + minute * 60 + rules.rules[0].query_offset_s
        happened = evaluate.judge(sqlite, {"p": [Feed.NET]}, book(rules), since=0, now=now, wall=now)
        return [((e.at - T0) // 60, e.kind) for e in happened]

    assert judge_polled(0) == []
    assert take(sqlite, T0 + 10)
    assert [judge_polled(1), judge_polled(2)] == [[(0, EventKind.OPENED)], [(1, EventKind.RESOLVED)]]


def test_five_devices_that_agora_calls_overloaded_are_a_high_cpu_alert(sqlite: Database) -> None:
    rules = shipped()
    with sqlite.transaction() as tx:
        minutes = range(T0 - 3600, T0 + 600, 60)
        observations.mark_known(tx, "p", Feed.DIAGNOSIS, minutes, cut=frozenset())
        observations.claim_poll(tx, "p", Feed.DIAGNOSIS, now=T0, lease_s=60, since=T0 + 600)
    judge(sqlite, T0, rules)
    for uid in range(5):
        assert take(sqlite, T0 + uid, uid=uid, enContent="system CPU utility too high")
    judge(sqlite, T0 + 300, rules)
    with sqlite.transaction() as tx:
        opened = {i.alertname: i.value for i in alerts.open_alerts(tx, ["p"])}
    assert opened == {"AgoraAlert": 5.0, "HighCpu": 5.0}
