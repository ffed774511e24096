"""The bot's Slack door over real HTTP: Bolt with signed requests from the simulated Slack."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.agora import AgoraError
from bot.clock import Clock
from bot.config import default_folder
from bot.flows.access import Access
from bot.flows.answer import Desk
from bot.flows.correlate import Rulebook
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.project import Project
from bot.model.time import DAY_S, Window
from bot.model.usage import UsageDay
from bot.receivers import Poster
from bot.render import Renderer
from bot.simulator.slack import SlackSimulator
from bot.slack.app import bolt_app, web_client, wsgi
from bot.slack.listeners import Listeners
from bot.slack.replies import Replies
from bot.slack.sender import Sender
from bot.store import Database
from bot.web import Server, door
from tests.conftest import T0

SECRET, TOKEN, ROOM = "signing-secret-of-tests", "xoxb-token-of-tests", "rtc-quality"


@dataclass
class Agora:
    """Answers people's questions like ``AgoraClient``, from a list of calls."""

    calls_known: list[Call] = field(default_factory=list)
    error: AgoraError | None = None
    gate: threading.Event | None = None
    asked: list[Window] = field(default_factory=list)
    told: Callable[[Call], CallDetails] | None = None

    def calls(
        self, project: Project, window: Window, cname: str | None = None, *, at_most: int = 30
    ) -> CallSearch:
        self.asked.append(window)
        self._trouble()
        found = [
            c for c in self.calls_known if c.cname == cname and window.start <= c.started_at < window.end
        ]
        newest = sorted(found, key=lambda c: -c.started_at)
        return CallSearch(calls=tuple(newest[:at_most]), complete=len(newest) <= at_most)

    def details(self, project: Project, call: Call) -> CallDetails:
        self._trouble()
        if self.told is not None:
            return self.told(call)
        return CallDetails(call=call, sessions=(), series=(), cut=False)

    def usage(self, project: Project, window: Window) -> tuple[UsageDay, ...]:
        self.asked.append(window)
        self._trouble()
        return tuple(UsageDay(day=day, users=7, sessions=9) for day in range(window.start, window.end, DAY_S))

    def _trouble(self) -> None:
        if self.gate is not None:
            self.gate.wait(20)
        if self.error is not None:
            raise self.error


@dataclass
class House:
    """Everything of one running door."""

    slack: SlackSimulator
    agora: Agora
    database: Database
    server: Server
    sender: Sender
    url: str
    books: list[Rulebook]
    """The last one is in force."""

    def answers(self, count: int = 1) -> list[str]:
        """Wait for ``count`` ephemeral answers and return them as text, sections included."""

        def there(slack: SlackSimulator) -> bool:
            return len(self._ephemeral()) >= count

        assert self.slack.wait_for(there, 10), f"no answer; Slack has {self.slack.messages(ROOM)}"
        return [text_of(message) for message in self._ephemeral()]

    def _ephemeral(self) -> list[dict]:
        return [m for m in self.slack.messages(ROOM) if m["ephemeral_to"]]


def text_of(message: dict) -> str:
    sections = [b["text"]["text"] for b in message["blocks"] or [] if b["type"] == "section" and "text" in b]
    return "\n".join([message["text"], *sections])


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer(default_folder("templates"))


@pytest.fixture
def access() -> Access:
    """Everybody may do everything; a module that asks for less has a fixture of its own."""
    return Access(members=lambda _group: frozenset())


@pytest.fixture
def house(tmp_path: Path, renderer: Renderer, access: Access) -> Iterator[House]:
    clock, agora, books = Clock(), Agora(), list[Rulebook]()
    database = Database(f"sqlite:///{tmp_path / 'bot.sqlite3'}", default_folder("migrations"))
    database.upgrade()
    slack = SlackSimulator(
        now=clock.now, wall=clock.wall, signing_secret=SECRET, bot_token=TOKEN, enforce_post_rate=False
    )
    slack.start()
    client = web_client(slack.api_url, TOKEN)
    sender = Sender(client, put=Poster(Clock.steady).post, steady=clock.wall, wait=lambda _s: None)
    desk = Desk(
        database=database,
        clients={"a": agora},
        projects=(Project(name="p", app_id="app", account="a"),),
        kept_s=3 * 86_400,
        events_kept_s=30 * 86_400,
        renderer=renderer,
        now=lambda: T0,
        wall=clock.wall,
        access=replace(access, members=sender.members),
        blind=lambda _rules: {},
        book=lambda: books[-1] if books else None,
        say=lambda channel, message, ts: sender.post(channel, message, None, ts or None),
        whisper=sender.whisper,
    )
    listeners = Listeners(desk, Replies(slack.api_url))
    server = Server(door(database, lambda: T0, wsgi(bolt_app(client, SECRET, listeners))), "127.0.0.1", 0)
    server.start()
    url = f"http://127.0.0.1:{server.port}"
    slack.connect(f"{url}/slack/events")
    yield House(
        slack=slack, agora=agora, database=database, server=server, sender=sender, url=url, books=books
    )
    server.close()
    listeners.close(timeout_s=5)
    slack.stop()
    database.close()
