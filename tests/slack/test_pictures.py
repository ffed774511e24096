"""Pictures: uploaded before the message that shows them, and never in the way of it."""

from dataclasses import replace

import pytest

from bot.flows.delivery import Mark
from bot.model.message import Message, Picture
from bot.render.figure import call_figure
from bot.render.samples import DIAGNOSIS, PICTURES
from tests.slack.conftest import ROOM, House
from tests.slack.test_commands import bad_details, some_calls

MARK = Mark(key="1-f-100", seq=1)
CHANNEL = f"#{ROOM}"
WORDS = {"type": "section", "text": {"type": "mrkdwn", "text": "words"}}
BUTTONS = {
    "type": "actions",
    "elements": [{"type": "button", "action_id": "x", "text": {"type": "plain_text", "text": "x"}}],
}
REFUSED = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
PNG = call_figure(DIAGNOSIS, PICTURES)


def pictured(**changes: object) -> Message:
    plain = Message(text="a", blocks=(WORDS, BUTTONS), picture=Picture(draw=lambda: PNG, alt="what it shows"))
    return replace(plain, **changes)


def shown(house: House) -> list[str]:
    (message,) = house.slack.messages(ROOM)
    return [block["type"] for block in message["blocks"]]


def test_a_picture_stands_before_the_buttons_and_is_what_was_drawn(house: House) -> None:
    house.sender.post(CHANNEL, pictured(), MARK, None)
    assert shown(house) == ["section", "image", "actions"]
    (message,) = house.slack.messages(ROOM)
    block = message["blocks"][1]
    assert block["alt_text"] == "what it shows"
    assert house.slack.upload(block["slack_file"]["id"]) == PNG


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
@pytest.mark.parametrize("fault", ["missing_scope", "http500", "drop_before", "ratelimited"])
def test_a_message_whose_picture_slack_does_not_take_goes_without_it(
    house: House, method: str, fault: str
) -> None:
    house.slack.fault(method, fault)
    house.sender.post(CHANNEL, pictured(), MARK, None)
    assert shown(house) == ["section", "actions"]


def test_a_picture_that_slack_still_looks_at_is_tried_again(house: House) -> None:
    house.slack.fault("chat.postMessage", "invalid_blocks", times=2)
    house.sender.post(CHANNEL, pictured(), MARK, None)
    assert shown(house) == ["section", "image", "actions"]
    uploads = [row for row in house.slack.journal() if row.method.startswith("upload")]
    assert len(uploads) == 1


def test_a_picture_that_slack_never_takes_is_left_out(house: House) -> None:
    house.slack.fault("chat.postMessage", "invalid_blocks", times=3)
    house.sender.post(CHANNEL, pictured(), MARK, None)
    assert shown(house) == ["section", "actions"]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [((WORDS,), ["section"]), ((REFUSED,), ["section", "image", "actions"])],
    ids=["Slack draws the chart", "Slack refuses the chart"],
)
def test_what_stands_for_a_chart_is_shown_only_where_slack_refuses_that(
    house: House, blocks: tuple[dict, ...], expected: list[str]
) -> None:
    picture = Picture(draw=lambda: PNG, alt="x", instead_of_chart=True)
    message = pictured(blocks=blocks, simple_blocks=(WORDS, BUTTONS), picture=picture)
    house.sender.post(CHANNEL, message, MARK, None)
    assert shown(house) == expected


@pytest.mark.parametrize("draw", [lambda: None, lambda: 1 / 0], ids=["nothing to draw", "a fault"])
def test_what_cannot_be_drawn_holds_nothing_up(house: House, draw: object) -> None:
    house.sender.post(CHANNEL, pictured(picture=Picture(draw=draw, alt="x")), MARK, None)  # type: ignore[arg-type]
    assert shown(house) == ["section", "actions"]


def details(house: House) -> str:
    """Ask for the details of a bad call; return the instant of the answer."""
    house.agora.calls_known = [replace(call, ended_at=call.started_at + 600) for call in some_calls(1)]
    house.agora.told = bad_details
    house.slack.command("/agora-call", "lesson-7b")
    house.answers()
    house.slack.click(channel=ROOM, ts=house.slack.messages(ROOM)[-1]["ts"], action_id="call_details")
    house.answers(2)
    return str(house.slack.messages(ROOM)[-1]["ts"])


def test_a_verdict_is_shown_to_the_channel_with_its_picture_and_the_one_who_shows_it(house: House) -> None:
    house.slack.click(channel=ROOM, ts=details(house), action_id="call_share")
    assert house.slack.wait_for(lambda slack: any(not m["ephemeral_to"] for m in slack.messages(ROOM)), 10)
    (public,) = [m for m in house.slack.messages(ROOM) if not m["ephemeral_to"]]
    assert public["blocks"][0]["elements"][0]["text"] == "Shown by <@U_ALICE>"
    kinds = [block["type"] for block in public["blocks"]]
    assert kinds.count("image") == 1
    assert "data_table" not in kinds
    ids = [one["action_id"] for b in public["blocks"] if b["type"] == "actions" for one in b["elements"]]
    assert ids == ["verdict_right", "verdict_wrong"]


@pytest.mark.parametrize(
    ("fault", "sentence"), [("not_in_channel", "/invite @agora-bot"), ("http500", "again in a minute")]
)
def test_who_cannot_be_shown_to_is_told_to_the_asker(house: House, fault: str, sentence: str) -> None:
    shared = details(house)
    house.slack.fault("chat.postMessage", fault)
    house.slack.click(channel=ROOM, ts=shared, action_id="call_share")
    assert sentence in house.answers(3)[-1]
