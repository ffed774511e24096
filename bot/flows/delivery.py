"""What delivery needs of Slack and of the renderer, and what may go wrong there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.flows.correlate import Rulebook
from bot.model.incident import Card, Incident, Line
from bot.model.message import Message
from bot.model.storm import Storm, StormRow
from bot.store import Claimed, Database, incidents


class SlackBusy(Exception):
    """Slack asks to wait: nothing was sent."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"Slack asks to wait {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class SlackUnreachable(Exception):
    """No usable answer: the message may or may not have been sent."""


class SlackRefused(Exception):
    """Slack's answer is an error that another try alone does not mend."""

    def __init__(self, code: str, hint: str) -> None:
        super().__init__(f"Slack refused: {code}. {hint}")
        self.code = code


CHANNEL_LOST = frozenset({"channel_not_found", "not_in_channel", "is_archived", "restricted_action"})
"""What Slack says where a channel cannot be posted into, whatever the message."""
THREAD_LOST = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
"""What Slack says where nothing can be posted below a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The metadata by which a message is found again: ``key`` tells incidents apart across databases."""

    key: str
    seq: int


def mark_of(message: Claimed, incident: Incident) -> Mark:
    """Return the metadata of a message; the same for every try of it."""
    return Mark(
        key=f"{incident.id}-{incidents.key_of(incident.group)[:12]}-{incident.opened_at}", seq=message.seq
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where Slack put a message."""

    channel: str
    ts: str


class Sends(Protocol):
    """What delivery needs of Slack. All but ``permalink``, which is empty where it is not known, raise
    SlackBusy, SlackUnreachable or SlackRefused."""

    def post(
        self,
        channel: str,
        message: Message,
        mark: Mark | None,
        thread_ts: str | None,
        *,
        broadcast: bool = False,
    ) -> Posted: ...

    def edit(self, at: Posted, message: Message, mark: Mark | None) -> None: ...

    def find(self, channel: str, mark: Mark, thread_ts: str | None) -> Posted | None: ...

    def permalink(self, at: Posted) -> str: ...


class Renders(Protocol):
    """What delivery needs of ``bot.render.Renderer``."""

    def root(self, card: Card, *, now: int, mention: str = "") -> Message: ...

    def reply(self, card: Card, line: Line, *, now: int, png: bytes | None = None) -> Message: ...

    def notice(self, sentence: str, hint: str = "") -> Message: ...

    def storm(self, storm: Storm, rows: Sequence[StormRow], *, now: int) -> Message: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What every delivery needs; ``channel`` is the one for targets that name none."""

    database: Database
    sender: Sends
    renderer: Renders
    book: Callable[[], Rulebook | None]
    channel: str
    worker: str
    now: Callable[[], float]
    wall: Callable[[], float]
