"""Post and edit messages through Slack's Web API, and find one again by its metadata.

slack-sdk repeats a request whose connection dropped after sending, which posts twice: its retries are off,
and the outbox decides. A message with blocks that Slack refuses is sent again with simpler ones, at last as
text, because an alert without a chart beats none.
"""

import http.client
import threading
from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.flows.delivery import Mark, Posted, SlackBusy, SlackRefused, SlackUnreachable
from bot.model.message import Message
from bot.telemetry import SLACK_REQUESTS, log

EVENT_TYPE = "agora_bot_incident"
POST_EVERY_S = 1.05
"""Slack takes about one post per second and channel."""

PAGES_AT_MOST = 20

_BAD_BLOCKS = {"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long"}
_TRANSIENT = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "http_error"}
_HINTS = {
    "channel_not_found": "Check SLACK_CHANNEL: use the channel's id, and invite the bot to private channels.",
    "not_in_channel": "Invite the bot: /invite @agora-bot in the channel.",
    "is_archived": "The channel is archived: set SLACK_CHANNEL to another.",
    "invalid_auth": "Check SLACK_BOT_TOKEN.",
    "not_authed": "Check SLACK_BOT_TOKEN.",
    "token_revoked": "Install the app again and set the new SLACK_BOT_TOKEN.",
    "account_inactive": "Install the app again and set the new SLACK_BOT_TOKEN.",
    "missing_scope": "Add the scopes of docs/slack-manifest.yml and install the app again.",
}
_log = log("slack")


class Sender:
    """Sends for one workspace, at most one post a second into each channel."""

    def __init__(
        self, client: WebClient, *, wall: Callable[[], float], wait: Callable[[float], object]
    ) -> None:
        self._client = client
        self._wall = wall
        self._wait = wait
        self._next_post: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}
        self._ids: dict[str, str] = {}
        self._lock = threading.Lock()

    def post(
        self,
        channel: str,
        message: Message,
        mark: Mark | None,
        thread_ts: str | None,
        *,
        broadcast: bool = False,
    ) -> Posted:
        """Post into a channel (id or ``#name``), or under ``thread_ts``, with ``broadcast`` in both."""
        self._pace(channel)
        extra: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        if broadcast:
            extra["reply_broadcast"] = True
        answer = self._say("chat.postMessage", channel, message, mark, extra)
        posted = Posted(channel=str(answer["channel"]), ts=str(answer["ts"]))
        self._ids[channel] = posted.channel
        return posted

    def edit(self, at: Posted, message: Message, mark: Mark | None) -> None:
        """Replace a message of ours; nobody is notified."""
        self._say("chat.update", at.channel, message, mark, {"ts": at.ts})

    def find(self, channel: str, mark: Mark, thread_ts: str | None) -> Posted | None:
        """Return the message that carries ``mark``, or None where it is not there or may not be read."""
        try:
            channel_id = self._channel_id(channel)
            wanted: dict[str, Any] = {"channel": channel_id, "include_all_metadata": True, "limit": 200}
            method = "conversations.history"
            if thread_ts:
                method, wanted = "conversations.replies", wanted | {"ts": thread_ts}
            for message in self._pages(method, wanted, "messages"):
                found = message.get("metadata") or {}
                if found.get("event_type") == EVENT_TYPE and found.get("event_payload") == _payload(mark):
                    return Posted(channel=channel_id, ts=str(message["ts"]))
        except SlackRefused as refused:
            _log.warning("cannot look for an earlier post", error=str(refused))
        return None

    def _channel_id(self, channel: str) -> str:
        """Return the id behind ``#name``; ids pass as they are."""
        if not channel.startswith("#"):
            return channel
        if channel not in self._ids:
            listed = {"limit": 999, "exclude_archived": True, "types": "public_channel,private_channel"}
            for found in self._pages("conversations.list", listed, "channels"):
                self._ids["#" + str(found["name"])] = str(found["id"])
        if channel not in self._ids:
            raise SlackRefused("channel_not_found", _HINTS["channel_not_found"])
        return self._ids[channel]

    def _say(
        self, method: str, channel: str, message: Message, mark: Mark | None, extra: dict[str, Any]
    ) -> dict[str, Any]:
        metadata = {"metadata": {"event_type": EVENT_TYPE, "event_payload": _payload(mark)}} if mark else {}
        refused: SlackRefused | None = None
        for body in bodies(message):
            try:
                return self._call(method, {"channel": channel} | body | metadata | extra)
            except SlackRefused as error:
                if error.code not in _BAD_BLOCKS:
                    raise
                refused = error
                _log.warning("Slack refused the blocks, trying simpler ones", error=str(error))
        raise refused or SlackRefused("no_text", "")

    def _pages(self, method: str, body: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a list, page by page, a few thousand at the most."""
        cursor = ""
        for _ in range(PAGES_AT_MOST):
            answer = self._call(method, body | ({"cursor": cursor} if cursor else {}))
            yield from answer.get(key, [])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return

    def _pace(self, channel: str) -> None:
        with self._lock:
            at = max(self._wall(), self._next_post.get(channel, 0.0))
            self._next_post[channel] = at + POST_EVERY_S
        if (early := at - self._wall()) > 0:
            self._wait(early)

    def _call(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        if (left := self._paused_until.get(method, 0.0) - self._wall()) > 0:
            raise SlackBusy(left)
        try:
            response = self._client.api_call(method, json=body)
        except SlackApiError as error:
            raise self._classified(method, error) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            SLACK_REQUESTS.labels(method, "unreachable").inc()
            raise SlackUnreachable(f"{method}: {type(error).__name__}: {error}") from None
        SLACK_REQUESTS.labels(method, "ok").inc()
        return response.data if isinstance(response.data, dict) else {}

    def _classified(self, method: str, error: SlackApiError) -> Exception:
        status = error.response.status_code
        code = str(error.response.get("error", "") if isinstance(error.response.data, dict) else "")
        SLACK_REQUESTS.labels(method, code or str(status)).inc()
        if status == 429 or code == "ratelimited":
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            wait_s = _seconds(headers.get("retry-after"))
            self._paused_until[method] = self._wall() + wait_s
            return SlackBusy(wait_s)
        if status >= 500 or code in _TRANSIENT:
            return SlackUnreachable(f"{method}: HTTP {status} {code}")
        detail = "; ".join((error.response.get("response_metadata") or {}).get("messages", []))
        return SlackRefused(code or f"http_{status}", _HINTS.get(code, detail))


def bodies(message: Message) -> Iterator[dict[str, Any]]:
    """Yield the ways to say a message, the richest first, text alone last."""
    rich: dict[str, Any] = {"text": message.text, "attachments": list(message.attachments)}
    if message.blocks:
        yield rich | {"blocks": list(message.blocks)}
    if message.simple_blocks:
        yield rich | {"blocks": list(message.simple_blocks)}
    yield {"text": message.text, "blocks": [], "attachments": []}


def _payload(mark: Mark) -> dict[str, Any]:
    return {"incident": mark.key, "seq": mark.seq}


def _seconds(retry_after: object) -> float:
    try:
        return max(1.0, float(str(retry_after)))
    except ValueError:
        return 30.0
