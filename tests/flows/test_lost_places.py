"""Channels and threads that are gone: what was meant for them is told as near to them as can be."""

import pytest

from bot.flows import weather
from bot.flows.deliver import POST_EVERY_S
from bot.flows.delivery import CHANNEL_LOST, THREAD_LOST, Mark, Posted, SlackBusy, SlackRefused
from bot.model.incident import MessageKind
from bot.model.message import Message
from bot.store import Database, outbox
from tests.conftest import ManualClock
from tests.flows.test_deliver import OPENING, RESOLVED, ROSE, Slack, Story, in_a_storm

GONE = "slack:#gone"
EDIT, REOPENING, ESCALATION = MessageKind.EDIT, MessageKind.REOPENING, MessageKind.ESCALATION


class Losing(Slack):
    """Refuses posts into channels, or below all messages, by what ``lost`` says of them."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: dict[str, str] = {}

    def post(
        self,
        channel: str,
        message: Message,
        mark: Mark | None,
        thread_ts: str | None,
        *,
        broadcast: bool = False,
    ) -> Posted:
        code = self.lost.get(channel) or (self.lost.get("threads") if thread_ts else None)
        if code:
            raise SlackRefused(code, "")
        return super().post(channel, message, mark, thread_ts, broadcast=broadcast)

    def edit(self, at: Posted, message: Message, mark: Mark | None) -> None:
        if code := self.lost.get(at.channel):
            raise SlackRefused(code, "")
        super().edit(at, message, mark)


@pytest.fixture
def losing() -> Losing:
    return Losing()


@pytest.fixture
def story(sqlite: Database, clock: ManualClock, losing: Losing) -> Story:
    one = Story(sqlite, clock)
    one.slack = losing
    one.incident = one.open("g", [GONE])
    return one


@pytest.mark.parametrize("code", sorted(CHANNEL_LOST))
def test_what_is_told_after_a_channel_was_lost_begins_anew_in_the_default_one(
    story: Story, losing: Losing, code: str
) -> None:
    story.queue(OPENING, target=GONE)
    story.deliver()
    losing.lost["#gone"] = code
    story.queue(EDIT, ROSE, EDIT, RESOLVED, target=GONE)
    first, *rest = story.deliver_all()
    assert first == "post in #gone: firing"
    assert sorted(rest) == [
        "edit 2.0: firing",
        f"post: firing (meant for #gone: {code})",
        "reply 2.0: resolved",
    ]
    with story.database.transaction() as tx:
        assert outbox.backlog(tx) == (0, 0)


@pytest.mark.parametrize("code", sorted(THREAD_LOST))
def test_what_is_told_after_a_thread_was_lost_begins_anew_in_its_channel(
    story: Story, losing: Losing, code: str
) -> None:
    story.queue(OPENING, target=GONE)
    story.deliver()
    losing.lost["threads"] = code
    story.queue(ROSE, target=GONE)
    assert story.deliver_all() == ["post in #gone: firing", "post in #gone: firing"]


def test_a_default_channel_that_is_lost_too_is_tried_again_until_it_is_back(
    story: Story, losing: Losing
) -> None:
    losing.lost |= {"#gone": "is_archived", "#c": "is_archived"}
    story.queue(OPENING, target=GONE)
    assert story.deliver_all() == []
    losing.lost.pop("#c")
    for _ in range(6):
        story.deliver_all()
    assert losing.said == ["post: firing (meant for #gone: is_archived)"]


def test_a_move_that_a_crash_interrupts_is_not_made_twice(story: Story, losing: Losing) -> None:
    story.queue(OPENING, target=GONE)
    story.deliver()
    losing.lost["#gone"] = "is_archived"
    story.queue(ROSE, target=GONE)
    story.clock.wait(POST_EVERY_S)
    losing.trouble = [(KeyboardInterrupt(), True)]  # type: ignore[list-item]  # as good as kill -9
    with pytest.raises(KeyboardInterrupt):
        story.deliver()
    for _ in range(3):
        story.deliver_all()
    assert losing.said == ["post in #gone: firing", "post: firing (meant for #gone: is_archived)"]


def test_an_escalation_goes_below_the_one_of_the_last_episode_and_into_the_channel(story: Story) -> None:
    story.queue(ESCALATION, target=GONE)
    story.deliver_all()
    story.queue(ESCALATION, target=GONE)
    assert story.deliver_all() == ["post in #gone: firing", "broadcast 1.0 in #gone: escalation"]


def test_a_storm_of_a_lost_channel_is_one_summary_in_the_default_one(story: Story, losing: Losing) -> None:
    losing.lost["#c"] = "is_archived"
    in_a_storm(story, 2)
    assert story.deliver_all() == []
    losing.lost = {}
    for _ in range(6):
        story.deliver_all()
    assert losing.said == ["post: firing", "post: firing"], "alone, as the summary was refused"


def test_a_summary_that_has_to_wait_holds_up_nobody_longer(story: Story, losing: Losing) -> None:
    in_a_storm(story, 2)
    losing.trouble = [(SlackBusy(1), False)]
    story.deliver()
    for _ in range(4):
        story.clock.wait(1)
        story.deliver()
    assert losing.said == ["post: storm of 2, 2 firing", "reply 1.0: firing", "reply 1.0: firing"]
    assert story.clock.now() < weather.LEASE_S + story.incident.incident.opened_at


def test_a_storm_whose_thread_is_lost_goes_on_in_the_channel(story: Story, losing: Losing) -> None:
    in_a_storm(story, 2)
    story.deliver()
    losing.lost["threads"] = "thread_not_found"
    assert story.deliver_all() == ["post: storm of 2, 2 firing", "reply 1.0: firing", "post: firing"]
