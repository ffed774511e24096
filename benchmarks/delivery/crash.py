"""Kill workers at random instants while the local Slack misbehaves, then read what it was told.

A life: one or two workers start, Slack is given its troubles, and the workers are killed one after the other.
Between two lives the clock is set forward, so that leases end and back-offs pass. At last Slack is well, and
workers live until nothing is left to tell.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from signal import SIGKILL

from sqlalchemy import func, select

from benchmarks.delivery.conversation import differences
from benchmarks.delivery.story import CHANNELS, write
from benchmarks.delivery.timeline import Timeline
from benchmarks.delivery.worker import Post, work
from bot.clock import Clock
from bot.config import default_folder
from bot.model.time import MINUTE_S
from bot.simulator.slack import SlackSimulator
from bot.store import Database, alerts, outbox
from bot.store import tables as t

BEGIN = 1_700_000_040 // 60 * 60
SPEED = {1: 60.0, 2: 15.0}
"""By number of workers. A lease of 45 s must not end under a worker that is alive but slow on a busy machine;
one that works alone has nobody to lose it to."""
PROJECTS = 6
TOKEN = "xoxb-of-the-crash-test"
NOBODY = "http://127.0.0.1:9/api/"
"""An address where nothing listens: Slack is down."""
REQUESTS_AT_MOST = 6
DYING_S = 0.05
LIFE_S = 1.5
"""A worker is killed within ``DYING_S`` after one of its first six requests to Slack, as that is where
messages are lost or doubled; where there is none, after ``LIFE_S``."""
JUMPS_S = (0, 0, 5, 5, 50, 50, 50, 70, 70, 310)
"""How long nobody works after a death: not at all, within the lease, after it, after the longest back-off."""
OUTAGE_S = 2 * 3600
"""How far the clock is set forward, all in all, while Slack is down."""
OUTAGE_LIVES = 4
OUTAGE_EVERY = 250
METHODS = ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies")
TROUBLES = ("slow", "slow", "slow", "drop_after", "drop_before", "hang_after", "http500", "ratelimited")
LAST_LIVES_S = 2.0
LIVES_TO_END = 60

_processes = get_context("forkserver")
_processes.set_forkserver_preload(["benchmarks.delivery.worker"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. ``wrong`` must be empty; ``tried_again`` counts messages whose first try may have
    arrived, which is where doubles come from."""

    kind: str
    workers: int
    seed: int
    kills: int
    incidents: int
    messages: int
    tried_again: int
    outages: int
    wrong: tuple[str, ...]


def crash(database_url: str, *, seed: int, kills: int, workers: int) -> Outcome:
    """Kill ``kills`` workers, ``workers`` of them racing at a time, and compare."""
    with tempfile.TemporaryDirectory(prefix="crash-") as folder, _slack(SPEED[workers]) as slack:
        return _Crash(slack, database_url, seed, kills, workers, Path(folder) / "errors").run()


class _Slack:
    """The local Slack on a clock that may be set."""

    def __init__(self, speed: float) -> None:
        self.timeline = Timeline(at=BEGIN, speed=speed)
        self.simulator = SlackSimulator(
            now=self.now,
            wall=self.now,
            signing_secret="nobody asks the bot",
            bot_token=TOKEN,
            channels=CHANNELS,
        )

    def now(self) -> float:
        return self.timeline.now()


@contextmanager
def _slack(speed: float) -> Iterator[_Slack]:
    slack = _Slack(speed)
    slack.simulator.start()
    try:
        yield slack
    finally:
        slack.simulator.stop()


class _Crash:
    def __init__(
        self, slack: _Slack, database_url: str, seed: int, kills: int, workers: int, log: Path
    ) -> None:
        self.slack = slack
        self.url = database_url
        self.seed, self.kills, self.workers = seed, kills, workers
        self.random = Random(seed)
        self.log = log
        self.outages = max(1, kills // OUTAGE_EVERY)
        lasts_s = kills / workers * sum(JUMPS_S) / len(JUMPS_S)
        minutes = int(lasts_s + self.outages * OUTAGE_S) // MINUTE_S
        self.story = write(self.random, start=BEGIN, projects=PROJECTS, minutes=minutes)
        self.database = Database(database_url, default_folder("migrations"))

    def run(self) -> Outcome:
        self.database.upgrade()
        self.story.feed(self.database)
        try:
            lives = self.kills // self.workers
            every = lives // self.outages
            down = {every * n + every // 3 + k for n in range(self.outages) for k in range(OUTAGE_LIVES)}
            for life in range(lives):
                self.live(down=life in down)
            return self.outcome([*self.end(), *self.compare()])
        finally:
            self.database.close()

    def live(self, *, down: bool) -> None:
        """Let workers live a little; they die one after the other, and nobody works for a while."""
        self.trouble()
        working = [self.start(NOBODY if down else self.slack.simulator.api_url) for _ in range(self.workers)]
        self.random.shuffle(working)
        for worker in working:
            self.meet_slack()
            self.kill(worker)
        pause_s = OUTAGE_S / OUTAGE_LIVES if down else self.random.choice(JUMPS_S)
        self.slack.timeline = self.slack.timeline.later(pause_s)

    def meet_slack(self) -> None:
        """Return shortly after one of the next requests."""
        met = self.random.randint(1, REQUESTS_AT_MOST) + _requests(self.slack.simulator)
        self.slack.simulator.wait_for(lambda slack: _requests(slack) >= met, LIFE_S)
        Clock().wait(self.random.uniform(0, DYING_S))

    def trouble(self) -> None:
        """Give Slack a few troubles for this life."""
        self.slack.simulator.calm()
        for _ in range(self.random.randint(0, 4)):
            self.slack.simulator.fault(
                self.random.choice(METHODS),
                self.random.choice(TROUBLES),
                retry_after=self.random.choice((1, 5, 30)),
                delay_s=self.random.uniform(0.02, 0.3),
            )

    def start(self, slack_url: str) -> BaseProcess:
        post = Post(
            database_url=self.url,
            slack_url=slack_url,
            token=TOKEN,
            timeline=self.slack.timeline,
            projects=tuple(self.story.states),
            log=self.log,
        )
        worker = _processes.Process(target=work, args=(post,))
        worker.start()
        return worker

    def kill(self, worker: BaseProcess) -> None:
        worker.kill()
        worker.join()
        if worker.exitcode != -SIGKILL:
            said = self.log.read_text() if self.log.exists() else "it told its own standard error why"
            raise AssertionError(f"seed {self.seed}: a worker failed: {said}")

    def end(self) -> Iterator[str]:
        """Let workers live until everything is told; say what is left if it never is."""
        self.slack.simulator.calm()
        for _ in range(LIVES_TO_END):
            working = [self.start(self.slack.simulator.api_url) for _ in range(self.workers)]
            Clock().wait(LAST_LIVES_S)
            for worker in working:
                self.kill(worker)
            self.slack.timeline = self.slack.timeline.later(310)
            with self.database.transaction() as tx:
                judged = alerts.judged_until(tx, list(self.story.states)).values()
                waiting, _failed = outbox.backlog(tx)
            end = self.story.start + (self.story.minutes - 1) * MINUTE_S
            if min(judged) >= end and not waiting:
                return
        yield f"{waiting} messages still wait; judged until {min(judged)} of {end}"

    def compare(self) -> Iterator[str]:
        to_tell = self.story.to_tell()
        for channel in CHANNELS:
            yield from differences(channel, self.slack.simulator.messages(channel), to_tell)

    def outcome(self, wrong: list[str]) -> Outcome:
        o = t.outbox.c
        with self.database.reading() as tx:
            tried = select(func.count()).select_from(t.outbox).where(o.attempts > 1)
            again = tx.execute(tried.where(o.kind != "edit")).scalar_one()
        told = [kinds for incidents in self.story.to_tell().values() for kinds in incidents]
        return Outcome(
            kind="SQLite" if self.url.startswith("sqlite") else "PostgreSQL",
            workers=self.workers,
            seed=self.seed,
            kills=self.kills,
            incidents=len(told) * len(CHANNELS),
            messages=sum(map(len, told)) * len(CHANNELS),
            tried_again=again,
            outages=self.outages,
            wrong=tuple(wrong),
        )


def _requests(slack: SlackSimulator) -> int:
    """Return how many requests Slack has seen."""
    seen = slack.journal()
    return seen[-1].n if seen else 0
