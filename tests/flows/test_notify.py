"""Telling webhooks and PagerDuty: what is sent when, signed, and once."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.flows.notify import REST_S, Busy, Notifying, Refused, Unreachable, notify, said
from bot.model.alert import State
from bot.model.incident import Line, MessageKind
from bot.model.verdict import Affected, Severity, labels
from bot.rules import RuleSet
from bot.store import Database, alerts, incidents, outbox
from bot.telemetry import RECEIVER_MESSAGES
from tests.conftest import T0, ManualClock
from tests.store.test_alerts import ALERT
from tests.told import book, told

ROUTING = """\
version: 1
route: {receiver: ops}
receivers:
  - name: ops
    webhook_configs: [{url_env: HOOK_URL, secret_env: HOOK_SECRET, max_alerts: 5}, {url_env: SECOND_URL}]
    pagerduty_configs: [{routing_key_env: PAGER_KEY}]
"""
HOOK, SECOND, PAGER = "webhook:ops:0", "webhook:ops:1", "pagerduty:ops:0"
SET = {
    "HOOK_URL": "http://hook.example/x",
    "SECOND_URL": "http://second.example",
    "HOOK_SECRET": "s3cret",
    "PAGER_KEY": "k3y",
}
ESCALATION = MessageKind.ESCALATION
OPENING, RESOLVED, EDIT = MessageKind.OPENING, MessageKind.RESOLVED, MessageKind.EDIT


class Programs:
    """Take posts; each of ``trouble`` is raised once."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, Any], dict[str, str], bytes]] = []
        self.trouble: list[Exception] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.came.append((url, json.loads(body), dict(headers), body))


class Story:
    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock, self.programs = database, clock, Programs()
        self.variables = dict(SET)
        self.routing = ROUTING
        with database.transaction() as tx:
            self.stored = told(tx, ALERT, [HOOK, PAGER])

    def queue(self, *kinds: MessageKind, target: str = HOOK) -> None:
        lines = [(target, Line(kind=kind, at=T0, severity=Severity.CRITICAL)) for kind in kinds]
        with self.database.transaction() as tx:
            outbox.enqueue(tx, self.stored.incident.id, lines, now=T0, wall=self.clock.now())

    def ends(self) -> None:
        with self.database.transaction() as tx:
            (alert,) = self.stored.alerts
            alerts.save(tx, replace(alert, state=State.RESOLVED, resolved_at=T0 + 600))
            incidents.save(tx, replace(self.stored.incident, resolved_at=T0 + 600), None)

    def notify(self) -> list[str]:
        """Send all that is due; return what came, as ``event_action`` or ``status``."""
        notifying = Notifying(
            database=self.database,
            poster=self.programs,
            book=lambda: book(RuleSet(rules=(), digest=""), self.routing),
            variable=lambda name: self.variables.get(name, ""),
            worker="w",
            now=self.clock.now,
            wall=self.clock.now,
        )
        for service in ("webhook", "pagerduty"):
            while notify(notifying, service):
                pass
        return [body.get("event_action") or body["status"] for _, body, _, _ in self.programs.came]

    def waiting(self) -> int:
        with self.database.transaction() as tx:
            return outbox.backlog(tx)[0]


@pytest.fixture
def story(database: Database, clock: ManualClock) -> Story:
    return Story(database, clock)


def test_a_webhook_gets_alertmanagers_words_signed_and_with_a_key(story: Story) -> None:
    story.queue(OPENING)
    story.notify()
    ((url, body, headers, raw),) = story.programs.came
    assert url == SET["HOOK_URL"]
    assert (body["version"], body["status"], body["receiver"], body["truncatedAlerts"]) == (
        "4",
        "firing",
        "ops",
        0,
    )
    (alert,) = body["alerts"]
    assert alert["labels"] == {"alertname": "A", "cname": "<c>", "project": "p", "severity": "critical"}
    assert (alert["status"], alert["endsAt"], alert["fingerprint"]) == (
        "firing",
        "0001-01-01T00:00:00Z",
        "f00d",
    )
    assert body["commonLabels"] == alert["labels"]
    signed = f"{headers['X-Agora-Bot-Timestamp']}.".encode() + raw
    expected = hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert headers["X-Agora-Bot-Signature"] == f"sha256={expected}"
    assert headers["Idempotency-Key"].endswith("-1")


def test_a_receiver_verifies_a_signature_as_its_page_says(story: Story) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/receivers.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    words: dict[str, Any] = {}
    exec(code, words)  # noqa: S102 - it is what readers are told to run
    story.clock.at = Clock.wall()
    story.queue(OPENING)
    story.notify()
    ((_, _, headers, raw),) = story.programs.came
    later = headers | {"X-Agora-Bot-Timestamp": str(int(headers["X-Agora-Bot-Timestamp"]) + 1)}
    cases = [
        (headers, raw, "s3cret"),
        (headers, raw + b" ", "s3cret"),
        (later, raw, "s3cret"),
        (headers, raw, ""),
    ]
    assert [words["is_genuine"](*case) for case in cases] == [True, False, False, False]


def test_pagerduty_is_triggered_acknowledged_and_resolved_under_one_key(story: Story) -> None:
    story.queue(OPENING, MessageKind.ACKNOWLEDGED, MessageKind.REMINDER, target=PAGER)
    assert story.notify() == ["trigger", "acknowledge"], "it reminds by itself"
    story.ends()
    story.queue(RESOLVED, EDIT, target=PAGER)
    assert story.notify() == ["trigger", "acknowledge", "resolve"]
    assert len({body["dedup_key"] for _, body, _, _ in story.programs.came}) == 1
    assert {body["routing_key"] for _, body, _, _ in story.programs.came} == {"k3y"}
    payload = story.programs.came[0][1]["payload"]
    assert (payload["severity"], payload["source"]) == ("critical", "p")
    assert story.waiting() == 0


@pytest.mark.parametrize("target", [HOOK, PAGER])
def test_an_end_that_people_were_not_told_of_is_told_to_programs(story: Story, target: str) -> None:
    story.queue(OPENING, EDIT, target=target)
    before = len(story.notify())
    assert before == 1, "an edit of what goes on is nothing to them"
    story.ends()
    story.queue(EDIT, EDIT, target=target)
    assert story.notify()[before:] == ["resolve" if target == PAGER else "resolved"]


@pytest.mark.parametrize(
    ("kind", "over", "acked", "knows", "last", "expected"),
    [
        (OPENING, False, False, False, None, OPENING),
        (OPENING, True, True, False, None, OPENING),
        (MessageKind.REOPENING, False, False, True, RESOLVED, MessageKind.REOPENING),
        (ESCALATION, False, False, False, None, ESCALATION),
        (ESCALATION, False, True, False, None, None),
        (ESCALATION, True, False, False, None, None),
        (MessageKind.MEMBERS, False, False, True, OPENING, MessageKind.MEMBERS),
        (MessageKind.MEMBERS, False, False, False, None, None),
        (RESOLVED, True, False, True, OPENING, RESOLVED),
        (RESOLVED, True, False, True, None, RESOLVED),
        (RESOLVED, True, False, False, None, None),
        (EDIT, False, False, True, OPENING, None),
        (EDIT, True, False, True, OPENING, RESOLVED),
        (EDIT, True, False, True, None, RESOLVED),
        (EDIT, True, False, True, RESOLVED, None),
        (EDIT, True, False, False, None, None),
    ],
)
def test_what_is_said(
    kind: MessageKind, over: bool, acked: bool, knows: bool, last: MessageKind | None, expected: object
) -> None:
    assert said(kind, over=over, acked=acked, knows=knows, last=last) is expected


@pytest.mark.parametrize("target", [HOOK, PAGER])
def test_an_escalation_that_was_forestalled_pages_nobody(story: Story, target: str) -> None:
    story.queue(ESCALATION, target=target)
    story.ends()
    story.queue(RESOLVED, EDIT, target=target)
    assert (story.notify(), story.waiting()) == ([], 0)


def test_an_end_is_told_though_the_messages_before_it_are_forgotten(story: Story) -> None:
    story.queue(OPENING)
    story.notify()
    with story.database.transaction() as tx:
        outbox.forget_before(tx, T0 + 1)
    story.ends()
    story.queue(EDIT)
    assert story.notify() == ["firing", "resolved"]


def test_a_receiver_that_hangs_is_asked_once_and_the_others_go_on(story: Story) -> None:
    story.queue(OPENING)
    with story.database.transaction() as tx:
        other = told(tx, replace(ALERT, fingerprint="other"), [HOOK, SECOND])
        lines = [(at, Line(kind=OPENING, at=T0, severity=Severity.CRITICAL)) for at in (HOOK, SECOND)]
        outbox.enqueue(tx, other.incident.id, lines, now=T0, wall=story.clock.now())
    story.programs.trouble = [Unreachable("away"), Unreachable("away")]
    story.notify()
    assert [url for url, *_ in story.programs.came] == [], "one try at each receiver"
    story.clock.wait(REST_S)
    story.notify()
    came = sorted(url for url, *_ in story.programs.came)
    assert came == [SET["HOOK_URL"], SET["HOOK_URL"], SET["SECOND_URL"]]


def test_a_lost_answer_is_sent_again_with_the_same_key(story: Story) -> None:
    story.queue(OPENING)
    story.programs.trouble = [Unreachable("away")]
    assert story.notify() == []
    story.clock.wait(60)
    assert story.notify() == ["firing"]
    assert story.waiting() == 0


def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(story: Story) -> None:
    story.queue(OPENING, MessageKind.ROSE)
    story.programs.trouble = [Busy(30)]
    story.clock.wait(0)
    assert story.notify() == []
    story.clock.wait(29)
    assert story.notify() == []
    story.clock.wait(1)
    assert len(story.notify()) == 2


def test_what_is_not_set_is_said_and_nothing_is_lost(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    story.queue(OPENING)
    del story.variables["HOOK_SECRET"]
    assert story.notify() == []
    assert story.waiting() == 1
    story.variables["HOOK_SECRET"] = "s"
    story.clock.wait(60)
    assert story.notify() == ["firing"]


def test_other_addresses_than_of_the_web_are_refused(story: Story) -> None:
    story.queue(OPENING)
    story.variables["HOOK_URL"] = "file:///etc/passwd"
    assert (story.notify(), story.waiting()) == ([], 1)


def test_what_waits_for_a_receiver_that_is_gone_is_left_out(story: Story) -> None:
    gone = RECEIVER_MESSAGES.labels("webhook", "receiver gone")
    before = gone._value.get()
    story.queue(OPENING)
    story.routing = "version: 1\nroute: {receiver: ops}\nreceivers: [{name: ops}]\n"
    assert (story.notify(), story.waiting()) == ([], 0)
    assert gone._value.get() == before + 1


def test_a_refusal_is_tried_again_later(story: Story) -> None:
    story.queue(OPENING)
    story.programs.trouble = [Refused("HTTP 400")]
    assert (story.notify(), story.waiting()) == ([], 1)
    story.clock.wait(300)
    assert story.notify() == ["firing"]


def test_an_end_that_comes_late_says_resolved_though_it_fires_again(story: Story) -> None:
    story.queue(OPENING, RESOLVED, MessageKind.REOPENING)
    story.ends()
    with story.database.transaction() as tx:
        (stored,) = incidents.load(tx, [story.stored.incident.id])
        again = alerts.save(tx, replace(ALERT, fired_at=T0 + 900))
        incidents.add_members(tx, [(stored.incident.id, again.id)])
        incidents.save(tx, replace(stored.incident, resolved_at=None, episode=2), None)
    assert story.notify() == ["firing", "resolved", "firing"]
    assert [len(body["alerts"]) for _, body, _, _ in story.programs.came] == [2, 1, 2]


def test_names_of_any_length_and_kind_are_sent_in_bounds(story: Story) -> None:
    long = labels(project="p", team='t"x\n', cname="\u202ex" * 30_000)
    with story.database.transaction() as tx:
        for n in range(30):
            users = tuple(f"{n}{'u' * 60_000}{m}" for m in range(20))
            told_of = Affected(events=3, users=users, channels=(long[0][1],))
            wide = replace(
                ALERT, fingerprint=f"f{n}", labels=long, affected=told_of, annotations={"x": "y" * 60_000}
            )
            stored = alerts.save(tx, wide)
            incidents.add_members(tx, [(story.stored.incident.id, stored.id)])
        incidents.save(tx, replace(story.stored.incident, group=labels(team='t"x\n')), None)
    story.queue(OPENING)
    story.queue(OPENING, target=PAGER)
    story.notify()
    hook, pager = story.programs.came
    assert hook[1]["groupKey"] == r'{team="t\"x\n"}'
    assert len(pager[3]) < 512 * 1024
