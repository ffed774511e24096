"""Which events a rule looks at, found for all of them at once: by experience, matchers and causes."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bot.model.catalog import experience_name
from bot.model.observation import NOBODY, Codes, Events, Flags, Ints, Observations
from bot.rules.conditions import EventsCondition, FactorItem
from bot.rules.matcher import Matcher


def chosen(condition: EventsCondition, seen: Observations, start: int, end: int) -> Ints:
    """Return the places of the events in ``[start, end)`` that the rule looks at, in order of time.

    Where every event is a set of its own (``per: event``), they have passed the test of causes.
    """
    events = seen.events
    first, last = np.searchsorted(events.ts, (start, end))
    found = np.zeros(len(events), dtype=np.bool_)
    found[first:last] = True
    found &= of_experience(condition, events)
    for matcher in condition.where:
        found &= holds(matcher, seen)
    if condition.per == "event":
        found &= _has_causes(condition, events)
    return np.flatnonzero(found)


def matching(condition: EventsCondition, events: Events) -> Flags:
    """Return which tags of each event the rule asks for: all that it looks at where it names none."""
    looked_at = _looked_at(condition, events)
    items = (*condition.factors.all_of, *condition.factors.any_of)
    if not items:
        return looked_at
    found = np.zeros_like(looked_at)
    for item in items:
        found |= _fits(item, condition, events, looked_at)
    return found


def _looked_at(condition: EventsCondition, events: Events) -> Flags:
    present = np.asarray(events.factors != NOBODY, dtype=np.bool_)
    if condition.factor_position == "primary":
        present[:, 1:] = False
    return present


def of_experience(condition: EventsCondition, events: Events) -> Flags:
    """Return which events are of an experience that the rule asks for and refuses none of."""
    wanted = condition.experience
    named = [*wanted.all_of, *wanted.any_of]
    found = np.isin(events.experience, named) if named else np.ones(len(events), dtype=np.bool_)
    found = found & ~np.isin(events.experience, wanted.none_of)
    return np.asarray(found, dtype=np.bool_)


def _has_causes(condition: EventsCondition, events: Events) -> Flags:
    looked_at, factors = _looked_at(condition, events), condition.factors
    found = np.ones(len(events), dtype=np.bool_)
    if len(condition.experience.all_of) > 1:
        found[:] = False
    if condition.experience.any_of:
        found &= np.isin(events.experience, condition.experience.any_of)
    for item in factors.all_of:
        found &= _fits(item, condition, events, looked_at).any(axis=1)
    if factors.any_of:
        any_of = [_fits(item, condition, events, looked_at).any(axis=1) for item in factors.any_of]
        found &= np.logical_or.reduce(any_of)
    for item in factors.none_of:
        found &= ~_fits(item, condition, events, looked_at).any(axis=1)
    return found


def _fits(item: FactorItem, condition: EventsCondition, events: Events, looked_at: Flags) -> Flags:
    """Return which tags are of the factor, and on the side that is asked for."""
    host = item.host or condition.factors.host
    found = np.asarray(looked_at & (events.factors == item.factor), dtype=np.bool_)
    if host == "any":
        return found
    return np.asarray(found & ((events.hosts != NOBODY) == (host == "remote")), dtype=np.bool_)


def holds(matcher: Matcher, seen: Observations) -> Flags:
    """Return where a matcher of a label of the event holds; each text is tested once."""
    events = seen.events
    columns: dict[str, tuple[Codes, Callable[[int], str]]] = {
        "project": (events.project, seen.projects.__getitem__),
        "cname": (events.cname, events.texts.__getitem__),
        "user": (events.user, events.texts.__getitem__),
        "experience": (events.experience, experience_name),
    }
    if matcher.label not in columns:
        return np.full(len(events), matcher.holds({}))
    codes, text = columns[matcher.label]
    values, place = np.unique(codes, return_inverse=True)
    holds = [matcher.holds({matcher.label: text(int(value))}) for value in values]
    return np.asarray(np.take(np.asarray(holds, dtype=np.bool_), place), dtype=np.bool_)


def code(*columns: npt.NDArray[np.generic]) -> Ints:
    """Return one number a row, equal where all columns are equal, from 0 on without gaps."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        _, place = np.unique(column, return_inverse=True)
        _, combined = np.unique(combined * (place.max(initial=0) + 1) + place, return_inverse=True)
    return combined
