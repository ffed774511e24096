"""What was seen: metric points, diagnosis events, and how completely they are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.catalog import Feed
from bot.model.time import MINUTE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """The value of a project metric in one minute; rates are percent, 0 to 100."""

    metric: str
    minute: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseTag:
    """A cause of one event. An empty ``host_user`` blames the affected user, any other UID that user."""

    factor_id: int
    host_user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisEvent:
    """One user's bad experience in one channel, with its causes, the strongest first.

    ``source`` is "agora" for rows of its diagnosis, with at most three causes, and "alert" for what its own
    alerting pushed: there ``ts`` is when it came, an empty ``user`` means the whole channel, the causes
    are in no order, and ``said`` are the conditions in Agora's words.
    """

    ts: int
    cname: str
    user: str
    experience_id: int
    tags: tuple[CauseTag, ...] = ()
    source: str = "agora"
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which minutes of a feed are known.

    ``known`` holds the starts of minutes that a successful poll covered late enough to be complete;
    ``cut`` those whose diagnosis answer held ten rows, so that counts over them mean "at least".
    """

    known: frozenset[int] = frozenset()
    cut: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """All that is known of one project in ``[start, end)``, both minute starts.

    ``metrics`` maps a metric's name to its value by minute; a minute that is absent is unknown, never 0.
    ``events`` are in order of time.
    """

    project: str
    start: int
    end: int
    metrics: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    events: tuple[DiagnosisEvent, ...] = ()
    coverage: Mapping[Feed, Coverage] = field(default_factory=dict)

    def minutes(self) -> range:
        return range(self.start, self.end, MINUTE_S)
