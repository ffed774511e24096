"""Stored history as a replay reads it: piece by piece, without keeping the running bot waiting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.flows.replay import Needs
from bot.model.catalog import Feed
from bot.model.observation import Coverage, Observations
from bot.rules import Rule
from bot.store import Database, history, observations


class UnknownProject(Exception):
    """Nothing is stored of this project; the message names those that are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The history of some projects. Calling it reads what a replay needs.

    Of the projects in ``pushed_only`` no diagnosis is polled: Agora's alerts are all that tells of events,
    and count as complete, as they do in the live bot.
    """

    database: Database
    projects: tuple[str, ...]
    pushed_only: tuple[int, ...] = ()

    def notes(self, rules: Iterable[Rule]) -> list[str]:
        """Return what a reader of an answer made of this history has to know."""
        names = ", ".join(self.projects[place] for place in self.pushed_only)
        if not names or not any(rule.events and rule.events.feed is Feed.DIAGNOSIS for rule in rules):
            return []
        return [f"No diagnosis is polled of {names}: of events, rules see only Agora's own alerts there."]

    def __call__(self, needs: Needs) -> Observations:
        with self.database.reading() as tx:
            seen = observations.read(
                tx, self.projects, needs.start, needs.end, needs.metrics, further=needs.earlier
            )
        known = seen.coverage.get(Feed.DIAGNOSIS, Coverage.of(()))
        known = replace(known, whole=np.asarray(self.pushed_only, dtype=np.int32))
        return replace(seen, coverage={**seen.coverage, Feed.DIAGNOSIS: known})


def stored(database: Database, wanted: Sequence[str] = ()) -> Stored:
    """Return the history of the ``wanted`` projects, of all where none is named; raise UnknownProject."""
    with database.reading() as tx:
        known = history.projects(tx)
        states = observations.feed_states(tx)
    missing = [project for project in wanted if project not in known]
    if missing:
        there = f"projects with data are {', '.join(known)}" if known else "nothing is stored at all"
        raise UnknownProject(f"nothing is stored of a project {missing[0]!r}; {there}")
    projects = tuple(dict.fromkeys(wanted)) or tuple(known)
    polled = {state.project for state in states}
    diagnosed = {state.project for state in states if state.feed is Feed.DIAGNOSIS}
    return Stored(
        database=database,
        projects=projects,
        pushed_only=tuple(n for n, p in enumerate(projects) if p in polled and p not in diagnosed),
    )
