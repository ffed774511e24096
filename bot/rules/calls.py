"""Judging finished calls: each once, ``settle`` after its end.

Without ``window`` a minute matches when a bad call is judged in it, and ``keep_firing_for`` is how long
further bad calls join the same alert. With ``window`` the bad calls of the window are counted.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from bot.model.catalog import Feed
from bot.model.observation import FinishedCall, Flags, Floats, Ints, Observations
from bot.model.time import MINUTE_S, floor_minute
from bot.model.verdict import Affected, Labels, Outcome, Series
from bot.rules.compare import HOLDS, Severities, Thresholds
from bot.rules.conditions import CallCondition
from bot.rules.matcher import all_hold
from bot.rules.rule import Rule
from bot.rules.series import series_labels
from bot.rules.sliding import distinct

_MOST_NAMED = 20


@dataclass(slots=True)
class _Calls:
    """The calls of one series that were judged, with their minute numbers and values."""

    project: int
    calls: list[FinishedCall] = field(default_factory=list)
    minute: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def add(self, call: FinishedCall, minute: int, value: float) -> None:
        self.calls.append(call)
        self.minute.append(minute)
        self.value.append(value)


def judge_calls(
    rule: Rule, condition: CallCondition, seen: Observations, minutes: range, also: Set[Labels]
) -> Iterator[Series]:
    """Yield the series in which calls are bad in ``minutes``, and those in ``also``."""
    span = (condition.window_s or MINUTE_S) // MINUTE_S
    known = seen.known(Feed.CALLS, minutes[0], len(minutes))
    cut = seen.cut(Feed.CALLS, minutes[0] - (span - 1) * MINUTE_S, len(minutes) + span - 1)
    at_least = np.asarray(np.lib.stride_tricks.sliding_window_view(cut, span, axis=1).any(axis=-1))
    for labels, found in sorted(_grouped(rule, condition, seen, minutes, span, also).items()):
        judge = _by_window if condition.window_s else _by_call
        values, severities, thresholds, quiet = judge(rule, condition, found, len(minutes), span)
        if not severities.any() and labels not in also:
            continue
        healthy = np.where(known[found.project], Outcome.MISS, Outcome.UNKNOWN)
        outcome = np.where(quiet, Outcome.QUIET, np.where(severities > 0, Outcome.MATCH, healthy))
        yield Series(
            labels=labels,
            minutes=np.asarray(minutes, dtype=np.int64),
            outcome=outcome.astype(np.int8),
            severity=np.where(outcome == Outcome.MATCH, severities, 0).astype(np.int8),
            value=values,
            threshold=thresholds,
            samples=known[found.project].astype(np.int64),
            at_least=at_least[found.project],
            who=partial(_who, rule, condition, found, span),
        )


def _grouped(
    rule: Rule, condition: CallCondition, seen: Observations, minutes: range, span: int, also: Set[Labels]
) -> dict[Labels, _Calls]:
    places = {project: place for place, project in enumerate(seen.projects)}
    found = {labels: _Calls(places[dict(labels)["project"]]) for labels in also}
    for place, call in seen.calls:
        minute = (floor_minute(call.destroyed_ts + condition.settle_s) - minutes[0]) // MINUTE_S
        value = value_of(condition, call)
        labels = {"project": seen.projects[place], "cname": call.cname}
        if value is None or not -span < minute < len(minutes) or not _counts(condition, call, labels):
            continue
        key = series_labels(rule, {name: labels[name] for name in rule.by})
        found.setdefault(key, _Calls(place)).add(call, minute, value)
    return found


def value_of(condition: CallCondition, call: FinishedCall) -> float | None:
    """Return what the rule compares of a call; None where the API does not tell it."""
    values = {
        "call_video_freeze_rate": call.video_freeze_rate,
        "call_audio_freeze_rate": call.audio_freeze_rate,
        "call_pcu": call.pcu,
        "call_acu": call.acu,
        "call_duration": call.duration_s,
    }
    return values[condition.name]


def _counts(condition: CallCondition, call: FinishedCall, labels: dict[str, str]) -> bool:
    if call.duration_s < condition.min_duration_s:
        return False
    if condition.min_pcu is not None and (call.pcu is None or call.pcu < condition.min_pcu):
        return False
    return all_hold(condition.where, labels)


Judged = tuple[Floats, Severities, Floats, Flags]
"""Per minute: value, severity, threshold, and whether too few calls ended to mean anything."""


def _by_call(rule: Rule, condition: CallCondition, found: _Calls, minutes: int, span: int) -> Judged:
    """Judge each minute by the worst call in it."""
    if rule.thresholds is None:
        raise ValueError(f"{rule.name} has no thresholds")
    worst = np.full(minutes, np.nan)
    for minute, value in zip(found.minute, found.value, strict=True):
        if np.isnan(worst[minute]) or HOLDS[rule.op](value, worst[minute]):
            worst[minute] = value
    severities = rule.thresholds.severity(worst)
    return worst, severities, rule.thresholds.threshold(severities), np.zeros(minutes, dtype=np.bool_)


def _by_window(rule: Rule, condition: CallCondition, found: _Calls, minutes: int, span: int) -> Judged:
    """Judge each minute by the bad calls of its window, as a number, a share, or both."""
    numbers = np.arange(minutes)
    bad = _bad(condition, found)
    judged: list[tuple[Floats, Severities, Floats]] = []
    quiet = np.zeros(minutes, dtype=np.bool_)
    if condition.count and rule.thresholds:
        judged.append(_compared(rule.thresholds, _number(found, bad, condition.count.of, span, numbers)))
    if condition.share and rule.share_thresholds:
        every = _number(found, np.ones(len(bad), dtype=np.bool_), "calls", span, numbers)
        part = 100 * _number(found, bad, "calls", span, numbers) / np.maximum(every, 1.0)
        judged.append(_compared(rule.share_thresholds, part))
        quiet = every < (condition.share.min_denominator or 0.0)
    values, severities, thresholds = judged[0]
    for _, other, _ in judged[1:]:
        severities = np.minimum(severities, other)
    return values, severities, thresholds, quiet


def _compared(thresholds: Thresholds, values: Floats) -> tuple[Floats, Severities, Floats]:
    severities = thresholds.severity(values)
    return values, severities, thresholds.threshold(severities)


def _bad(condition: CallCondition, found: _Calls) -> Flags:
    values = np.asarray(found.value, dtype=np.float64)
    return np.asarray(HOLDS[condition.op](values, condition.threshold), dtype=np.bool_)


def _number(found: _Calls, chosen: Flags, of: str, span: int, numbers: Ints) -> Floats:
    minute = np.asarray(found.minute, dtype=np.int64)[chosen]
    names = [call.cname if of == "channels" else call.call_id for call in found.calls]
    _, item = np.unique(np.asarray(names, dtype=np.str_), return_inverse=True)
    series = np.zeros(len(minute), dtype=np.int64)
    pieces = distinct(series, item[chosen], minute, span).of(0)
    return pieces.at(numbers).astype(np.float64)


def _who(rule: Rule, condition: CallCondition, found: _Calls, span: int, place: int) -> Affected:
    if condition.window_s or rule.thresholds is None:
        bad = _bad(condition, found)
    else:
        bad = rule.thresholds.severity(np.asarray(found.value)) > 0
    of_window = [
        call.cname
        for call, minute, is_bad in zip(found.calls, found.minute, bad, strict=True)
        if is_bad and place - span < minute <= place
    ]
    return Affected(events=len(of_window), channels=tuple(dict.fromkeys(of_window))[:_MOST_NAMED])
