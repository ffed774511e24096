"""Waitress in a thread, with an end."""

import threading
from contextlib import suppress
from typing import Any

from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from bot.web.door import MAX_BODY
from bot.web.wsgi import Wsgi

STOP_S = 6


class AddressInUse(Exception):
    """The address is taken or not ours; the message says which and what to do."""


class Server:
    """Serves a WSGI application from its own thread until it is closed."""

    def __init__(self, application: Wsgi, host: str, port: int, threads: int = 12) -> None:
        self._sockets: dict[int, Any] = {}
        try:
            self._server = create_server(
                application,
                map=self._sockets,
                host=host,
                port=port,
                threads=threads,
                ident=None,
                clear_untrusted_proxy_headers=True,
                max_request_body_size=MAX_BODY,
                connection_limit=1000,
                channel_timeout=20,
                cleanup_interval=5,
            )
        except (OSError, ValueError) as error:
            wasyncore.close_all(map=self._sockets, ignore_all=True)
            why = getattr(error, "strerror", None) or error
            raise AddressInUse(
                f"cannot listen on {host}:{port} ({why}); set HOST and PORT to a free address"
            ) from None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def port(self) -> int:
        listening = getattr(self._server, "effective_listen", None)
        return int(listening[0][1] if listening else self._server.effective_port)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop taking requests, let those that run finish for a while, and close every connection."""
        self._stopping.set()
        for one in list(self._sockets.values()):
            if isinstance(one, BaseWSGIServer):
                with suppress(OSError):  # the thread saw the stop by itself and has closed everything
                    one.pull_trigger()
        self._thread.join(timeout=STOP_S)

    def _run(self) -> None:
        """Serve as waitress does in ``run()``, which has no end but an exception of its own thread."""
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1, map=self._sockets, use_poll=True, count=1)
        self._server.task_dispatcher.shutdown(timeout=STOP_S / 2)
        wasyncore.close_all(map=self._sockets, ignore_all=True)
