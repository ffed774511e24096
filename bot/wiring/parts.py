"""What worker and web share in one process, and the database and the clients of single commands."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.agora import ASKED_ONCE, DEADLINE_S, Client, Credentials, open_client, profile
from bot.clock import Clock, Shared
from bot.config import Settings, default_folder
from bot.model.project import Project
from bot.receivers import Poster
from bot.render import Renderer
from bot.slack.app import web_client
from bot.slack.sender import Sender
from bot.store import Database, DatabaseUnavailable, SchemaBehind, SqlLedger
from bot.telemetry import AGORA_REQUESTS, AGORA_SECONDS
from bot.watched import Account, Watched

STOP_S = 4
"""How long running work may go on after a stop; hosts kill a process 10 s after they asked it to end."""


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


@contextmanager
def passing_database() -> Iterator[Database]:
    """Yield a database for as long as one command runs, which paces requests where the bot's own cannot."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/passing.sqlite3", default_folder("migrations"))
        database.upgrade()
        try:
            yield database
        finally:
            database.close()


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
        patience=ASKED_ONCE,
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
        self.wall = Shared(database.seconds, failures=(DatabaseUnavailable,))
        self.stopping = threading.Event()
        self.renderer = Renderer(settings.templates_dir)
        self.profiles = {a.name: profile(a.dialect, a.plan) for a in watched.accounts}
        self.clients = {a.name: self._client(a) for a in watched.accounts}
        self.slack = web_client(settings.slack_api_url, settings.slack_bot_token.get_secret_value())
        self.poster = Poster(clock.steady)
        self.sender = Sender(
            self.slack,
            put=self.poster.post,
            steady=clock.steady,
            wait=lambda seconds: self.stopping.wait(max(0.0, seconds)),
        )

    def sharers(self, project: Project) -> tuple[Project, ...]:
        """Return the projects that share the quota of one, itself included."""
        return tuple(p for p in self.projects if p.account == project.account)

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
        self.poster.close()
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


def _count_request(endpoint: str, outcome: str, seconds: float) -> None:
    AGORA_REQUESTS.labels(endpoint, outcome).inc()
    AGORA_SECONDS.labels(endpoint).observe(seconds)
