"""The events of each series, and what a window of them counts.

Where every event is a set of its own, all series are counted at once (``sliding``); sets of several events
are counted window by window, because which events belong together depends on the window.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from bot.model.catalog import experience_name, factor_name
from bot.model.observation import NOBODY, Events, Flags, Ints, Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels
from bot.rules.columns import chosen, code, matching
from bot.rules.conditions import EventsCondition
from bot.rules.rule import Rule
from bot.rules.select import Seen, label_sets, views
from bot.rules.series import series_labels
from bot.rules.sliding import NOTHING, Counts, Pieces, distinct
from bot.rules.tally import tally

Passes = Callable[[Ints], Flags]
"""Returns which counts may matter; more than those does no harm."""


class Group:
    """The events of one series, in order of time, with the number of the minute of each.

    Minutes are numbered from the first one that is judged, so that those of its window are below 0.
    """

    def __init__(
        self,
        condition: EventsCondition,
        labels: Labels,
        project: int,
        minute: Ints,
        events: "Sequence[Seen] | _Places",
        pieces: Mapping[str, Pieces],
    ) -> None:
        self.labels = labels
        self.project = project
        self._condition = condition
        self._minute = minute
        self._events = events
        self._pieces = dict(pieces)

    def pieces(self, of: str) -> Pieces:
        """Return what the window counts, from minute to minute."""
        if of not in self._pieces:
            self._pieces[of] = self._tallied(of)
        return self._pieces[of]

    def window(self, number: int) -> Sequence[Seen]:
        """Return the events of the window that ends with a minute."""
        span = self._condition.window_s // MINUTE_S
        first, end = np.searchsorted(self._minute, (number - span, number), side="right")
        return self._events[int(first) : int(end)]

    def _tallied(self, of: str) -> Pieces:
        span = self._condition.window_s // MINUTE_S
        since = np.unique(np.concatenate((self._minute, self._minute + span)))
        counts = [tally(self._condition, of, self.window(int(number))).value for number in since]
        return Pieces(since=since, count=np.asarray(counts, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class _Places:
    """Events by their places in the columns, made when somebody looks at them."""

    condition: EventsCondition
    events: Events
    places: Ints

    def __getitem__(self, part: slice) -> list[Seen]:
        found = (self.events.at(int(place)) for place in self.places[part])
        return [seen for event in found for seen in views(self.condition, event)]


def anything(counts: Ints) -> Flags:
    """Let every count pass but none."""
    return np.asarray(counts > 0, dtype=np.bool_)


def groups_of(
    rule: Rule,
    condition: EventsCondition,
    seen: Observations,
    minutes: range,
    always: Set[Labels],
    passes: Passes,
) -> Iterator[Group]:
    """Yield the events of each series whose counts pass, and of those in ``always`` whatever they count."""
    start = minutes[0] - condition.window_s + MINUTE_S
    places = chosen(condition, seen, start, minutes[-1] + MINUTE_S)
    made = _counted_at_once if condition.per == "event" else _window_by_window
    found: set[Labels] = set()
    for group in made(rule, condition, seen, minutes, places, always, passes):
        found.add(group.labels)
        yield group
    rows = {project: row for row, project in enumerate(seen.projects)}
    for labels in sorted(always - found):
        row = rows.get(dict(labels).get("project", ""))
        if row is not None:
            nothing = dict.fromkeys(("events", "users", "channels", "hosts"), NOTHING)
            yield Group(condition, labels, row, np.zeros(0, dtype=np.int64), (), nothing)


def _counted_at_once(
    rule: Rule,
    condition: EventsCondition,
    seen: Observations,
    minutes: range,
    places: Ints,
    always: Set[Labels],
    passes: Passes,
) -> Iterator[Group]:
    events = seen.events
    tags = np.zeros(len(places), dtype=np.int64)
    if "factor" in rule.by:
        places, tags = _by_factor(condition, events, places)
    if not len(places):
        return
    columns = [events.project[places]]
    columns += [getattr(events, name)[places] for name in ("cname", "user", "experience") if name in rule.by]
    if "factor" in rule.by:
        columns.append(events.factors[places, tags])
    series = code(*columns)
    minute = (events.ts[places] - minutes[0]) // MINUTE_S
    kinds = {counted(condition), *(part.of for part in (condition.count, condition.share) if part)}
    span = condition.window_s // MINUTE_S
    counts = {of: _distinct(condition, events, of, places, series, minute, span) for of in kinds}
    order = np.argsort(series, kind="stable")  # within a series, the order of time stays
    starts = np.searchsorted(series[order], np.arange(series.max() + 2))
    matter = counts[counted(condition)].where(passes(counts[counted(condition)].count))
    first = order[starts[:-1]]
    matter = np.union1d(matter, np.flatnonzero(_may_be(always, rule, seen, places[first])))
    for name in matter.tolist():
        part = order[starts[name] : starts[name + 1]]
        values = _values(rule, seen, int(places[part[0]]), int(tags[part[0]]))
        yield Group(
            condition,
            series_labels(rule, values),
            int(events.project[places[part[0]]]),
            minute[part],
            _Places(condition, events, places[part]),
            {of: found.of(name) for of, found in counts.items()},
        )


def counted(condition: EventsCondition) -> str:
    """Return what the value is a count of."""
    compared = condition.count or condition.share
    return compared.of if compared else "events"


def _may_be(always: Set[Labels], rule: Rule, seen: Observations, places: Ints) -> Flags:
    """Return which series may be among ``always``, each told by the place of one of its events."""
    named = {value for labels in always for _, value in labels}
    projects = np.array([project in named for project in seen.projects], dtype=np.bool_)
    found = projects[seen.events.project[places]]
    if not found.any():
        return found
    texts = np.array([text in named for text in seen.events.texts], dtype=np.bool_)
    for name in {"cname", "user"} & set(rule.by):
        found &= texts[getattr(seen.events, name)[places]]
    return found


def _by_factor(condition: EventsCondition, events: Events, places: Ints) -> tuple[Ints, Ints]:
    """Return a row for each different factor that matches: the place of its event, and of its tag."""
    tags = matching(condition, events)[places]
    factors = events.factors[places]
    for later in range(1, tags.shape[1]):
        for earlier in range(later):
            tags[:, later] &= ~(tags[:, earlier] & (factors[:, later] == factors[:, earlier]))
    row, tag = np.nonzero(tags)
    return places[row], tag


def _distinct(
    condition: EventsCondition,
    events: Events,
    of: str,
    places: Ints,
    series: Ints,
    minute: Ints,
    span: int,
) -> Counts:
    """Return what the window counts of each series."""
    if of == "users":
        return distinct(series, code(events.cname[places], events.user[places]), minute, span)
    if of == "channels":
        return distinct(series, events.cname[places].astype(np.int64), minute, span)
    if of == "events":
        return distinct(series, places, minute, span)
    row, tag = np.nonzero(matching(condition, events)[places] & (events.hosts[places] != NOBODY))
    hosts = events.hosts[places[row], tag].astype(np.int64)
    return distinct(series[row], hosts, minute[row], span)


def _values(rule: Rule, seen: Observations, place: int, tag: int) -> dict[str, str]:
    """Return the values of ``by`` of one event."""
    events = seen.events
    values = {"project": seen.projects[events.project[place]]}
    if "cname" in rule.by:
        values["cname"] = events.texts[events.cname[place]]
    if "user" in rule.by:
        values["user"] = events.texts[events.user[place]]
    if "experience" in rule.by:
        values["experience"] = experience_name(int(events.experience[place]))
    if "factor" in rule.by:
        values["factor"] = factor_name(int(events.factors[place, tag]))
    return values


def _window_by_window(
    rule: Rule,
    condition: EventsCondition,
    seen: Observations,
    minutes: range,
    places: Ints,
    _always: Set[Labels],
    _passes: Passes,
) -> Iterator[Group]:
    events = seen.events
    groups: dict[tuple[int, Labels], list[Seen]] = {}
    for place in places.tolist():
        project = int(events.project[place])
        for view in views(condition, events.at(place)):
            for values in label_sets(rule.by, seen.projects[project], view):
                groups.setdefault((project, series_labels(rule, values)), []).append(view)
    for (project, labels), views_of in groups.items():
        minute = np.asarray([(view.minute - minutes[0]) // MINUTE_S for view in views_of], dtype=np.int64)
        yield Group(condition, labels, project, minute, views_of, {})
