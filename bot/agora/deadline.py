"""A deadline for whole answers: the time-outs of requests bound the pause between two pieces, not their sum.

A body of a byte a second, or a header without an end, would hold a thread for hours. The deadline is looked
at wherever the answer's socket is read, so that it holds for headers, bodies and TLS alike.
"""

import http.client
import io
import socket
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import ConnectionPool

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class DeadlineAdapter(HTTPAdapter):
    """Connections on which an answer may take ``deadline_s`` seconds of ``now``; then TimeoutError ends it.

    They never repeat a request: the ledger would not have counted it.
    """

    def __init__(self, now: Callable[[], float], deadline_s: float, connections: int) -> None:
        self._response = partial(_Response, now=now, deadline_s=deadline_s)
        super().__init__(max_retries=0, pool_maxsize=connections)

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: str | tuple[str, str] | None = None,
    ) -> ConnectionPool:
        """Return the pool of a host, or of the proxy before it."""
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        pool.ConnectionCls = partial(_connected, type(pool).ConnectionCls, self._response)
        return cast(ConnectionPool, pool)


def _connected(
    connect: Callable[..., Any], response: Callable[..., Any], **keywords: object
) -> HTTPConnection:
    connection = connect(**keywords)
    connection.response_class = response
    return cast(HTTPConnection, connection)


class _Response(http.client.HTTPResponse):
    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        *,
        now: Callable[[], float],
        deadline_s: float,
    ) -> None:
        super().__init__(sock, debuglevel, method)
        self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock, now, now() + deadline_s))


class _Timed(io.RawIOBase):
    """Reads ``raw``, the file of ``sock``, until ``deadline``."""

    def __init__(
        self, raw: io.RawIOBase, sock: socket.socket, now: Callable[[], float], deadline: float
    ) -> None:
        self._raw, self._sock, self._now, self._deadline = raw, sock, now, deadline
        self._pause_s = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left_s = self._deadline - self._now()
        if left_s <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left_s if self._pause_s is None else min(left_s, self._pause_s))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(self._pause_s)

    def close(self) -> None:
        self._raw.close()
        super().close()
