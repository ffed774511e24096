"""What people write to the bot by its name, in threads and directly."""

import json

import pytest

from bot.model.incident import MessageKind
from bot.simulator.slack.payloads import mention_body
from bot.simulator.slack.values import Channel, Message
from bot.store import Place, outbox
from tests.conftest import T0
from tests.slack.conftest import ROOM, House, text_of
from tests.slack.test_commands import some_calls
from tests.slack.test_incidents import history, open_incident
from tests.slack.test_safety import kept, posted
from tests.told import TARGET


def replies(house: House, count: int, *, alone: bool = False) -> list[dict]:
    """Wait for ``count`` messages of the bot below others, and return them."""

    def there() -> list[dict]:
        found = [m for m in house.slack.messages(ROOM) if m["user"] == "U_BOT"]
        return [m for m in found if bool(m["ephemeral_to"]) is alone]

    assert house.slack.wait_for(lambda _s: len(there()) >= count, 10), house.slack.messages(ROOM)
    return there()


def test_a_mention_is_answered_below_it_as_the_command_would_be(house: House) -> None:
    house.agora.calls_known = some_calls(3)
    assert house.slack.mention("@agora-bot call lesson-7b 2h").error is None
    (answer,) = replies(house, 1)
    asked = next(m for m in house.slack.messages(ROOM) if m["user"] == "U_ALICE")
    assert answer["thread_ts"] == asked["ts"]
    assert "3 calls" in text_of(answer)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@agora-bot", "I watch the quality"),
        ("@agora-bot HELP", "I watch the quality"),
        ("@agora-bot /agora-status", "Not all is well"),
        ("hello @agora-bot", "I watch the quality"),
        ("@agora-bot incidents", "No incident is open"),
        ("@agora-bot call <http://lesson.example|lesson.example>", "in `lesson.example`"),
    ],
)
def test_words_are_taken_as_people_write_them(house: House, text: str, words: str) -> None:
    house.slack.mention(text)
    assert words in text_of(replies(house, 1)[0])


def test_what_is_not_understood_is_told_to_the_asker_alone(house: House) -> None:
    house.slack.mention("@agora-bot cals lesson-7b")
    assert "Did you mean `call`?" in text_of(replies(house, 1, alone=True)[0])


def test_a_mention_that_slack_delivers_again_is_answered_once(house: House) -> None:
    first = house.slack.mention("@agora-bot incidents")
    replies(house, 1)
    assert house.slack.redeliver(first.event_id or "").status == 200
    house.slack.mention("@agora-bot help")
    assert ["I watch" in text_of(m) for m in replies(house, 2)] == [False, True]


def test_in_the_thread_of_an_incident_no_number_is_needed(house: House) -> None:
    number = open_incident(house.database)
    root = house.slack.say("stands for the alert")
    place = Place(channel=channel_id(house), ts=root, thread_ts=None, edited_at=T0)
    with house.database.transaction() as tx:
        outbox.set_place(tx, number, TARGET, place)
    house.slack.mention("@agora-bot note the studio rebooted", thread_ts=root)
    house.slack.mention("@agora-bot assign <@U_BOB>", thread_ts=root)
    house.slack.mention("@agora-bot silence 2h the studio is rebuilt", thread_ts=root)
    house.slack.mention("@agora-bot silence list", thread_ts=root)
    assert sum("the studio is rebuilt" in text_of(m) for m in replies(house, 4)) >= 1
    assert sorted((kind, about) for kind, _, about in history(house, number)) == [
        (MessageKind.ASSIGNED, "U_BOB"),
        (MessageKind.NOTED, "the studio rebooted"),
    ]
    house.slack.mention("@agora-bot ack")
    assert "I do not know what “ack” means" in text_of(replies(house, 1, alone=True)[0])
    assert {e.asker.channel for e in kept(house.database)} == {place.channel}


def channel_id(house: House) -> str:
    return next(c["id"] for c in house.slack.snapshot()["channels"] if c["name"] == ROOM)


@pytest.mark.parametrize(
    ("odd", "answered"),
    [
        ({}, True),
        ({"bot_id": "B1"}, False),
        ({"subtype": "message_changed"}, False),
        ({"channel_type": "channel"}, False),
    ],
    ids=["a person", "a bot", "an edit", "a channel"],
)
def test_direct_messages_of_people_are_answered(house: House, odd: dict, answered: bool) -> None:
    message = Message(user="U_ALICE", text="incidents", ts="1.2")
    body = json.loads(
        mention_body(event_id="Ev1", channel=Channel(id=channel_id(house), name=ROOM), message=message)
    )
    body["event"] |= {"type": "message", "channel_type": "im"} | odd
    assert posted(house, json.dumps(body), "application/json") == 200
    house.slack.mention("@agora-bot help")
    said = [text_of(m) for m in replies(house, 1 + answered)]
    assert sum("No incident is open" in text for text in said) == answered
