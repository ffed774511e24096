"""Response addresses: five answers within thirty minutes to a command or a click."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .arguments import flag, text
from .chat import thread_root
from .content import Content, read_content
from .people import BOT_USER
from .values import Channel, Message, Refused
from .workspace import Workspace

USES = 5
LIFE_S = 30 * 60.0
DEAD = ("invalid_url", "expired_url", "used_url")


@dataclass(slots=True)
class _Address:
    channel: Channel
    user: str
    issued_at: float
    origin: str | None
    uses: int = 0


class Responses:
    """Issues response addresses and does what is posted to them."""

    def __init__(self, workspace: Workspace, *, wall: Callable[[], float], base: Callable[[], str]) -> None:
        self._workspace = workspace
        self._wall = wall
        self._base = base
        self._lock = threading.Lock()
        self._issued: dict[str, _Address] = {}

    def issue(self, channel: Channel, user: str, origin: str | None = None) -> str:
        """Return a new address; ``origin`` is the ``ts`` of the message that was clicked."""
        name = secrets.token_hex(12)
        with self._lock:
            self._issued[name] = _Address(channel, user, self._wall(), origin)
        return f"{self._base()}response/{name}"

    def respond(self, name: str, args: Mapping[str, Any]) -> None:
        """Do what the bot posts to an address; raise ``Refused``, for a dead address as ``*_url``."""
        address = self._spend(name)
        if flag(args, "delete_original"):
            self._delete(address)
            return
        content = read_content(args, bound_text=False)
        if content.says_nothing:
            raise Refused("no_text")
        if flag(args, "replace_original") and address.origin is not None:
            self._workspace.change(address.channel, address.origin, lambda old: _replaced(old, content))
            return
        message = self.say(address.channel, address.user, args, content)
        address.origin = address.origin or message.ts

    def say(self, channel: Channel, user: str, args: Mapping[str, Any], content: Content) -> Message:
        """Post an answer, to the user alone unless it asks for ``in_channel``."""
        thread_ts = text(args, "thread_ts") or None
        if thread_ts is not None:
            thread_root(self._workspace, channel, thread_ts)
        is_public = text(args, "response_type") == "in_channel"
        draft = Message(
            user=BOT_USER,
            thread_ts=thread_ts,
            metadata=content.metadata,
            ephemeral_to=None if is_public else user,
        )
        return self._workspace.post(channel, _replaced(draft, content))

    def _spend(self, name: str) -> _Address:
        with self._lock:
            address = self._issued.get(name)
            if address is None:
                raise Refused("invalid_url")
            if self._wall() - address.issued_at > LIFE_S:
                raise Refused("expired_url")
            if address.uses >= USES:
                raise Refused("used_url")
            address.uses += 1
            return address

    def _delete(self, address: _Address) -> None:
        if address.origin is None:
            raise Refused("message_not_found")
        self._workspace.remove(address.channel, address.origin)


def _replaced(old: Message, content: Content) -> Message:
    return replace(
        old,
        text=content.text or "",
        blocks=content.blocks or [],
        attachments=content.attachments or [],
    )
