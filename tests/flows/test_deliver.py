"""Delivering: in order, once, and what happens when Slack is busy, away, or says no."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.flows.deliver import (
    EDIT_EVERY_S,
    LEASE_S,
    Delivery,
    Mark,
    Posted,
    SlackBusy,
    SlackRefused,
    SlackUnreachable,
    back_off_s,
    deliver,
)
from bot.flows.subject import subject
from bot.model.alert import Alert, AlertEvent, EventKind, MessageKind, Outgoing, State
from bot.model.message import Message, Trend
from bot.model.verdict import Severity, labels
from bot.rules import Source, load
from bot.store import Database, alerts, outbox
from tests.conftest import T0, ManualClock

BAD_CALLS = "name: call_video_freeze_rate, op: '>', threshold: 10, window: 30m"
INCIDENT = Alert(
    fingerprint="f",
    project="p",
    alertname="A",
    labels=labels(project="p"),
    state=State.FIRING,
    severity=Severity.WARNING,
    active_at=T0,
    judged_at=T0,
    announced=True,
)


class Slack:
    """Takes messages like ``Sender``; each of ``trouble`` is raised once, before or after keeping it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.by_mark: dict[Mark, Posted] = {}
        self.trouble: list[tuple[Exception, bool]] = []

    def post(self, channel: str, message: Message, mark: Mark, thread_ts: str | None) -> Posted:
        posted = Posted(channel="C1", ts=f"{len(self.said) + 1}.0")

        def keep() -> None:
            self.said.append(f"reply {thread_ts}: {message.text}" if thread_ts else f"post: {message.text}")
            self.by_mark[mark] = posted

        self._take(keep)
        return posted

    def edit(self, at: Posted, message: Message, mark: Mark) -> None:
        self._take(lambda: self.said.append(f"edit {at.ts}: {message.text}"))

    def find(self, channel: str, mark: Mark, thread_ts: str | None) -> Posted | None:
        return self.by_mark.get(mark)

    def _take(self, keep: Callable[[], None]) -> None:
        error, kept = self.trouble.pop(0) if self.trouble else (None, True)
        if kept:
            keep()
        if error:
            raise error


class Words:
    """Renders a state or an event as its word."""

    def root(self, incident: Alert, trend: Trend | None, *, now: int) -> Message:
        return Message(text=incident.state.value)

    def reply(self, incident: Alert, event: AlertEvent, *, unit: str = "") -> Message:
        return Message(text=event.kind.value)


class Story:
    """One incident whose messages are queued and delivered step by step."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock, self.slack = database, clock, Slack()
        with database.transaction() as tx:
            self.incident = alerts.save(tx, INCIDENT)

    def queue(self, *kinds: MessageKind, event: EventKind = EventKind.OPENED) -> None:
        happened = AlertEvent(kind=event, at=T0, severity=Severity.WARNING)
        messages = tuple(Outgoing(kind=kind, event=happened) for kind in kinds)
        with self.database.transaction() as tx:
            outbox.enqueue(tx, self.incident.id, messages, T0, self.clock.now())

    def becomes(self, state: State) -> None:
        with self.database.transaction() as tx:
            self.incident = alerts.save(tx, replace(self.incident, state=state))

    def deliver(self, worker: str = "w") -> int:
        """Send all that is due; return how much was said."""
        before = len(self.slack.said)
        delivery = Delivery(
            database=self.database,
            sender=self.slack,
            renderer=Words(),
            rules=lambda: None,
            target="#c",
            worker=worker,
            now=self.clock.now,
            wall=self.clock.now,
        )
        while deliver(delivery):
            pass
        return len(self.slack.said) - before

    def deliver_all(self) -> list[str]:
        for _ in range(20):
            self.deliver()
            self.clock.wait(EDIT_EVERY_S)
        return self.slack.said


OPENING, EDIT, REPLY = MessageKind.OPENING, MessageKind.EDIT, MessageKind.REPLY


@pytest.fixture
def story(database: Database, clock: ManualClock) -> Story:
    return Story(database, clock)


def test_root_first_then_its_edits_and_replies(story: Story) -> None:
    story.queue(OPENING)
    story.queue(EDIT, REPLY, event=EventKind.WORSENED)
    assert story.deliver_all() == ["post: firing", "edit 1.0: firing", "reply 1.0: worsened"]


def test_a_reader_sees_it_fire_before_it_is_resolved(story: Story) -> None:
    story.queue(OPENING)
    story.becomes(State.RESOLVED)
    story.queue(EDIT, REPLY, event=EventKind.RESOLVED)
    assert story.deliver_all() == ["post: firing", "edit 1.0: resolved", "reply 1.0: resolved"]


def test_edits_of_a_root_keep_their_distance(story: Story) -> None:
    story.queue(OPENING)
    story.deliver()
    story.queue(EDIT, event=EventKind.CHANGED)
    story.clock.wait(1)
    assert (story.deliver(), story.slack.said) == (0, ["post: firing"])
    story.queue(EDIT, event=EventKind.CHANGED)
    story.clock.wait(EDIT_EVERY_S)
    assert story.deliver() == 1
    assert story.deliver_all() == ["post: firing", "edit 1.0: firing"]


def test_what_a_person_did_is_shown_at_once(story: Story) -> None:
    story.queue(OPENING)
    story.queue(EDIT, REPLY, event=EventKind.ACKNOWLEDGED)
    assert story.deliver() == 3


def test_busy_waits_as_long_as_slack_asks(story: Story) -> None:
    story.queue(OPENING)
    story.slack.trouble = [(SlackBusy(30), False)]
    assert story.deliver() == 0
    story.clock.wait(29)
    assert story.deliver() == 0
    story.clock.wait(2)
    assert (story.deliver(), story.slack.said) == (1, ["post: firing"])


@pytest.mark.parametrize("arrived", [True, False], ids=["after Slack kept it", "before Slack had it"])
def test_a_lost_answer_never_doubles_and_never_loses(story: Story, arrived: bool) -> None:
    story.queue(OPENING, REPLY)
    story.slack.trouble = [(SlackUnreachable("reset"), arrived)]
    assert story.deliver_all() == ["post: firing", "reply 1.0: opened"]


@pytest.mark.parametrize("arrived", [True, False], ids=["after Slack kept it", "before Slack had it"])
def test_a_worker_killed_in_the_middle_is_followed_by_another(story: Story, arrived: bool) -> None:
    story.queue(OPENING)
    story.slack.trouble = [(KeyboardInterrupt(), arrived)]  # type: ignore[list-item]  # as good as kill -9
    with pytest.raises(KeyboardInterrupt):
        story.deliver("w1")
    story.deliver("w2")
    assert story.slack.said == ["post: firing"] * arrived, "the lease of the dead is not over"
    story.clock.wait(LEASE_S)
    story.deliver("w2")
    assert story.slack.said == ["post: firing"]
    with story.database.transaction() as tx:
        assert outbox.root_of(tx, story.incident.id) is not None
        assert outbox.backlog(tx) == (0, 0)


def test_a_refusal_is_tried_again_later_and_blocks_no_other_incident(story: Story) -> None:
    story.queue(OPENING)
    with story.database.transaction() as tx:
        other = alerts.save(tx, replace(INCIDENT, fingerprint="g"))
    story.slack.trouble = [(SlackRefused("channel_not_found", "check it"), False)]
    mine, story.incident = story.incident, other
    story.queue(OPENING)
    story.incident = mine
    assert (story.deliver(), story.slack.said) == (1, ["post: firing"])
    story.clock.wait(back_off_s(1))
    assert story.deliver() == 1


def test_a_root_that_a_person_deleted_stops_nothing(story: Story) -> None:
    story.queue(OPENING)
    story.deliver()
    story.queue(EDIT, REPLY, event=EventKind.RESOLVED)
    story.slack.trouble = [(SlackRefused("message_not_found", ""), False)]
    assert story.deliver_all() == ["post: firing", "reply 1.0: resolved"]


def test_back_off_doubles_up_to_five_minutes() -> None:
    assert [back_off_s(n) for n in (0, 1, 2, 7, 8, 50)] == [2, 4, 8, 256, 300, 300]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('metric: {name: pcu, aggregate: last, window: 1m, op: ">", threshold: 1}', ("Users online", "")),
        ('call: {name: call_duration, op: ">", threshold: 1}', ("Duration of a call", "s")),
        (f"call: {{{BAD_CALLS}, count: {{of: calls, op: '>=', threshold: 2}}}}", ("Bad calls", "")),
        (
            f"call: {{{BAD_CALLS}, count: {{of: channels, op: '>=', threshold: 2}}}}",
            ("Channels with bad calls", ""),
        ),
        (
            f"call: {{{BAD_CALLS}, share: {{of: calls, over: finished_calls, op: '>', threshold: 2}}}}",
            ("Share of bad calls", "%"),
        ),
        ("events: {window: 5m, count: {of: users, op: '>', threshold: 3}}", ("Affected users", "")),
        ("composite: {any_of: [{alert: A}]}", ("B", "")),
    ],
)
def test_a_value_is_told_with_what_it_is_and_its_unit(body: str, expected: tuple[str, str]) -> None:
    other = "{alert: A, events: {window: 1m, count: {of: users, op: '>', threshold: 3}}}"
    text = f"version: 1\ngroups: [{{name: g, rules: [{other}, {{alert: B, {body}}}]}}]\n"
    about = subject(load([Source("a.yml", text)]).rules[1])
    assert (about.title, about.unit) == expected
