"""The HTTP server on loopback: reads requests, writes answers, and leaves no thread behind."""

import json
import socketserver
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .values import Answer, Asked

BODY_AT_MOST = 1_000_000
STOP_WITHIN_S = 5.0

Route = Callable[[Asked], Answer]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "AgoraSimulator"
    sys_version = ""
    disable_nagle_algorithm = True
    server: "AgoraServer"

    def _serve(self) -> None:
        announced = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not announced.isdecimal() or int(announced) > BODY_AT_MOST:
            self.close_connection = True
            self._send(Answer(status=400, body={"message": "this body cannot be read"}))
            return
        self._send(self.server.route(self._asked(int(announced))))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

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
        self.wfile.write(body)

    def _abandon(self, fate: str) -> None:
        self.close_connection = True
        if fate == "hang":
            # Returns when the client gives up, or when close() cuts the connection.
            self.connection.recv(1)
        self.connection.shutdown(SHUT_RDWR)


class AgoraServer(ThreadingHTTPServer):
    """Knows its open connections, so that ``close`` can end them and wait for their threads."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, route: Route) -> None:
        self.route = route
        self._lock = threading.Lock()
        self._open: dict[socket, threading.Thread] = {}
        super().__init__((host, port), Handler)
        self._main = threading.Thread(
            target=self.serve_forever, args=(0.02,), name="agora-simulator", daemon=True
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
            thread.join(timeout=STOP_WITHIN_S)


def _cut(connection: socket) -> None:
    try:
        connection.shutdown(SHUT_RDWR)
    except OSError:
        return  # the client was faster
