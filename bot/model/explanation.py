"""Why a rule fired or did not in one minute, in facts and finished words."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.verdict import Labels, Outcome, Severity


class Holds(StrEnum):
    """Whether a part of a condition held. TOLD is a fact that decides nothing by itself."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One part of a condition: what was ``seen`` and what is ``wanted``, in words; ``least`` is the one
    level that decides, where several are wanted."""

    name: str
    holds: Holds
    seen: str
    wanted: str = ""
    least: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One judged minute, with the state after it and what happened in it."""

    minute: int
    value: float | None
    threshold: float | None
    samples: int
    outcome: Outcome | None
    severity: Severity | None
    state: str
    happened: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a minute of the window holds: None for nothing; ``known`` where its feed is complete."""

    minute: int
    value: float | None
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer for one alert in one minute; ``answer`` is the whole of it in one sentence.

    ``rows`` are the last evaluations, ``samples`` the window, oldest first, and ``sampled`` what they are;
    ``clocks`` are what the state waits for, ``lists`` names that matched or were refused.
    """

    alert: str
    labels: Labels
    at: int
    answer: str
    rule: str
    unit: str
    checks: tuple[Check, ...]
    clocks: tuple[str, ...]
    rows: tuple[Row, ...]
    sampled: str
    samples: tuple[Sample, ...]
    lists: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
