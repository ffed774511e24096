"""Judging diagnosis events: what a window counts, series by series."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from bot.model.catalog import Feed
from bot.model.observation import Flags, Floats, Ints, Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import Affected, Labels, Outcome, Series
from bot.rules.compare import RISING, Severities
from bot.rules.conditions import EventsCondition
from bot.rules.groups import Group, counted, groups_of
from bot.rules.metrics import aggregate, stretch
from bot.rules.rolling import rolling
from bot.rules.rule import Rule
from bot.rules.series import own_labels
from bot.rules.tally import tally

_SETTLED_MINUTES = 2
"""Known minutes after a match that are judged beyond ``keep_firing_for``, so that the alert can end."""


def judge_events(
    rule: Rule, condition: EventsCondition, seen: Observations, minutes: range, also: Set[Labels]
) -> Iterator[Series]:
    """Yield the series that match in ``minutes``, each while a match or its ``keep_firing_for`` lasts.

    Every minute is judged of the series in ``also``, and of whole projects where the absence of events may be
    what the rule looks for.
    """
    look = _Look(rule=rule, condition=condition, seen=seen, minutes=minutes)
    always = set(also)
    if not look.rising and rule.by == ("project",):
        always |= {own_labels(rule, project) for project in seen.projects}
    for group in groups_of(rule, condition, seen, minutes, always, look.passes):
        numbers = np.arange(len(minutes)) if group.labels in always else _that_matter(look, group)
        if len(numbers):
            yield _series(look, group, numbers)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Look:
    """One rule and what it needs to know of each project (row) and minute (column)."""

    rule: Rule
    condition: EventsCondition
    seen: Observations
    minutes: range

    @cached_property
    def rising(self) -> bool:
        compared = (self.condition.count, self.condition.share)
        return all(part.op in RISING for part in compared if part)

    def passes(self, counts: Ints) -> Flags:
        """Return which counts can match."""
        if self.condition.count and self.rule.thresholds:
            return self.rule.thresholds.severity(counts.astype(np.float64)) > 0
        return counts > 0

    @cached_property
    def known(self) -> Flags:
        known = np.ones((len(self.seen.projects), len(self.minutes)), dtype=np.bool_)
        for feed in self.rule.feeds:
            known &= self.seen.known(feed, self.minutes[0], len(self.minutes))
        return known

    @cached_property
    def rank(self) -> Ints:
        """How many minutes up to each one are known."""
        return np.cumsum(self.known, axis=1)

    @cached_property
    def cut(self) -> Flags:
        """Whether an answer in the window was cut."""
        return rolling(np.logical_or, *self._stretch(self.seen.cut))

    @cached_property
    def samples(self) -> Ints:
        """The known minutes of the window."""
        known, span = self._stretch(self.seen.known)
        return rolling(np.add, known.astype(np.int64), span)

    @cached_property
    def base(self) -> Floats:
        """What a share is a share of; NaN where unknown."""
        share = self.condition.share
        if share is None:
            return np.ones(self.known.shape)
        line = stretch(self.seen, share.over, self.minutes, self.condition.window_s)
        return aggregate(share.over_aggregate, line, self.condition.window_s // MINUTE_S)

    def _stretch(self, marks: Callable[[Feed, int, int], Flags]) -> tuple[Flags, int]:
        span = self.condition.window_s // MINUTE_S
        first = self.minutes[0] - (span - 1) * MINUTE_S
        return marks(self.condition.feed, first, len(self.minutes) + span - 1), span


def _that_matter(look: _Look, group: Group) -> Ints:
    """Return the numbers of the minutes in which the series may match or has to recover, in order.

    After a match as many known minutes are judged as the state machine needs to resolve it.
    """
    starts, ends = _matching_spans(look, group)
    rank = look.rank[group.project]
    owed = look.rule.keep_firing_for_s // MINUTE_S + _SETTLED_MINUTES
    found: list[Ints] = []
    upto = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        last = int(np.searchsorted(rank, rank[end - 1] + owed)) + 1
        first, upto = max(start, upto), max(upto, min(last, len(rank)))
        found.append(np.arange(first, upto))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _matching_spans(look: _Look, group: Group) -> tuple[Ints, Ints]:
    """Return the first and the end of each span of minutes in which the counts pass their thresholds."""
    pieces = group.pieces(counted(look.condition))
    passes = look.passes(pieces.count)
    starts = np.clip(pieces.since[passes], 0, len(look.minutes))
    ends = np.clip(np.append(pieces.since[1:], len(look.minutes))[passes], 0, len(look.minutes))
    return starts[starts < ends], ends[starts < ends]


def _series(look: _Look, group: Group, numbers: Ints) -> Series:
    condition = look.condition
    values, severities, thresholds, quiet, unsure = _compared(look, group, numbers)
    cut, known = look.cut[group.project, numbers], look.known[group.project, numbers]
    matches = severities > 0
    if look.rising and not condition.factors.none_of and not condition.share:
        settled = matches | known  # late events can only strengthen it
    else:
        settled = known & (look.rising | ~cut | ~matches)
    unknown = ~settled | unsure
    outcome = np.where(matches, Outcome.MATCH, Outcome.MISS)
    outcome = np.where(quiet, Outcome.QUIET, np.where(unknown, Outcome.UNKNOWN, outcome))
    severities[outcome != Outcome.MATCH] = 0
    return Series(
        labels=group.labels,
        minutes=look.minutes[0] + numbers * MINUTE_S,
        outcome=outcome.astype(np.int8),
        severity=severities,
        value=values,
        threshold=thresholds,
        samples=look.samples[group.project, numbers],
        at_least=cut,
        who=partial(_who, condition, group, numbers),
    )


def _compared(look: _Look, group: Group, numbers: Ints) -> tuple[Floats, Severities, Floats, Flags, Flags]:
    """Return values, severities and thresholds, where too little goes on, and where the base is unknown.

    Of count and share together the milder severity counts, and the count is the value that is shown.
    """
    rule, condition = look.rule, look.condition
    nowhere = np.zeros(len(numbers), dtype=np.bool_)
    found: list[tuple[Floats, Severities, Floats]] = []
    if condition.count and rule.thresholds:
        counts = group.pieces(condition.count.of).at(numbers).astype(np.float64)
        severities = rule.thresholds.severity(counts)
        found.append((counts, severities, rule.thresholds.threshold(severities)))
    quiet, unsure = nowhere, nowhere
    if condition.share and rule.share_thresholds:
        base = look.base[group.project, numbers]
        percent = 100 * group.pieces(condition.share.of).at(numbers) / np.maximum(base, 1.0)
        severities = rule.share_thresholds.severity(percent)
        found.append((percent, severities, rule.share_thresholds.threshold(severities)))
        quiet = base < (condition.share.min_denominator or 0.0)
        unsure = np.isnan(base)
        if len(found) > 1:
            unsure &= found[0][1] > 0
    values, severities, thresholds = found[0]
    for _, other, _ in found[1:]:
        severities = np.minimum(severities, other)
    return values, severities, thresholds, quiet, unsure


def _who(condition: EventsCondition, group: Group, numbers: Ints, place: int) -> Affected:
    return tally(condition, counted(condition), group.window(int(numbers[place]))).affected
