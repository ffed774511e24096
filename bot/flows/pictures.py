"""What the rules that fired compared, minute by minute, thinned out to the columns of a picture.

History passes by a second time, for those rules and projects alone; a picture holds the lowest and the
highest value of each column, so that no peak is lost and its size does not grow with the span.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.flows.backtest import Found, piece_length
from bot.flows.lives import stretches_of
from bot.flows.replay import Read, needs
from bot.flows.subject import subject
from bot.model.backtest import Curve, Lane
from bot.model.observation import Flags, Floats, Observations
from bot.model.time import MINUTE_S, floor_minute
from bot.model.verdict import Labels, Outcome
from bot.rules import Rule, evaluate

COLUMNS = 960
PICTURES = 60
"""Pictures on one page; of more, those are drawn that fired for longest."""
_AROUND_S = 30 * MINUTE_S
_TOO_NARROW = 4


def pictures(found: Found, read: Read) -> tuple[Curve, ...]:
    """Return a curve for each rule and project that fired, those that fired for longest first; after them
    the close-ups of the worst life of each."""
    start, end = found.backtest.start, found.backtest.end
    wanted = _wanted(found)
    rules = {rule.name: rule for rule in found.rules}
    whole = [_Drawing.of(rules[alert], project, labels, start, end) for (alert, project), labels in wanted]
    piece_s = piece_length(len(found.backtest.projects))
    for first in range(start, end, piece_s):
        _draw(whole, range(first, min(first + piece_s, end), MINUTE_S), read)
    closer = [near for one in whole for near in _close_up(one, found)]
    for one in closer:
        _draw([one], range(one.start, one.start + one.minutes * MINUTE_S, MINUTE_S), read)
    return tuple(one.curve(tuple(_lanes(one, found, end))) for one in (*whole, *closer))


def _draw(drawn: Sequence["_Drawing"], minutes: range, read: Read) -> None:
    measured = [one for one in drawn if one.rule.composite is None]
    if measured:
        seen = read(needs({one.rule.name: one.rule for one in measured}.values(), minutes))
        for one in measured:
            one.add(seen, minutes)


def _close_up(one: "_Drawing", found: Found) -> Iterator["_Drawing"]:
    """Yield a drawing of the time around the worst life, where it is too narrow to be seen in the whole."""
    start, end = found.backtest.start, found.backtest.end
    lives = [f for f in found.backtest.fired if (f.alert, f.project) == (one.rule.name, one.project)]
    worst = max(lives, key=lambda life: (life.severity, life.lasted_s(end)))
    last = worst.fired_at + worst.lasted_s(end)
    around = max(_AROUND_S, floor_minute((last - worst.active_at) / 2))
    first, last = max(start, worst.active_at - around), min(end, last + around)
    if last - first < (end - start) / _TOO_NARROW:
        yield _Drawing.of(one.rule, one.project, one.labels, first, last)


def _wanted(found: Found) -> list[tuple[tuple[str, str], tuple[Labels, ...]]]:
    lasted: dict[tuple[str, str], int] = defaultdict(int)
    labels: dict[tuple[str, str], dict[Labels, None]] = defaultdict(dict)
    for one in found.backtest.fired:
        lasted[one.alert, one.project] += one.lasted_s(found.backtest.end)
        labels[one.alert, one.project][one.labels] = None
    longest = sorted(lasted, key=lambda key: (-lasted[key], key))[:PICTURES]
    return [(key, tuple(labels[key])) for key in longest]


def _lanes(one: "_Drawing", found: Found, end: int) -> Iterator[Lane]:
    """Yield when the alerts that a composite looks at were pending or fired in its project."""
    for name in sorted(one.rule.refers_to):
        lives = [e for e in found.episodes if (e.rule.name, e.alert.project) == (name, one.project)]
        yield Lane(name=name, stretches=tuple(s for life in lives for s in stretches_of(life, end)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawing:
    """The columns of one rule and project while history passes by; NaN is nothing yet."""

    rule: Rule
    project: str
    labels: tuple[Labels, ...]
    start: int
    minutes: int
    low: Floats
    high: Floats
    limit: Floats
    known: Flags

    @classmethod
    def of(cls, rule: Rule, project: str, labels: tuple[Labels, ...], start: int, end: int) -> "_Drawing":
        minutes = (end - start) // MINUTE_S
        width = min(COLUMNS, minutes)
        return cls(
            rule=rule,
            project=project,
            labels=labels,
            start=start,
            minutes=minutes,
            low=np.full(width, np.nan),
            high=np.full(width, np.nan),
            limit=np.full(width, np.nan),
            known=np.zeros(width, dtype=np.bool_),
        )

    def add(self, seen: Observations, minutes: range) -> None:
        """Take over a piece of history: of several series of the project the worst."""
        values = np.full(len(minutes), np.nan)
        limits, known = values.copy(), np.zeros(len(minutes), dtype=np.bool_)
        worst = np.fmin if self.rule.low_is_bad else np.fmax
        for series in evaluate(self.rule, seen, minutes, also=self.labels):
            if series.labels in self.labels:
                place = (series.minutes - minutes.start) // MINUTE_S
                values[place] = worst(values[place], series.value)
                limits[place] = series.threshold
                known[place] |= series.outcome != Outcome.UNKNOWN
        column = (np.arange(len(minutes)) + (minutes.start - self.start) // MINUTE_S) * len(self.low)
        column //= self.minutes
        np.fmin.at(self.low, column, values)
        np.fmax.at(self.high, column, values)
        np.logical_or.at(self.known, column, known)
        (np.fmax if self.rule.low_is_bad else np.fmin).at(self.limit, column, limits)

    def curve(self, lanes: tuple[Lane, ...]) -> Curve:
        """Return what was drawn."""
        about = subject(self.rule)
        test = self.rule.thresholds or self.rule.share_thresholds
        moves = self.rule.metric is not None and self.rule.metric.baseline is not None
        return Curve(
            alert=self.rule.name,
            project=self.project,
            start=self.start,
            end=self.start + self.minutes * MINUTE_S,
            title=about.title,
            unit=about.unit,
            low_is_bad=self.rule.low_is_bad,
            low=_numbers(self.low),
            high=_numbers(self.high),
            unknown=() if self.rule.composite else tuple((~self.known).tolist()),
            limit=_numbers(self.limit) if moves else (),
            levels=test.levels if test else (),
            lanes=lanes,
        )


def _numbers(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
