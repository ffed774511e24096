"""How much of the history each rule could judge, counted while it passes by."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bot.model.backtest import Judged
from bot.model.catalog import METRICS, Feed
from bot.model.observation import Flags, Ints, Observations
from bot.rules import Rule

Source = Feed | str
"""A feed, or the name of a metric: what a rule must know of a minute."""


_WORDS = {
    Feed.DIAGNOSIS: "diagnosis events",
    Feed.EXPERIENCE: "metrics of experience",
    Feed.NET: "metrics of transmission",
    Feed.SCALE: "users and channels online",
    Feed.CALLS: "finished calls",
    Feed.BOT: "the bot's own measurements",
    Feed.ALERT: "Agora's own alerts",
}


class Tally:
    """Counts for each rule and project the minutes of which all that the rule looks at is known."""

    def __init__(self, rules: Sequence[Rule], every: Iterable[Rule], projects: Sequence[str]) -> None:
        """``every`` holds also the rules that those in ``rules`` refer to."""
        by_name = {rule.name: rule for rule in every}
        self._projects = tuple(projects)
        self._sources = {rule.name: _sources(rule, by_name) for rule in rules}
        self._known: dict[str, Ints] = {rule.name: self._nothing() for rule in rules}
        self._seen: dict[Source, Ints] = {}
        self._minutes = 0

    def add(self, seen: Observations, minutes: range) -> None:
        """Count a piece of history."""
        self._minutes += len(minutes)
        marks = {source: _marked(seen, source, minutes) for source in set().union(*self._sources.values())}
        for source, known in marks.items():
            self._seen[source] = self._seen.get(source, self._nothing()) + known.sum(axis=1)
        for name, sources in self._sources.items():
            together = np.ones((len(self._projects), len(minutes)), dtype=np.bool_)
            for source in sources:
                together &= marks[source]
            self._known[name] += together.sum(axis=1)

    def judged(self) -> tuple[Judged, ...]:
        """Return what is known so far, rule by rule."""
        return tuple(
            Judged(
                alert=name,
                minutes=self._minutes * len(self._projects),
                known=int(known.sum()),
                blind=tuple(
                    (project, self._lacking(name, place))
                    for place, project in enumerate(self._projects)
                    if not known[place]
                ),
            )
            for name, known in self._known.items()
        )

    def _lacking(self, name: str, place: int) -> str:
        """Return what is missing altogether, else that the sources never come together."""
        missing = [source for source in self._sources[name] if not self._counted(source)[place]]
        feeds = {source for source in missing if isinstance(source, Feed)}
        named = [_WORDS[source] for source in sorted(feeds)]
        named += [s for s in missing if not isinstance(s, Feed) and METRICS[s].feed not in feeds]
        return ", ".join(named) or "never all of it in one minute"

    def _counted(self, source: Source) -> Ints:
        return self._seen.get(source, self._nothing())

    def _nothing(self) -> Ints:
        return np.zeros(len(self._projects), dtype=np.int64)


def _sources(rule: Rule, by_name: Mapping[str, Rule]) -> tuple[Source, ...]:
    """Return the feeds and metrics of a rule, and of the rules that it refers to."""
    found: dict[Source, None] = {}
    waiting, done = [rule], set()
    while waiting:
        one = waiting.pop()
        done.add(one.name)
        found |= dict.fromkeys((*sorted(one.feeds), *sorted(one.metrics)))
        waiting += [by_name[name] for name in sorted(one.refers_to - done) if name in by_name]
    return tuple(found)


def _marked(seen: Observations, source: Source, minutes: range) -> Flags:
    if isinstance(source, Feed):
        return seen.known(source, minutes[0], len(minutes))
    return np.isfinite(seen.line(source, minutes[0], len(minutes)))
