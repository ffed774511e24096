"""Answers of Agora that no other room has a word for."""

from dataclasses import dataclass

from bot.model.call import Call
from bot.model.observation import DiagnosisEvent, FinishedCall


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsAnswer:
    """The calls of a window that are over, newest start first, and those that go on.

    ``whole_from``: of the calls that began since this instant none is missing; it is the window's start
    where all was read. ``requests`` were answered.
    """

    finished: tuple[FinishedCall, ...]
    running: tuple[Call, ...]
    whole_from: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisAnswer:
    """Events in order of time. ``cut``: ten rows came, Agora's most, so there may have been more."""

    events: tuple[DiagnosisEvent, ...]
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedValue:
    """A value of the span that begins at the instant ``ts``; rates are percent, 0 to 100."""

    ts: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UserValue:
    """A value of one user in the 20 s from ``ts``; rates are percent, 0 to 100."""

    uid: str
    ts: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The value of one part of a project or call, such as one country.

    ``key`` is empty for the whole. ``users`` and ``weight`` (Agora's "refUsage": join attempts, or minutes)
    tell how much the value is about; None was not told. Rates are percent, 0 to 100.
    """

    key: str
    value: float
    users: int | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeBucket:
    """How many users had a freeze rate of at least ``from_pct`` and below ``to_pct`` percent."""

    from_pct: float
    to_pct: float
    users: int
