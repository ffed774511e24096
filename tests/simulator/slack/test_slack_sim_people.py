"""What reaches the bot when people act, and what they see when it does not answer."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.simulator.slack import SlackSimulator

SECRET = "sim-signing-secret"
TOKEN = "xoxb-sim-token"


def button(action_id: str, value: str, text: str = "Ack") -> dict:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "action_id": action_id,
        "value": value,
    }


def actions(*elements: dict, block_id: str = "row") -> list[dict]:
    return [{"type": "actions", "block_id": block_id, "elements": list(elements)}]


def form(body: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}


def payload(body: str) -> dict:
    return dict(json.loads(form(body)["payload"]))


def test_a_command_arrives_signed_and_complete(sim: SlackSimulator, inbox: Any, wall: Any) -> None:
    delivery = sim.command("/agora-call", "demo-42", user="U_BOB")
    assert (delivery.status, delivery.error) == (200, None)
    received = inbox.received[0]

    class Frozen(SlackClock):
        def now(self) -> float:
            return wall.at

    assert SignatureVerifier(SECRET, Frozen()).is_valid_request(received.body, received.headers)
    assert not SignatureVerifier("other", Frozen()).is_valid_request(received.body, received.headers)
    sent = form(received.body)
    assert (sent["command"], sent["text"], sent["user_id"], sent["user_name"]) == (
        "/agora-call",
        "demo-42",
        "U_BOB",
        "bob",
    )
    assert (sent["channel_id"], sent["channel_name"], sent["team_id"]) == ("C0001", "rtc-quality", "T_SIM")
    assert sent["response_url"].startswith(sim.api_url.removesuffix("api/") + "response/")
    assert sent["trigger_id"]


@pytest.mark.parametrize(
    ("body", "shown_to", "text"),
    [
        ("plain words", "U_ALICE", "plain words"),
        ('{"text": "json"}', "U_ALICE", "json"),
        ('{"text": "to all", "response_type": "in_channel"}', None, "to all"),
    ],
)
def test_the_acknowledgement_of_a_command_can_speak(
    sim: SlackSimulator, inbox: Any, body: str, shown_to: str | None, text: str
) -> None:
    inbox.body = body
    sim.command("/agora-help", "")
    assert [(m["ephemeral_to"], m["text"]) for m in sim.messages("rtc-quality")] == [(shown_to, text)]


def test_an_acknowledgement_with_bad_blocks_is_refused(sim: SlackSimulator, inbox: Any) -> None:
    inbox.body = '{"blocks": [{"type": "marquee"}]}'
    sim.command("/agora-help", "")
    assert sim.violations() == [
        "/agora-help: answered with invalid_blocks; unsupported type: marquee [json-pointer:/blocks/0/type]"
    ]
    assert sim.messages("rtc-quality")[0]["text"] == '/agora-help failed with the error "invalid_blocks"'


def test_a_late_acknowledgement_is_an_operation_timeout(sim: SlackSimulator, inbox: Any) -> None:
    inbox.is_slow = True
    delivery = sim.command("/agora-call", "demo-42")
    assert (delivery.status, delivery.error) == (0, "operation_timeout")
    shown = sim.messages("rtc-quality")[0]
    assert shown["ephemeral_to"] == "U_ALICE"
    assert shown["text"] == '/agora-call failed with the error "operation_timeout"'
    assert sim.violations() == ["/agora-call: not acknowledged within 0.2 s"]


def test_an_answer_other_than_200_is_a_failed_dispatch(sim: SlackSimulator, inbox: Any) -> None:
    inbox.status = 404
    delivery = sim.command("/agora-call", "demo-42")
    assert (delivery.status, delivery.error) == (404, "dispatch_failed")
    assert sim.messages("rtc-quality")[0]["text"] == '/agora-call failed with the error "dispatch_failed"'
    assert sim.violations() == ["/agora-call: answered with status 404"]


def test_a_bot_that_is_not_there_is_named(sim: SlackSimulator) -> None:
    unconnected = sim.command("/agora-call", "demo-42")
    assert unconnected.body == "no app is connected yet"
    sim.connect("http://127.0.0.1:9/slack/events")
    delivery = sim.command("/agora-call", "demo-42")
    assert delivery.error == "dispatch_failed"
    shown = sim.messages("rtc-quality")[-1]["text"]
    assert shown.startswith(
        '/agora-call failed with the error "dispatch_failed": nothing answers at http://127.0.0.1:9/'
    )
    assert sim.violations() == []


def test_a_click_tells_what_was_pressed_and_where(sim: SlackSimulator, client: WebClient, inbox: Any) -> None:
    ts = client.chat_postMessage(channel="general", text="x", blocks=actions(button("ack", "inc-1")))["ts"]
    assert sim.click(channel="general", ts=ts, action_id="ack").status == 200
    sent = payload(inbox.received[0].body)
    assert sent["type"] == "block_actions"
    assert sent["user"]["id"] == "U_ALICE"
    assert sent["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C0002",
        "is_ephemeral": False,
    }
    assert sent["message"]["ts"] == ts
    action = sent["actions"][0]
    assert (action["action_id"], action["block_id"], action["type"], action["value"]) == (
        "ack",
        "row",
        "button",
        "inc-1",
    )
    assert action["action_ts"]


def test_a_value_or_a_block_tells_buttons_of_one_name_apart(
    sim: SlackSimulator, client: WebClient, inbox: Any
) -> None:
    blocks = actions(button("open", "1"), block_id="a") + actions(button("open", "2"), block_id="b")
    ts = client.chat_postMessage(channel="general", text="x", blocks=blocks)["ts"]
    sim.click(channel="general", ts=ts, action_id="open", value="2")
    sim.click(channel="general", ts=ts, action_id="open", block_id="b")
    pressed = [payload(received.body)["actions"][0] for received in inbox.received]
    assert [(one["block_id"], one["value"]) for one in pressed] == [("b", "2"), ("b", "2")]


def test_a_menu_reports_its_option_wherever_it_hangs(
    sim: SlackSimulator, client: WebClient, inbox: Any
) -> None:
    options = [{"text": {"type": "plain_text", "text": f"{n} h"}, "value": str(n)} for n in (1, 4)]
    menu = {"type": "overflow", "action_id": "silence", "options": options}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "accessory": menu}
    box = {"type": "container", "title": {"type": "plain_text", "text": "t"}, "child_blocks": [section]}
    ts = client.chat_postMessage(channel="general", text="x", attachments=[{"blocks": [box]}])["ts"]
    sim.click(channel="general", ts=ts, action_id="silence", value="4")
    assert payload(inbox.received[0].body)["actions"][0]["selected_option"] == options[1]


@pytest.mark.parametrize(
    "click",
    [
        {"action_id": "no-such"},
        {"action_id": "ack", "value": "other"},
        {"action_id": "ack", "block_id": "no-such"},
    ],
)
def test_what_is_not_shown_cannot_be_pressed(
    sim: SlackSimulator, client: WebClient, inbox: Any, click: dict
) -> None:
    ts = client.chat_postMessage(channel="general", text="x", blocks=actions(button("ack", "1")))["ts"]
    with pytest.raises(LookupError):
        sim.click(channel="general", ts=ts, **click)
    assert inbox.received == []


def test_an_ephemeral_message_is_pressed_by_its_reader_only(
    sim: SlackSimulator, client: WebClient, inbox: Any
) -> None:
    ts = client.chat_postEphemeral(
        channel="general", user="U_BOB", text="x", blocks=actions(button("ack", "1"))
    )["message_ts"]
    with pytest.raises(LookupError, match="U_ALICE does not see"):
        sim.click(channel="general", ts=ts, action_id="ack")
    sim.click(channel="general", ts=ts, action_id="ack", user="U_BOB")
    sent = payload(inbox.received[0].body)
    assert sent["container"]["is_ephemeral"] is True
    assert "message" not in sent


def test_a_failed_click_is_told_to_the_person(sim: SlackSimulator, client: WebClient, inbox: Any) -> None:
    inbox.status = 500
    ts = client.chat_postMessage(channel="general", text="x", blocks=actions(button("ack", "1")))["ts"]
    assert sim.click(channel="general", ts=ts, action_id="ack").error == "dispatch_failed"
    assert sim.messages("general")[-1]["text"] == 'the action ack failed with the error "dispatch_failed"'


def test_a_mention_is_a_message_and_an_event(sim: SlackSimulator, client: WebClient, inbox: Any) -> None:
    root = client.chat_postMessage(channel="general", text="alert")["ts"]
    delivery = sim.mention("@agora-bot why?", channel="general", thread_ts=root)
    said = sim.messages("general")[-1]
    assert (said["user"], said["text"], said["thread_ts"]) == ("U_ALICE", "<@U_BOT> why?", root)
    sent = json.loads(inbox.received[0].body)
    assert (sent["type"], sent["event_id"]) == ("event_callback", delivery.event_id)
    event = sent["event"]
    assert (event["type"], event["text"], event["ts"], event["thread_ts"], event["channel"]) == (
        "app_mention",
        "<@U_BOT> why?",
        said["ts"],
        root,
        "C0002",
    )


def test_an_event_is_redelivered_three_times(sim: SlackSimulator, inbox: Any) -> None:
    inbox.status = 500
    event_id = sim.mention("help").event_id
    assert event_id is not None
    for _ in range(3):
        sim.redeliver(event_id)
    with pytest.raises(ValueError, match="has had them all"):
        sim.redeliver(event_id)
    headers = [received.headers for received in inbox.received]
    assert [h.get("x-slack-retry-num") for h in headers] == [None, "1", "2", "3"]
    assert headers[1]["x-slack-retry-reason"] == "http_error"
    assert len({received.body for received in inbox.received}) == 1


def test_an_event_that_found_nobody_says_so_when_it_comes_again(sim: SlackSimulator, inbox: Any) -> None:
    sim.connect("http://127.0.0.1:9/slack/events")
    event_id = sim.mention("help").event_id
    assert event_id is not None
    sim.connect(inbox.url)
    assert sim.redeliver(event_id).status == 200
    assert inbox.received[0].headers["x-slack-retry-reason"] == "connection_failed"


def test_a_click_in_a_thread_names_the_thread(sim: SlackSimulator, client: WebClient, inbox: Any) -> None:
    root = client.chat_postMessage(channel="general", text="root")["ts"]
    blocks = actions(button("ack", "1"))
    ts = client.chat_postMessage(channel="general", text="x", blocks=blocks, thread_ts=root)["ts"]
    sim.click(channel="general", ts=ts, action_id="ack")
    assert payload(inbox.received[0].body)["container"]["thread_ts"] == root


def test_only_people_act(sim: SlackSimulator, inbox: Any) -> None:
    with pytest.raises(LookupError, match="U_BOT is no person"):
        sim.command("/agora-call", "x", user="U_BOT")
    assert inbox.received == []


def test_an_unanswered_event_is_redelivered_for_its_timeout(sim: SlackSimulator, inbox: Any) -> None:
    inbox.is_slow = True
    event_id = sim.mention("help").event_id
    inbox.is_slow = False
    assert event_id is not None
    sim.redeliver(event_id)
    assert inbox.received[1].headers["x-slack-retry-reason"] == "http_timeout"


def test_a_bolt_app_takes_commands_clicks_and_mentions(serve_app: Callable[..., str]) -> None:
    clock = Clock()
    sim = SlackSimulator(now=clock.now, wall=clock.wall, signing_secret=SECRET, bot_token=TOKEN)
    sim.start()
    app = App(
        signing_secret=SECRET,
        client=WebClient(token=TOKEN, base_url=sim.api_url, retry_handlers=[]),
        process_before_response=True,
    )

    @app.command("/agora-call")
    def on_command(ack: Any, respond: Any, command: dict) -> None:
        ack()
        respond(text="found", blocks=actions(button("open", command["text"])))

    @app.action("open")
    def on_open(ack: Any, respond: Any, action: dict) -> None:
        ack()
        respond(text=f"opened {action['value']}", replace_original=True)

    @app.event("app_mention")
    def on_mention(say: Any, event: dict) -> None:
        say(text="here", thread_ts=event["ts"])

    def dispatch(received: Any) -> tuple[int, str]:
        headers: Any = received.headers
        response = app.dispatch(BoltRequest(body=received.body, headers=headers))
        return response.status, response.body

    sim.connect(serve_app(dispatch))
    assert sim.command("/agora-call", "demo-42").status == 200
    ephemeral = sim.messages("rtc-quality")[0]
    assert (ephemeral["text"], ephemeral["ephemeral_to"]) == ("found", "U_ALICE")
    assert sim.click(channel="rtc-quality", ts=ephemeral["ts"], action_id="open").status == 200
    assert [m["text"] for m in sim.messages("rtc-quality")] == ["opened demo-42"]
    assert sim.mention("are you there?").status == 200
    assert sim.wait_for(lambda s: s.messages("rtc-quality")[-1]["text"] == "here", 3)
    assert sim.command("/agora-unknown", "").error == "dispatch_failed"
    assert sim.violations() == ["/agora-unknown: answered with status 404"]
    app.listener_runner.listener_executor.shutdown()
    sim.stop()


def test_waiting_ends_with_the_change_or_with_the_time(sim: SlackSimulator, client: WebClient) -> None:
    assert sim.wait_for(lambda s: False, 0.05) is False
    client.chat_postMessage(channel="general", text="x")
    assert sim.wait_for(lambda s: len(s.messages("general")) == 1, 3) is True
