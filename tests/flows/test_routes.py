"""Where alerts go when routes differ: a receiver of two routes, and one that only a rise reaches."""

from dataclasses import replace

import pytest

from bot.flows.correlate import correlate
from bot.incidents import acknowledge
from bot.model.verdict import Severity
from bot.rules.routing import DEFAULT
from bot.store import Database, alerts
from tests.flows.test_rehearse import T0, Story, story
from tests.flows.test_time_travel import Worker
from tests.store.test_alerts import ALERT
from tests.told import book

NEVER = "time_intervals: [{name: always, time_intervals: [{years: ['1970:9999']}]}]\n"
ONCALL = ", {name: oncall, slack_configs: [{channel: '#oncall'}]}"
TO_ONCALL = "{receiver: oncall, matchers: ['severity=\"critical\"'], continue: true, group_by: [project]}"


def told(one: Story, until: float) -> list[tuple[float, str, str]]:
    """Return (seconds, target, kind) of all messages but edits."""
    one.messages(until)
    sent = [
        (round(s.at - T0, 3), s.target.removeprefix("slack:"), s.line.kind.value) for s in one.rehearsal.sent
    ]
    return [message for message in sent if message[2] != "edit"]


def test_a_receiver_whom_one_route_mutes_hears_of_what_comes_by_another() -> None:
    muted = "{receiver: ops, matchers: ['alertname=\"A\"'], mute_time_intervals: [always]}, {receiver: ops}"
    one = story("group_wait: 0s,", below=muted, more=NEVER)
    one.fire(0, "A")
    assert told(one, 60) == []
    one.fire(60, "B", severity=Severity.CRITICAL)
    assert told(one, 70) == [(60, "#ops", "opening")]
    one.end(100, "B")
    assert told(one, 4000)[1:] == [], "what is left is muted"


def test_the_most_severe_alert_says_how_its_receiver_is_reminded() -> None:
    often = "{receiver: ops, matchers: ['severity=\"critical\"'], repeat_interval: 10m}, {receiver: ops}"
    one = story("group_wait: 0s, repeat_interval: 4h,", below=often)
    one.fire(0, "A")
    one.fire(60, "B", severity=Severity.CRITICAL)
    assert told(one, 700)[1:] == [(60, "#ops", "rose"), (660, "#ops", "reminder")]


def test_a_rise_reaches_a_receiver_that_groups_otherwise() -> None:
    one = story("group_wait: 0s,", below=TO_ONCALL + ", {receiver: ops}", receivers=ONCALL)
    one.fire(0, "A")
    one.fire(60, "A", severity=Severity.CRITICAL)
    one.fire(120, "A", severity=Severity.CRITICAL)
    one.end(180, "A")
    assert sorted(told(one, 400)) == [
        (0, "#ops", "opening"),
        (60, "#oncall", "opening"),
        (60, "#ops", "rose"),
        (180, "#oncall", "resolved"),
        (180, "#ops", "resolved"),
    ]


def test_a_rise_goes_on_where_it_was_told_though_its_route_groups_otherwise() -> None:
    same = "{receiver: ops, matchers: ['severity=\"critical\"'], group_by: [project], repeat_interval: 10m}"
    one = story("group_wait: 0s,", below=same + ", {receiver: ops}")
    one.fire(0, "A")
    one.fire(60, "A", severity=Severity.CRITICAL)
    assert told(one, 700) == [(0, "#ops", "opening"), (60, "#ops", "rose"), (660, "#ops", "reminder")]


def test_each_episode_escalates() -> None:
    one = story("group_wait: 0s, escalate_after: 5m, escalate_to: oncall,", receivers=ONCALL)
    one.fire(0, "A")
    one.end(600, "A")
    one.fire(900, "A")
    oncall = [(at, kind) for at, target, kind in told(one, 1300) if target == "#oncall"]
    assert oncall == [(300, "escalation"), (600, "resolved"), (1200, "escalation")]


@pytest.mark.parametrize(("wait", "expected"), [("0s", ["opening", "rose"]), ("30s", ["opening", "opening"])])
def test_against_a_database_a_rise_joins_once(database: Database, wait: str, expected: list[str]) -> None:
    routing = DEFAULT.replace("group_wait: 30s", f"group_wait: {wait}")
    routing = routing.replace("route:\n", f"route:\n  routes: [{TO_ONCALL}, {{receiver: slack}}]\n")
    oncall = "  - {name: oncall, slack_configs: [{channel: '#oncall'}]}\n"
    worker = Worker(database)
    worker.book = book(worker.book.rules, routing.replace("receivers:\n", f"receivers:\n{oncall}"))
    alert = replace(ALERT, severity=Severity.WARNING, fired_at=T0)
    for at in (0, 20, 80):
        with database.transaction() as tx:
            alert = alerts.save(tx, alert)
            correlate(tx, worker.book, [alert], now=T0 + at, wall=T0 + at)
        if not at:
            worker.looks(T0)
        alert = replace(alert, severity=Severity.CRITICAL)
    told = [kind.value for at in (80, 90, 200) for kind in worker.looks(T0 + at)]
    assert sorted(told) == expected


def test_an_alert_that_nobody_hears_does_not_end_an_acknowledgement() -> None:
    one = story("group_wait: 0s, repeat_interval: 10m,")
    one.silence(0, "B", until=9000)
    one.fire(1, "A")
    acknowledged(one, at=2)
    one.fire(60, "B", severity=Severity.CRITICAL)
    assert told(one, 3000) == [(1, "#ops", "opening")]


def test_the_end_of_an_acknowledgement_is_told_though_the_channel_knew_the_severity() -> None:
    one = story("group_wait: 0s, group_interval: 5m, repeat_interval: 4h,")
    one.fire(0, "A", severity=Severity.CRITICAL)
    one.fire(60, "A")
    acknowledged(one, at=90)
    one.fire(120, "A", severity=Severity.CRITICAL)
    assert told(one, 600) == [(0, "#ops", "opening"), (120, "#ops", "returned")]


def test_a_calendar_that_mutes_a_route_holds_back_its_escalation() -> None:
    below = "{receiver: ops, mute_time_intervals: [later]}"
    later = "[{times: [{start_time: '13:48', end_time: '13:58'}]}]"
    calendar = f"time_intervals: [{{name: later, time_intervals: {later}}}]\n"
    keys = "group_wait: 0s, escalate_after: 5m, escalate_to: oncall,"
    one = story(keys, below=below, more=calendar, receivers=ONCALL)
    one.fire(0, "A")
    assert told(one, 3000) == [(0, "#ops", "opening"), (680, "#oncall", "escalation")], "not at 13:51:40"


def acknowledged(one: Story, at: float) -> None:
    """Have somebody take the only incident at the severity that it has."""
    (held,) = one.rehearsal._open.values()
    level = max(a.severity for a in held.alerts.values() if a.is_open)
    taken = acknowledge(held.incident, level, "U1", int(T0 + at))
    assert taken is not None
    held.incident = taken[0]
