"""Storms: so many incidents at once that a channel gets one summary, with the incidents in its thread."""

from dataclasses import dataclass

from bot.model.verdict import Labels, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """``target`` is where, ``started_at`` and ``last_at`` are our times of its first and last incident."""

    id: int
    target: str
    started_at: float
    last_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StormRow:
    """One incident of a storm: the labels of its group, its highest severity, and whether it goes on."""

    incident_id: int
    group: Labels
    severity: Severity
    is_open: bool
