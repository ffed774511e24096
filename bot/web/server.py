"""Waitress in a thread, with an end."""

import socket
import threading

from waitress.server import create_server

from bot.web.door import MAX_BODY, Wsgi


class AddressInUse(Exception):
    """The address is taken or not ours; the message says which and what to do."""


class Server:
    """Serves a WSGI application from its own thread until it is closed."""

    def __init__(self, application: Wsgi, host: str, port: int, threads: int = 12) -> None:
        try:
            self._server = create_server(
                application,
                host=host,
                port=port,
                threads=threads,
                ident=None,
                clear_untrusted_proxy_headers=True,
                max_request_body_size=MAX_BODY,
            )
        except OSError as error:
            raise AddressInUse(
                f"cannot listen on {host}:{port} ({error.strerror}); set HOST and PORT to a free address"
            ) from None
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.effective_port)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop taking requests and let those that run finish."""
        self._server.close()
        self._server.task_dispatcher.shutdown(timeout=5)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            self._server.run()
        except OSError:
            if self._server.socket.fileno() != -1:
                raise


def loopback_port() -> int:
    """Return a port that is free on 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
