"""Calls as people ask about them: a call, its sessions, the series of each session."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """From the first join of an empty channel to the last leave. ``ended_at`` is None while it goes on."""

    call_id: str
    cname: str
    started_at: int
    ended_at: int | None

    @property
    def finished(self) -> bool:
        return self.ended_at is not None

    def duration_s(self, now: float) -> int:
        """Return how long it lasted, or has lasted until ``now``."""
        return max(0, (self.ended_at if self.ended_at is not None else int(now)) - self.started_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSearch:
    """The newest calls of a search, newest first. ``complete`` is False where older ones were not read."""

    calls: tuple[Call, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stay of one user. ``left_at`` is None while the user is in the call; empty text is unknown."""

    sid: str
    uid: str
    network: str
    platform: str
    device: str
    sdk: str
    sender: bool
    joined_at: int
    left_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One metric of one session about one peer ("0": the user's own), sorted by time, about every 2 s."""

    sid: str
    mid: int
    peer_uid: str
    ts: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallDetails:
    """Who was in a call and what was measured. ``cut`` says that Agora's cap of ten users was reached."""

    call: Call
    sessions: tuple[Session, ...]
    series: tuple[Series, ...]
    cut: bool
