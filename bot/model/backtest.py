"""What a backtest found: what would have fired, what would have been said, and how much is known."""

from dataclasses import dataclass

from bot.model.alert import Reason
from bot.model.incident import MessageKind
from bot.model.verdict import Labels, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message: ``at`` is the minute that it tells of, ``sent_at`` when it would have been sent at the
    earliest, ``text`` what Slack's notification says, ``summary`` the rule's own words of it."""

    kind: MessageKind
    at: int
    sent_at: int
    channel: str
    severity: Severity
    text: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """``[start, end)`` in which an alert was of one severity; ``phase`` is pending, firing or recovering."""

    start: int
    end: int
    severity: Severity
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """One life of an alert that fired.

    ``place`` are the labels beside the project that the rule is ``by``, ``severity`` is the highest it had,
    ``resolved_at`` None where it fires on at the end of the span, ``from_start`` that it held in
    the first minute already, so that its beginning is unknown.
    """

    alert: str
    project: str
    labels: Labels
    place: Labels
    severity: Severity
    active_at: int
    fired_at: int
    resolved_at: int | None
    reason: Reason | None
    peak: float | None
    threshold: float | None
    unit: str
    at_least: bool
    low_is_bad: bool
    from_start: bool
    stretches: tuple[Stretch, ...]
    messages: tuple[Told, ...]

    def lasted_s(self, end: int) -> int:
        """Return for how long it fired, up to ``end`` where it did not stop."""
        return (self.resolved_at if self.resolved_at is not None else end) - self.fired_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How much of the span a rule could judge: ``known`` of ``minutes``, over all projects.

    ``blind`` are the projects in which it could judge nothing, with what is missing there.
    """

    alert: str
    minutes: int
    known: int
    blind: tuple[tuple[str, str], ...] = ()

    @property
    def percent(self) -> float:
        return 100 * self.known / self.minutes if self.minutes else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One life of an alert in two rule sets; None where it did not fire there."""

    here: Fired | None
    there: Fired | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs from the rules in ``folder``, in order of time, and how many lives are the same."""

    folder: str
    same: int
    differences: tuple[Difference, ...]
    only_here: tuple[str, ...] = ()
    only_there: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The whole answer for ``[start, end)``; ``notes`` are what a reader has to know to trust it."""

    folder: str
    start: int
    end: int
    projects: tuple[str, ...]
    rules: int
    fired: tuple[Fired, ...]
    judged: tuple[Judged, ...]
    notes: tuple[str, ...] = ()
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """When one alert that a composite looks at was pending or fired."""

    name: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What a rule compared in one project over ``[start, end)``: lowest and highest value of each column.

    None where it holds no value, ``unknown`` where nothing was known of it.
    ``limit`` is the threshold that moves (of a baseline), ``levels`` are those that stand still. A composite
    has no values but ``lanes``.
    """

    alert: str
    project: str
    start: int
    end: int
    title: str
    unit: str
    low_is_bad: bool
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    unknown: tuple[bool, ...]
    limit: tuple[float | None, ...]
    levels: tuple[tuple[Severity, float], ...]
    lanes: tuple[Lane, ...] = ()
