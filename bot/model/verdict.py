"""What a rule says of one minute."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Severity(IntEnum):
    """How bad, in rising order; comparable."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Outcome(IntEnum):
    """What a minute says of a condition.

    MATCH: it holds. HELD: it does not, but a firing alert is not yet back over its ``resolve_threshold``.
    MISS: healthy. QUIET: healthy, because too little goes on to mean anything. UNKNOWN: not enough is known,
    which is neither. NO_DATA: unknown for so long that it is told. GONE: the series is missing for so long
    that its alert is closed. DROPPED: the rule makes more alerts than its ``limit``.
    """

    MISS = 0
    HELD = 1
    MATCH = 2
    UNKNOWN = 3
    QUIET = 4
    NO_DATA = 5
    GONE = 6
    DROPPED = 7


FIRES = (Outcome.MATCH, Outcome.NO_DATA)
"""The outcomes that can begin an alert."""

Labels = tuple[tuple[str, str], ...]
"""Label names and values, sorted by name: the identity of a series (``project`` is always among them)."""


def labels(**values: str) -> Labels:
    """Return ``values`` as sorted labels."""
    return tuple(sorted(values.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Who and what the matching events name, each list with the most frequent first.

    ``said`` are the conditions of Agora's own alerts in its words: other people's text.
    """

    events: int = 0
    users: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    factors: tuple[tuple[int, int], ...] = ()
    experiences: tuple[tuple[int, int], ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of one rule on one series in one minute.

    ``value`` is what was compared, ``threshold`` the one that decided (the highest crossed, else the lowest),
    ``samples`` the minutes with data in the window, ``at_least`` that the true value may be higher because
    an answer was cut.
    """

    minute: int
    labels: Labels
    outcome: Outcome
    severity: Severity | None = None
    value: float | None = None
    threshold: float | None = None
    samples: int = 0
    at_least: bool = False
    affected: Affected = field(default_factory=Affected)


def _nobody(_place: int) -> Affected:
    return Affected()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """The verdicts of one rule on one series as columns, in order of minute, with gaps where nothing is new.

    ``outcome`` holds Outcome, ``severity`` Severity or 0, ``value`` and ``threshold`` NaN for None. ``who``
    names who is affected at a place, when somebody wants to know.
    """

    labels: Labels
    minutes: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.int8]
    severity: npt.NDArray[np.int8]
    value: npt.NDArray[np.float64]
    threshold: npt.NDArray[np.float64]
    samples: npt.NDArray[np.int64]
    at_least: npt.NDArray[np.bool_]
    who: Callable[[int], Affected] = _nobody

    def __len__(self) -> int:
        return len(self.minutes)

    def verdict(self, place: int, *, named: bool = True) -> Verdict:
        """Return the verdict at a place, without ``affected`` where it need not be named."""
        severity = int(self.severity[place])
        return Verdict(
            minute=int(self.minutes[place]),
            labels=self.labels,
            outcome=Outcome(int(self.outcome[place])),
            severity=Severity(severity) if severity else None,
            value=_number(self.value[place]),
            threshold=_number(self.threshold[place]),
            samples=int(self.samples[place]),
            at_least=bool(self.at_least[place]),
            affected=self.who(place) if named else Affected(),
        )

    def verdicts(self) -> list[Verdict]:
        """Return all verdicts."""
        return [self.verdict(place) for place in range(len(self))]


def constant(labels: Labels, minutes: range, outcome: Outcome, severity: Severity | None = None) -> Series:
    """Return a series that says the same of every minute and has no values."""
    count = len(minutes)
    return Series(
        labels=labels,
        minutes=np.asarray(minutes, dtype=np.int64),
        outcome=np.full(count, outcome, dtype=np.int8),
        severity=np.full(count, severity if severity and outcome is Outcome.MATCH else 0, dtype=np.int8),
        value=np.full(count, np.nan),
        threshold=np.full(count, np.nan),
        samples=np.zeros(count, dtype=np.int64),
        at_least=np.zeros(count, dtype=np.bool_),
    )


def _number(value: float) -> float | None:
    number = float(value)
    return number if number == number else None
