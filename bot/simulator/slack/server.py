"""The HTTP server on loopback: reads requests, writes answers, and leaves no thread behind."""

import json
import socketserver
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import urlsplit

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


class SlackServer(ThreadingHTTPServer):
    """Knows its open connections, so that ``close`` can end them and wait for their threads."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, route: Route) -> None:
        self.route = route
        self._lock = threading.Lock()
        self._open: dict[socket, threading.Thread] = {}
        super().__init__((host, port), Handler)
        self._main = threading.Thread(
            target=self.serve_forever, args=(0.02,), name="slack-simulator", daemon=True
        )
        self._main.start()

    def server_bind(self) -> None:
        # HTTPServer would look its own name up in DNS here.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - typeshed's types
        with self._lock:
            self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                del self._open[request]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - typeshed's types
        """Say nothing of clients that went away; everything else is a fault of the simulator."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening, end the open connections and wait for their threads."""
        self.shutdown()
        self._main.join()
        self.server_close()
        with self._lock:
            still_open = dict(self._open)
        for connection in still_open:
            _cut(connection)
        for thread in still_open.values():
            thread.join(timeout=5.0)


def _cut(connection: socket) -> None:
    try:
        connection.shutdown(SHUT_RDWR)
    except OSError:
        return  # the client was faster


def _encoded(answer: Answer) -> tuple[bytes, str]:
    match answer.body:
        case bytes():
            return answer.body, answer.content_type
        case str():
            return answer.body.encode(), answer.content_type or "text/plain; charset=utf-8"
    return json.dumps(answer.body).encode(), "application/json; charset=utf-8"
