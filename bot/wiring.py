"""The one place that builds things: settings in, running parts out.

``Worker`` polls, judges and delivers; ``Web`` answers Slack and monitoring. Each can run alone, in its own
process; ``agora-bot run`` and the demo run both in one.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from bot.agora import DEADLINE_S, NEXT_POLL_READS_AGAIN, Client, Credentials, open_client, profile
from bot.clock import Clock, Steps
from bot.config import Settings, default_folder
from bot.flows import callback, evaluate, notices, poll
from bot.flows.answer import Desk
from bot.flows.behind import say_so
from bot.flows.blind import blind_rules, said
from bot.flows.correlate import resettle, timers
from bot.flows.deliver import deliver
from bot.flows.delivery import Delivery
from bot.flows.notify import SERVICES, Notifying, notify
from bot.flows.pace import feeds_read
from bot.flows.rulebook import RuleBook
from bot.flows.sweep import PAUSE_S, Retention, sweep
from bot.flows.turn import Turn
from bot.flows.weather import keep_up
from bot.model.catalog import Feed
from bot.model.project import Project
from bot.receivers import Poster
from bot.render import Renderer
from bot.schedule import Job, Schedule
from bot.slack.app import bolt_app, socket_mode, web_client, wsgi
from bot.slack.listeners import Listeners
from bot.slack.replies import Replies
from bot.slack.sender import Sender
from bot.store import Database, DatabaseUnavailable, SchemaBehind, SqlLedger, observations
from bot.telemetry import AGORA_REQUESTS, AGORA_SECONDS, BLIND_RULES, log
from bot.watched import Account, Watched
from bot.web import Server, alert_page, door
from bot.web.wsgi import Wsgi

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
STOP_S = 4
"""How long running work may go on after a stop; hosts kill a process 10 s after they asked it to end."""

_log = log("wiring")


def open_database(settings: Settings) -> Database:
    """Return the database with its tables brought to this version."""
    database = Database(settings.database_url, default_folder("migrations"))
    database.upgrade()
    return database


def known_database(settings: Settings) -> Database:
    """Return the database as it is, and make none; raise SchemaBehind or DatabaseUnavailable."""
    file = settings.database_url.removeprefix("sqlite:///")
    if file != settings.database_url and not Path(file).is_file():
        raise SchemaBehind(f"there is no file {file} yet: run agora-bot db upgrade")
    database = Database(settings.database_url, default_folder("migrations"))
    database.check_schema()
    return database


def asking_once(settings: Settings, account: Account, database: Database, clock: Clock) -> Client:
    """Return a client that asks each question once, and only pays the ledger. Close it."""
    return open_client(
        account.dialect,
        account.plan,
        base_url=settings.agora_api_url,
        credentials=credentials(account),
        ledger=SqlLedger(database),
        now=clock.now,
        wait=clock.wait,
        timeout_s=(3.05, 8.0),
        patience=NEXT_POLL_READS_AGAIN,
    )


def credentials(account: Account) -> Credentials:
    """Return whom Agora is asked as."""
    return Credentials(
        account=account.name,
        customer_id=account.customer_id,
        customer_secret=account.secret.get_secret_value(),
    )


class Parts:
    """What worker and web share in one process. Close it last."""

    def __init__(self, settings: Settings, watched: Watched, clock: Clock, database: Database) -> None:
        self.settings = settings
        self.projects = watched.projects
        self.clock = clock
        self.database = database
        self.stopping = threading.Event()
        self.renderer = Renderer(settings.templates_dir)
        self.profiles = {a.name: profile(a.dialect, a.plan) for a in watched.accounts}
        self.clients = {a.name: self._client(a) for a in watched.accounts}
        self.slack = web_client(settings.slack_api_url, settings.slack_bot_token.get_secret_value())

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
        self.database.close()

    def _client(self, account: Account) -> Client:
        return open_client(
            account.dialect,
            account.plan,
            base_url=self.settings.agora_api_url,
            credentials=credentials(account),
            ledger=SqlLedger(self.database),
            now=self.clock.now,
            wait=lambda seconds: self.clock.wait(seconds, self.stopping),
            stopping=self.stopping.is_set,
            on_request=_count_request,
            timeout_s=(3.05, 8.0),
            deadline_s=DEADLINE_S * self.clock.speed,
        )


class Worker:
    """Polls, judges, remembers and tells, until it is closed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._steps = Steps()
        self.book = RuleBook(parts.settings.rules_dir, parts.database, parts.clock.now)
        sender = Sender(
            parts.slack, wall=parts.clock.wall, wait=lambda seconds: parts.stopping.wait(max(0.0, seconds))
        )
        self._sender = sender
        self._delivery = Delivery(
            database=parts.database,
            sender=sender,
            renderer=parts.renderer,
            book=lambda: self.book.in_force,
            channel=parts.settings.slack_channel,
            worker=f"{socket.gethostname()[:40]}:{os.getpid()}:{id(self) % 10_000}",
            now=parts.clock.now,
            wall=parts.clock.wall,
        )
        self._poster = Poster(parts.clock.wall)
        self._notifying = Notifying(
            database=parts.database,
            poster=self._poster,
            book=lambda: self.book.in_force,
            variable=lambda name: os.environ.get(name, ""),
            worker=self._delivery.worker,
            now=parts.clock.now,
            wall=parts.clock.wall,
        )
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
        self._poster.close()

    def _jobs(self) -> Iterable[Job]:
        speed = self._parts.clock.speed
        for project in self._parts.projects:
            for feed in self._parts.profiles[project.account].polled:
                name = f"poll {project.name} {feed.value}"
                yield Job(name=name, every_s=max(0.25, ASK_EVERY_S / speed), run=self._poller(project, feed))
        yield Job(name="judge", every_s=max(0.25, LOOK_EVERY_S / speed), run=_patient(self._judge))
        yield Job(name="deliver", every_s=DELIVER_EVERY_S, run=_patient(self._deliver))
        for service in SERVICES:
            yield Job(name=f"tell {service}", every_s=1.0, run=_patient(partial(self._notify, service)))
        yield Job(name="timers", every_s=1.0 if speed == 1.0 else 0.25, run=_patient(self._tell))
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
            sharers=tuple(p for p in parts.projects if p.account == project.account),
            wanted=self._wanted,
        )
        return _patient(lambda: poll.poll(turn))

    def _refresh(self) -> None:
        """Read the rules again, and say which of them an account can never feed."""
        before = self.book.rules
        self.book.refresh()
        rules = self.book.rules
        if rules is None:
            return
        with (
            self._parts.database.transaction() as tx
        ):  # each time: a poll that was under way may bring one back
            for project, feeds in self._read():
                observations.forget_feeds(tx, project.name, but=feeds)
        if rules is before:
            return
        for account, known in self._parts.profiles.items():
            blind = blind_rules(rules, known, alerts=self._parts.settings.takes_alerts)
            BLIND_RULES.labels(account).set(len(blind))
            if blind:
                _log.warning("rules without data", account=account, api=said(known), rules=blind)

    def _read(self) -> list[tuple[Project, tuple[Feed, ...]]]:
        """Return each project with the feeds that are read of it."""
        parts, wanted = self._parts, self._wanted()
        return [(p, feeds_read(parts.profiles[p.account], wanted)) for p in parts.projects]

    def _wanted(self) -> frozenset[str] | None:
        """Return the metrics and fields of calls that a rule looks at, None before there are rules."""
        rules = self.book.rules
        if rules is None:
            return None
        return frozenset(name for r in rules.rules if r.enabled for name in r.metrics | r.call_fields)

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
        now, wall = parts.clock.now(), parts.clock.wall()
        polled = {project.name: parts.profiles[project.account].polled for project in parts.projects}
        for event in evaluate.judge(parts.database, polled, book, now=now, wall=wall):
            _log.debug("alert", kind=event.kind.value, at=event.at)

    def _tell(self) -> None:
        book, clock = self.book.in_force, self._parts.clock
        if (seconds := self._steps.set_back()) > SET_BACK_S:
            _log.warning("the clock was set back", seconds=round(seconds))
            resettle(self._parts.database, now=clock.now(), wall=clock.wall())
        if book is not None:
            timers(self._parts.database, book, now=clock.now(), wall=clock.wall())

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
        self._sender.post(self._parts.settings.slack_channel, message, None, None)


class Web:
    """Answers Slack (HTTP, or Socket Mode where an app token is set) and monitoring, until it is closed."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        desk = Desk(
            database=parts.database,
            clients=parts.clients,
            projects=parts.projects,
            renderer=parts.renderer,
            now=parts.clock.now,
            wall=parts.clock.wall,
        )
        self._clock, self._stopping = parts.clock, parts.stopping
        self._listeners = Listeners(desk, Replies(settings.slack_api_url))
        app_token = settings.slack_app_token.get_secret_value()
        app = bolt_app(parts.slack, settings.slack_signing_secret.get_secret_value(), self._listeners)
        self._socket = socket_mode(app, app_token, settings.slack_api_url) if app_token else None
        slack = None if self._socket else wsgi(app)
        application = door(parts.database, parts.clock.now, slack, _alert_page(parts))
        self._server = Server(application, settings.host, settings.port)

    @property
    def port(self) -> int:
        return self._server.port

    def start(self) -> None:
        self._server.start()
        if self._socket:
            threading.Thread(target=self._connect, name="socket mode", daemon=True).start()
        _log.info("listening", port=self.port, slack="Socket Mode" if self._socket else "POST /slack/events")

    def _connect(self) -> None:
        """Open the WebSocket; while Slack is away, try again."""
        wait_s = 2.0
        while self._socket and not self._clock.wait(0, self._stopping):
            try:
                self._socket.connect()  # type: ignore[no-untyped-call]  # slack-bolt
                return
            except Exception as error:  # noqa: BLE001 - slack-sdk raises whatever its HTTP client does
                _log.error("Slack cannot be reached by Socket Mode", error=str(error), again_in_s=wait_s)
            self._clock.wait(wait_s, self._stopping)
            wait_s = min(60.0, wait_s * 2)

    def close(self) -> None:
        self._stopping.set()
        if self._socket:
            self._socket.close()  # type: ignore[no-untyped-call]  # slack-bolt
        self._server.close()
        self._listeners.close(timeout_s=STOP_S)


def _alert_page(parts: Parts) -> Wsgi | None:
    """Return the page for Agora's own alerts where a secret for its address is set."""
    if not parts.settings.takes_alerts:
        return None

    def take(body: bytes) -> bool:
        return callback.take(parts.database, parts.projects, body, parts.clock.now())

    return alert_page(parts.settings.agora_alert_secret.get_secret_value(), take)


def _patient(run: Callable[[], object]) -> Callable[[], None]:
    """Return a job that waits for its next turn while the database is away."""

    def patient() -> None:
        try:
            run()
        except DatabaseUnavailable as gone:
            _log.error("waiting for the database", error=str(gone))

    return patient


def _count_request(endpoint: str, outcome: str, seconds: float) -> None:
    AGORA_REQUESTS.labels(endpoint, outcome).inc()
    AGORA_SECONDS.labels(endpoint).observe(seconds)
