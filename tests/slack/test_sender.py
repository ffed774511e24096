"""Sending through Slack's Web API, with every kind of trouble that Slack makes."""

import pytest

from bot.flows.delivery import Mark, Posted, SlackBusy, SlackRefused, SlackUnreachable
from bot.model.message import Message
from bot.slack.replies import Replies
from bot.slack.sender import POST_EVERY_S, Sender
from tests.slack.conftest import ROOM, House

MARK = Mark(key="1-f-100", seq=1)
TEXT = Message(text="hello")
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "plain"}}
BAD = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
CHANNEL = f"#{ROOM}"


def test_a_message_is_found_again_by_its_mark(house: House) -> None:
    posted = house.sender.post(CHANNEL, TEXT, MARK, None)
    reply = house.sender.post(posted.channel, TEXT, Mark(key=MARK.key, seq=2), posted.ts)
    fresh = Sender(house.sender._client, wall=lambda: 0.0, wait=lambda _s: None)
    assert fresh.find(CHANNEL, MARK, None) == posted
    assert fresh.find(posted.channel, Mark(key=MARK.key, seq=2), posted.ts) == reply
    assert fresh.find(CHANNEL, Mark(key="2-f-100", seq=1), None) is None


def test_a_connection_that_drops_after_the_post_says_so_and_the_post_is_found(house: House) -> None:
    house.slack.fault("chat.postMessage", "drop_after")
    with pytest.raises(SlackUnreachable):
        house.sender.post(CHANNEL, TEXT, MARK, None)
    assert house.sender.find(CHANNEL, MARK, None) is not None
    assert len(house.slack.messages(ROOM)) == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("ratelimited", SlackBusy),
        ("http500", SlackUnreachable),
        ("drop_before", SlackUnreachable),
        ("internal_error", SlackUnreachable),
        ("channel_not_found", SlackRefused),
        ("is_archived", SlackRefused),
        ("token_revoked", SlackRefused),
    ],
)
def test_trouble_is_told_apart_by_what_to_do_next(
    house: House, fault: str, expected: type[Exception]
) -> None:
    house.slack.fault("chat.postMessage", fault)
    with pytest.raises(expected):
        house.sender.post(CHANNEL, TEXT, MARK, None)
    assert house.slack.messages(ROOM) == []


def test_busy_tells_how_long_to_wait(house: House) -> None:
    house.slack.fault("chat.postMessage", "ratelimited", retry_after=17)
    with pytest.raises(SlackBusy) as busy:
        house.sender.post(CHANNEL, TEXT, MARK, None)
    assert busy.value.retry_after_s == 17


def test_refused_blocks_fall_back_to_simple_ones_and_then_to_text(house: House) -> None:
    house.sender.post(CHANNEL, Message(text="a", blocks=(BAD,), simple_blocks=(SECTION,)), MARK, None)
    house.sender.post(CHANNEL, Message(text="b", blocks=(BAD,), simple_blocks=(BAD,)), MARK, None)
    first, second = house.slack.messages(ROOM)
    assert [b["type"] for b in first["blocks"]] == ["section"]
    assert (second["text"], second["blocks"]) == ("b", [])


def test_an_edit_replaces_blocks_and_attachments(house: House) -> None:
    bar = {"color": "#a30200", "blocks": [SECTION], "fallback": "x"}
    message = Message(text="a", blocks=(SECTION,), attachments=(bar,))
    posted = house.sender.post(CHANNEL, message, MARK, None)
    house.sender.edit(posted, Message(text="b", blocks=(SECTION,)), MARK)
    (edited,) = house.slack.messages(ROOM)
    assert (edited["text"], edited["attachments"]) == ("b", [])
    assert edited["metadata"]["event_payload"] == {"incident": MARK.key, "seq": 1}


def test_an_edit_of_a_message_that_is_gone_is_a_refusal(house: House) -> None:
    channel = house.sender.post(CHANNEL, TEXT, MARK, None).channel
    with pytest.raises(SlackRefused) as refused:
        house.sender.edit(Posted(channel=channel, ts="1.000001"), TEXT, MARK)
    assert refused.value.code == "message_not_found"


def test_posts_into_a_channel_keep_their_distance(house: House) -> None:
    at, waited = [1000.0], []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        at[0] += seconds

    sender = Sender(house.sender._client, wall=lambda: at[0], wait=wait)
    for _ in range(3):
        sender.post(CHANNEL, TEXT, MARK, None)
    assert waited == pytest.approx([POST_EVERY_S, POST_EVERY_S])


def test_an_unknown_channel_name_says_what_to_check(house: House) -> None:
    with pytest.raises(SlackRefused, match="SLACK_CHANNEL"):
        house.sender.post("#no-such", TEXT, MARK, None)


def test_answers_go_to_slack_only() -> None:
    replies = Replies("https://slack.com/api")
    assert not replies.send("http://127.0.0.1:1/steal", TEXT)
    assert not replies.send("https://evil.example/hooks.slack.com", TEXT)
