"""Rules as the bot uses them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.model.catalog import METRICS, Feed
from bot.model.verdict import Severity
from bot.rules.compare import FALLING, Level
from bot.rules.grammar import Count, EventsCondition, FileSpec, GroupSpec, Ladder, MetricCondition, RuleSpec
from bot.rules.problems import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alert: its condition, and what to do with it.

    ``thresholds`` rise in severity; ``severity`` is that of the first. ``labels`` are those of group and
    rule, without severity. Annotations are Jinja2 templates that were checked.
    """

    name: str
    group: str
    enabled: bool
    query_offset_s: int
    for_s: int
    keep_firing_for_s: int
    by: tuple[str, ...]
    condition: MetricCondition | EventsCondition
    op: str
    thresholds: tuple[Level, ...]
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
    def feeds(self) -> frozenset[Feed]:
        """The feeds that must be complete up to a minute before it is judged."""
        if isinstance(self.condition, EventsCondition):
            return frozenset({self.condition.feed})
        return frozenset(METRICS[name].feed for name in self.metrics)

    @property
    def metrics(self) -> frozenset[str]:
        """The names of the metrics that a minute needs; none for a rule on events."""
        if isinstance(self.condition, EventsCondition):
            return frozenset()
        guard = self.condition.min_denominator
        return frozenset({self.condition.name, *([guard.metric] if guard else [])})

    @property
    def lookback_s(self) -> int:
        """The span of observations that one minute needs, that minute included."""
        return self.condition.window_s

    @property
    def low_is_bad(self) -> bool:
        return self.op in FALLING


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """All rules of all files, in order of file name and place; equal texts have equal digests."""

    rules: tuple[Rule, ...]
    digest: str


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
    compared = condition.count if isinstance(condition, EventsCondition) else condition
    levels = _levels(compared, plain)
    return Rule(
        name=spec.alert,
        group=group.name,
        enabled=spec.enabled,
        query_offset_s=group.query_offset_s,
        for_s=spec.for_s,
        keep_firing_for_s=spec.keep_firing_for_s,
        by=spec.by,
        condition=condition,
        op=compared.op,
        thresholds=levels,
        severity=levels[0][0],
        labels=labels,
        annotations=spec.annotations,
    )


def _levels(compared: MetricCondition | Count, plain: Severity) -> tuple[Level, ...]:
    if compared.threshold is not None:
        return ((plain, compared.threshold),)
    ladder = compared.thresholds or Ladder()
    steps = zip(Severity, (ladder.info, ladder.warning, ladder.critical), strict=True)
    return tuple((severity, value) for severity, value in steps if value is not None)
