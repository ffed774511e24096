"""What may stand in a rule file, as pydantic models; conditions stay in use as they were read.

Fields check themselves here; what several keys must agree on is in checks.py.
"""

import math
import re
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)

from bot.model.catalog import AGORA_ALERT, EXPERIENCES, FACTORS, METRICS, Feed
from bot.model.time import MINUTE_S
from bot.rules import duration
from bot.rules.wording import shown, unknown

ALERT_NAME_MAX = 120
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FACTOR_IDS = {factor.name: factor.id for factor in FACTORS.values()}
_EXPERIENCE_IDS = {name: id_ for id_, name in EXPERIENCES.items()}
_T = TypeVar("_T")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not text; put it in quotes")
    return value


def _some_text(value: object) -> str:
    if not _text(value).strip():
        raise ValueError("empty text; give it a name")
    return _text(value)


def _alert_name(value: object) -> str:
    if not _NAME.fullmatch(_text(value)):
        raise ValueError(
            f"{shown(value)} is not a name; use letters, digits and _ only, like VideoFreezeHigh"
        )
    if len(_text(value)) > ALERT_NAME_MAX:
        raise ValueError(f"this name has {len(_text(value))} characters; {ALERT_NAME_MAX} are enough")
    return _text(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{shown(value)} is not a number; write it bare, like 5 or 0.5")
    if not math.isfinite(value):
        raise ValueError("a threshold is a finite number, like 5 or 0.5")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{shown(value)} is not a whole number from 1 on")
    return value


def _version(value: object) -> int:
    if value != 1 or isinstance(value, bool):
        raise ValueError(f"version {shown(value)} is unknown; this bot reads version: 1")
    return 1


def _metric_name(value: object) -> str:
    if not isinstance(value, str) or value not in METRICS:
        raise ValueError(unknown("metric", value, METRICS))
    return value


def _id_in(kind: str, ids: dict[str, int], value: object) -> int:
    if isinstance(value, int):
        return _whole(value)
    if not isinstance(value, str) or value not in ids:
        raise ValueError(unknown(kind, value, ids, f"write a name such as {next(iter(ids))}, or its number"))
    return ids[value]


def _filled(value: object) -> object:
    if isinstance(value, list) and not value:
        raise ValueError("the list is empty; give at least one item")
    return value


def _distinct(values: tuple[_T, ...]) -> tuple[_T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("the same item is there twice; delete one")
    return values


Duration = Annotated[int, BeforeValidator(duration.seconds)]
Window = Annotated[int, BeforeValidator(duration.window)]
Number = Annotated[float, BeforeValidator(_number)]
Text = Annotated[str, BeforeValidator(_text)]
Whole = Annotated[int, BeforeValidator(_whole)]
Op = Literal[">", ">=", "<", "<=", "==", "!="]
Host = Literal["any", "local", "remote"]
ByLabel = Literal["project", "cname", "user", "experience", "factor"]
Experience = Annotated[int, BeforeValidator(lambda v: _id_in("experience", _EXPERIENCE_IDS, v))]
FactorId = Annotated[int, BeforeValidator(lambda v: _id_in("factor", _FACTOR_IDS, v))]
Some = Annotated[tuple[_T, ...], BeforeValidator(_filled), AfterValidator(_distinct)]
"""A list of at least one item, none of them twice."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ladder(_Part):
    """One threshold per severity, each worse than the one before."""

    info: Number | None = None
    warning: Number | None = None
    critical: Number | None = None


class MinDenominator(_Part):
    """How much must go on for a rate to mean anything: the mean of a count over the same window."""

    metric: Literal["pcu", "pcc"]
    value: Number


class MetricCondition(_Part):
    """A metric of the project over the minutes with data in a window that ends with the judged minute."""

    name: Annotated[str, BeforeValidator(_metric_name)]
    aggregate: Literal["last", "avg", "min", "max", "sum", "p50", "p90", "p95", "p99"]
    window_s: Window = Field(alias="window")
    op: Op
    threshold: Number | None = None
    thresholds: Ladder | None = None
    resolve_threshold: Number | None = None
    min_samples: Whole | None = None
    min_denominator: MinDenominator | None = None

    @property
    def needed_samples(self) -> int:
        """Minutes with data below which nothing is known: half of the window, rounded up, where not given."""
        return self.min_samples or -(-self.window_s // MINUTE_S // 2)


class ExperienceSets(_Part):
    """``any_of`` and ``none_of`` choose events; ``all_of`` must all occur in the tested set."""

    all_of: Some[Experience] = ()
    any_of: Some[Experience] = ()
    none_of: Some[Experience] = ()


class FactorItem(_Part):
    """A factor, and whose side must have it; a bare name or number leaves the side to the list's ``host``."""

    factor: FactorId
    host: Host | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return value if isinstance(value, dict) else {"factor": value}


class FactorSets(_Part):
    """The causes that a tested set must have (all, at least one) and must not have."""

    all_of: Some[FactorItem] = ()
    any_of: Some[FactorItem] = ()
    none_of: Some[FactorItem] = ()
    host: Host = "any"


class Count(_Part):
    """What is counted in the matching events, and how many are too many."""

    of: Literal["events", "users", "channels", "hosts"]
    op: Op
    threshold: Number | None = None
    thresholds: Ladder | None = None


class EventsCondition(_Part):
    """Diagnosis events of a window, put into sets, tested by their causes, and counted."""

    window_s: Window = Field(alias="window")
    experience: ExperienceSets = ExperienceSets()
    factors: FactorSets = FactorSets()
    factor_position: Literal["any", "primary"] = "any"
    per: Literal["event", "user", "channel", "host"] = "event"
    count: Count

    @property
    def feed(self) -> Feed:
        """The feed that must be complete: what only Agora's alerts can answer waits for no poll."""
        named = {*self.experience.all_of, *self.experience.any_of}
        return Feed.ALERT if named == {AGORA_ALERT} else Feed.DIAGNOSIS


class RuleSpec(_Part):
    """One alert as written."""

    alert: Annotated[str, BeforeValidator(_alert_name)]
    metric: MetricCondition | None = None
    events: EventsCondition | None = None
    by: Some[ByLabel] = ("project",)
    for_s: Duration = Field(default=0, alias="for")
    keep_firing_for_s: Duration = Field(default=0, alias="keep_firing_for")
    enabled: StrictBool = True
    labels: dict[str, Text] = Field(default_factory=dict)
    annotations: dict[str, Text] = Field(default_factory=dict)

    @property
    def condition(self) -> MetricCondition | EventsCondition:
        condition = self.metric or self.events
        if condition is None:
            raise ValueError(f"{self.alert} has neither metric nor events")
        return condition


class GroupSpec(_Part):
    """Rules that share labels and the wait for late data."""

    name: Annotated[str, BeforeValidator(_some_text)]
    query_offset_s: Duration = Field(default=2 * MINUTE_S, alias="query_offset")
    labels: dict[str, Text] = Field(default_factory=dict)
    rules: Annotated[tuple[RuleSpec, ...], BeforeValidator(_filled)]


class FileSpec(_Part):
    """One file; the files of a folder make one rule set."""

    version: Annotated[int, BeforeValidator(_version)]
    groups: Annotated[tuple[GroupSpec, ...], BeforeValidator(_filled)]


_PARTS: dict[str, type[_Part]] = {
    "groups": GroupSpec,
    "rules": RuleSpec,
    "metric": MetricCondition,
    "events": EventsCondition,
    "thresholds": Ladder,
    "min_denominator": MinDenominator,
    "experience": ExperienceSets,
    "factors": FactorSets,
    "count": Count,
    **dict.fromkeys(("all_of", "any_of", "none_of"), FactorItem),
}


def keys_below(key: str | None) -> tuple[str, ...]:
    """Return the keys that may stand below ``key``; None is the file itself."""
    fields = (_PARTS[key] if key else FileSpec).model_fields
    return tuple(field.alias or name for name, field in fields.items())
