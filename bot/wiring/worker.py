"""The process that polls, judges, remembers and tells."""

import os
import socket
from collections.abc import Callable, Iterable
from functools import partial

from bot.agora import Profile
from bot.clock import Steps
from bot.flows import evaluate, notices, poll
from bot.flows.behind import say_so
from bot.flows.blind import blind_rules, crowded
from bot.flows.correlate import resettle, timers
from bot.flows.deliver import deliver
from bot.flows.delivery import Delivery
from bot.flows.follow_up import FollowUp, follow_up
from bot.flows.notify import SERVICES, Notifying, notify
from bot.flows.pace import follows_up
from bot.flows.rulebook import RuleBook
from bot.flows.selection import Selection, needs_of, select
from bot.flows.sweep import PAUSE_S, Retention, sweep
from bot.flows.tell_verdicts import tell_verdicts
from bot.flows.turn import Turn
from bot.flows.weather import keep_up
from bot.model.catalog import Feed
from bot.model.project import Project
from bot.rules import RuleSet
from bot.schedule import Job, Schedule
from bot.store import DatabaseUnavailable, observations
from bot.telemetry import BLIND_RULES, METRICS_LEFT_OUT, log
from bot.wiring.parts import STOP_S, Parts

LOOK_EVERY_S = 15
"""How often due minutes are judged."""
ASK_EVERY_S = 5
"""How often a feed asks whether it is its turn; when that is stands in the database."""
RETRY_S = 120
"""A bot that is started again and again asks what fails this far apart."""

DELIVER_EVERY_S = 0.25
"""A channel takes a message every 1.05 s: whoever looks once a second finds it free every other time."""

SET_BACK_S = 2
"""A clock that goes back by less is only corrected."""

_log = log("wiring")


class Worker:
    """Polls, judges, remembers and tells, until it is closed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._since = parts.clock.now()
        self._steps = Steps()
        self.book = RuleBook(parts.settings.rules_dir, parts.database, parts.clock.now)
        self._delivery = Delivery(
            database=parts.database,
            sender=parts.sender,
            renderer=parts.renderer,
            book=lambda: self.book.in_force,
            channel=parts.settings.slack_channel,
            worker=f"{socket.gethostname()[:40]}:{os.getpid()}:{id(self) % 10_000}",
            now=parts.clock.now,
            wall=parts.wall,
        )
        self._notifying = Notifying(
            database=parts.database,
            poster=parts.poster,
            book=lambda: self.book.in_force,
            variable=lambda name: os.environ.get(name, ""),
            worker=self._delivery.worker,
            now=parts.clock.now,
            wall=parts.wall,
        )
        self._selections = self._selected()
        self._schedule = Schedule(list(self._jobs()))

    def start(self) -> None:
        """Start, and ask again at once what failed before: somebody may have mended the settings."""
        self._refresh()
        with self._parts.database.transaction() as tx:
            observations.poll_retried(tx, now=self._parts.clock.now(), idle_s=RETRY_S)
        self._schedule.start()

    def reload(self) -> None:
        """Read the rule files at the next look, which comes within seconds, whatever their age."""
        self.book.ask()

    def close(self) -> None:
        """Let what runs finish for a while: a request that hangs is left behind, and writes nothing."""
        self._parts.stopping.set()
        self._schedule.close(timeout_s=STOP_S)

    def _jobs(self) -> Iterable[Job]:
        speed = self._parts.clock.speed
        for project in self._parts.projects:
            for feed in self._parts.profiles[project.account].polled:
                name = f"poll {project.name} {feed.value}"
                yield Job(name=name, every_s=max(0.25, ASK_EVERY_S / speed), run=self._poller(project, feed))
            if follows_up(self._parts.profiles[project.account]):
                every_s = max(1.0, ASK_EVERY_S / speed)
                yield Job(name=f"examine {project.name}", every_s=every_s, run=self._examiner(project))
        yield Job(name="judge", every_s=max(0.25, LOOK_EVERY_S / speed), run=_patient(self._judge))
        yield Job(name="deliver", every_s=DELIVER_EVERY_S, run=_patient(self._deliver))
        for service in SERVICES:
            yield Job(name=f"tell {service}", every_s=1.0, run=_patient(partial(self._notify, service)))
        yield Job(name="timers", every_s=1.0 if speed == 1.0 else 0.25, run=_patient(self._tell))
        yield Job(name="verdicts", every_s=max(1.0, LOOK_EVERY_S / speed), run=_patient(self._tell_verdicts))
        yield Job(name="rule files", every_s=5.0, run=_patient(self._refresh))
        yield Job(name="sweep", every_s=3600, run=_patient(self._sweep))

    def _poller(self, project: Project, feed: Feed) -> Callable[[], object]:
        parts = self._parts
        turn = Turn(
            database=parts.database,
            client=parts.clients[project.account],
            profile=parts.profiles[project.account],
            project=project,
            feed=feed,
            now=parts.clock.now,
            sharers=parts.sharers(project),
            selection=lambda: self._selections[project.account],
        )
        return _patient(lambda: poll.poll(turn))

    def _examiner(self, project: Project) -> Callable[[], object]:
        parts = self._parts
        desk = FollowUp(
            database=parts.database,
            client=parts.clients[project.account],
            profile=parts.profiles[project.account],
            project=project,
            sharers=parts.sharers(project),
            now=parts.clock.now,
        )
        return _patient(lambda: follow_up(desk))

    def _refresh(self) -> None:
        """Read the rules again, and say which of them an account can never feed."""
        before = self.book.rules
        self.book.refresh()
        rules = self.book.rules
        if rules is None:
            return
        if rules is not before:
            self._selections = self._selected()
        with (
            self._parts.database.transaction() as tx
        ):  # each time: a poll that was under way may bring one back
            for project, feeds in self._read():
                observations.forget_feeds(tx, project.name, but=feeds)
        if rules is before:
            return
        for account, known in self._parts.profiles.items():
            self._say_what_is_blind(rules, account, known)

    def _say_what_is_blind(self, rules: RuleSet, account: str, known: Profile) -> None:
        parts, selection = self._parts, self._selections[account]
        projects = [p for p in parts.projects if p.account == account]
        blind = blind_rules(rules, known, projects, alerts=parts.settings.takes_alerts)
        BLIND_RULES.labels(account).set(len(blind))
        METRICS_LEFT_OUT.labels(account).set(sum(map(len, selection.left_out.values())))
        if blind:
            _log.warning("rules without data", account=account, rules=blind)
        if full := crowded(known, projects, selection):
            _log.warning("metrics are left out", account=account, why=full)

    def _read(self) -> list[tuple[Project, tuple[Feed, ...]]]:
        """Return each project with the feeds that are read of it."""
        return [(p, self._selections[p.account].feeds(p.name)) for p in self._parts.projects]

    def _selected(self) -> dict[str, Selection]:
        """Return what is read of the projects of each account: all metrics before there are rules."""
        rules, parts = self.book.rules, self._parts
        needs = None if rules is None else needs_of(rules)
        return {
            account: select(known, (p for p in parts.projects if p.account == account), needs)
            for account, known in parts.profiles.items()
        }

    def _sweep(self) -> None:
        settings = self._parts.settings
        keep = Retention(
            metrics_days=settings.retention_metrics_days, events_days=settings.retention_events_days
        )
        stopping = self._parts.stopping
        sweep(self._parts.database, self._parts.clock.now(), keep, rest=lambda: stopping.wait(PAUSE_S))

    def _judge(self) -> None:
        parts = self._parts
        poll.observe_self(parts.database, self._read(), parts.clock.now())
        book = self.book.in_force
        if book is None:
            return
        now, wall = parts.clock.now(), parts.wall()
        polled = {project.name: parts.profiles[project.account].polled for project in parts.projects}
        for event in evaluate.judge(parts.database, polled, book, since=self._since, now=now, wall=wall):
            _log.debug("alert", kind=event.kind.value, at=event.at)

    def _tell_verdicts(self) -> None:
        parts = self._parts
        tell_verdicts(parts.database, now=parts.clock.now(), wall=parts.wall())

    def _tell(self) -> None:
        book, parts = self.book.in_force, self._parts
        now, wall = parts.clock.now(), parts.wall()
        if (seconds := self._steps.set_back()) > SET_BACK_S:
            _log.warning("the clock was set back", seconds=round(seconds))
            resettle(parts.database, now=now, wall=wall)
        if book is not None:
            timers(parts.database, book, now=now, wall=wall)

    def _deliver(self) -> None:
        while deliver(self._delivery) and not self._parts.stopping.is_set():
            pass
        keep_up(self._delivery)
        say_so(self._delivery)
        notices.tell(self._parts.database, self._post_notice, self._parts.clock.now())

    def _notify(self, service: str) -> None:
        while notify(self._notifying, service) and not self._parts.stopping.is_set():
            pass

    def _post_notice(self, sentence: str) -> None:
        message = self._parts.renderer.notice(sentence)
        self._parts.sender.post(self._parts.settings.slack_channel, message, None, None)


def _patient(run: Callable[[], object]) -> Callable[[], None]:
    """Return a job that waits for its next turn while the database is away."""

    def patient() -> None:
        try:
            run()
        except DatabaseUnavailable as gone:
            _log.error("waiting for the database", error=str(gone))

    return patient
