"""Judging composites: which other alerts hold at the same time, for equal labels."""

from collections.abc import Iterator, Mapping, Sequence, Set

import numpy as np

from bot.model.alert import Life
from bot.model.observation import Flags, Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels, Outcome, Series
from bot.rules.conditions import CompositeCondition, Reference
from bot.rules.matcher import all_hold
from bot.rules.rule import Rule
from bot.rules.series import series_labels

States = Mapping[str, Sequence[Life]]
"""The lives of alerts by name, those that are pending included."""


def judge_composite(
    rule: Rule,
    condition: CompositeCondition,
    seen: Observations,
    minutes: range,
    also: Set[Labels],
    states: States,
) -> Iterator[Series]:
    """Yield a series for each set of equal labels for which the composite holds, and those in ``also``."""
    for labels, values in sorted(_candidates(rule, condition, seen, also, states).items()):
        holds = _holds(condition, values, minutes, states)
        if holds.any() or labels in also:
            nan = np.full(len(minutes), np.nan)
            yield Series(
                labels=labels,
                minutes=np.asarray(minutes, dtype=np.int64),
                outcome=np.where(holds, Outcome.MATCH, Outcome.MISS).astype(np.int8),
                severity=np.where(holds, rule.severity, 0).astype(np.int8),
                value=nan,
                threshold=nan,
                samples=np.ones(len(minutes), dtype=np.int64),
                at_least=np.zeros(len(minutes), dtype=np.bool_),
            )


def _candidates(
    rule: Rule, condition: CompositeCondition, seen: Observations, also: Set[Labels], states: States
) -> dict[Labels, dict[str, str]]:
    """Return the label sets of which some reference speaks, with their values of ``equal``."""
    known = [dict(labels) for labels in also]
    for reference in (*condition.all_of, *condition.any_of):
        known += [dict(life.labels) for life in states.get(reference.alert, ())]
    found = {}
    for labels in known:
        values: dict[str, str] = {name: labels.get(name, "") for name in condition.equal}
        if values.get("project", "") in seen.projects:
            found[series_labels(rule, values)] = values
    return found


def _holds(condition: CompositeCondition, values: Mapping[str, str], minutes: range, states: States) -> Flags:
    def held(reference: Reference) -> Flags:
        return _held(reference, values, minutes, condition.within_s // MINUTE_S, states)

    found = np.ones(len(minutes), dtype=np.bool_)
    for reference in condition.all_of:
        found &= held(reference)
    if condition.any_of:
        found &= np.sum([held(reference) for reference in condition.any_of], axis=0) >= condition.at_least
    for reference in condition.none_of:
        found &= ~held(reference)
    return found


def _held(
    reference: Reference, values: Mapping[str, str], minutes: range, within: int, states: States
) -> Flags:
    """Return where an alert of that name was in the state at some minute of the window."""
    first = minutes[0] - (within - 1) * MINUTE_S
    line = np.zeros(len(minutes) + within - 1, dtype=np.bool_)
    for life in states.get(reference.alert, ()):
        labels = dict(life.labels)
        if any(labels.get(name, "") != value for name, value in values.items()):
            continue
        since = life.pending_at if reference.state == "pending" else life.fired_at
        if since is None or not all_hold(reference.matchers, labels):
            continue
        start = max(0, (since - first) // MINUTE_S)
        end = len(line) if life.ended_at is None else max(0, (life.ended_at - first) // MINUTE_S)
        line[start:end] = True
    return np.asarray(np.lib.stride_tricks.sliding_window_view(line, within).any(axis=-1), dtype=np.bool_)
