"""Answers of Agora that no other room has a word for."""

from dataclasses import dataclass

from bot.model.observation import DiagnosisEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDay:
    """What was used in one UTC day, which begins at the instant ``day``. None was not asked or not told.

    ``users`` counts pairs of uid and channel, ``sessions`` joins.
    """

    day: int
    users: int | None = None
    sessions: int | None = None
    channels: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisAnswer:
    """Events in order of time. ``cut``: ten rows came, Agora's most, so there may have been more."""

    events: tuple[DiagnosisEvent, ...]
    cut: bool
