"""Response addresses, modals and files: what lives for a while or in several steps."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.simulator.slack import SlackSimulator

DIVIDER = {"type": "divider", "block_id": "d"}
ACK = {"type": "button", "text": {"type": "plain_text", "text": "Ack"}, "action_id": "ack", "value": "1"}
ACTIONS = {"type": "actions", "block_id": "a", "elements": [ACK]}


def response(sim: SlackSimulator, inbox: Any) -> WebhookClient:
    """Type a command and return the client of its response address."""
    sim.command("/agora-call", "x")
    return WebhookClient(parse_qs(inbox.received[-1].body)["response_url"][0], retry_handlers=[])


def clicked(sim: SlackSimulator, inbox: Any, ts: str) -> WebhookClient:
    sim.click(channel="rtc-quality", ts=ts, action_id="ack")
    sent = json.loads(parse_qs(inbox.received[-1].body)["payload"][0])
    return WebhookClient(sent["response_url"], retry_handlers=[])


def test_a_response_is_for_the_person_alone_by_default(sim: SlackSimulator, inbox: Any) -> None:
    answer = response(sim, inbox).send(text="calls", blocks=[DIVIDER])
    assert (answer.status_code, answer.body) == (200, "ok")
    message = sim.messages("rtc-quality")[0]
    assert (message["ephemeral_to"], message["text"], message["blocks"]) == ("U_ALICE", "calls", [DIVIDER])


def test_a_response_may_be_for_the_channel_and_in_a_thread(
    sim: SlackSimulator, client: WebClient, inbox: Any
) -> None:
    root = client.chat_postMessage(channel="rtc-quality", text="root")["ts"]
    response(sim, inbox).send_dict({"text": "calls", "response_type": "in_channel", "thread_ts": root})
    message = sim.messages("rtc-quality")[-1]
    assert (message["ephemeral_to"], message["thread_ts"]) == (None, root)


def test_a_response_address_is_good_for_five_uses(sim: SlackSimulator, inbox: Any) -> None:
    webhook = response(sim, inbox)
    assert [webhook.send(text="x").status_code for _ in range(6)] == [200] * 5 + [404]
    assert sim.violations() == ["response_url: used_url"]


def test_a_response_address_lives_for_thirty_minutes(sim: SlackSimulator, inbox: Any, wall: Any) -> None:
    webhook = response(sim, inbox)
    wall.at += 30 * 60
    assert webhook.send(text="x").status_code == 200
    wall.at += 1
    assert webhook.send(text="x").status_code == 404
    assert sim.violations() == ["response_url: expired_url"]


def test_an_invented_response_address_is_refused(sim: SlackSimulator) -> None:
    webhook = WebhookClient(sim.api_url.replace("api/", "response/nothing"), retry_handlers=[])
    assert webhook.send(text="x").status_code == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"delete_original": True}, "message_not_found"),
        ({"text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
    ],
)
def test_a_bad_response_is_refused(sim: SlackSimulator, inbox: Any, body: dict, error: str) -> None:
    answer = response(sim, inbox).send_dict(body)
    assert (answer.status_code, json.loads(answer.body)["error"]) == (400, error)
    assert sim.messages("rtc-quality") == []


def test_a_click_can_replace_and_delete_an_ephemeral_message(sim: SlackSimulator, inbox: Any) -> None:
    response(sim, inbox).send(text="first", blocks=[ACTIONS])
    ts = sim.messages("rtc-quality")[0]["ts"]
    webhook = clicked(sim, inbox, ts)
    webhook.send(text="second", replace_original=True)
    message = sim.messages("rtc-quality")[0]
    assert (message["ts"], message["text"], message["blocks"]) == (ts, "second", [])
    webhook.send_dict({"delete_original": True})
    assert sim.messages("rtc-quality") == []


def test_a_click_on_a_public_message_answers_beside_it_by_default(
    sim: SlackSimulator, client: WebClient, inbox: Any
) -> None:
    ts = client.chat_postMessage(channel="rtc-quality", text="alert", blocks=[ACTIONS])["ts"]
    clicked(sim, inbox, ts).send(text="noted")
    shown = [(m["text"], m["ephemeral_to"]) for m in sim.messages("rtc-quality")]
    assert shown == [("alert", None), ("noted", "U_ALICE")]


def test_faults_reach_response_addresses_too(sim: SlackSimulator, inbox: Any) -> None:
    sim.fault("response_url", "http500")
    assert response(sim, inbox).send(text="x").status_code == 500


MODAL: dict = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Silence"},
    "submit": {"type": "plain_text", "text": "OK"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}
HOME = {"type": "home", "blocks": [DIVIDER]}


def trigger(sim: SlackSimulator, inbox: Any) -> str:
    sim.command("/agora-call", "x")
    return parse_qs(inbox.received[-1].body)["trigger_id"][0]


def test_three_modals_can_be_stacked(sim: SlackSimulator, client: WebClient, inbox: Any) -> None:
    root = client.views_open(trigger_id=trigger(sim, inbox), view=MODAL)["view"]
    second = client.views_push(trigger_id=trigger(sim, inbox), view=MODAL)["view"]
    assert (second["root_view_id"], second["previous_view_id"]) == (root["id"], root["id"])
    third = client.views_push(trigger_id=trigger(sim, inbox), view=MODAL)["view"]
    assert [view["id"] for view in sim.views("U_ALICE")] == [root["id"], second["id"], third["id"]]
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        client.views_push(trigger_id=trigger(sim, inbox), view=MODAL)


def test_a_push_needs_an_open_modal(sim: SlackSimulator, client: WebClient, inbox: Any) -> None:
    with pytest.raises(SlackApiError, match="not_found"):
        client.views_push(trigger_id=trigger(sim, inbox), view=MODAL)


def test_a_trigger_opens_one_view_within_three_seconds(
    sim: SlackSimulator, client: WebClient, inbox: Any, wall: Any
) -> None:
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        client.views_open(trigger_id="1.invented", view=MODAL)
    used = trigger(sim, inbox)
    client.views_open(trigger_id=used, view=MODAL)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        client.views_open(trigger_id=used, view=MODAL)
    old = trigger(sim, inbox)
    wall.at += 3.1
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        client.views_open(trigger_id=old, view=MODAL)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"title": {"type": "plain_text", "text": "t" * 25}}, "must be less than 25 characters"),
        ({"private_metadata": "p" * 3001}, "must be less than 3001 characters"),
        ({"callback_id": "c" * 256}, "must be less than 256 characters"),
        ({"blocks": []}, "no less than 1 items"),
        ({"blocks": [DIVIDER] * 101}, "no more than 100 items"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown"),
        ({"blocks": [DIVIDER, DIVIDER]}, "`block_id` 'd' already exists"),
        ({"submit": None}, "must provide an object"),
        ({"blocks": [{"type": "markdown", "text": "x" * 250_000}]}, "view_too_large"),
        ({"type": "home"}, "invalid additional property: title"),
    ],
)
def test_a_bad_modal_is_refused(
    sim: SlackSimulator, client: WebClient, inbox: Any, change: dict, error: str
) -> None:
    with pytest.raises(SlackApiError, match=error):
        client.views_open(trigger_id=trigger(sim, inbox), view={**MODAL, **change})


def test_a_modal_with_inputs_needs_a_submit_button(
    sim: SlackSimulator, client: WebClient, inbox: Any
) -> None:
    view = {name: value for name, value in MODAL.items() if name != "submit"}
    with pytest.raises(SlackApiError, match="missing required field: submit"):
        client.views_open(trigger_id=trigger(sim, inbox), view=view)


def test_an_update_of_a_view_guards_against_races(sim: SlackSimulator, client: WebClient, inbox: Any) -> None:
    named = {**MODAL, "external_id": "silence-1"}
    view = client.views_open(trigger_id=trigger(sim, inbox), view=named)["view"]
    renewed = client.views_update(view_id=view["id"], hash=view["hash"], view=named)["view"]
    assert (renewed["id"], renewed["hash"] != view["hash"]) == (view["id"], True)
    with pytest.raises(SlackApiError, match="hash_conflict"):
        client.views_update(external_id="silence-1", hash=view["hash"], view=named)
    with pytest.raises(SlackApiError, match="not_found"):
        client.views_update(view_id="V9", view=named)
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        client.views_push(trigger_id=trigger(sim, inbox), view=named)


def test_a_home_tab_is_published_per_user(sim: SlackSimulator, client: WebClient) -> None:
    first = client.views_publish(user_id="U_BOB", view=HOME)["view"]
    second = client.views_publish(user_id="U_BOB", view=HOME, hash=first["hash"])["view"]
    assert (sim.home("U_BOB"), sim.home("U_ALICE")) == (second, None)
    with pytest.raises(SlackApiError, match="hash_conflict"):
        second = client.views_publish(user_id="U_BOB", view=HOME, hash=first["hash"])["view"]
    assert (sim.home("U_BOB"), sim.home("U_ALICE")) == (second, None)
    with pytest.raises(SlackApiError, match="user_not_found"):
        client.views_publish(user_id="U_NOBODY", view=HOME)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.views_publish(user_id="U_BOB", view=MODAL)


def test_a_file_is_shared_in_three_steps(sim: SlackSimulator, client: WebClient) -> None:
    root = client.chat_postMessage(channel="general", text="root")["ts"]
    answer = client.files_upload_v2(
        channel="C0002", thread_ts=root, filename="loss.png", content=b"png", initial_comment="the chart"
    )
    assert answer["files"][0]["id"] == "F0001"
    message = sim.messages("general")[-1]
    assert (message["text"], message["thread_ts"], message["files"]) == ("the chart", root, ["F0001"])
    assert sim.upload("F0001") == b"png"


def test_a_file_that_was_not_sent_cannot_be_shared(client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.files_getUploadURLExternal(filename="a.png", length=0)
    file_id = client.files_getUploadURLExternal(filename="a.png", length=3)["file_id"]
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=[{"id": file_id}], channel_id="C0002")
