"""Judging diagnosis events: a window sweeps over the sorted events of each series."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.model.observation import Coverage, Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels, Outcome, Verdict
from bot.rules.compare import RISING, crossed, judged
from bot.rules.grammar import EventsCondition
from bot.rules.rule import Rule
from bot.rules.select import Seen, label_sets, select
from bot.rules.tally import Tally, tally


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What is known of the feed, sorted for counting minutes in windows."""

    known: frozenset[int]
    known_sorted: Sequence[int]
    cut_sorted: Sequence[int]

    @classmethod
    def of(cls, coverage: Coverage) -> "_Ground":
        return cls(known=coverage.known, known_sorted=sorted(coverage.known), cut_sorted=sorted(coverage.cut))


@dataclass(slots=True, kw_only=True)
class _Series:
    """The events of one series; remembers the last count, because most minutes see the same events."""

    rule: Rule
    condition: EventsCondition
    ground: _Ground
    labels: Labels
    events: list[Seen] = field(default_factory=list)
    _counted: tuple[int, int] = (0, 0)
    _found: Tally = field(default_factory=Tally)

    def window(self, minute: int) -> tuple[int, int]:
        """Return the range of the events in the window that ends with ``minute``."""
        low = bisect_right(self.events, minute - self.condition.window_s, key=_minute)
        return low, bisect_right(self.events, minute, lo=low, key=_minute)

    def verdict(self, minute: int) -> Verdict:
        window = self.window(minute)
        if window != self._counted:
            self._found, self._counted = tally(self.condition, self.events[slice(*window)]), window
        found, rule = self._found, self.rule
        level = crossed(rule.op, rule.thresholds, found.value)
        outcome, severity, threshold = judged(rule.thresholds, level, held=False)
        cut = _between(self.ground.cut_sorted, minute, self.condition.window_s) > 0
        settled = self._settled(minute, outcome, cut=cut)
        return Verdict(
            minute=minute,
            labels=self.labels,
            outcome=outcome if settled else Outcome.UNKNOWN,
            severity=severity if settled else None,
            value=float(found.value),
            threshold=threshold,
            samples=_between(self.ground.known_sorted, minute, self.condition.window_s),
            at_least=cut,
            affected=found.affected,
        )

    def _settled(self, minute: int, outcome: Outcome, *, cut: bool) -> bool:
        """Return whether neither late events nor those that a cut answer left out could change this."""
        rising = self.rule.op in RISING
        if outcome is Outcome.MATCH and rising and not self.condition.factors.none_of:
            return True
        return minute in self.ground.known and (rising or not cut or outcome is Outcome.MISS)


def judge_events(
    rule: Rule,
    condition: EventsCondition,
    observations: Observations,
    minutes: Sequence[int],
    always: Collection[Labels],
) -> Iterator[Verdict]:
    """Yield verdicts for sorted ``minutes``: every minute for the series in ``always``.

    Other series are judged while a match or its ``keep_firing_for`` lasts, and left out while healthy.
    """
    ground = _Ground.of(observations.coverage.get(condition.feed, Coverage()))
    new = partial(_Series, rule=rule, condition=condition, ground=ground)
    series = {labels: new(labels=labels) for labels in always}
    for seen in select(condition, observations.events):
        for values in label_sets(rule.by, observations.project, seen):
            labels = series_labels(rule, values)
            series.setdefault(labels, new(labels=labels)).events.append(seen)
    for labels, one in series.items():
        yield from map(one.verdict, minutes) if labels in always else _while_it_matters(one, minutes)


def series_labels(rule: Rule, values: Mapping[str, str]) -> Labels:
    """Return the identity of a series: the values of ``by`` and the rule's own labels."""
    return tuple(sorted({**rule.labels, **values}.items()))


def _while_it_matters(series: _Series, minutes: Sequence[int]) -> Iterator[Verdict]:
    """Yield matches, and after each as many known minutes as the state machine needs to resolve it."""
    place = owed = 0
    while place < len(minutes):
        low, high = series.window(minutes[place])
        if low == high and not owed:
            if high == len(series.events):
                return
            place = bisect_left(minutes, series.events[high].minute)
            continue
        verdict = series.verdict(minutes[place])
        if verdict.outcome is Outcome.MATCH:
            owed = series.rule.keep_firing_for_s // MINUTE_S + 3
        if owed:
            yield verdict
            owed -= verdict.outcome is not Outcome.UNKNOWN
        place += 1


def _minute(seen: Seen) -> int:
    return seen.minute


def _between(minutes: Sequence[int], last: int, window_s: int) -> int:
    return bisect_right(minutes, last) - bisect_left(minutes, last - window_s + MINUTE_S)
