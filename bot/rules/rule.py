"""Rules as the bot uses them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.model.alert import RULE_ERROR
from bot.model.catalog import METRICS, Feed
from bot.model.time import MINUTE_S
from bot.model.verdict import Severity
from bot.rules.compare import FALLING, Thresholds, thresholds_of
from bot.rules.conditions import (
    CallCondition,
    Compared,
    CompositeCondition,
    Condition,
    EventsCondition,
    MetricCondition,
    Reference,
    Share,
)
from bot.rules.fields import Ladder
from bot.rules.grammar import FileSpec, Flapping, GroupSpec, RuleSpec
from bot.rules.problems import Source

ROW_SPAN = 2
"""A row of missing minutes is looked for in this many times its length: the rest may be unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alert: its condition, and what to do with it.

    ``thresholds`` is what a metric, a count or a call is compared with (None for a composite, which holds or
    does not, and for a baseline alone), ``share_thresholds`` what a share is.
    ``severity`` is that of the lowest threshold. ``labels`` are those of group and rule, without severity.
    Annotations are Jinja2 templates that were checked.
    """

    name: str
    group: str
    enabled: bool
    interval_s: int
    query_offset_s: int
    for_s: int
    keep_firing_for_s: int
    no_data_state: str
    no_data_for_s: int | None
    exec_err_state: str
    missing_evals: int | None
    flapping: Flapping | None
    limit: int | None
    by: tuple[str, ...]
    condition: Condition
    thresholds: Thresholds | None
    share_thresholds: Thresholds | None
    severity: Severity
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def metric(self) -> MetricCondition | None:
        return self.condition if isinstance(self.condition, MetricCondition) else None

    @property
    def events(self) -> EventsCondition | None:
        return self.condition if isinstance(self.condition, EventsCondition) else None

    @property
    def call(self) -> CallCondition | None:
        return self.condition if isinstance(self.condition, CallCondition) else None

    @property
    def composite(self) -> CompositeCondition | None:
        return self.condition if isinstance(self.condition, CompositeCondition) else None

    @property
    def feeds(self) -> frozenset[Feed]:
        """The feeds that must be complete up to a minute before it is judged; none for a composite."""
        feeds = {METRICS[name].feed for name in self.metrics}
        if self.events:
            feeds.add(self.events.feed)
        if self.call:
            feeds.add(Feed.CALLS)
        return frozenset(feeds)

    @property
    def metrics(self) -> frozenset[str]:
        """The names of the metrics that a minute needs."""
        condition = self.condition
        if isinstance(condition, MetricCondition):
            guard = condition.min_denominator
            return frozenset({condition.name, *([guard.metric] if guard else [])})
        if isinstance(condition, EventsCondition) and condition.share:
            return frozenset({condition.share.over})
        return frozenset()

    @property
    def call_fields(self) -> frozenset[str]:
        """What a finished call must tell to be judged."""
        call = self.call
        if call is None:
            return frozenset()
        return frozenset({call.name, *(["call_pcu"] if call.min_pcu is not None else [])})

    @property
    def window_s(self) -> int:
        """The span that one minute looks at, that minute included."""
        condition = self.condition
        if isinstance(condition, CompositeCondition):
            return condition.within_s
        return condition.window_s or MINUTE_S

    @property
    def lookback_s(self) -> int:
        """The span of observations that one minute needs, that minute included; without baselines."""
        missing_s = (self.missing_evals or 0) * MINUTE_S
        settle_s = self.call.settle_s if self.call else 0
        return self.window_s + settle_s + ROW_SPAN * max(self.no_data_for_s or 0, missing_s)

    @property
    def offsets_s(self) -> tuple[int, ...]:
        """How long ago the earlier days lie that a minute is compared with."""
        baseline = self.metric.baseline if self.metric else None
        return baseline.offsets_s if baseline else ()

    @property
    def op(self) -> str:
        """The operator of the value that is shown."""
        baseline = self.metric.baseline if self.metric else None
        test = self.thresholds or self.share_thresholds
        return test.op if test else baseline.op if baseline else ">"

    @property
    def low_is_bad(self) -> bool:
        return self.op in FALLING

    @property
    def pending_references(self) -> tuple[Reference, ...]:
        """The references of a composite that hold already while their alert is pending."""
        composite = self.composite
        references = (*composite.all_of, *composite.any_of, *composite.none_of) if composite else ()
        return tuple(reference for reference in references if reference.state == "pending")

    @property
    def refers_to(self) -> frozenset[str]:
        """The alerts that a composite looks at."""
        composite = self.composite
        if composite is None:
            return frozenset()
        references = (*composite.all_of, *composite.any_of, *composite.none_of)
        return frozenset(reference.alert for reference in references)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """All rules of all files, in order of file name and place; equal texts have equal digests."""

    rules: tuple[Rule, ...]
    digest: str

    def awaited_by(self, rule: Rule) -> frozenset[str]:
        """Return the rules judged before a composite: all others, where it looks at any that fails."""
        if RULE_ERROR not in rule.refers_to:
            return rule.refers_to
        every = {other.name for other in self.rules if other.enabled and not other.composite}
        return (rule.refers_to | every) - {RULE_ERROR}

    def in_order(self) -> Iterator[Rule]:
        """Yield the enabled rules, each composite after the rules that it looks at."""
        waiting = {rule.name: rule for rule in self.rules if rule.enabled}
        while waiting:
            ready = [r for r in waiting.values() if not self.awaited_by(r) & (waiting.keys() - {r.name})]
            for rule in ready or list(waiting.values()):
                del waiting[rule.name]
                yield rule


def rules_of(file: FileSpec) -> Iterator[Rule]:
    """Yield the rules of a file that was found correct."""
    for group in file.groups:
        for spec in group.rules:
            yield _rule(group, spec)


def digest(sources: Sequence[Source]) -> str:
    """Return a short hash of names and texts, whatever the order of files."""
    parts = sorted((source.name, source.text) for source in sources)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _rule(group: GroupSpec, spec: RuleSpec) -> Rule:
    labels = {**group.labels, **spec.labels}
    plain = Severity[labels.pop("severity", "warning").upper()]
    condition = spec.condition
    thresholds, share_thresholds = _thresholds(condition, plain)
    lowest = [t.levels[0][0] for t in (thresholds, share_thresholds) if t]
    return Rule(
        name=spec.alert,
        group=group.name,
        enabled=spec.enabled,
        interval_s=group.interval_s,
        query_offset_s=group.query_offset_s,
        for_s=spec.for_s,
        keep_firing_for_s=spec.keep_firing_for_s,
        no_data_state=spec.no_data_state,
        no_data_for_s=spec.no_data_for_s,
        exec_err_state=spec.exec_err_state,
        missing_evals=spec.missing_series_evals_to_resolve,
        flapping=spec.flapping,
        limit=spec.limit or group.limit,
        by=condition.equal if isinstance(condition, CompositeCondition) else spec.by,
        condition=condition,
        thresholds=thresholds,
        share_thresholds=share_thresholds,
        severity=min(lowest, default=plain),
        labels=labels,
        annotations=spec.annotations,
    )


def _thresholds(condition: Condition, plain: Severity) -> tuple[Thresholds | None, Thresholds | None]:
    if isinstance(condition, CompositeCondition):
        return None, None
    if isinstance(condition, MetricCondition):
        return _metric_thresholds(condition, plain), None
    if isinstance(condition, CallCondition) and condition.window_s is None:
        return _compared(condition, plain), None
    return _compared(condition.count, plain), _compared(condition.share, plain)


def _metric_thresholds(metric: MetricCondition, plain: Severity) -> Thresholds | None:
    if metric.op is None or (metric.threshold is None and metric.thresholds is None):
        return None
    return thresholds_of(metric.op, metric.threshold, _steps(metric.thresholds), plain)


def _compared(compared: Compared | Share | None, plain: Severity) -> Thresholds | None:
    if compared is None:
        return None
    return thresholds_of(compared.op, compared.threshold, _steps(compared.thresholds), plain)


def _steps(ladder: Ladder | None) -> tuple[float | None, ...]:
    ladder = ladder or Ladder()
    return ladder.info, ladder.warning, ladder.critical
