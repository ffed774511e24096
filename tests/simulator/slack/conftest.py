"""A running simulator, a client of it, and a bot that records what Slack sends to it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from slack_sdk import WebClient

from bot.simulator.slack import SlackSimulator

SECRET = "sim-signing-secret"
TOKEN = "xoxb-sim-token"


@dataclass
class Wall:
    at: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: str


@dataclass
class Inbox:
    """A bot that answers every request as told and remembers it."""

    status: int = 200
    body: str = ""
    is_slow: bool = False
    received: list[Received] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, request: Received) -> tuple[int, str]:
        self.received.append(request)
        if self.is_slow:
            self.release.wait(5)
        return self.status, self.body


def serve(answer: Callable[[Received], tuple[int, str]]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = answer(Received(headers, body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, request: object, client_address: object) -> None:
            """Slack went away before the answer; that is what some tests want."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def stop(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def sim(wall: Wall) -> Iterator[SlackSimulator]:
    simulator = SlackSimulator(
        now=lambda: 1_700_000_000.0001,
        wall=wall,
        signing_secret=SECRET,
        bot_token=TOKEN,
        ack_timeout_s=0.2,
    )
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def client(sim: SlackSimulator) -> WebClient:
    return WebClient(token=TOKEN, base_url=sim.api_url, retry_handlers=[])


@pytest.fixture
def inbox(sim: SlackSimulator) -> Iterator[Inbox]:
    box = Inbox()
    server = serve(box.answer)
    box.url = f"http://127.0.0.1:{server.server_port}/slack/events"
    sim.connect(box.url)
    yield box
    box.release.set()
    stop(server)


@pytest.fixture
def serve_app() -> Iterator[Callable[[Callable[[Received], tuple[int, str]]], str]]:
    """Serve any app over real HTTP; returns where it listens."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[Received], tuple[int, str]]) -> str:
        servers.append(serve(answer))
        return f"http://127.0.0.1:{servers[-1].server_port}/slack/events"

    yield start
    for server in servers:
        stop(server)
