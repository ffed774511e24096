"""Socket Mode: a command that comes over a WebSocket is acknowledged there and answered like any other."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from bot.flows.access import Access
from bot.flows.answer import Desk
from bot.render import Renderer
from bot.slack.app import bolt_app, socket_mode, web_client
from bot.slack.listeners import Listeners
from bot.slack.replies import Replies
from bot.store import Database
from tests.conftest import T0

ENVELOPE = "57d6a792-4d35-4d0b-b6aa-3361493e1caf"


@dataclass
class SocketSlack:
    """Hands out a WebSocket, sends one command through it, and keeps what comes back."""

    url: str = ""
    acks: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    acked: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)

    def talk(self, connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "hello", "num_connections": 1}))
        payload = {
            "command": "/agora-help",
            "text": "",
            "user_id": "U1",
            "team_id": "T1",
            "channel_id": "C1",
            "response_url": f"{self.url}/response/1",
        }
        envelope = {"type": "slash_commands", "envelope_id": ENVELOPE, "payload": payload}
        connection.send(json.dumps(envelope | {"accepts_response_payload": True}))
        for frame in connection:
            self.acks.append(json.loads(frame))
            self.acked.set()


@pytest.fixture
def socket_slack() -> Iterator[SocketSlack]:
    slack = SocketSlack()
    sockets = serve(slack.talk, "127.0.0.1", 0)
    address = sockets.socket.getsockname()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said: dict[str, Any] = {"ok": True}
            if self.path == "/api/apps.connections.open":
                slack.tokens.append(self.headers["Authorization"])
                said["url"] = f"ws://127.0.0.1:{address[1]}/link"
            else:
                slack.answers.append(json.loads(body))
                slack.answered.set()
            content = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    slack.url = f"http://127.0.0.1:{http.server_port}"
    threads = [threading.Thread(target=server.serve_forever) for server in (sockets, http)]
    for thread in threads:
        thread.start()
    yield slack
    sockets.shutdown()
    http.shutdown()
    http.server_close()
    for thread in threads:
        thread.join()


def test_a_command_over_a_web_socket_is_acknowledged_and_answered(
    socket_slack: SocketSlack, sqlite: Database, renderer: Renderer
) -> None:
    api_url = f"{socket_slack.url}/api"
    desk = Desk(
        database=sqlite,
        clients={},
        projects=(),
        kept_s=3 * 86_400,
        events_kept_s=30 * 86_400,
        renderer=renderer,
        now=lambda: T0,
        wall=lambda: T0,
        access=Access(members=lambda _group: frozenset()),
        blind=lambda _rules: {},
        book=lambda: None,
        say=lambda channel, message, ts: None,
        whisper=lambda channel, user, message, ts: None,
    )
    listeners = Listeners(desk, Replies(api_url))
    app = bolt_app(web_client(api_url, "xoxb-1"), "", listeners)
    handler = socket_mode(app, "xapp-1", api_url)
    handler.connect()
    try:
        assert socket_slack.acked.wait(10)
        assert socket_slack.answered.wait(10)
    finally:
        handler.close()
        listeners.close(timeout_s=5)
    assert [ack["envelope_id"] for ack in socket_slack.acks] == [ENVELOPE]
    assert "/agora-call" in json.dumps(socket_slack.answers[0])
    assert socket_slack.tokens == ["Bearer xapp-1"]
