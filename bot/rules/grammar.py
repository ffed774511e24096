"""What may stand in a rule file, as pydantic models.

Fields check themselves; what several keys must agree on is in checks.py.
"""

from typing import Annotated, Literal

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


_PARTS: dict[str, type[Part]] = {
    "groups": GroupSpec,
    "rules": RuleSpec,
    "metric": MetricCondition,
    "events": EventsCondition,
}


def keys_below(key: str | None) -> tuple[str, ...]:
    """Return the keys that may stand below ``key``; None is the file itself."""
    fields = (_PARTS.get(key, FileSpec) if key else FileSpec).model_fields
    return tuple(field.alias or name for name, field in fields.items())
