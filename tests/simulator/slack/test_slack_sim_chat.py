"""Posting, editing and reading over the Web API, with what Slack refuses."""

from collections.abc import Callable

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.simulator.slack import SlackSimulator

BLOCKS = [{"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "loss 12 %"}}]
MISSING = "1600000000.000000"


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as error:
        call()
    return str(error.value.response["error"])


def post(client: WebClient, text: str = "x", **more: object) -> str:
    return str(client.chat_postMessage(channel="general", text=text, **more)["ts"])


def test_every_message_of_a_channel_has_its_own_ts(client: WebClient) -> None:
    assert [post(client), post(client)] == ["1700000000.000100", "1700000000.000200"]


@pytest.mark.parametrize("name", ["C0002", "general", "#general"])
def test_a_channel_goes_by_id_and_by_name(client: WebClient, name: str) -> None:
    assert client.chat_postMessage(channel=name, text="x")["channel"] == "C0002"


def test_auth_test_names_the_bot_and_its_scopes(client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["user_id"], answer["team_id"], answer["bot_id"]) == ("U_BOT", "T_SIM", "B_BOT")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


def test_a_token_may_come_as_a_form_field(sim: SlackSimulator, client: WebClient) -> None:
    bare = WebClient(base_url=sim.api_url, retry_handlers=[])
    assert bare.api_call("auth.test", data={"token": client.token})["ok"] is True


REFUSALS: dict[str, tuple[Callable[[WebClient], object], str]] = {
    "no token": (lambda c: WebClient(base_url=c.base_url, retry_handlers=[]).auth_test(), "not_authed"),
    "bad token": (
        lambda c: WebClient(token="xoxb-other", base_url=c.base_url, retry_handlers=[]).auth_test(),
        "invalid_auth",
    ),
    "unknown method": (lambda c: c.api_call("chat.shout", json={}), "unknown_method"),
    "socket mode": (lambda c: c.apps_connections_open(app_token=c.token), "not_allowed"),
    "unknown channel": (lambda c: c.chat_postMessage(channel="C9", text="x"), "channel_not_found"),
    "no text": (
        lambda c: c.api_call("chat.postMessage", json={"channel": "general", "text": " "}),
        "no_text",
    ),
    "missing root": (
        lambda c: c.chat_postMessage(channel="general", text="x", thread_ts=MISSING),
        "thread_not_found",
    ),
    "update of nothing": (
        lambda c: c.chat_update(channel="general", ts=MISSING, text="x"),
        "message_not_found",
    ),
    "delete of nothing": (lambda c: c.chat_delete(channel="general", ts=MISSING), "message_not_found"),
    "ephemeral to nobody": (
        lambda c: c.chat_postEphemeral(channel="general", user="U_NOBODY", text="x"),
        "user_not_in_channel",
    ),
    "replies of nothing": (
        lambda c: c.conversations_replies(channel="general", ts=MISSING),
        "thread_not_found",
    ),
    "history of nothing": (lambda c: c.conversations_history(channel="nowhere"), "channel_not_found"),
    "bad cursor": (lambda c: c.conversations_history(channel="general", cursor="x"), "invalid_cursor"),
    "bad limit": (lambda c: c.conversations_history(channel="general", limit=0), "invalid_limit"),
    "bad oldest": (lambda c: c.conversations_history(channel="general", oldest="now"), "invalid_ts_oldest"),
    "bad latest": (lambda c: c.conversations_history(channel="general", latest="now"), "invalid_ts_latest"),
    "info of nothing": (lambda c: c.conversations_info(channel="C9"), "channel_not_found"),
    "unknown user": (lambda c: c.users_info(user="U_NOBODY"), "user_not_found"),
    "reaction to nothing": (
        lambda c: c.reactions_add(channel="general", timestamp=MISSING, name="eyes"),
        "message_not_found",
    ),
}


@pytest.mark.parametrize(("call", "error"), REFUSALS.values(), ids=REFUSALS.keys())
def test_slack_refuses_and_the_refusal_is_on_record(
    sim: SlackSimulator, client: WebClient, call: Callable[[WebClient], object], error: str
) -> None:
    assert refused(lambda: call(client)) == error
    assert [violation.split(": ")[1] for violation in sim.violations()] == [error]


def test_a_good_citizen_has_no_violations(sim: SlackSimulator, client: WebClient) -> None:
    ts = post(client)
    client.chat_update(channel="general", ts=ts, text="y")
    assert sim.violations() == []


def test_a_text_too_long_is_cut_with_a_warning(sim: SlackSimulator, client: WebClient) -> None:
    answer = client.chat_postMessage(channel="general", text="x" * 40_001)
    assert answer["response_metadata"] == {"warnings": ["message_truncated"]}
    assert len(sim.messages("general")[0]["text"]) == 40_000


def test_blocks_without_text_are_taken_with_a_warning(client: WebClient) -> None:
    answer = client.api_call("chat.postMessage", json={"channel": "general", "blocks": BLOCKS})
    assert answer["warning"] == "missing_text_in_message"


def test_an_update_with_text_alone_takes_the_blocks_away(sim: SlackSimulator, client: WebClient) -> None:
    ts = post(client, blocks=BLOCKS)
    client.chat_update(channel="general", ts=ts, text="resolved")
    message = sim.messages("general")[0]
    assert (message["text"], message["blocks"], message["edited"]) == ("resolved", [], True)


def test_an_update_with_blocks_replaces_them_and_shows_no_edit(
    sim: SlackSimulator, client: WebClient
) -> None:
    ts = post(client, blocks=BLOCKS)
    divider = {"type": "divider", "block_id": "d"}
    client.chat_update(channel="general", ts=ts, text="y", blocks=[divider])
    message = sim.messages("general")[0]
    assert (message["blocks"], message["edited"]) == ([divider], False)


def test_an_update_leaves_what_it_does_not_send(sim: SlackSimulator, client: WebClient) -> None:
    metadata = {"event_type": "incident", "event_payload": {"id": 7}}
    ts = post(client, attachments=[{"color": "#d00", "text": "a"}], metadata=metadata)
    client.chat_update(channel="general", ts=ts, text="y")
    kept = sim.messages("general")[0]
    assert (kept["attachments"], kept["metadata"]) == ([{"color": "#d00", "text": "a"}], metadata)
    client.chat_update(channel="general", ts=ts, attachments=[], metadata={})
    gone = sim.messages("general")[0]
    assert (gone["text"], gone["attachments"], gone["metadata"]) == ("y", [], None)


@pytest.mark.parametrize(
    ("change", "error"),
    [({}, "no_text"), ({"blocks": []}, "no_text"), ({"text": "x" * 4001}, "msg_too_long")],
)
def test_an_update_must_say_something_short(client: WebClient, change: dict, error: str) -> None:
    ts = post(client)
    assert (
        refused(lambda: client.api_call("chat.update", json={"channel": "general", "ts": ts, **change}))
        == error
    )


def test_only_the_bot_s_own_messages_can_be_changed(sim: SlackSimulator, client: WebClient) -> None:
    ts = sim.say("mine", channel="general")
    assert refused(lambda: client.chat_update(channel="general", ts=ts, text="x")) == "cant_update_message"
    assert refused(lambda: client.chat_delete(channel="general", ts=ts)) == "cant_delete_message"


def test_an_ephemeral_message_is_for_one_user_and_out_of_reach(
    sim: SlackSimulator, client: WebClient
) -> None:
    ts = client.chat_postEphemeral(channel="general", user="U_BOB", text="psst")["message_ts"]
    assert [message["ephemeral_to"] for message in sim.messages("general")] == ["U_BOB"]
    assert client.conversations_history(channel="general")["messages"] == []
    assert sim.messages("general", roots_only=True) == []
    assert refused(lambda: client.chat_update(channel="general", ts=ts, text="x")) == "message_not_found"
    assert (
        refused(lambda: client.chat_postMessage(channel="general", text="x", thread_ts=ts))
        == "thread_not_found"
    )


def test_replies_hang_on_their_root(sim: SlackSimulator, client: WebClient) -> None:
    root = post(client, "root")
    quiet = post(client, "quiet", thread_ts=root)
    loud = post(client, "loud", thread_ts=root, reply_broadcast=True)
    thread = client.conversations_replies(channel="general", ts=root)["messages"]
    assert [message["ts"] for message in thread] == [root, quiet, loud]
    assert (thread[0]["reply_count"], thread[0]["latest_reply"]) == (2, loud)
    history = client.conversations_history(channel="general")["messages"]
    assert [message["ts"] for message in history] == [loud, root]
    assert [message["ts"] for message in sim.messages("general", roots_only=True)] == [root]


def test_a_reply_is_no_root(sim: SlackSimulator, client: WebClient) -> None:
    reply = post(client, "reply", thread_ts=post(client, "root"))
    assert refused(lambda: post(client, thread_ts=reply)) == "thread_not_found"


def test_a_deleted_root_with_replies_leaves_a_tombstone(sim: SlackSimulator, client: WebClient) -> None:
    root = post(client, "root")
    reply = post(client, "reply", thread_ts=root)
    client.chat_delete(channel="general", ts=root)
    assert client.conversations_history(channel="general")["messages"][0]["subtype"] == "tombstone"
    client.chat_delete(channel="general", ts=reply)
    assert [message["ts"] for message in sim.messages("general")] == [root]


def test_history_goes_back_in_pages(client: WebClient) -> None:
    stamps = [post(client) for _ in range(3)]
    first = client.conversations_history(channel="general", limit=2)
    assert ([m["ts"] for m in first["messages"]], first["has_more"]) == (stamps[:0:-1], True)
    cursor = first["response_metadata"]["next_cursor"]
    rest = client.conversations_history(channel="general", limit=2, cursor=cursor)
    assert ([m["ts"] for m in rest["messages"]], rest["has_more"]) == ([stamps[0]], False)


@pytest.mark.parametrize(("inclusive", "found"), [(False, [1]), (True, [2, 1, 0])])
def test_history_has_edges(client: WebClient, inclusive: bool, found: list[int]) -> None:
    stamps = [post(client) for _ in range(3)]
    answer = client.conversations_history(
        channel="general", oldest=stamps[0], latest=stamps[2], inclusive=inclusive
    )
    assert [m["ts"] for m in answer["messages"]] == [stamps[n] for n in found]


def test_metadata_is_shown_on_demand(client: WebClient) -> None:
    metadata = {"event_type": "incident", "event_payload": {"id": 7}}
    post(client, metadata=metadata)
    assert "metadata" not in client.conversations_history(channel="general")["messages"][0]
    shown = client.conversations_history(channel="general", include_all_metadata=True)["messages"][0]
    assert shown["metadata"] == metadata


def test_channels_and_people_can_be_looked_up(client: WebClient) -> None:
    listed = client.conversations_list()["channels"]
    assert [(c["id"], c["name"]) for c in listed] == [("C0001", "rtc-quality"), ("C0002", "general")]
    assert client.conversations_info(channel="C0001")["channel"]["is_member"] is True
    assert client.conversations_join(channel="C0001")["channel"]["name"] == "rtc-quality"
    alice, bob = (client.users_info(user=user)["user"] for user in ("U_ALICE", "U_BOB"))
    assert (alice["tz"], alice["tz_offset"], alice["real_name"]) == ("Europe/Berlin", 3600, "Alice Adler")
    assert (bob["tz"], bob["tz_offset"]) == ("America/New_York", -18_000)


def test_a_reaction_is_given_once(sim: SlackSimulator, client: WebClient) -> None:
    ts = post(client)
    client.reactions_add(channel="general", timestamp=ts, name="eyes")
    again = refused(lambda: client.reactions_add(channel="general", timestamp=ts, name="eyes"))
    assert again == "already_reacted"
    assert sim.messages("general")[0]["reactions"] == [{"name": "eyes", "users": ["U_BOT"], "count": 1}]


def test_blocks_and_elements_without_a_name_get_one(sim: SlackSimulator, client: WebClient) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Ack"}}
    post(client, blocks=[{"type": "actions", "elements": [button]}])
    block = sim.messages("general")[0]["blocks"][0]
    assert block["block_id"]
    assert block["elements"][0]["action_id"]
