"""The methods that say, change and take back: ``chat.*`` and ``reactions.add``."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .arguments import flag, text
from .content import Content, read_content
from .limits import RateLimits
from .payloads import DOMAIN
from .people import BOT_USER, USERS
from .values import Channel, Json, Message, Refused
from .wire import api_message
from .workspace import Workspace

# chat.update refuses longer texts, where chat.postMessage cuts them at 40,000.
UPDATE_TEXT = 4_000

Args = Mapping[str, Any]


class Chat:
    """Speaks for the bot user."""

    def __init__(self, workspace: Workspace, limits: RateLimits) -> None:
        self._workspace = workspace
        self._limits = limits

    def post_message(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        self._limits.count_post(channel.id)
        content = read_content(args)
        message = self._workspace.post(channel, self._draft(channel, args, content))
        return {
            "ok": True,
            "channel": channel.id,
            "ts": message.ts,
            "message": api_message(self._workspace, channel, message, metadata=True),
            **_warned(content),
        }

    def post_ephemeral(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        user = text(args, "user")
        if user not in USERS or USERS[user].is_bot:
            raise Refused("user_not_in_channel")
        content = read_content(args)
        draft = replace(self._draft(channel, args, content), ephemeral_to=user, broadcast=False)
        message = self._workspace.post(channel, draft)
        return {"ok": True, "message_ts": message.ts, **_warned(content)}

    def update(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        self._own(channel, text(args, "ts"), "cant_update_message")
        content = read_content(args)
        if content.text is None and content.blocks is None and content.attachments is None:
            raise Refused("no_text")
        if len(content.text or "") > UPDATE_TEXT:
            raise Refused("msg_too_long")
        message = self._workspace.change(channel, text(args, "ts"), lambda old: _updated(old, content))
        return {
            "ok": True,
            "channel": channel.id,
            "ts": message.ts,
            "text": message.text,
            "message": api_message(self._workspace, channel, message, metadata=True),
            **_warned(content),
        }

    def delete(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        message = self._own(channel, text(args, "ts"), "cant_delete_message")
        self._workspace.remove(channel, message.ts)
        return {"ok": True, "channel": channel.id, "ts": message.ts}

    def permalink(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        ts = self._public(channel, text(args, "message_ts")).ts
        link = f"https://{DOMAIN}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
        return {"ok": True, "channel": channel.id, "permalink": link}

    def add_reaction(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        mark = (text(args, "name").strip(":"), BOT_USER)
        if not mark[0]:
            raise Refused("invalid_name")
        if not args.get("timestamp"):
            raise Refused("no_item_specified")
        with self._workspace.changed:
            message = self._public(channel, args["timestamp"])
            if mark in message.reactions:
                raise Refused("already_reacted")
            self._workspace.change(
                channel, message.ts, lambda old: replace(old, reactions=(*old.reactions, mark))
            )
        return {"ok": True}

    def _draft(self, channel: Channel, args: Args, content: Content) -> Message:
        if content.says_nothing:
            raise Refused("no_text")
        thread_ts = text(args, "thread_ts") or None
        if thread_ts is not None:
            thread_root(self._workspace, channel, thread_ts)
        return Message(
            user=BOT_USER,
            text=content.text or "",
            blocks=content.blocks or [],
            attachments=content.attachments or [],
            metadata=content.metadata or None,
            thread_ts=thread_ts,
            broadcast=thread_ts is not None and flag(args, "reply_broadcast"),
        )

    def _public(self, channel: Channel, ts: object) -> Message:
        message = self._workspace.find(channel, ts)
        if message.ephemeral_to is not None:
            raise Refused("message_not_found")
        return message

    def _own(self, channel: Channel, ts: str, refusal: str) -> Message:
        message = self._public(channel, ts)
        if message.user != BOT_USER:
            raise Refused(refusal)
        return message


def thread_root(workspace: Workspace, channel: Channel, thread_ts: str) -> Message:
    """Return the message that a thread hangs on; refuse a missing one, and a reply as a root."""
    try:
        root = workspace.find(channel, thread_ts)
    except Refused:
        raise Refused("thread_not_found") from None
    if root.is_reply or root.ephemeral_to is not None:
        raise Refused("thread_not_found")
    return root


def _updated(old: Message, content: Content) -> Message:
    """Apply Slack's rules of editing: what is sent replaces, and a text alone takes the blocks away."""
    new = old
    if content.text is not None or content.blocks is not None:
        new = replace(new, text=content.text or "", blocks=content.blocks or [])
    if content.attachments is not None:
        new = replace(new, attachments=content.attachments)
    if content.metadata is not None:
        new = replace(new, metadata=content.metadata or None)
    if not (new.text.strip() or new.blocks or new.attachments):
        raise Refused("no_text")
    return replace(new, edited=old.edited or not content.blocks)


def _warned(content: Content) -> Json:
    if not content.warnings:
        return {}
    return {"warning": ",".join(content.warnings), "response_metadata": {"warnings": list(content.warnings)}}
