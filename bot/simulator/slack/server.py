"""The HTTP door of the pretend Slack: reads requests and writes answers."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socket import SHUT_RDWR
from urllib.parse import urlsplit

from bot.simulator.loopback import LoopbackServer

from .values import Answer, Request

BODY_AT_MOST = 5_000_000

Route = Callable[[Request], Answer]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SlackSimulator"
    sys_version = ""
    disable_nagle_algorithm = True
    server: "SlackServer"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the journal tells what happened."""

    def _serve(self) -> None:
        announced = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not announced.isdecimal():
            self._refuse_body(411, "length_required")
        elif int(announced) > BODY_AT_MOST:
            self._refuse_body(413, "request_too_large")
        else:
            self._answer(self.server.route(self._request(int(announced))))

    def _request(self, length: int) -> Request:
        parts = urlsplit(self.path)
        return Request(
            verb=self.command,
            path=parts.path,
            query=parts.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )

    def _refuse_body(self, status: int, error: str) -> None:
        self.close_connection = True
        self._answer(
            Answer(status=status, body={"ok": False, "error": error}, headers={"Connection": "close"})
        )

    def _answer(self, answer: Answer) -> None:
        if answer.fate:
            self._abandon(answer.fate)
            return
        body, kind = _encoded(answer)
        self.send_response(answer.status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _abandon(self, fate: str) -> None:
        self.close_connection = True
        if fate == "hang":
            # Nothing more is read until the client gives up or stop() closes the connection.
            self.connection.recv(1)
        self.connection.shutdown(SHUT_RDWR)


class SlackServer(LoopbackServer):
    """Gives every request to ``route``."""

    def __init__(self, host: str, port: int, route: Route) -> None:
        self.route = route
        super().__init__(host, port, Handler, "slack-simulator")


def _encoded(answer: Answer) -> tuple[bytes, str]:
    match answer.body:
        case bytes():
            return answer.body, answer.content_type
        case str():
            return answer.body.encode(), answer.content_type or "text/plain; charset=utf-8"
    return json.dumps(answer.body).encode(), "application/json; charset=utf-8"
