"""The bodies of what Slack sends to an app: commands, clicks and mentions."""

import json
import re
from urllib.parse import urlencode

from .people import BOT_USER, USERS
from .values import APP_ID, TEAM_ID, Channel, Json, Message

# Slack still sends a verification token, long deprecated as a proof of origin.
VERIFICATION = "deprecated-verification-token"
DOMAIN = "simulated"


ESCAPED = frozenset({"/agora-incident"})
"""The commands whose manifest asks for ``should_escape``: people in their words come with their ids."""
_PERSON = re.compile(r"@([a-z][\w.-]*)")


def command_body(
    command: str, text: str, *, channel: Channel, user: str, response_url: str, trigger_id: str
) -> str:
    """Return the form of a slash command."""
    words = _PERSON.sub(_escaped, text) if command in ESCAPED else text
    return urlencode(
        {
            "token": VERIFICATION,
            "team_id": TEAM_ID,
            "team_domain": DOMAIN,
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": user,
            "user_name": USERS[user].name,
            "command": command,
            "text": words,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": trigger_id,
        }
    )


def _escaped(found: re.Match[str]) -> str:
    user = next((user for user in USERS.values() if user.name == found[1]), None)
    return f"<@{user.id}|{user.name}>" if user else found[0]


def click_body(
    *,
    action: Json,
    channel: Channel,
    message: Message,
    shown: Json,
    user: str,
    response_url: str,
    trigger_id: str,
) -> str:
    """Return the form of ``block_actions``; of an ephemeral message only the container is sent."""
    is_ephemeral = message.ephemeral_to is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if message.is_reply:
        container["thread_ts"] = message.thread_ts
    payload: Json = {
        "type": "block_actions",
        "user": {
            "id": user,
            "username": USERS[user].name,
            "name": USERS[user].name,
            "team_id": TEAM_ID,
        },
        "api_app_id": APP_ID,
        "token": VERIFICATION,
        "container": container,
        "trigger_id": trigger_id,
        "team": {"id": TEAM_ID, "domain": DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }
    if not is_ephemeral:
        payload["message"] = shown
    return urlencode({"payload": json.dumps(payload)})


def mention_body(*, event_id: str, channel: Channel, message: Message) -> str:
    """Return the JSON of an ``app_mention`` event."""
    event: Json = {
        "type": "app_mention",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": TEAM_ID,
        "channel": channel.id,
        "event_ts": message.ts,
    }
    if message.thread_ts is not None:
        event["thread_ts"] = message.thread_ts
    return json.dumps(
        {
            "token": VERIFICATION,
            "team_id": TEAM_ID,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(float(message.ts)),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM_ID,
                    "user_id": BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }
    )
