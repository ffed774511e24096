"""One turn of one feed: what it reads, for whom, and how long it may take."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.agora import CallsAnswer, DiagnosisAnswer, Endpoint, Profile, WindowLimit, WindowRejected
from bot.flows.selection import Selection
from bot.model.catalog import Feed
from bot.model.observation import MetricPoint
from bot.model.project import Project
from bot.model.time import MINUTE_S, Window
from bot.store import Database
from bot.telemetry import log

FIRST_S, ANSWER_S = 60, 5
"""How long a turn may take before another worker may take it, and how much longer for each request that may
be asked before its next answer comes, beside the pace that Agora prescribes."""

CALLS_S = 300
"""The same for the calls: twenty pages of lists, which come one or three a second."""

SKEW_SLACK_S = 5
"""Agora tells its time in whole seconds, in an answer that took a moment."""

_Read = TypeVar("_Read")
_log = log("poll")


class Reads(Protocol):
    """What polling needs of ``bot.agora.AgoraClient``."""

    def live(
        self, project: Project, feed: Feed, window: Window, metrics: Collection[str] | None = None
    ) -> tuple[MetricPoint, ...]: ...

    def all_calls(self, project: Project, window: Window, *, requests: int) -> CallsAnswer: ...

    def diagnosis(self, project: Project, window: Window) -> DiagnosisAnswer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of one feed. ``sharers`` are the projects of the account, this one included, and ``selection``
    tells what is read of them."""

    database: Database
    client: Reads
    profile: Profile
    project: Project
    feed: Feed
    now: Callable[[], float]
    sharers: tuple[Project, ...]
    selection: Callable[[], Selection]

    def endpoint(self, feed: Feed) -> Endpoint:
        return self.profile.endpoint(self.profile.polled[feed], account=self.project.account)

    def questions(self) -> tuple[tuple[str, ...], ...]:
        """Return the metrics that one question each asks for: in the API of 2019 all together."""
        return self.selection().questions(self.project.name, self.feed)

    def round_cost(self, feed: Feed) -> int:
        """Return the requests of one poll of everything that shares a feed's quota."""
        return self.selection().costs.get(self.endpoint(feed).family, 1)

    def lease_s(self) -> int:
        """Return how long another worker leaves the turn alone: from a claim, or from the last answer.

        A whole round may be asked before it, since all feeds and projects of the account share one queue.
        """
        if self.feed is Feed.CALLS:
            return CALLS_S
        each_s = self.endpoint(self.feed).spacing_s + ANSWER_S
        return FIRST_S + math.ceil(each_s * self.round_cost(self.feed))


def ahead_s(refusal: WindowRejected) -> float:
    """Return by how much to read less: a window that ends too late says that our clock is ahead of Agora's,
    or that Agora takes longer than documented. Raise any other refusal."""
    if refusal.limit is not WindowLimit.LATENCY:
        raise refusal
    skew_s = refusal.clock_skew_s or 0.0
    _log.debug("reading as of Agora's time", endpoint=refusal.endpoint, clock_ahead_s=round(skew_s))
    return skew_s + SKEW_SLACK_S if skew_s > 0 else float(MINUTE_S)


def read_as_of(now: float, read: Callable[[float], _Read]) -> _Read:
    """Return what ``read`` does as of ``now``; where Agora finds that too early, as of its own time."""
    try:
        return read(now)
    except WindowRejected as refusal:
        return read(now - ahead_s(refusal))
