"""The process that is killed: it judges, tells and delivers as the worker does, without polling Agora."""

import os
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.delivery.story import CHANNELS, RULE, book
from benchmarks.delivery.timeline import Timeline
from bot.clock import Clock
from bot.config import default_folder
from bot.flows import evaluate
from bot.flows.behind import say_so
from bot.flows.correlate import Rulebook, timers
from bot.flows.deliver import deliver
from bot.flows.delivery import Delivery
from bot.flows.weather import keep_up
from bot.model.catalog import Feed
from bot.model.time import MINUTE_S
from bot.receivers import Poster
from bot.render import Renderer
from bot.slack.app import web_client
from bot.slack.sender import Sender
from bot.store import Database, DatabaseUnavailable, alerts

ANSWERS_WITHIN_S = 1
"""How long the worker waits for Slack. With the time it takes to look for a message this stays below the
lease, which the clock's speed shortens."""
PAUSE_S = 0.01
_RENDERER = Renderer(default_folder("templates"))
"""Made once, in the process that all workers are forked from: it takes as long as a short life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where a worker works, as one value that can be sent to its process. ``log`` is the file in which it
    leaves what must not happen."""

    database_url: str
    slack_url: str
    token: str
    timeline: Timeline
    projects: tuple[str, ...]
    log: Path


def work(post: Post) -> None:
    """Work until killed; end at the first error that the worker would only have logged."""
    database = Database(post.database_url, default_folder("migrations"))
    rulebook = book()
    delivery = _delivery(post, database, rulebook)
    for run in (
        lambda: _judge(post, database, rulebook),
        lambda: timers(database, rulebook, now=post.timeline.now(), wall=post.timeline.now()),
        lambda: _deliver(delivery),
    ):
        threading.Thread(target=_forever, args=(run, post.log)).start()


def _forever(run: Callable[[], object], log: Path) -> None:
    while True:
        try:
            run()
        except DatabaseUnavailable:
            continue
        except Exception:  # noqa: BLE001 - whatever it is, it is the finding
            with log.open("a") as file:
                file.write(traceback.format_exc())
            os._exit(1)
        Clock().wait(PAUSE_S)


def _judge(post: Post, database: Database, rulebook: Rulebook) -> None:
    """Judge the next minute, if it has come: one at a time, so that what must be told is certain."""
    with database.transaction() as tx:
        judged = alerts.judged_until(tx, post.projects)[post.projects[0], RULE]
    due_at = judged + 2 * MINUTE_S
    if due_at <= post.timeline.now():
        polled = dict.fromkeys(post.projects, (Feed.EXPERIENCE,))
        evaluate.judge(database, polled, rulebook, since=0, now=due_at, wall=post.timeline.now())


def _deliver(delivery: Delivery) -> None:
    while deliver(delivery):
        pass
    keep_up(delivery)
    say_so(delivery)


def _delivery(post: Post, database: Database, rulebook: Rulebook) -> Delivery:
    clock = post.timeline
    client = web_client(post.slack_url, post.token)
    client.timeout = ANSWERS_WITHIN_S
    return Delivery(
        database=database,
        sender=Sender(
            client,
            put=Poster(Clock.steady).post,
            steady=clock.now,
            wait=lambda s: Clock().wait(s / clock.speed),
        ),
        renderer=_RENDERER,
        book=lambda: rulebook,
        channel=f"#{CHANNELS[0]}",
        worker=f"crash:{os.getpid()}",
        now=clock.now,
        wall=clock.now,
    )
