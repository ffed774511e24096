"""The state of the pretend Slack: channels and what was said in them, behind one lock."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from .marks import marked
from .people import SLACKBOT
from .values import Channel, Json, Message, Refused


class Workspace:
    """Holds every message. Its ``changed`` condition is notified, and ``seq`` grows, with every change."""

    def __init__(self, *, now: Callable[[], float], channels: Sequence[str]) -> None:
        self.now = now
        self.changed = threading.Condition(threading.RLock())
        self.seq = 0
        self.is_closed = False
        named = (name.lstrip("#") for name in channels)
        self.channels = {
            (key := f"C{n:04}"): Channel(id=key, name=name) for n, name in enumerate(named, start=1)
        }
        self._said: dict[str, dict[str, Message]] = {key: {} for key in self.channels}
        self._last_micros = dict.fromkeys(self.channels, 0)
        self._marks = 0

    def touch(self) -> None:
        """Tell everybody who waits that something has changed."""
        with self.changed:
            self.seq += 1
            self.changed.notify_all()

    def close(self) -> None:
        """Send everybody home who waits for a change."""
        with self.changed:
            self.is_closed = True
            self.changed.notify_all()

    def wait_beyond(self, seq: int, timeout_s: float) -> int:
        """Wait until ``seq`` is no longer the latest, at most ``timeout_s``; return the latest."""
        with self.changed:
            self.changed.wait_for(lambda: self.seq != seq or self.is_closed, timeout_s)
            return self.seq

    def channel(self, given: object) -> Channel:
        """Return the channel of an id, a name or a #name; refuse with ``channel_not_found``."""
        name = str(given or "").lstrip("#")
        for channel in self.channels.values():
            if name in (channel.id, channel.name):
                return channel
        raise Refused("channel_not_found")

    def post(self, channel: Channel, draft: Message) -> Message:
        """Store a message under the next ``ts`` of the channel and return it."""
        with self.changed:
            return self._store(channel, replace(draft, ts=self._next_ts(channel.id)))

    def change(self, channel: Channel, ts: str, change: Callable[[Message], Message]) -> Message:
        """Replace a stored message by what ``change`` makes of it and return that."""
        with self.changed:
            return self._store(channel, change(self.find(channel, ts)))

    def remove(self, channel: Channel, ts: str) -> None:
        """Delete a message; a root with replies stays as a tombstone, as in Slack."""
        with self.changed:
            self.find(channel, ts)
            if self.replies(channel, ts):
                stone = Message(ts=ts, user=SLACKBOT, text="This message was deleted.", tombstone=True)
                self._said[channel.id][ts] = replace(stone, thread_ts=ts)
            else:
                del self._said[channel.id][ts]
            self.touch()

    def find(self, channel: Channel, ts: object) -> Message:
        """Return a message, also an ephemeral one; refuse with ``message_not_found``."""
        with self.changed:
            message = self._said[channel.id].get(str(ts))
        if message is None:
            raise Refused("message_not_found")
        return message

    def said(self, channel: Channel, *, ephemeral: bool = False) -> list[Message]:
        """Return the messages of a channel in ``ts`` order."""
        with self.changed:
            stored = list(self._said[channel.id].values())
        return [message for message in stored if ephemeral or message.ephemeral_to is None]

    def replies(self, channel: Channel, ts: str) -> list[Message]:
        return [message for message in self.said(channel) if message.is_reply and message.thread_ts == ts]

    def reply_counts(self, channel: Channel) -> Counter[str | None]:
        """Return how many replies hang on each root."""
        return Counter(message.thread_ts for message in self.said(channel) if message.is_reply)

    def _next_ts(self, channel_id: str) -> str:
        micros = max(round(self.now() * 1_000_000), self._last_micros[channel_id] + 100)
        self._last_micros[channel_id] = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06}"

    def _next_mark(self) -> str:
        self._marks += 1
        return f"sim{self._marks}"

    def _store(self, channel: Channel, message: Message) -> Message:
        attachments = [
            {**item, "blocks": self._mark(item["blocks"])} if item.get("blocks") else item
            for item in message.attachments
        ]
        message = replace(message, blocks=self._mark(message.blocks), attachments=attachments)
        self._said[channel.id][message.ts] = message
        self.touch()
        return message

    def _mark(self, blocks: Sequence[Json]) -> list[Json]:
        return [marked(block, self._next_mark) for block in blocks]
