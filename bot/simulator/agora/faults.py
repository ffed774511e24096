"""Faults by script: the next requests of an endpoint fail as told, whatever they ask."""

import threading
from collections import defaultdict, deque
from collections.abc import Mapping

from .endpoints import Endpoint
from .refusals import GATEWAY_RATE, NO_ROUTE, UNAUTHORIZED, UNKNOWN_ERROR, package_limit
from .values import Answer

EVERY = "*"
KINDS = {
    "qps": package_limit("qps", status=429),
    "qpd": package_limit("qpd", status=300),
    "qps_http200": package_limit("qps"),
    "html502": Answer(
        status=502,
        body=b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
        content_type="text/html",
    ),
    "http500": UNKNOWN_ERROR,
    "hang": Answer(status=0, fate="hang"),
    "drop": Answer(status=0, fate="drop"),
    "malformed": Answer(body=b'{"code": 200, "message": "success", "data": [{"ts": 15'),
    "null_data": Answer(body={"code": 200, "message": "success", "data": None}),
    "no_code_429": GATEWAY_RATE,
    "gone404": NO_ROUTE,
    "unauthorized": UNAUTHORIZED,
}


class Faults:
    """Queues of kinds by path; those of a path come before those of ``*``."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._endpoints = endpoints
        self._lock = threading.Lock()
        self._queued: dict[str, deque[str]] = defaultdict(deque)

    def add(self, endpoint: str, kind: str, times: int) -> None:
        """Queue a fault; raise ValueError naming what there is when the endpoint or kind is unknown, and for
        less than one time."""
        _check("endpoint", endpoint, (EVERY, *self._endpoints))
        _check("fault", kind, tuple(KINDS))
        if times < 1:
            raise ValueError(f"a fault cannot happen {times} times")
        with self._lock:
            self._queued[endpoint].extend([kind] * times)

    def take(self, path: str) -> Answer | None:
        """Return the next faulty answer of a path and forget it."""
        with self._lock:
            for queued in (self._queued[path], self._queued[EVERY]):
                if queued:
                    return self.broken(path, queued.popleft())
        return None

    def broken(self, path: str, kind: str) -> Answer:
        """Return the answer of one kind of fault; null data take the keys of their endpoint."""
        endpoint = self._endpoints.get(path)
        if kind == "null_data" and endpoint is not None:
            return Answer(body={"code": 200, "message": "success"} | dict.fromkeys(endpoint.rows))
        return KINDS[kind]


def _check(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise ValueError(f"unknown {what} {name!r}; known: {', '.join(known)}")
