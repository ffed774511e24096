"""The judge: one rule, what was seen of some projects, some minutes -> the series that matter.

It is the only one: the live bot, rule tests, backtests and explanations all ask it.
"""

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

import numpy as np

from bot.model.observation import Observations
from bot.model.verdict import Labels, Outcome, Series, constant
from bot.rules.calls import judge_calls
from bot.rules.composite import States, judge_composite
from bot.rules.conditions import CallCondition, EventsCondition, MetricCondition
from bot.rules.events import judge_events
from bot.rules.metrics import judge_metric
from bot.rules.rule import Rule


def evaluate(
    rule: Rule,
    observations: Observations,
    minutes: range,
    also: Iterable[Labels] = (),
    states: States | None = None,
) -> list[Series]:
    """Return the series of a rule that fire in ``minutes`` or are in ``also``, in order of their labels.

    ``minutes`` are minute starts, one after another. ``observations`` reach back ``rule.lookback_s`` from the
    end of the first one. A series in ``also`` (an open alert) is judged in every minute, any other one while
    it matches and until its ``keep_firing_for`` has passed, so that a range of minutes needs no ``also``.
    An alert whose labels the rule no longer makes is a MISS. ``states`` are the lives of other alerts, which
    a composite looks at. A rule that is not enabled says nothing.
    """
    if not rule.enabled or not minutes:
        return []
    asked = {labels for labels in also if dict(labels).get("project") in observations.projects}
    found = list(_judged(rule, observations, minutes, asked, states or {}))
    missing = asked - {series.labels for series in found}
    found += [constant(labels, minutes, Outcome.MISS) for labels in missing]
    if rule.limit is not None:
        found = _limited(found, rule.limit, minutes)
    return sorted(found, key=lambda series: series.labels)


def _judged(
    rule: Rule, seen: Observations, minutes: range, also: Set[Labels], states: States
) -> Iterator[Series]:
    condition = rule.condition
    if isinstance(condition, MetricCondition):
        return judge_metric(rule, condition, seen, minutes, also)
    if isinstance(condition, EventsCondition):
        return judge_events(rule, condition, seen, minutes, also)
    if isinstance(condition, CallCondition):
        return judge_calls(rule, condition, seen, minutes, also)
    return judge_composite(rule, condition, seen, minutes, also, states)


def _limited(found: list[Series], limit: int, minutes: range) -> list[Series]:
    """Return the series with all of a minute DROPPED where more than ``limit`` of them match."""
    matching = np.zeros(len(minutes), dtype=np.int64)
    places = [(series.minutes - minutes.start) // minutes.step for series in found]
    for series, place in zip(found, places, strict=True):
        matching[place] += series.outcome == Outcome.MATCH
    over = matching > limit
    if not over.any():
        return found
    return [
        replace(series, outcome=np.where(over[place], Outcome.DROPPED, series.outcome).astype(np.int8))
        for series, place in zip(found, places, strict=True)
    ]
