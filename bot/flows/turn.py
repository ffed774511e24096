"""One turn of one feed: what it reads, for whom, and how long it may take."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from bot.agora import CallsAnswer, DiagnosisAnswer, Endpoint, Profile
from bot.flows import pace
from bot.model.catalog import Feed
from bot.model.observation import MetricPoint
from bot.model.project import Dialect, Project
from bot.model.time import Window
from bot.store import Database

FIRST_S, ANSWER_S = 60, 5
"""How long a turn may take before another worker may take it, and how much longer for each request that may
be asked before its next answer comes, beside the pace that Agora prescribes."""

CALLS_S = 300
"""The same for the calls: twenty pages of lists, which come one or three a second."""


class Reads(Protocol):
    """What polling needs of ``bot.agora.AgoraClient``."""

    def live(
        self, project: Project, feed: Feed, window: Window, metrics: Collection[str] | None = None
    ) -> tuple[MetricPoint, ...]: ...

    def all_calls(self, project: Project, window: Window, *, requests: int) -> CallsAnswer: ...

    def diagnosis(self, project: Project, window: Window) -> DiagnosisAnswer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of one feed. ``sharers`` are the projects of the account, this one included; ``wanted`` tells
    which metrics and fields of calls anybody looks at, None for all metrics."""

    database: Database
    client: Reads
    profile: Profile
    project: Project
    feed: Feed
    now: Callable[[], float]
    sharers: tuple[Project, ...]
    wanted: Callable[[], Collection[str] | None]

    def endpoint(self, feed: Feed) -> Endpoint:
        return self.profile.endpoint(self.profile.polled[feed], account=self.project.account)

    def metrics(self) -> tuple[str, ...]:
        """Return the metrics to ask for."""
        return pace.asked_of(self.profile, self.feed, self.wanted())

    def questions(self) -> tuple[tuple[str, ...], ...]:
        """Return the metrics that one question each asks for: in the API of 2019 all together."""
        names = self.metrics()
        return (names,) if self.profile.dialect is Dialect.BETA else tuple((name,) for name in names)

    def lease_s(self) -> int:
        """Return how long another worker leaves the turn alone: from a claim, or from the last answer.

        A whole round may be asked before it, since all feeds and projects of the account share one queue.
        """
        if self.feed is Feed.CALLS:
            return CALLS_S
        each_s = self.endpoint(self.feed).spacing_s + ANSWER_S
        return FIRST_S + math.ceil(each_s * pace.round_cost(self.profile, self.sharers, self.wanted()))
