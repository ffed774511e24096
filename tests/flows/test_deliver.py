"""Delivering: in order, once, and what happens when Slack is busy, away, or says no."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from bot.flows import behind, weather
from bot.flows.deliver import EDIT_EVERY_S, LEASE_S, POST_EVERY_S, back_off_s, deliver
from bot.flows.delivery import (
    CHANNEL_LOST,
    Delivery,
    Mark,
    Posted,
    SlackBusy,
    SlackRefused,
    SlackUnreachable,
)
from bot.flows.subject import subject
from bot.model.alert import Alert, State
from bot.model.feedback import Told, Verdict
from bot.model.incident import Card, Line, MessageKind
from bot.model.message import Message
from bot.model.storm import Storm, StormRow
from bot.model.verdict import Severity, labels
from bot.rules import RuleSet, Source, load
from bot.store import Database, alerts, call_pictures, incidents, outbox, storms
from tests.conftest import T0, ManualClock
from tests.told import AT_ONCE, TARGET, book, told

BAD_CALLS = "name: call_video_freeze_rate, op: '>', threshold: 10, window: 30m"
ALERT = Alert(
    fingerprint="f",
    project="p",
    alertname="A",
    labels=labels(project="p"),
    state=State.FIRING,
    severity=Severity.WARNING,
    active_at=T0,
    judged_at=T0,
)


class Slack:
    """Takes messages like ``Sender``; each of ``trouble`` is raised once, before or after keeping it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.by_mark: dict[Mark, Posted] = {}
        self.trouble: list[tuple[Exception, bool]] = []
        self.while_looking: Callable[[], object] = list

    def post(
        self,
        channel: str,
        message: Message,
        mark: Mark | None,
        thread_ts: str | None,
        *,
        broadcast: bool = False,
    ) -> Posted:
        posted = Posted(channel=channel, ts=f"{len(self.said) + 1}.0")
        how = f"{'broadcast' if broadcast else 'reply'} {thread_ts}" if thread_ts else "post"

        def keep() -> None:
            where = "" if channel == "#c" else f" in {channel}"
            self.said.append(f"{how}{where}: {message.text}")
            if mark is not None:
                self.by_mark[mark] = posted

        self._take(keep)
        return posted

    def edit(self, at: Posted, message: Message, mark: Mark | None) -> None:
        self._take(lambda: self.said.append(f"edit {at.ts}: {message.text}"))

    def find(self, channel: str, mark: Mark, thread_ts: str | None) -> Posted | None:
        self.while_looking()
        return self.by_mark.get(mark)

    def permalink(self, at: Posted) -> str:
        return f"https://slack.example/{at.ts}"

    def _take(self, keep: Callable[[], None]) -> None:
        error, kept = self.trouble.pop(0) if self.trouble else (None, True)
        if kept:
            keep()
        if error:
            raise error


class Words:
    """Renders a state or a line as its word."""

    def root(self, card: Card, *, now: int, mention: str = "") -> Message:
        return Message(text=f"{mention} {card.lead.state.value} {card.earlier_link}".strip())

    def reply(self, card: Card, line: Line, *, now: int, png: bytes | None = None) -> Message:
        return Message(text=f"{line.kind.value} {(png or b'').decode()}".strip())

    def notice(self, sentence: str, hint: str = "") -> Message:
        return Message(text=sentence)

    def storm(self, storm: Storm, rows: Sequence[StormRow], *, now: int) -> Message:
        return Message(text=f"storm of {len(rows)}, {sum(row.is_open for row in rows)} firing")


class Story:
    """One incident whose messages are queued and delivered step by step."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock, self.slack = database, clock, Slack()
        self.routing, self.severity = AT_ONCE, Severity.WARNING
        self.incident = self.open()

    def open(self, fingerprint: str = "f", targets: Sequence[str] = (TARGET,)) -> incidents.Stored:
        with self.database.transaction() as tx:
            return told(tx, replace(ALERT, fingerprint=fingerprint), targets)

    def queue(self, *kinds: MessageKind, target: str = TARGET) -> None:
        lines = [(target, Line(kind=kind, at=T0, severity=self.severity)) for kind in kinds]
        with self.database.transaction() as tx:
            outbox.enqueue(tx, self.incident.incident.id, lines, now=T0, wall=self.clock.now())

    def becomes(self, state: State) -> None:
        with self.database.transaction() as tx:
            (alert,) = self.incident.alerts
            over_at = T0 if state is State.RESOLVED else None
            alerts.save(tx, replace(alert, state=state, resolved_at=over_at))
            incidents.save(tx, replace(self.incident.incident, resolved_at=over_at), None)

    def delivery(self, worker: str = "w") -> Delivery:
        return Delivery(
            database=self.database,
            sender=self.slack,
            renderer=Words(),
            book=lambda: book(RuleSet(rules=(), digest=""), self.routing),
            channel="#c",
            worker=worker,
            now=self.clock.now,
            wall=self.clock.now,
        )

    def deliver(self, worker: str = "w") -> int:
        """Send all that is due; return how much was said."""
        before = len(self.slack.said)
        while deliver(self.delivery(worker)):
            pass
        return len(self.slack.said) - before

    def deliver_all(self) -> list[str]:
        for _ in range(20):
            self.deliver()
            self.clock.wait(EDIT_EVERY_S)
        return self.slack.said


OPENING, EDIT, ROSE = MessageKind.OPENING, MessageKind.EDIT, MessageKind.ROSE
RESOLVED, ACKNOWLEDGED = MessageKind.RESOLVED, MessageKind.ACKNOWLEDGED


@pytest.fixture
def story(database: Database, clock: ManualClock) -> Story:
    return Story(database, clock)


def test_root_first_then_its_lines_and_edits(story: Story) -> None:
    story.queue(OPENING)
    story.queue(EDIT, ROSE)
    assert story.deliver_all() == ["post: firing", "reply 1.0: rose", "edit 1.0: firing"]


def test_a_root_leads_back_to_the_one_of_the_incident_that_it_continues(story: Story) -> None:
    story.queue(OPENING)
    story.deliver_all()
    first, story.incident = story.incident, story.open("g")
    with story.database.transaction() as tx:
        continued = replace(story.incident.incident, continues=first.incident.id)
        incidents.save(tx, continued, None)
    story.queue(OPENING)
    assert story.deliver_all()[-1] == "post: firing https://slack.example/1.0"


def test_a_verdict_is_told_with_the_picture_of_its_call(story: Story) -> None:
    verdict = Verdict(project="p", call_id="c1", verdict="bad")
    told_of = Told(verdict=verdict, cname="c", headline="it was bad")
    line = Line(kind=MessageKind.VERDICT, at=T0, severity=Severity.WARNING, told=told_of)
    story.queue(OPENING)
    with story.database.transaction() as tx:
        call_pictures.save(tx, "p", "c1", b"(picture)", T0)
        outbox.enqueue(tx, story.incident.incident.id, [(TARGET, line)], now=T0, wall=story.clock.now())
    assert story.deliver_all() == ["post: firing", "reply 1.0: verdict (picture)"]


def test_a_reader_sees_it_fire_before_it_is_resolved(story: Story) -> None:
    story.queue(OPENING)
    story.becomes(State.RESOLVED)
    story.queue(RESOLVED, EDIT)
    assert story.deliver_all() == ["post: firing", "edit 1.0: resolved", "reply 1.0: resolved"]


def test_edits_of_a_root_keep_their_distance(story: Story) -> None:
    story.queue(OPENING)
    story.deliver()
    story.queue(EDIT)
    story.clock.wait(1)
    assert (story.deliver(), story.slack.said) == (0, ["post: firing"])
    story.queue(EDIT)
    story.clock.wait(EDIT_EVERY_S)
    assert story.deliver() == 1
    assert story.deliver_all() == ["post: firing", "edit 1.0: firing"]


def test_posts_into_one_channel_keep_their_distance_and_hold_up_no_other(story: Story) -> None:
    story.queue(OPENING, ROSE)
    story.incident = story.open("g", ["slack:#d"])
    story.queue(OPENING, target="slack:#d")
    story.deliver()
    assert story.slack.said == ["post: firing", "post in #d: firing"]
    story.clock.wait(POST_EVERY_S)
    assert story.deliver() == 1


@pytest.mark.parametrize(
    ("config", "kind", "severity", "expected"),
    [
        ("", ROSE, Severity.CRITICAL, "broadcast 1.0: rose"),
        ("", ROSE, Severity.WARNING, "reply 1.0: rose"),
        ("", MessageKind.REOPENING, Severity.INFO, "broadcast 1.0: reopening"),
        ("reply_broadcast: never", ROSE, Severity.CRITICAL, "reply 1.0: rose"),
        ("reply_broadcast: resolved", RESOLVED, Severity.INFO, "broadcast 1.0: resolved"),
        ("reply_broadcast: always", ACKNOWLEDGED, Severity.INFO, "broadcast 1.0: acknowledged"),
        ("post_updates_to_thread: false", ROSE, Severity.CRITICAL, "post: rose"),
    ],
)
def test_what_the_channel_sees_is_as_configured(
    story: Story, config: str, kind: MessageKind, severity: Severity, expected: str
) -> None:
    story.routing = AT_ONCE.replace("slack_configs: [{}]", f"slack_configs: [{{{config}}}]")
    story.severity = severity
    story.queue(OPENING, kind)
    assert story.deliver_all() == ["post: firing", expected]


def test_a_first_message_calls_whom_the_receiver_mentions(story: Story) -> None:
    mention = "{mention: '@here', update_message: false}"
    story.routing = AT_ONCE.replace("slack_configs: [{}]", f"slack_configs: [{mention}]")
    story.queue(OPENING, EDIT)
    assert story.deliver_all() == ["post: @here firing"], "and is not kept up to date where that is off"


def test_an_escalation_is_left_out_once_somebody_acted(story: Story) -> None:
    story.queue(MessageKind.ESCALATION)
    with story.database.transaction() as tx:
        incidents.save(tx, replace(story.incident.incident, acked_by="U1", acked_at=T0), None)
    assert story.deliver_all() == []


@pytest.mark.parametrize("code", sorted(CHANNEL_LOST))
def test_a_lost_channel_is_told_in_the_default_one(story: Story, code: str) -> None:
    story.incident = story.open("g", ["slack:#gone"])
    story.queue(OPENING, ROSE, target="slack:#gone")
    story.slack.trouble = [(SlackRefused(code, ""), False)]
    assert story.deliver_all() == [f"post: firing (meant for #gone: {code})", "reply 1.0: rose"]


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
    story.queue(OPENING, ROSE)
    story.slack.trouble = [(SlackUnreachable("reset"), arrived)]
    assert story.deliver_all() == ["post: firing", "reply 1.0: rose"]


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
        assert outbox.place_of(tx, story.incident.incident.id, TARGET) is not None
        assert outbox.backlog(tx) == (0, 0)


def test_a_worker_that_looked_too_long_leaves_the_message_to_the_one_that_has_it(story: Story) -> None:
    story.queue(OPENING)
    story.slack.trouble = [(SlackUnreachable("gone"), False)]
    story.deliver()
    story.clock.wait(back_off_s(0))

    def another_is_faster() -> None:
        story.slack.while_looking = list
        story.clock.wait(LEASE_S + 1)
        assert story.deliver("another") == 1

    story.slack.while_looking = another_is_faster
    story.deliver()
    assert story.deliver_all() == ["post: firing"]


def test_a_refusal_is_tried_again_later_and_blocks_no_other_incident(story: Story) -> None:
    story.queue(OPENING)
    story.slack.trouble = [(SlackRefused("invalid_auth", "check it"), False)]
    story.incident = story.open("g")
    story.queue(OPENING)
    story.deliver()
    story.clock.wait(POST_EVERY_S)
    assert (story.deliver(), story.slack.said) == (1, ["post: firing"])
    story.clock.wait(back_off_s(1))
    assert story.deliver() == 1


def test_a_root_that_a_person_deleted_stops_nothing(story: Story) -> None:
    story.queue(OPENING)
    story.deliver()
    story.clock.wait(EDIT_EVERY_S)
    story.queue(EDIT)
    story.slack.trouble = [(SlackRefused("message_not_found", ""), False)]
    story.deliver()
    story.queue(RESOLVED)
    assert story.deliver_all() == ["post: firing", "reply 1.0: resolved"]


def in_a_storm(story: Story, how_many: int) -> list[incidents.Stored]:
    """Queue the first messages of incidents that belong to one storm."""
    found = []
    for n in range(how_many):
        story.incident = story.open(f"s{n}")
        story.queue(OPENING)
        found.append(story.incident)
    with story.database.transaction() as tx:
        storms.join(tx, TARGET, now=story.clock.now(), lasts_s=300)
    return found


def test_a_storm_is_one_summary_with_the_incidents_in_its_thread(story: Story) -> None:
    first, _ = in_a_storm(story, 2)
    assert story.deliver_all() == ["post: storm of 2, 2 firing", "reply 1.0: firing", "reply 1.0: firing"]
    story.incident = first
    story.queue(ROSE)
    story.deliver()
    assert story.slack.said[-1] == "reply 1.0: rose"
    story.becomes(State.RESOLVED)
    story.clock.wait(weather.EDIT_EVERY_S)
    for _ in range(3):
        weather.keep_up(story.delivery())
    assert story.slack.said[4:] == ["edit 1.0: storm of 2, 1 firing"], "edited once for one change"


@pytest.mark.parametrize("arrived", [True, False], ids=["after Slack kept it", "before Slack had it"])
def test_a_summary_is_posted_once_whatever_happens_to_its_answer(story: Story, arrived: bool) -> None:
    in_a_storm(story, 2)
    story.slack.trouble = [(SlackUnreachable("reset"), arrived)]
    for _ in range(3):
        story.deliver_all()
    assert story.slack.said == ["post: storm of 2, 2 firing", "reply 1.0: firing", "reply 1.0: firing"]


def test_a_storm_whose_summary_is_refused_is_told_one_by_one(story: Story) -> None:
    in_a_storm(story, 1)
    story.slack.trouble = [(SlackRefused("msg_too_long", ""), False)]
    assert story.deliver_all() == ["post: firing"]


def test_a_queue_that_is_late_is_told_in_one_message_until_it_has_caught_up(story: Story) -> None:
    story.queue(OPENING)
    behind.say_so(story.delivery())
    assert story.slack.said == [], "nothing is late yet"
    story.clock.wait(behind.LATE_S)
    behind.say_so(story.delivery())
    behind.say_so(story.delivery())
    story.clock.wait(behind.LATE_S)
    story.slack.trouble = [(SlackUnreachable("away"), False)]
    behind.say_so(story.delivery())
    story.clock.wait(behind.SAY_EVERY_S)
    behind.say_so(story.delivery())
    story.deliver()
    for _ in range(2):
        behind.say_so(story.delivery())
    tail = "Nothing is lost; first messages go first."
    assert story.slack.said == [
        f"post: Delivery is behind: 1 message waits for Slack, the oldest for 60 s. {tail}",
        f"edit 1.0: Delivery is behind: 1 message waits for Slack, the oldest for 2 min. {tail}",
        "post: firing",
        "edit 1.0: Delivery has caught up.",
    ]


def test_a_webhook_that_takes_nothing_is_told_where_people_look(story: Story) -> None:
    story.incident = story.open("g", ["webhook:ops:0"])
    story.queue(OPENING, RESOLVED, target="webhook:ops:0")
    story.clock.wait(behind.LATE_S)
    behind.say_so(story.delivery())
    (said,) = story.slack.said
    assert "2 messages wait for webhooks, the oldest for 60 s" in said


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
