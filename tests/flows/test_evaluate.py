"""Judging: data in the database, rules in YAML, incidents and messages out."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.flows import evaluate, notices
from bot.model.alert import Alert, EventKind, Reason, State
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.incident import MessageKind
from bot.model.observation import CauseTag, DiagnosisEvent, MetricPoint
from bot.model.project import Project
from bot.rules import Rule, RuleSet, Source, load
from bot.store import Conflict, Database, FeedState, alerts, observations, storms
from tests.conftest import T0
from tests.told import TARGET, book, queued

PROJECT = Project(name="p", app_id="app", account="a")
FREEZE = """
version: 1
groups:
  - name: g
    query_offset: 2m
    rules:
      - alert: Freeze
        metric: {name: videoFreezeRate, aggregate: last, window: 1m, op: ">",
                 thresholds: {warning: 5, critical: 10}}
        for: 1m
        keep_firing_for: 1m
        annotations: {summary: "freeze {{ value | pct }} in {{ project }}"}
"""
HOST = """
version: 1
groups:
  - name: g
    rules:
      - alert: OneSender
        events:
          window: 2m
          factors: {host: remote, any_of: [upstream_loss_video]}
          per: host
          count: {of: users, op: ">=", threshold: 2}
        by: [project, cname]
"""


def rules(text: str = FREEZE) -> RuleSet:
    return load([Source(name="r.yml", text=text)])


def know(database: Database, values: list[float | None], *, start: int, feed: Feed = Feed.EXPERIENCE) -> None:
    """Store one value a minute from ``start`` on, None for a minute without one, all of them covered."""
    minutes = [start + 60 * n for n in range(len(values))]
    with database.transaction() as tx:
        points = [
            MetricPoint(metric="videoFreezeRate", minute=minute, value=value)
            for minute, value in zip(minutes, values, strict=True)
            if value is not None
        ]
        observations.save_points(tx, "p", points, T0)
        observations.mark_known(tx, "p", feed, minutes, cut=frozenset())
        observations.claim_poll(tx, "p", feed, now=T0, lease_s=0, since=start)
        observations.poll_succeeded(tx, "p", feed, watermark=minutes[-1] + 60, now=T0)


def judge(database: Database, now: float, rule_set: RuleSet | None = None) -> list[tuple[int, EventKind]]:
    happened = evaluate.judge(
        database, {"p": POLLED_FEEDS}, book(rule_set or rules()), since=0, now=now, wall=now
    )
    return [((e.at - T0) // 60, e.kind) for e in happened if e.kind is not EventKind.CHANGED]


def opened(database: Database) -> list[Alert]:
    with database.transaction() as tx:
        return alerts.open_alerts(tx, ["p"])


@pytest.mark.parametrize(
    ("watermark_ago_s", "up_for_s", "judged"),
    [
        pytest.param(7200, 0, False, id="just started after two hours down: the polls tell first"),
        pytest.param(7200, 299, False, id="they may take as long as any late feed"),
        pytest.param(7200, 300, True, id="but no longer"),
        pytest.param(120, 0, True, id="what is known is judged at once"),
        pytest.param(7200, -3600, True, id="a clock that was set back makes nobody wait"),
    ],
)
def test_what_was_missed_while_down_is_waited_for(watermark_ago_s: int, up_for_s: int, judged: bool) -> None:
    (rule,) = rules().rules
    now = T0 + 7200
    marks = known_until(now - watermark_ago_s)
    minutes = evaluate.due_minutes(rule, marks, now - 7200, now, since=now - up_for_s)
    assert bool(minutes) is judged


def test_a_breach_opens_one_incident_that_is_edited_and_resolved(database: Database) -> None:
    know(database, [1, 6, 7, 12, 8, 1, 1, 1], start=T0)
    story = []
    for minute in range(2, 13):
        story += judge(database, T0 + minute * 60 + 30)
    assert story == [
        (2, EventKind.OPENED),
        (3, EventKind.WORSENED),
        (5, EventKind.RECOVERING),
        (6, EventKind.RESOLVED),
    ]
    assert opened(database) == []
    assert queued(database) == [
        MessageKind.OPENING,
        MessageKind.ROSE,
        MessageKind.RESOLVED,
        MessageKind.EDIT,
    ]


def test_an_open_incident_tells_its_value_peak_and_text(sqlite: Database) -> None:
    know(sqlite, [6, 12, 7], start=T0)
    judge(sqlite, T0 + 5 * 60 + 30)
    (incident,) = opened(sqlite)
    assert (incident.value, incident.peak, incident.threshold) == (7.0, 12.0, 10.0)
    assert incident.annotations == {"summary": "freeze 7.0 % in p"}
    assert (incident.active_at, incident.fired_at) == (T0, T0 + 60)


def known_until(watermark: int, pace_s: int = 90) -> dict[Feed, FeedState]:
    state = FeedState(
        project="p",
        feed=Feed.EXPERIENCE,
        watermark=watermark,
        attempted_at=watermark,
        due_at=watermark,
        pace_s=pace_s,
        reading=None,
        succeeded_at=None,
        error=None,
    )
    return {Feed.EXPERIENCE: state}


def test_a_minute_of_a_slow_feed_is_waited_for_as_long_as_the_feed_is_slower(sqlite: Database) -> None:
    (rule,) = rules().rules
    now = T0 + 3600 + rule.query_offset_s
    last = [
        evaluate.due_minutes(rule, known_until(T0 + 600, pace_s), T0, now, since=0)[-1]
        for pace_s in (90, 690)
    ]
    assert last[0] - last[1] == 600


def test_a_minute_waits_for_its_data_and_then_no_longer(sqlite: Database) -> None:
    know(sqlite, [6, 6, 6], start=T0)
    (rule,) = rules().rules
    marks = known_until(T0 + 180)

    def last_due(now: float) -> int:
        return (evaluate.due_minutes(rule, marks, T0, now, since=0)[-1] - T0) // 60

    offset = rule.query_offset_s
    assert last_due(T0 + 120 + offset) == 1
    assert last_due(T0 + 300 + offset) == 2
    assert last_due(T0 + 180 + evaluate.MAX_WAIT_S + 120 + offset) == 4


def test_no_minute_is_judged_twice_or_before_it_ended(sqlite: Database) -> None:
    (rule,) = rules().rules
    marks = known_until(T0 + 86_400)
    cursor, seen = T0, []
    for second in range(0, 1800, 17):
        now = T0 + 600 + second
        minutes = evaluate.due_minutes(rule, marks, cursor, now, since=0)
        assert all(minute + 60 + rule.query_offset_s <= now for minute in minutes)
        seen += list(minutes)
        cursor = minutes[-1] if minutes else cursor
    assert seen == list(range(T0 + 60, seen[-1] + 60, 60))


@pytest.mark.parametrize(("back_s", "expected"), [(300, []), (899, []), (3 * 3600, [T0 - 3 * 3600 - 180])])
def test_a_clock_that_went_back_judges_no_minute_twice_unless_it_went_far(
    back_s: int, expected: list[int]
) -> None:
    (rule,) = rules().rules
    marks = known_until(T0 + 86_400)
    minutes = evaluate.due_minutes(rule, marks, T0, T0 - back_s, since=0)
    assert list(minutes) == expected


def test_the_first_look_goes_back_an_hour_and_tells_only_what_is_still_true(sqlite: Database) -> None:
    know(sqlite, [9] * 10 + [1] * 42 + [9] * 6, start=T0)
    judge(sqlite, T0 + 60 * 60 + 30)
    assert queued(sqlite) == [MessageKind.OPENING]
    (incident,) = opened(sqlite)
    assert incident.active_at == T0 + 52 * 60


def test_an_old_incident_that_still_fires_is_announced_once(sqlite: Database) -> None:
    know(sqlite, [9] * 58, start=T0)
    judge(sqlite, T0 + 60 * 60 + 30)
    assert queued(sqlite) == [MessageKind.OPENING]


def test_unknown_minutes_change_nothing(sqlite: Database) -> None:
    know(sqlite, [9, 9, None, None, 9], start=T0)
    story = [event for minute in range(2, 9) for event in judge(sqlite, T0 + minute * 60 + 30)]
    assert story == [(1, EventKind.OPENED)]


def test_a_rule_that_is_gone_closes_its_incidents(sqlite: Database) -> None:
    know(sqlite, [9, 9, 9], start=T0)
    judge(sqlite, T0 + 5 * 60 + 30)
    (incident,) = opened(sqlite)
    judge(sqlite, T0 + 6 * 60, rules(HOST))
    with sqlite.transaction() as tx:
        closed = alerts.find(tx, incident.id)
    assert closed is not None
    assert (closed.state, closed.reason) == (State.RESOLVED, Reason.RULE_REMOVED)
    assert queued(sqlite) == [MessageKind.OPENING, MessageKind.RESOLVED, MessageKind.EDIT]


def test_one_sender_is_one_incident_a_channel_and_ends_when_its_events_do(sqlite: Database) -> None:
    def event(minute: int, user: str, cname: str) -> DiagnosisEvent:
        tag = CauseTag(factor_id=21, host_user="77")
        return DiagnosisEvent(ts=T0 + 60 * minute, cname=cname, user=user, experience_id=4, tags=(tag,))

    events = [event(1, user, cname) for user in ("1", "2", "3") for cname in ("a", "b")]
    with sqlite.transaction() as tx:
        observations.save_events(tx, "p", [*events, event(1, "1", "quiet")], T0)
    know(sqlite, [0] * 8, start=T0, feed=Feed.DIAGNOSIS)
    happened = judge(sqlite, T0 + 5 * 60, rules(HOST))
    assert happened == [(1, EventKind.OPENED), (1, EventKind.OPENED)]
    first, second = opened(sqlite)
    assert [first.label("cname"), second.label("cname")] == ["a", "b"]
    assert (first.value, first.affected.hosts, len(first.affected.users)) == (3.0, ("77",), 3)
    assert judge(sqlite, T0 + 8 * 60, rules(HOST)) == [(3, EventKind.RESOLVED), (3, EventKind.RESOLVED)]


def test_a_pending_alert_that_ends_and_begins_again_in_one_tick_is_one_row(sqlite: Database) -> None:
    know(sqlite, [9, 1, 9, 1, 9], start=T0)
    for now in (T0 + 3 * 60, T0 + 7 * 60):
        assert judge(sqlite, now) == []
    (incident,) = opened(sqlite)
    assert (incident.state, incident.active_at) == (State.PENDING, T0 + 4 * 60)


def test_several_projects_are_judged_apart(sqlite: Database) -> None:
    know(sqlite, [9, 9, 9], start=T0)
    other = Project(name="q", app_id="app2", account="a")
    assert (
        evaluate.judge(sqlite, {other.name: POLLED_FEEDS}, book(rules()), since=0, now=T0 + 330, wall=0) == ()
    )
    assert judge(sqlite, T0 + 330) == [(1, EventKind.OPENED)]


def test_a_conflict_leaves_all_to_the_next_tick(sqlite: Database) -> None:
    know(sqlite, [9, 9, 9], start=T0)
    judge(sqlite, T0 + 330)
    with pytest.raises(Conflict), sqlite.transaction() as tx:
        (alert,) = alerts.open_alerts(tx)
        alerts.save(tx, replace(alert, value=1.0))
        alerts.save(tx, alert)
    assert [alert.value for alert in opened(sqlite)] == [9.0]


TOGETHER = (
    FREEZE
    + """
      - alert: Both
        composite:
          all_of: [{alert: Freeze}]
          any_of: [{alert: Slow, state: pending}]
          within: 3m
        labels: {severity: critical}
      - alert: Slow
        metric: {name: joinSuccessRate, aggregate: last, window: 1m, op: "<", threshold: 90}
        for: 5m
"""
)


@pytest.mark.parametrize("ticks", [range(3, 14), (3, 8, 13), (13,)], ids=["each minute", "some", "at once"])
def test_a_composite_sees_what_its_alerts_were_even_one_that_never_fired(
    database: Database, ticks: Sequence[int]
) -> None:
    rule_set = rules(TOGETHER)
    know(database, [1, 9, 9, 9, 9, 1, 1, 1, 1, 1], start=T0)
    with database.transaction() as tx:
        joins = [99, 50, 50, 99, 99, 99, 99, 99, 99, 99]
        points = [
            MetricPoint(metric="joinSuccessRate", minute=T0 + 60 * n, value=v) for n, v in enumerate(joins)
        ]
        observations.save_points(tx, "p", points, T0)
    story: list[tuple[int, EventKind]] = []
    for minute in ticks:
        story += judge(database, T0 + minute * 60 + 30, rule_set)
    with database.transaction() as tx:
        lives = alerts.lives(tx, ["Both", "Slow"], since=0)
    (both,) = lives["Both"]
    assert ((both.fired_at or 0) - T0, (both.ended_at or 0) - T0) == (120, 300)
    (slow,) = lives["Slow"]
    assert (slow.pending_at - T0, slow.fired_at, (slow.ended_at or 0) - T0) == (60, None, 180)


def test_a_rule_that_is_switched_off_closes_its_incidents_as_paused(sqlite: Database) -> None:
    know(sqlite, [9] * 5, start=T0)
    judge(sqlite, T0 + 400)
    judge(sqlite, T0 + 460, rules(FREEZE.replace("        for: 1m", "        enabled: false")))
    with sqlite.transaction() as tx:
        closed = alerts.find(tx, 1)
    assert closed
    assert (closed.state, closed.reason) == (State.RESOLVED, Reason.PAUSED)


EACH_CHANNEL = """\
version: 1
route: {receiver: slack, group_by: [cname], group_wait: 0s}
receivers: [{name: slack, slack_configs: [{}]}]
"""


@pytest.mark.parametrize(
    ("most", "channels", "in_storm"),
    [
        ("", 5, 0),
        ("", 6, 6),
        ("storm_incidents_per_minute: 2\n", 3, 3),
        ("storm_incidents_per_minute: 9\n", 6, 0),
    ],
)
def test_more_than_five_incidents_a_minute_or_as_many_as_routing_says_are_a_storm(
    sqlite: Database, most: str, channels: int, in_storm: int
) -> None:
    tag = CauseTag(factor_id=21, host_user="77")
    events = [
        DiagnosisEvent(ts=T0 + 60, cname=f"c{n}", user=user, experience_id=4, tags=(tag,))
        for n in range(channels)
        for user in ("1", "2")
    ]
    with sqlite.transaction() as tx:
        observations.save_events(tx, "p", events, T0)
    know(sqlite, [0] * 8, start=T0, feed=Feed.DIAGNOSIS)
    now = T0 + 300
    evaluate.judge(
        sqlite, {"p": POLLED_FEEDS}, book(rules(HOST), EACH_CHANNEL + most), since=0, now=now, wall=now
    )
    with sqlite.transaction() as tx:
        found = [storms.of_incident(tx, n, TARGET) for n in range(1, channels + 1)]
    assert sum(storm is not None for storm in found) == in_storm


def test_an_interval_judges_several_minutes_at_once() -> None:
    rule = rules(FREEZE.replace("query_offset: 2m", "query_offset: 2m\n    interval: 5m")).rules[0]
    minutes = evaluate.due_minutes(rule, known_until(T0 + 6000), T0 - 60, T0 + 900, since=0)
    assert (minutes.stop % 300, len(minutes) > 5) == (0, True)


def nonsense(rule: Rule) -> Rule:
    """Return a rule that no check lets through, and that cannot be judged."""
    return replace(rule, condition=rule.condition.model_copy(update={"aggregate": None}))


@pytest.mark.parametrize(
    ("state", "opened_alerts"),
    [("keep_last", []), ("ok", []), ("alerting", ["Freeze"]), ("error", ["RuleError"])],
)
def test_a_rule_that_cannot_be_judged(sqlite: Database, state: str, opened_alerts: list[str]) -> None:
    good = rules(FREEZE.replace("for: 1m", f"for: 1m\n        exec_err_state: {state}", 1))
    broken = replace(good, rules=(nonsense(good.rules[0]),))
    know(sqlite, [1] * 6, start=T0)
    judge(sqlite, T0 + 330, broken)
    told: list[str] = []
    notices.tell(sqlite, told.append, T0 + 330)
    assert len(told) == 1
    assert "Freeze cannot be judged" in told[0]
    assert [i.alertname for i in opened(sqlite) if i.is_open] == opened_alerts
    know(sqlite, [1] * 12, start=T0)
    judge(sqlite, T0 + 900, good)
    assert [i for i in opened(sqlite) if i.is_open] == [], "it works again"


def test_what_cannot_be_judged_is_unknown_and_not_judged_again(sqlite: Database) -> None:
    good = rules(FREEZE.replace("for: 1m", "for: 3m", 1))
    know(sqlite, [1, 9, 9, 9, 9, 9, 9], start=T0)
    judge(sqlite, T0 + 5 * 60, good)
    (pending,) = opened(sqlite)
    judge(sqlite, T0 + 7 * 60, replace(good, rules=(nonsense(good.rules[0]),)))
    (frozen,) = opened(sqlite)
    assert (pending.gap_s, frozen.gap_s, frozen.state) == (0, 120, State.PENDING)
    with sqlite.transaction() as tx:
        assert alerts.judged_until(tx, ["p"])["p", "Freeze"] == T0 + 4 * 60
    assert judge(sqlite, T0 + 9 * 60, good) == [(6, EventKind.OPENED)], "the clock stood for two minutes"


def test_a_rule_that_cannot_even_fail_leaves_the_others_alone(sqlite: Database) -> None:
    good = rules(FREEZE).rules[0]
    hopeless = replace(nonsense(good), name="Hopeless", exec_err_state="alerting", labels={"project": "q"})
    know(sqlite, [9] * 6, start=T0)
    assert judge(sqlite, T0 + 330, RuleSet(rules=(hopeless, good), digest="")) == [(1, EventKind.OPENED)]


WATCHED = (
    FREEZE.replace("for: 1m", "exec_err_state: error", 1)
    + """
      - alert: Blind
        composite: {all_of: [{alert: RuleError, matchers: ['rule="Freeze"']}]}
"""
)


def test_a_composite_looks_at_rules_that_fail(sqlite: Database) -> None:
    good = rules(WATCHED)
    freeze, blind = good.rules
    broken = replace(good, rules=(blind, nonsense(freeze)))
    know(sqlite, [1] * 12, start=T0)
    judge(sqlite, T0 + 300, good)
    judge(sqlite, T0 + 480, broken)
    judge(sqlite, T0 + 600, broken)
    assert sorted(i.alertname for i in opened(sqlite) if i.is_open) == ["Blind", "RuleError"]
    for now in (T0 + 780, T0 + 1500):
        judge(sqlite, now, good)
    assert [i.alertname for i in opened(sqlite) if i.is_open] == []


def test_the_alert_about_a_rule_ends_with_the_rule(sqlite: Database) -> None:
    good = rules(WATCHED)
    know(sqlite, [1] * 12, start=T0)
    judge(sqlite, T0 + 480, replace(good, rules=(nonsense(good.rules[0]),)))
    (alert,) = opened(sqlite)
    judge(sqlite, T0 + 600, rules(HOST))
    with sqlite.transaction() as tx:
        closed = alerts.find(tx, alert.id)
    assert closed is not None
    assert (alert.alertname, closed.reason) == ("RuleError", Reason.RULE_REMOVED)
