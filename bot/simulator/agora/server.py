"""The HTTP door of the pretend Agora: reads requests and writes answers."""

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socket import SHUT_RDWR
from urllib.parse import parse_qsl, urlsplit

from bot.simulator.loopback import LoopbackServer

from .values import Answer, Asked

_BODY_LENGTH = re.compile(r"[0-9]{1,6}")

Route = Callable[[Asked], Answer]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "AgoraSimulator"
    sys_version = ""
    disable_nagle_algorithm = True
    server: "AgoraServer"

    def _serve(self) -> None:
        announced = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not _BODY_LENGTH.fullmatch(announced):
            self.close_connection = True
            self._send(Answer(status=400, body={"message": "this body cannot be read"}))
            return
        self._send(self.server.route(self._asked(int(announced))))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the ``Date`` of an answer, by the simulator's clock."""
        return super().date_time_string(self.server.now() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the journal tells what happened."""

    def _asked(self, length: int) -> Asked:
        parts = urlsplit(self.path)
        return Asked(
            verb=self.command,
            path=parts.path,
            params=dict(parse_qsl(parts.query, keep_blank_values=True)),
            authorization=self.headers.get("Authorization", ""),
            body=self.rfile.read(length),
        )

    def _send(self, answer: Answer) -> None:
        if answer.fate:
            self._abandon(answer.fate)
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _abandon(self, fate: str) -> None:
        self.close_connection = True
        if fate == "hang":
            # Returns when the client gives up, or when close() cuts the connection.
            self.connection.recv(1)
        self.connection.shutdown(SHUT_RDWR)


class AgoraServer(LoopbackServer):
    """Gives every request to ``route``, and dates the answers by ``now``."""

    def __init__(self, host: str, port: int, route: Route, now: Callable[[], float]) -> None:
        self.route, self.now = route, now
        super().__init__(host, port, Handler, "agora-simulator")
