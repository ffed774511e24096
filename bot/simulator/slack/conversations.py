"""The methods that read: ``conversations.*`` and ``users.info``."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from .arguments import count, flag, text
from .chat import thread_root
from .people import GROUPS, USERS
from .values import Channel, Json, Message, Refused
from .wire import api_channel, api_message, api_user
from .workspace import Workspace

Item = TypeVar("Item")
Args = Mapping[str, Any]


class Conversations:
    """Shows channels, their messages and their people."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def history(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        shown = [m for m in self._workspace.said(channel) if not m.is_reply or m.broadcast]
        return self._messages(channel, reversed(_within(shown, args)), args)

    def replies(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        root = thread_root(self._workspace, channel, text(args, "ts"))
        thread = self._workspace.replies(channel, root.ts)
        return self._messages(channel, [root, *_within(thread, args)], args)

    def list(self, args: Args) -> Json:
        page, cursor = _page(list(self._workspace.channels.values()), args, at_most=1000)
        channels = [api_channel(channel, is_member=True) for channel in page]
        return {"ok": True, "channels": channels, "response_metadata": {"next_cursor": cursor}}

    def info(self, args: Args) -> Json:
        channel = self._workspace.channel(args.get("channel"))
        return {"ok": True, "channel": api_channel(channel, is_member=True)}

    def join(self, args: Args) -> Json:
        return {**self.info(args), "warning": "already_in_channel"}

    def user(self, args: Args) -> Json:
        user = USERS.get(text(args, "user"))
        if user is None:
            raise Refused("user_not_found")
        return {"ok": True, "user": api_user(user, self._workspace.now())}

    def group(self, args: Args) -> Json:
        members = GROUPS.get(text(args, "usergroup"))
        if members is None:
            raise Refused("no_such_subteam")
        return {"ok": True, "users": list(members)}

    def _messages(self, channel: Channel, messages: Iterable[Message], args: Args) -> Json:
        page, cursor = _page(list(messages), args, at_most=999)
        wanted = flag(args, "include_all_metadata")
        return {
            "ok": True,
            "messages": [api_message(self._workspace, channel, message, metadata=wanted) for message in page],
            "has_more": bool(cursor),
            "response_metadata": {"next_cursor": cursor},
        }


def _within(messages: Sequence[Message], args: Args) -> Sequence[Message]:
    oldest, latest = text(args, "oldest") or "0", text(args, "latest") or "9999999999"
    try:
        low, high = float(oldest), float(latest)
    except ValueError:
        raise Refused("invalid_ts_oldest" if not _is_number(oldest) else "invalid_ts_latest") from None
    edges = {oldest, latest} if flag(args, "inclusive") else set()
    return [m for m in messages if low < float(m.ts) < high or m.ts in edges]


def _is_number(given: str) -> bool:
    return given.replace(".", "", 1).isdigit()


def _page(items: Sequence[Item], args: Args, *, at_most: int) -> tuple[Sequence[Item], str]:
    """Return one page and the cursor of the next, empty on the last."""
    given = text(args, "cursor").removeprefix("sim:") or "0"
    if not given.isdigit():
        raise Refused("invalid_cursor")
    start, limit = int(given), count(args, "limit", 100, at_most)
    end = start + limit
    return items[start:end], f"sim:{end}" if end < len(items) else ""
