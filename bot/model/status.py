"""How the bot itself is: what it reads, what it spends, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.catalog import Feed
from bot.model.quota import QuotaUse


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """One feed of one project. ``delay_s`` is the age of its last complete minute, None before the first
    poll; of the ``asked`` minutes before that one ``known`` were read, ``cut`` of them not whole. ``error``
    is why the last poll failed."""

    project: str
    feed: Feed
    delay_s: float | None
    asked: int
    known: int
    cut: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Messages that wait to be delivered to a service, and for how many seconds the oldest does."""

    service: str
    messages: int
    oldest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All of it. ``resets_in_s``: until the requests of a new day; ``rules`` are in force, None where no
    worker ever read any, with what was wrong when they were read last. ``parts`` are versions, for people."""

    feeds: Sequence[FeedStatus]
    spent: Sequence[QuotaUse]
    resets_in_s: float
    waiting: Sequence[Waiting]
    failing: int
    open_incidents: int
    rules: int | None
    rule_problems: Sequence[str]
    rules_read_at: int | None
    parts: Sequence[str]
