"""An HTTP server on loopback that knows its open connections and leaves no thread behind."""

import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any

STOP_WITHIN_S = 5.0


class LoopbackServer(ThreadingHTTPServer):
    """Serves from the moment it is made until ``close``, which ends open connections and their threads."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler], name: str) -> None:
        self._lock = threading.Lock()
        self._open: dict[socket, threading.Thread] = {}
        super().__init__((host, port), handler)
        self._main = threading.Thread(target=self.serve_forever, args=(0.02,), name=name, daemon=True)
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
