"""Post and edit messages through Slack's Web API, and find one again by its metadata.

slack-sdk repeats a request whose connection dropped after sending, which posts twice: its retries are off,
and the outbox decides. A message with blocks that Slack refuses is sent again with simpler ones, at last as
text, because an alert without a chart beats none.
"""

import http.client
import queue
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.flows.delivery import (
    CHANNEL_LOST,
    THREAD_LOST,
    Mark,
    Posted,
    SlackBusy,
    SlackRefused,
    SlackUnreachable,
)
from bot.model.message import Message
from bot.slack.pictures import Pictures, Put, with_picture
from bot.telemetry import SLACK_REQUESTS, log

EVENT_TYPE = "agora_bot_incident"
POST_EVERY_S = 1.05
"""Slack takes about one post per second and channel."""

PAGES_AT_MOST = 20
LINKS_KEPT = 1000
GROUPS_KEPT_S = 300.0
PICTURE_TRIES = 3
PICTURE_WAIT_S = 1.0
DEADLINE_S = 20.0
"""For a whole answer; slack-sdk bounds only the pause between two pieces of one."""

_NOT_THERE = CHANNEL_LOST | THREAD_LOST | {"missing_scope", "not_allowed_token_type", "no_permission"}
"""What Slack says where the bot can see no earlier post, now and later."""

_BAD_BLOCKS = {
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_attachments",
    "msg_blocks_too_long",
    "msg_too_long",
}
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
_NO_ANSWER = (OSError, http.client.HTTPException, SlackClientError, ValueError, AttributeError)
"""What slack-sdk raises where there is no usable answer; AttributeError on JSON that is no object."""
_log = log("slack")


class Sender:
    """Sends for one workspace, at most one post a second into each channel. ``steady`` are seconds that
    only run forward; ``put`` posts the bytes of pictures."""

    def __init__(
        self,
        client: WebClient,
        *,
        steady: Callable[[], float],
        wait: Callable[[float], object],
        put: Put,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._client = client
        self._steady = steady
        self._deadline_s = deadline_s
        self._wait = wait
        self._next_post: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}
        self._ids: dict[str, str] = {}
        self._groups: dict[str, tuple[float, frozenset[str]]] = {}
        self._links: dict[Posted, str] = {}
        self._pictures = Pictures(client.base_url, lambda *asked: self._call(*asked, as_form=True), put)
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

    def whisper(self, channel: str, user: str, message: Message, thread_ts: str) -> None:
        """Say something in a channel that one user alone sees, until they look elsewhere."""
        extra = {"user": user} | ({"thread_ts": thread_ts} if thread_ts else {})
        self._say("chat.postEphemeral", channel, message, None, extra)

    def edit(self, at: Posted, message: Message, mark: Mark | None) -> None:
        """Replace a message of ours; nobody is notified."""
        self._say("chat.update", at.channel, message, mark, {"ts": at.ts})

    def find(self, channel: str, mark: Mark, thread_ts: str | None) -> Posted | None:
        """Return the message that carries ``mark``, or None where it is not there or may never be read.

        Raises SlackUnreachable where it cannot be told now: to post then might double it.
        """
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
            if refused.code not in _NOT_THERE:
                raise SlackUnreachable(f"cannot look for an earlier post: {refused}") from None
        return None

    def permalink(self, at: Posted) -> str:
        """Return the address of a message for people, empty where Slack does not tell it now."""
        if at not in self._links:
            wanted = {"channel": at.channel, "message_ts": at.ts}
            try:
                answer = self._call("chat.getPermalink", wanted, as_form=True)
            except (SlackBusy, SlackRefused, SlackUnreachable) as error:
                _log.info("no link to a message", error=str(error))
                return ""
            while len(self._links) >= LINKS_KEPT:
                self._links.pop(next(iter(self._links)))
            self._links[at] = str(answer.get("permalink", ""))
        return self._links[at]

    def members(self, group: str) -> frozenset[str]:
        """Return the ids of the users of a user group, as they were within the last minutes."""
        known = self._groups.get(group)
        if known is None or self._steady() - known[0] > GROUPS_KEPT_S:
            answer = self._call("usergroups.users.list", {"usergroup": group}, as_form=True)
            known = self._groups[group] = self._steady(), frozenset(map(str, answer.get("users", [])))
        return known[1]

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
        for body in self._bodies(message):
            try:
                return self._call(method, {"channel": channel} | body | metadata | extra)
            except SlackRefused as error:
                if error.code not in _BAD_BLOCKS:
                    raise
                refused = error
                _log.warning("Slack refused the blocks, trying simpler ones", error=str(error))
        raise refused or SlackRefused("no_text", "")

    def _bodies(self, message: Message) -> Iterator[dict[str, Any]]:
        """Yield the ways to say a message; before each that is to show its picture, the same with it, more
        than once, because Slack refuses a picture for as long as it looks at it."""
        uploaded: str | None = None
        for body in bodies(message):
            with_chart = body["blocks"] == list(message.blocks) and bool(message.simple_blocks)
            picture = message.picture if body["blocks"] else None
            if picture is not None and not (picture.instead_of_chart and with_chart):
                uploaded = self._pictures.upload(picture) if uploaded is None else uploaded
                for again in range(PICTURE_TRIES if uploaded else 0):
                    if again:
                        self._wait(PICTURE_WAIT_S)
                    yield body | {"blocks": with_picture(body["blocks"], uploaded or "", picture.alt)}
            yield body

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
            at = max(self._steady(), self._next_post.get(channel, 0.0))
            self._next_post[channel] = at + POST_EVERY_S
        if (early := at - self._steady()) > 0:
            self._wait(early)

    def _call(self, method: str, body: dict[str, Any], *, as_form: bool = False) -> dict[str, Any]:
        """Return the answer; a few methods that only read take no JSON, but a form."""
        if (left := self._paused_until.get(method, 0.0) - self._steady()) > 0:
            raise SlackBusy(left)
        try:
            response = self._answer(method, {"params" if as_form else "json": body})
        except SlackApiError as error:
            raise self._classified(method, error) from None
        except _NO_ANSWER as error:
            SLACK_REQUESTS.labels(method, "unreachable").inc()
            raise SlackUnreachable(f"{method}: {type(error).__name__}: {error}") from None
        SLACK_REQUESTS.labels(method, "ok").inc()
        return response.data if isinstance(response.data, dict) else {}

    def _answer(self, method: str, arguments: dict[str, Any]) -> SlackResponse:
        """Return Slack's answer, or raise TimeoutError when the whole of it takes too long; what waits for it
        is left behind."""
        box: queue.SimpleQueue[SlackResponse | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                box.put(self._client.api_call(method, **arguments))
            except Exception as error:  # noqa: BLE001 - raised again by the one who waits
                box.put(error)

        threading.Thread(target=ask, name=f"slack {method}", daemon=True).start()
        try:
            outcome = box.get(timeout=self._deadline_s)
        except queue.Empty:
            raise TimeoutError(f"no whole answer within {self._deadline_s:g} s") from None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _classified(self, method: str, error: SlackApiError) -> Exception:
        status = error.response.status_code
        code = str(error.response.get("error", "") if isinstance(error.response.data, dict) else "")
        SLACK_REQUESTS.labels(method, code or str(status)).inc()
        if status == 429 or code == "ratelimited":
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            wait_s = _seconds(headers.get("retry-after"))
            self._paused_until[method] = self._steady() + wait_s
            return SlackBusy(wait_s)
        if status >= 500 or code in _TRANSIENT or not re.fullmatch(r"\w+", code):
            return SlackUnreachable(f"{method}: HTTP {status} {code}")
        detail = "; ".join((error.response.get("response_metadata") or {}).get("messages", []))
        return SlackRefused(code, _HINTS.get(code, detail))


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
