"""One day of one project in virtual time, polled by the bot's own code over HTTP from the simulated Agora."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.quota.traffic import Day
from bot.agora import AgoraClient, CallsAnswer, Credentials, DiagnosisAnswer, profile
from bot.flows import poll
from bot.flows.selection import select
from bot.flows.turn import Turn
from bot.model.catalog import Feed
from bot.model.observation import MetricPoint
from bot.model.project import Project
from bot.model.time import Window, floor_minute
from bot.simulator.agora import AgoraSimulator
from bot.store import Database, SqlLedger, observations

PROJECT = Project(name="p", app_id="app", account="a")
MIGRATIONS = Path(__file__).parents[2] / "migrations"
ANSWER_S = 0.2
"""How long an answer takes."""
ASK_EVERY_S = 5
"""How often the worker looks whether a feed is due (``bot.wiring``)."""
POLLED = (Feed.DIAGNOSIS, Feed.EXPERIENCE, Feed.NET)
"""The number of users is left out: it has a quota of its own and tells nothing of trouble."""


@dataclass
class Clock:
    """A clock that only moves when somebody waits."""

    at: float

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += max(0.0, seconds)


@dataclass
class Watcher:
    """The client with a note of every diagnosis row that came, and when."""

    client: AgoraClient
    clock: Clock
    first_seen: dict[tuple[int, str, str, int], float] = field(default_factory=dict)
    asked_at: list[float] = field(default_factory=list)

    def live(
        self, project: Project, feed: Feed, window: Window, metrics: Collection[str] | None = None
    ) -> tuple[MetricPoint, ...]:
        points = self.client.live(project, feed, window, metrics)
        self.clock.wait(ANSWER_S)
        return points

    def all_calls(self, project: Project, window: Window, *, requests: int) -> CallsAnswer:
        return self.client.all_calls(project, window, requests=requests)

    def diagnosis(self, project: Project, window: Window) -> DiagnosisAnswer:
        answer = self.client.diagnosis(project, window)
        self.clock.wait(ANSWER_S)
        self.asked_at.append(self.clock.at)
        for event in answer.events:
            found = (event.ts, event.cname, event.user, event.experience_id)
            self.first_seen.setdefault(found, self.clock.at)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one poller saw of one day. ``latency_s`` are seconds from readable to stored, sorted."""

    seen: int
    latency_s: tuple[float, ...]
    outbreak_seen: int
    outbreak_latency_s: tuple[float, ...]
    requests: int
    last_request_s: float
    violations: int


Poller = Callable[[Watcher, Database, Clock, float], None]


def watched(day: Day, poller: Poller, hours: int = 24) -> Outcome:
    """Return what ``poller`` sees in the first hours of the day."""
    clock = Clock(float(day.start))
    simulator = AgoraSimulator(
        now=clock.now,
        credentials={"id": "secret"},
        projects={"app": "id"},
        seed=day.seed,
        rows=lambda _, minute: day.rows(minute),
        arrives=lambda _, minute: day.arrives(minute),
    )
    if day.load.name == "storm":  # many who suffer show in the project's numbers as well
        for outbreak in day.outbreaks:
            simulator.inject("storm", in_s=outbreak.start, lasts_s=outbreak.end - outbreak.start)
    database = Database("sqlite://", MIGRATIONS)
    database.upgrade()
    client = AgoraClient(
        base_url=simulator.start(),
        credentials=Credentials(account="a", customer_id="id", customer_secret="secret"),
        ledger=SqlLedger(database),
        now=clock.now,
        wait=clock.wait,
    )
    watcher = Watcher(client=client, clock=clock)
    try:
        poller(watcher, database, clock, day.start + hours * 3600)
        return _outcome(day, watcher, sum(bool(r.violation) for r in simulator.journal()))
    finally:
        client.close()
        database.close()
        simulator.stop()


def bot(watcher: Watcher, database: Database, clock: Clock, until: float) -> None:
    """Poll as the worker does: each feed at its turn."""
    due = {feed: clock.at + 30 * place for place, feed in enumerate(POLLED)}
    while clock.at < until:
        feed = min(due, key=lambda f: due[f])
        clock.at = max(clock.at, due[feed])
        turn = Turn(
            database=database,
            client=watcher,
            profile=profile("beta"),
            project=PROJECT,
            feed=feed,
            now=clock.now,
            sharers=(PROJECT,),
            selection=lambda: select(profile("beta"), (PROJECT,), None),
        )
        poll.poll(turn)
        due[feed] = clock.at + ASK_EVERY_S
        with database.transaction() as tx:
            for state in observations.feed_states(tx, PROJECT.name):
                late_s = -(state.due_at - due[state.feed]) // ASK_EVERY_S * -ASK_EVERY_S
                due[state.feed] += late_s if state.feed is feed else min(0.0, late_s)
        due = {f: max(at, clock.at) for f, at in due.items()}


def fixed(watcher: Watcher, _: Database, clock: Clock, until: float) -> None:
    """Poll each 90 s what is new and complete, in one request: 960 a day."""
    known_until = floor_minute(clock.at) - 3600 + 120
    while clock.at < until:
        due_at = clock.at + 90
        complete = floor_minute(clock.at - 121)
        if complete > known_until:
            watcher.diagnosis(PROJECT, Window(start=known_until, end=complete))
            known_until = complete
        clock.at = max(clock.at, due_at)


def oracle(day: Day) -> int:
    """Return at least what the best 1000 requests could show: ten rows each, ten of one second at most."""
    seconds: dict[int, int] = {}
    for ts, *_ in day.truth:
        seconds[ts] = seconds.get(ts, 0) + 1
    return min(10_000, sum(min(10, count) for count in seconds.values()))


def _outcome(day: Day, watcher: Watcher, violations: int) -> Outcome:
    latency = {k: at - day.truth[k] for k, at in watcher.first_seen.items() if k in day.truth}
    troubled = {k for k in latency if _in_outbreak(day, k[0])}
    return Outcome(
        seen=len(latency),
        latency_s=tuple(sorted(latency.values())),
        outbreak_seen=len(troubled),
        outbreak_latency_s=tuple(sorted(latency[k] for k in troubled)),
        requests=len(watcher.asked_at),
        last_request_s=watcher.asked_at[-1] - day.start,
        violations=violations,
    )


def outbreak_rows(day: Day) -> int:
    """Return how many rows of the day fall into an outbreak."""
    return sum(_in_outbreak(day, ts) for ts, *_ in day.truth)


def _in_outbreak(day: Day, ts: int) -> bool:
    return any(o.start <= ts - day.start < o.end for o in day.outbreaks)
