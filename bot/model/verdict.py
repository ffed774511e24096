"""What a rule says of one minute."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How bad, in rising order; comparable."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Outcome(StrEnum):
    """MATCH: the condition holds; HELD: it does not, but a firing alert is not yet back over its
    ``resolve_threshold``; MISS: healthy; UNKNOWN: not enough is known, which is neither."""

    MATCH = "match"
    HELD = "held"
    MISS = "miss"
    UNKNOWN = "unknown"


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
