"""The values that the rest of the simulator passes around."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEAM_ID = "T_SIM"
TEAM_NAME = "Simulated workspace"
APP_ID = "A_SIM"
BOT_ID = "B_BOT"


class Refused(Exception):
    """Slack refuses a request of the bot; ``details`` go to ``response_metadata.messages``."""

    def __init__(self, error: str, details: tuple[str, ...] = (), *, retry_after: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.details = details
        self.retry_after = retry_after

    def answer(self) -> Json:
        """Return the body of Slack's refusal."""
        body: Json = {"ok": False, "error": self.error}
        if self.details:
            body |= {"errors": list(self.details), "response_metadata": {"messages": list(self.details)}}
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it is shown now; ``ephemeral_to`` names the only user who sees it."""

    ts: str = ""
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    files: tuple[str, ...] = ()
    reactions: tuple[tuple[str, str], ...] = ()
    edited: bool = False
    broadcast: bool = False
    ephemeral_to: str | None = None
    tombstone: bool = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of one signed request to the bot: ``error`` is what Slack would tell the person."""

    status: int
    body: str
    took_s: float
    error: str | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer; ``at`` is the wall's time at the request. Free of secrets."""

    n: int
    at: float
    direction: str
    method: str
    status: int
    took_ms: int
    headers: dict[str, str]
    request: object
    response: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A button of the page that makes something happen outside Slack."""

    name: str
    title: str
    description: str
    run: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request over HTTP; header names are in lower case."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer over HTTP: bytes, text or JSON; ``fate`` is what happens instead of sending it."""

    status: int = 200
    body: object = ""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    fate: str = ""
