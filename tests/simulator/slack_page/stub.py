"""A server as small as the page allows: its files, a state that tests change, deeds that are only noted."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

PAGE = Path(__file__).parents[3] / "bot" / "simulator" / "slack" / "page"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
DELIVERED: Json = {"ok": True, "status": 200, "body": "", "took_s": 0.042, "error": None}
LONG_POLL_S = 20.0
POST_S = 5.0


class Stub:
    """What the page talks to. ``posts`` holds (deed, body) of what it did, in order."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.answers = threading.Event()
        self.is_closed = False
        self.reset({"seq": 0})
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def reset(self, state: Json) -> None:
        """Begin anew with this state; polls of the page before it end."""
        with self.changed:
            self.state = state
            self.journal: list[Json] = []
            self.posts: list[tuple[str, Json]] = []
            self.outcome = DELIVERED
            self.is_broken = False
            self.answers.set()
            self.changed.notify_all()

    def say(self, *messages: Json, channel: int = 0) -> None:
        """Add messages, or replace those with the same ``ts``, and tell the page."""
        with self.changed:
            place = self.state["channels"][channel]
            by_ts = {one["ts"]: one for one in (*place["messages"], *messages)}
            place["messages"] = [by_ts[ts] for ts in sorted(by_ts, key=float)]
        self.bump()

    def bump(self) -> None:
        with self.changed:
            self.state["seq"] += 1
            self.changed.notify_all()

    def posted(self, count: int = 1) -> list[tuple[str, Json]]:
        """Wait until the page has done that much; return (deed, body) of all it did."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.posts) >= count, POST_S)
            return [*self.posts]

    def close(self) -> None:
        with self.changed:
            self.is_closed = True
            self.changed.notify_all()
        self.answers.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that closes hangs up on its long poll; nobody need hear of it."""


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            if parts.path == "/" or parts.path.startswith("/static/"):
                return self._file(parts.path.removeprefix("/static/").lstrip("/") or "index.html")
            if stub.is_broken:
                return self._say(500, b"{}", "application/json")
            match parts.path:
                case "/_sim/state":
                    with stub.changed:
                        return self._json(stub.state)
                case "/_sim/wait":
                    return self._wait(int(query["seq"][0]))
                case "/_sim/journal":
                    after = int(query["after"][0])
                    entries = [one for one in stub.journal if one["n"] > after]
                    return self._json({"entries": entries, "next": entries[-1]["n"] if entries else after})
            return self._say(404, b"{}", "application/json")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["X-Simulator"] == "1"
            with stub.changed:
                stub.posts.append((self.path.removeprefix("/_sim/"), body))
                stub.changed.notify_all()
            stub.answers.wait(LONG_POLL_S)
            self._json(stub.outcome)

        def _wait(self, seq: int) -> None:
            with stub.changed:
                stub.changed.wait_for(lambda: stub.state["seq"] > seq or stub.is_closed, LONG_POLL_S)
                now = stub.state["seq"]
            self._json({"seq": now})

        def _file(self, name: str) -> None:
            path = PAGE / name
            if path.is_file() and path.parent == PAGE:
                return self._say(200, path.read_bytes(), TYPES[path.suffix])
            return self._say(404, b"", "text/plain")

        def _json(self, body: Json) -> None:
            self._say(200, json.dumps(body).encode(), "application/json")

        def _say(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store" if kind == "application/json" else "max-age=600")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    return Handler
