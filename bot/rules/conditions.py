"""The four kinds of condition, as pydantic models that stay in use as they were read."""

from typing import Literal

from pydantic import Field, model_validator

from bot.model.catalog import AGORA_ALERT, Feed
from bot.model.time import MINUTE_S
from bot.rules.fields import (
    AboveZero,
    AlertName,
    ByLabel,
    Duration,
    Experience,
    FactorId,
    FromZero,
    Host,
    Ladder,
    Matchers,
    MetricName,
    Number,
    Offset,
    Op,
    Part,
    Some,
    Whole,
    Window,
)


class Compared(Part):
    """A value against one threshold, or against a ladder of them."""

    op: Op
    """How the value is compared."""
    threshold: Number | None = None
    """From which value on it is bad."""
    thresholds: Ladder | None = None
    """One threshold for each severity."""


class MinDenominator(Part):
    """How much must go on for a rate to mean anything: the mean of a count over the same window."""

    metric: Literal["pcu", "pcc"]
    value: FromZero


class Baseline(Part):
    """The same clock time on earlier days: ``window`` around each of ``offsets``, from the bot's own store.

    ``ratio`` is value / median, ``delta`` value - median, ``robust_zscore`` the distance from the median in
    units of 1.4826 times the median absolute deviation, at least ``min_scale``. ``floor`` must hold as well,
    in the direction of ``op``. Below ``min_history`` points the history is short.
    """

    offsets_s: Some[Offset] = Field(alias="offsets")
    window_s: Window | None = Field(default=None, alias="window")
    method: Literal["ratio", "delta", "robust_zscore"]
    op: Op
    """How the value is compared."""
    threshold: Number
    min_history: Whole = 1
    min_scale: AboveZero | None = None
    floor: Number | None = None
    on_short_history: Literal["no_data", "ok", "threshold_only"] = "no_data"


class MetricCondition(Part):
    """A metric of the project over the minutes with data in a window that ends with the judged minute.

    With ``baseline`` the thresholds may be left out; where both are there, both must hold.
    """

    name: MetricName
    """The metric."""
    aggregate: Literal["last", "avg", "min", "max", "sum", "p50", "p90", "p95", "p99"]
    """How the minutes of the window become one value."""
    window_s: Window = Field(alias="window")
    """The minutes that are looked at, the judged one last."""
    op: Op | None = None
    threshold: Number | None = None
    """From which value on it is bad."""
    thresholds: Ladder | None = None
    """One threshold for each severity."""
    resolve_threshold: Number | None = None
    """Back on this side of it a firing alert is healthy again."""
    min_samples: Whole | None = None
    """Fewer minutes with data in the window are no data; half of it if absent."""
    min_denominator: MinDenominator | None = None
    """Below so many users or channels nothing is bad."""
    baseline: Baseline | None = None
    """The same clock time on earlier days, to compare with."""

    @property
    def needed_samples(self) -> int:
        """Minutes with data below which nothing is known: half of the window, rounded up, where not given."""
        return self.min_samples or -(-self.window_s // MINUTE_S // 2)


class ExperienceSets(Part):
    """``any_of`` and ``none_of`` choose events; ``all_of`` must all occur in the tested set."""

    all_of: Some[Experience] = ()
    any_of: Some[Experience] = ()
    none_of: Some[Experience] = ()


class FactorItem(Part):
    """A factor, and whose side must have it; a bare name or number leaves the side to the list's ``host``."""

    factor: FactorId
    host: Host | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return value if isinstance(value, dict) else {"factor": value}


class FactorSets(Part):
    """The causes that a tested set must have (all, at least one) and must not have."""

    all_of: Some[FactorItem] = ()
    any_of: Some[FactorItem] = ()
    none_of: Some[FactorItem] = ()
    host: Host = "any"


class Count(Compared):
    """What is counted in the matching events, and how many are too many."""

    of: Literal["events", "users", "channels", "hosts"]


class Share(Compared):
    """How large a part of the project the matching events are, in percent of ``over`` in the same window."""

    of: Literal["users", "channels"]
    over: Literal["pcu", "pcc"]
    over_aggregate: Literal["max", "avg", "last"] = "max"
    min_denominator: FromZero | None = None


class EventsCondition(Part):
    """Diagnosis events of a window, put into sets, tested by their causes, and counted.

    ``count`` and ``share`` together must both hold, and the milder of two severities counts.
    """

    window_s: Window = Field(alias="window")
    """The minutes that are looked at, the judged one last."""
    experience: ExperienceSets = ExperienceSets()
    """What users suffered from."""
    factors: FactorSets = FactorSets()
    """Why, and on whose side."""
    factor_position: Literal["any", "primary"] = "any"
    """primary looks at the strongest cause only."""
    where: Matchers = ()
    """Which events or calls are looked at, by label: cname=~"lesson-.*"."""
    per: Literal["event", "user", "channel", "host"] = "event"
    """Whose causes are tested together."""
    count: Count | None = None
    """How many are too many."""
    share: Share | None = None
    """Which part of all is too much, in percent."""

    @property
    def feed(self) -> Feed:
        """The feed that must be complete: what only Agora's alerts can answer waits for no poll."""
        named = {*self.experience.all_of, *self.experience.any_of}
        return Feed.ALERT if named == {AGORA_ALERT} else Feed.DIAGNOSIS


class CallCount(Compared):
    """How many bad calls, or channels with bad calls, are too many."""

    of: Literal["calls", "channels"]


class CallShare(Compared):
    """How large a part of the finished calls may be bad, in percent."""

    of: Literal["calls"]
    over: Literal["finished_calls"]
    min_denominator: FromZero | None = None


class CallCondition(Compared):
    """Finished calls, judged once each; with ``window`` a state over the calls that ended in it."""

    name: Literal["call_video_freeze_rate", "call_audio_freeze_rate", "call_pcu", "call_acu", "call_duration"]
    min_duration_s: Duration = Field(default=0, alias="min_duration")
    """Shorter calls are left out."""
    min_pcu: Whole | None = None
    """Calls with fewer users at once are left out."""
    settle_s: Duration = Field(default=5 * MINUTE_S, alias="settle")
    """How long after its end a call is judged."""
    where: Matchers = ()
    """Which events or calls are looked at, by label: cname=~"lesson-.*"."""
    window_s: Window | None = Field(default=None, alias="window")
    count: CallCount | None = None
    share: CallShare | None = None


class Reference(Part):
    """An alert of another rule; ``pending`` accepts firing as well."""

    alert: AlertName
    state: Literal["firing", "pending"] = "firing"
    """pending accepts firing as well."""
    matchers: Matchers = ()


class CompositeCondition(Part):
    """States of other alerts that agree on the labels ``equal``, each at any judged minute of ``within``."""

    all_of: Some[Reference] = ()
    any_of: Some[Reference] = ()
    none_of: Some[Reference] = ()
    at_least: Whole = 1
    """How many of any_of must hold."""
    equal: Some[ByLabel] = ("project",)
    """The labels that the alerts must share, and that the composite has; project must be among them."""
    within_s: Window = Field(default=MINUTE_S, alias="within")
    """A reference holds if it held in any minute of this span."""


Condition = MetricCondition | EventsCondition | CallCondition | CompositeCondition
