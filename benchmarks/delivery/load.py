"""Ten thousand incidents that open within ten minutes, told by one worker in one channel.

Time is virtual: the worker moves a clock that the local Slack goes by, too, with its rate limits on. What is
real: the database, the requests, the processor time and the memory.
"""

import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.clock import Clock
from bot.config import default_folder
from bot.flows.behind import say_so
from bot.flows.correlate import Rulebook, correlate, timers
from bot.flows.deliver import deliver
from bot.flows.delivery import Delivery
from bot.flows.routes import Routes
from bot.flows.weather import keep_up
from bot.model.alert import Alert, State
from bot.model.verdict import Severity, labels
from bot.receivers import Poster
from bot.render import Renderer
from bot.rules import load as load_rules
from bot.rules.routing import default_routing
from bot.simulator.slack import SlackSimulator
from bot.slack.app import web_client
from bot.slack.sender import Sender
from bot.store import Database, alerts, outbox

BEGIN = 1_700_000_040 // 60 * 60
OPENS_S = 600
SETTLED_S = OPENS_S + 60
"""When the last incident has waited for its group."""
JUDGED_EVERY_S = 15
LOOK_EVERY_S = 1.25
"""The worker looks four times a second; the fifth look after a post is the first at which one may follow."""
SAMPLE_EVERY = 200
TOKEN = "xoxb-of-the-load-test"
CHANNEL = "rtc-quality"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The worker at an instant, in virtual seconds since the start: what it opened, what waits, its memory
    now and its processor time so far."""

    opened: int
    waiting: int
    at_s: float
    resident_mib: float
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came of it; ``wrong`` must be empty."""

    incidents: int
    samples: tuple[Sample, ...]
    wrong: tuple[str, ...]


def load(*, incidents: int) -> Measured:
    """Open incidents, wait until all are told, and compare."""
    context = get_context("spawn")
    clock = context.Value("d", BEGIN)
    simulator = SlackSimulator(
        now=lambda: clock.value,
        wall=lambda: clock.value,
        signing_secret="nobody asks the bot",
        bot_token=TOKEN,
        channels=[CHANNEL],
    )
    simulator.start()
    with TemporaryDirectory(prefix="load-") as folder:
        found: Queue[Sample | None] = context.Queue()
        url = f"sqlite:///{folder}/bot.sqlite3"
        worker = context.Process(target=_work, args=(url, simulator.api_url, clock, incidents, found))
        worker.start()
        samples = list(iter(found.get, None))
        worker.join()
    said = simulator.messages(CHANNEL)
    refused = simulator.violations()
    simulator.stop()
    marks: Counter[str] = Counter(m["metadata"]["event_payload"]["incident"] for m in said if m["metadata"])
    told = {key: count for key, count in marks.items() if not key.startswith("storm-")}
    wrong = [f"{key} was told {count} times" for key, count in marks.items() if count != 1]
    if len(told) != incidents:
        wrong.append(f"{len(told)} of {incidents} incidents were told")
    return Measured(incidents=incidents, samples=tuple(samples), wrong=(*wrong, *refused[:5]))


def _work(
    url: str, slack_url: str, clock: "Synchronized[float]", incidents: int, found: "Queue[Sample | None]"
) -> None:
    database = Database(url, default_folder("migrations"))
    database.upgrade()
    book = Rulebook(rules=load_rules([]), routes=Routes(spec=default_routing()))
    delivery = _delivery(database, book, slack_url, clock)
    opened, waiting, looks = 0, 1, 0
    while clock.value < BEGIN + SETTLED_S or waiting:
        opened = _open_due(database, book, incidents, opened, clock.value)
        timers(database, book, now=clock.value, wall=clock.value)
        while deliver(delivery):
            pass
        keep_up(delivery)
        say_so(delivery)
        with database.reading() as tx:
            waiting, _failed = outbox.backlog(tx)
        clock.value += LOOK_EVERY_S
        looks += 1
        if looks % SAMPLE_EVERY == 0:
            found.put(_sample(opened, waiting, clock.value - BEGIN))
    found.put(_sample(opened, waiting, clock.value - BEGIN))
    found.put(None)


def _open_due(database: Database, book: Rulebook, incidents: int, opened: int, now: float) -> int:
    """Let the alerts fire that are due by the last look of the judge; return how many there are."""
    looked = (now - BEGIN) // JUDGED_EVERY_S * JUDGED_EVERY_S
    due = int(incidents * min(1.0, looked / OPENS_S))
    if due > opened:
        with database.transaction() as tx:
            fired = [alerts.save(tx, _alert(n, int(now))) for n in range(opened, due)]
            correlate(tx, book, fired, now=now, wall=now)
    return due


def _alert(n: int, now: int) -> Alert:
    return Alert(
        fingerprint=f"f{n}",
        project=f"p{n}",
        alertname="Freeze",
        labels=labels(project=f"p{n}"),
        state=State.FIRING,
        severity=Severity.WARNING,
        active_at=now,
        fired_at=now,
        judged_at=now,
        value=7.0,
        threshold=5.0,
    )


def _sample(opened: int, waiting: int, at_s: float) -> Sample:
    status = Path("/proc/self/status").read_text()
    resident = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return Sample(
        opened=opened,
        waiting=waiting,
        at_s=at_s,
        resident_mib=int(resident) / 1024,
        cpu_s=time.process_time(),
    )


def _delivery(database: Database, book: Rulebook, slack_url: str, clock: "Synchronized[float]") -> Delivery:
    def wait(seconds: float) -> None:
        clock.value += seconds

    return Delivery(
        database=database,
        sender=Sender(
            web_client(slack_url, TOKEN), put=Poster(Clock.steady).post, steady=lambda: clock.value, wait=wait
        ),
        renderer=Renderer(default_folder("templates")),
        book=lambda: book,
        channel=f"#{CHANNEL}",
        worker="load",
        now=lambda: clock.value,
        wall=lambda: clock.value,
    )
