"""A scripted Agora on a local port, a clock that only waiting moves, and a ledger that writes down."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

BODIES = Path(__file__).parent / "bodies"


def body(name: str) -> bytes:
    return (BODIES / f"{name}.json").read_bytes()


@dataclass
class Asked:
    path: str
    raw_query: str
    headers: dict[str, str]
    sent: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.raw_query).items()}

    @property
    def span(self) -> tuple[int, int]:
        start, end = ("startTs", "endTs") if "startTs" in self.query else ("start_ts", "end_ts")
        return int(self.query[start]), int(self.query[end])


@dataclass
class Reply:
    """``lost`` bytes are promised by Content-Length and never sent."""

    body: object = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    lost: int = 0

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def ok(**keys: object) -> Reply:
    return Reply({"code": 200, "message": "success", **keys})


class Handler(BaseHTTPRequestHandler):
    server: "Stub"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        sent = self.rfile.read(int(headers.get("content-length", 0)))
        asked = Asked(parts.path, parts.query, headers, sent)
        self.server.asked.append(asked)
        reply = self.server.next_reply(asked)
        if reply is None:
            return
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.raw) + reply.lost))
        self.end_headers()
        self.wfile.write(reply.raw)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


class Stub(ThreadingHTTPServer):
    """Answers with ``script`` in order; its last line repeats. None breaks the connection off."""

    daemon_threads = True
    request_queue_size = 64
    script: list[Reply | Callable[[Asked], Reply] | None]
    asked: list[Asked]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.forget()
        self.thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def forget(self) -> None:
        self.script, self.asked = [], []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_reply(self, asked: Asked) -> Reply | None:
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return line(asked) if callable(line) else line

    def handle_error(self, request: object, client_address: object) -> None:
        """The client may hang up early; that is its right."""

    def stop(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class FakeClock:
    def __init__(self, instant: float) -> None:
        self.instant = instant
        self.waits: list[float] = []

    def now(self) -> float:
        return self.instant

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.instant += seconds


class FakeLedger:
    """Allows ``budget`` requests, each after ``wait_s``; ``limits`` are what the client asked to keep."""

    def __init__(self) -> None:
        self.budget, self.wait_s = 1000, 0.0
        self.taken: list[tuple[str, str]] = []
        self.limits: list[tuple[int, float]] = []
        self.exhausted: list[tuple[str, str, int]] = []
        self.exhausted_at: list[float] = []
        self.given_back: list[tuple[str, str, float]] = []

    def take(
        self, account: str, endpoint: str, *, limit: int, kept: int = 0, spacing_s: float, now: float
    ) -> float | None:
        if len(self.taken) >= self.budget - kept:
            return None
        self.taken.append((account, endpoint))
        self.limits.append((limit, spacing_s))
        return self.wait_s

    def exhaust(self, account: str, endpoint: str, *, limit: int, now: float) -> None:
        self.exhausted.append((account, endpoint, limit))
        self.exhausted_at.append(now)

    def give_back(self, account: str, endpoint: str, *, now: float) -> None:
        self.given_back.append((account, endpoint, now))
