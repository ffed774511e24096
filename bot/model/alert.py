"""Alerts: one life of one alert, from its first match until it is resolved, and what happened in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter

from bot.model.verdict import Affected, Labels, Severity

RULE_ERROR = "RuleError"
"""The alert about a rule that cannot be judged, where its ``exec_err_state`` is ``error``."""
BUILT_IN: Mapping[str, tuple[str, ...]] = {RULE_ERROR: ("project", "rule")}
"""The alerts that come without a rule of their name, with the names of their labels."""


class State(StrEnum):
    """PENDING: matches, not yet for long enough. RECOVERING: firing, healthy again, waiting out the hold.
    PASSED: was pending and never fired."""

    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    PASSED = "passed"


class Reason(StrEnum):
    """Why an alert is in its state: NO_DATA while it fires, the others once it is resolved."""

    CONDITION = "condition"
    NO_DATA = "no_data"
    LOW_VOLUME = "low_volume"
    MISSING_SERIES = "missing_series"
    LIMIT_EXCEEDED = "limit_exceeded"
    RULE_REMOVED = "rule_removed"
    PAUSED = "paused"
    MANUAL = "manual"
    ONE_SHOT = "one_shot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One episode of one alert. Instants are event time (Agora's).

    ``gap_s`` is the unknown time that the running clock leaves out, ``below_since`` the first minute since
    which the severity could fall. ``peak`` is the worst value while firing, in the direction of the rule.
    ``affected`` is the widest circle seen at once. ``value`` is that of the last minute judged,
    ``last_value`` that of ``last_seen``, the last minute that matched. ``id`` is 0 until the alert is stored;
    ``version`` counts its writes.
    """

    id: int = 0
    version: int = 0
    fingerprint: str
    project: str
    alertname: str
    labels: Labels
    state: State
    severity: Severity
    active_at: int
    fired_at: int | None = None
    first_miss_at: int | None = None
    resolved_at: int | None = None
    reason: Reason | None = None
    gap_s: int = 0
    below_since: int | None = None
    judged_at: int
    value: float | None = None
    threshold: float | None = None
    peak: float | None = None
    at_least: bool = False
    affected: Affected = field(default_factory=Affected)
    annotations: Mapping[str, str] = field(default_factory=dict)
    last_value: float | None = None
    last_seen: int | None = None

    @property
    def is_open(self) -> bool:
        return self.state in (State.FIRING, State.RECOVERING)

    def label(self, name: str) -> str | None:
        return dict(self.labels).get(name)


_NAMES = tuple(each.name for each in fields(Alert))
_values_of = attrgetter(*_NAMES)
_setters: Mapping[str, Callable[[Alert, object], None]] = {
    name: getattr(Alert, name).__set__ for name in _NAMES
}


def changed(alert: Alert, **changes: object) -> Alert:
    """Return a copy with other values in some fields: ``dataclasses.replace`` in a third of its time, for the
    steps of a backtest. Raises KeyError for a name that is no field."""
    copy = object.__new__(Alert)
    for setter, value in zip(_setters.values(), _values_of(alert), strict=True):
        setter(copy, value)
    for name, value in changes.items():
        _setters[name](copy, value)
    return copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """When an alert was what: pending from ``pending_at``, firing from ``fired_at`` (None: it never fired)
    until ``ended_at``, that minute excluded (None: it goes on)."""

    labels: Labels
    pending_at: int
    fired_at: int | None
    ended_at: int | None


class EventKind(StrEnum):
    """What happened to an alert; CHANGED is a new value without a change of state."""

    OPENED = "opened"
    CHANGED = "changed"
    WORSENED = "worsened"
    EASED = "eased"
    RECOVERING = "recovering"
    RELAPSED = "relapsed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """One line of an alert's history. ``actor`` is a Slack user id where a person did it."""

    kind: EventKind
    at: int
    severity: Severity
    value: float | None = None
    actor: str | None = None
