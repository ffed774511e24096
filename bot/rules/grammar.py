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
    Changes,
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

    look_back_window: Changes = 20
    """How many judged minutes are looked back at."""
    status_change_threshold: Changes = 4
    """From how many changes on it is flapping."""


class RuleSpec(Part):
    """One alert as written."""

    alert: AlertName
    """The name of the alert, once in all files."""
    metric: MetricCondition | None = None
    """A metric of the project over a window."""
    events: EventsCondition | None = None
    """Diagnosis events of single users, by cause."""
    call: CallCondition | None = None
    """Calls that are over."""
    composite: CompositeCondition | None = None
    """Other alerts that hold at the same time."""
    by: Some[ByLabel] = ("project",)
    """The labels that make one alert each; project must be among them."""
    for_s: Duration = Field(default=0, alias="for")
    """How long the condition must hold before the alert fires, in minutes with data."""
    keep_firing_for_s: Duration = Field(default=0, alias="keep_firing_for")
    """How long it must be healthy again before the alert resolves."""
    no_data_state: Literal["keep_last", "no_data", "alerting", "ok"] = "keep_last"
    """What a minute without data does: nothing, told at once, taken for bad, taken for good."""
    no_data_for_s: NoDataFor = Field(default=None, alias="no_data_for")
    """With keep_last: after how long without data the alert fires and says so; never if absent."""
    exec_err_state: Literal["keep_last", "error", "alerting", "ok"] = "keep_last"
    """What happens when the rule itself cannot be judged."""
    missing_series_evals_to_resolve: Whole | None = None
    """After how many minutes without its data an open alert is closed."""
    flapping: Flapping | None = None
    """When an alert that comes and goes is told once instead of each time."""
    limit: Whole | None = None
    """More alerts than this at once are an error of the rule: all are dropped."""
    enabled: StrictBool = True
    """false switches the rule off and closes its alerts."""
    labels: dict[str, Text] = Field(default_factory=dict)
    """Labels that the alerts get as well; severity where there is no ladder."""
    annotations: dict[str, Text] = Field(default_factory=dict)
    """Texts of the message, as templates: summary, description, runbook_url."""

    @property
    def condition(self) -> Condition:
        condition = self.metric or self.events or self.call or self.composite
        if condition is None:
            raise ValueError(f"{self.alert} has no condition")
        return condition


class GroupSpec(Part):
    """Rules that share labels and the wait for late data."""

    name: SomeText
    """The name of the group."""
    interval_s: Duration = Field(default=MINUTE_S, alias="interval")
    """How often the group is looked at; every minute is judged whatever this says."""
    query_offset_s: Duration = Field(default=2 * MINUTE_S, alias="query_offset")
    """How long after its end a minute is judged; Agora's rows come 60 to 120 s late."""
    limit: Whole | None = None
    """More alerts than this at once are an error of the rule: all are dropped."""
    labels: dict[str, Text] = Field(default_factory=dict)
    """Labels that the alerts get as well; severity where there is no ladder."""
    rules: Annotated[tuple[RuleSpec, ...], BeforeValidator(filled)]
    """The rules of the group."""


class FileSpec(Part):
    """One file; the files of a folder make one rule set."""

    version: Version
    """The version of this language."""
    groups: Annotated[tuple[GroupSpec, ...], BeforeValidator(filled)]
    """Groups of rules."""
