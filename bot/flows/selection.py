"""What is read of the projects of an account: as much as fits, so that no minute is dropped before it is
read.

An answer holds every minute that Agora still keeps, so each question must come again within that time, and
a day's requests allow so many in it. Where they are too few for all rules in all projects, the rules get
theirs in the order of the files, and of each rule the projects in the order of projects.yml. ``left_out``
is the rest.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.agora import Profile, call_fields, feed_metrics, told_products
from bot.flows import pace
from bot.model.catalog import METRICS, Feed
from bot.model.project import Dialect, Project
from bot.rules import RuleSet

Needs: TypeAlias = tuple[frozenset[str], ...]
"""The metrics and fields of calls that each rule looks at, in the order of the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of one project at once; ``cost`` is in requests. Calls are paid from a budget of their
    own, and cost nothing here."""

    feed: Feed
    names: tuple[str, ...] = ()
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The questions of one round by project, what they cost by quota, and the names that found no room."""

    asked: Mapping[str, tuple[Question, ...]]
    costs: Mapping[str, int]
    left_out: Mapping[str, frozenset[str]]

    def feeds(self, project: str) -> tuple[Feed, ...]:
        """Return the feeds of a project that are read."""
        return tuple(dict.fromkeys(question.feed for question in self.asked[project]))

    def questions(self, project: str, feed: Feed) -> tuple[tuple[str, ...], ...]:
        """Return the metrics that each question about a feed asks for."""
        return tuple(question.names for question in self.asked[project] if question.feed is feed)


def needs_of(rules: RuleSet) -> Needs:
    """Return what the enabled rules look at."""
    return tuple(dict.fromkeys(r.metrics | r.call_fields for r in rules.rules if r.enabled))


def select(profile: Profile, projects: Iterable[Project], needs: Needs | None) -> Selection:
    """Return what is read. Without ``needs`` that is every metric, and calls only where
    suspicious ones are examined."""
    projects = tuple(projects)
    asked: dict[str, dict[Question, None]] = {project.name: {} for project in projects}
    missed: dict[str, set[str]] = {project.name: set() for project in projects}
    costs: Counter[str] = Counter()
    for need in _in_order(profile, needs):
        for project in projects:
            new = [q for q in _questions(profile, project, need) if q not in asked[project.name]]
            price: Counter[str] = Counter()
            for question in new:
                price[_family(profile, question.feed)] += question.cost
            if all(costs[family] + cost <= _room(profile, family) for family, cost in price.items()):
                costs.update(price)
                asked[project.name].update(dict.fromkeys(new))
            else:
                missed[project.name] |= need
    read = {project: {name for q in mine for name in q.names} for project, mine in asked.items()}
    return Selection(
        asked={project: tuple(mine) for project, mine in asked.items()},
        costs=+costs,
        left_out={project: frozenset(mine - read[project]) for project, mine in missed.items()},
    )


def slow_feeds(profile: Profile, selection: Selection) -> dict[Feed, int]:
    """Return the live feeds that the quota lets be read less often than each SLOW_S, with the seconds between
    two reads if all are even."""
    read = {feed for project in selection.asked for feed in selection.feeds(project)}
    found: dict[Feed, int] = {}
    for feed in (feed for feed in profile.polled if feed in read and feed is not Feed.CALLS):
        endpoint = profile.endpoints[profile.polled[feed]]
        apart_s = int(pace.even_s(endpoint) * selection.costs[endpoint.family])
        if apart_s > pace.SLOW_S:
            found[feed] = apart_s
    return found


def _in_order(profile: Profile, needs: Needs | None) -> Iterator[frozenset[str]]:
    """Yield what is needed. In the API of 2019 everything is, since each feed has a quota of its own."""
    if Feed.DIAGNOSIS in profile.polled:
        yield frozenset({Feed.DIAGNOSIS.value})
    if pace.follows_up(profile):
        yield call_fields(profile.dialect)
    if needs is None or profile.dialect is Dialect.BETA:
        yield from (frozenset({n}) for feed in profile.polled for n in feed_metrics(profile.dialect, feed))
    yield from needs or ()


def _questions(profile: Profile, project: Project, need: frozenset[str]) -> tuple[Question, ...]:
    """Return the questions that ``need`` takes; none where one of them would have no answer."""
    found = [_question(profile, project, name) for name in sorted(need)]
    known = [question for question in found if question is not None]
    return tuple(dict.fromkeys(known)) if len(known) == len(found) else ()


def _question(profile: Profile, project: Project, name: str) -> Question | None:
    feed = _feed(name)
    if feed not in profile.polled:
        return None
    if feed is Feed.DIAGNOSIS:
        return Question(feed=feed, names=(name,), cost=1)
    if feed is Feed.CALLS:
        return Question(feed=feed, cost=0) if name in call_fields(profile.dialect) else None
    names = feed_metrics(profile.dialect, feed)
    if name not in names:
        return None
    if profile.dialect is Dialect.BETA:
        return Question(feed=feed, names=names, cost=1)
    products = told_products(project.products, name)
    return Question(feed=feed, names=(name,), cost=len(products)) if products else None


def _feed(name: str) -> Feed:
    if name == Feed.DIAGNOSIS.value:
        return Feed.DIAGNOSIS
    return METRICS[name].feed if name in METRICS else Feed.CALLS


def _family(profile: Profile, feed: Feed) -> str:
    return profile.endpoints[profile.polled[feed]].family


def _room(profile: Profile, family: str) -> int:
    return min(pace.room(endpoint) for endpoint in profile.endpoints.values() if endpoint.family == family)
