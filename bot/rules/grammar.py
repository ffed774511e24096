"""What may stand in a rule file, as pydantic models.

Fields check themselves; what several keys must agree on is in checks.py.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StrictBool

from bot.model.time import MINUTE_S
from bot.rules.conditions import (
    CallCondition,
    CompositeCondition,
    Condition,
    EventsCondition,
    MetricCondition,
)
from bot.rules.fields import (
    AlertName,
    ByLabel,
    Duration,
    NoDataFor,
    Part,
    Some,
    SomeText,
    Text,
    Version,
    Whole,
    filled,
)


class Flapping(Part):
    """How many changes between firing and healthy, within how many judged minutes, are flapping."""

    look_back_window: Whole = 20
    status_change_threshold: Whole = 4


class RuleSpec(Part):
    """One alert as written."""

    alert: AlertName
    metric: MetricCondition | None = None
    events: EventsCondition | None = None
    call: CallCondition | None = None
    composite: CompositeCondition | None = None
    by: Some[ByLabel] = ("project",)
    for_s: Duration = Field(default=0, alias="for")
    keep_firing_for_s: Duration = Field(default=0, alias="keep_firing_for")
    no_data_state: Literal["keep_last", "no_data", "alerting", "ok"] = "keep_last"
    no_data_for_s: NoDataFor = Field(default=None, alias="no_data_for")
    exec_err_state: Literal["keep_last", "error", "alerting", "ok"] = "keep_last"
    missing_series_evals_to_resolve: Whole | None = None
    flapping: Flapping | None = None
    limit: Whole | None = None
    enabled: StrictBool = True
    labels: dict[str, Text] = Field(default_factory=dict)
    annotations: dict[str, Text] = Field(default_factory=dict)

    @property
    def condition(self) -> Condition:
        condition = self.metric or self.events or self.call or self.composite
        if condition is None:
            raise ValueError(f"{self.alert} has no condition")
        return condition


class GroupSpec(Part):
    """Rules that share labels and the wait for late data."""

    name: SomeText
    interval_s: Duration = Field(default=MINUTE_S, alias="interval")
    query_offset_s: Duration = Field(default=2 * MINUTE_S, alias="query_offset")
    limit: Whole | None = None
    labels: dict[str, Text] = Field(default_factory=dict)
    rules: Annotated[tuple[RuleSpec, ...], BeforeValidator(filled)]


class FileSpec(Part):
    """One file; the files of a folder make one rule set."""

    version: Version
    groups: Annotated[tuple[GroupSpec, ...], BeforeValidator(filled)]


def keys_below(path: Sequence[str | int]) -> tuple[str, ...]:
    """Return the keys that may stand at ``path``: names of keys, and places in lists, which do not matter."""
    part: type[Part] = FileSpec
    for step in path:
        if isinstance(step, str):
            part = _below(part, step) or part
    return tuple(field.alias or name for name, field in part.model_fields.items())


def _below(part: type[Part], key: str) -> type[Part] | None:
    """Return the model of the values below a key, whatever lists and options are around it."""
    for name, field in part.model_fields.items():
        if (field.alias or name) == key:
            return next((kind for kind in _leaves(field.annotation) if _is_part(kind)), None)
    return None


def _leaves(annotation: object) -> Iterator[Any]:
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for one in inner:
        yield from _leaves(one)


def _is_part(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Part)
