"""Calls as people ask about them: a call, its sessions, the series of each session."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """From the first join of an empty channel to the last leave. ``ended_at`` is None while it goes on.

    ``users_peak`` were in it at once, ``users_total`` over time (Agora's "ACU"). Freeze rates are percent,
    0 to 100, over the whole call. None is unknown: the API of 2019 tells none of these.
    """

    call_id: str
    cname: str
    started_at: int
    ended_at: int | None
    users_peak: int | None = None
    users_total: int | None = None
    audio_freeze_rate: float | None = None
    video_freeze_rate: float | None = None

    @property
    def finished(self) -> bool:
        return self.ended_at is not None

    def duration_s(self, now: float) -> int:
        """Return how long it lasted, or has lasted until ``now``."""
        return max(0, (self.ended_at if self.ended_at is not None else int(now)) - self.started_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSearch:
    """The newest calls of a search, newest first. ``complete`` is False where older ones were not read.

    ``requests`` were answered for it.
    """

    calls: tuple[Call, ...]
    complete: bool
    requests: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stay of one user. ``left_at`` is None while the user is in the call; empty text is unknown.

    ``account`` is the name that the app gave the user. Freeze rates are percent, 0 to 100, of what the user
    received; None is unknown.
    """

    sid: str
    uid: str
    network: str
    platform: str
    device: str
    sdk: str
    sender: bool
    joined_at: int
    left_at: int | None
    account: str = ""
    roles: tuple[str, ...] = ()
    audio_freeze_rate: float | None = None
    video_freeze_rate: float | None = None


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
    """Who was in a call and what was measured.

    ``cut``: not all was read, so there may be more users, and more of their values. Only then
    ``users_at_least`` says how many different users were found.
    """

    call: Call
    sessions: tuple[Session, ...]
    series: tuple[Series, ...]
    cut: bool
    users_at_least: int | None = None
