"""One HTTP POST: only to the address that is configured, never after a redirect, never for longer than it
may."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import requests

from bot.agora.deadline import DeadlineAdapter
from bot.flows.notify import Busy, Refused, Unreachable

TIMEOUT_S = (3.05, 8.0)
"""To connect, and from one piece of the answer to the next."""
DEADLINE_S = 10.0
"""For a whole answer."""
_MOST_WAIT_S = 3600.0
_CONNECTIONS = 4


class Poster:
    """Posts bodies. Proxies and credentials of the environment are left alone: the address is what was
    configured. ``steady`` are seconds that only run forward; an answer is given up after ``DEADLINE_S``."""

    def __init__(self, steady: Callable[[], float], timeout_s: tuple[float, float] = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DeadlineAdapter(steady, DEADLINE_S, _CONNECTIONS))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Return when the receiver took the body; raise Busy, Unreachable or Refused."""
        where = host_of(url)
        try:
            with self._session.post(
                url,
                data=body,
                headers=dict(headers),
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                status, retry_after = answer.status_code, answer.headers.get("Retry-After", "")
        except (requests.RequestException, ValueError) as error:
            raise Unreachable(f"{where} does not answer ({type(error).__name__})") from None
        if status < 300:
            return
        if status == 429 or (status == 503 and retry_after):
            raise Busy(_seconds(retry_after))
        if status >= 500 or status == 408:
            raise Unreachable(f"{where} answers HTTP {status}")
        if status < 400:
            raise Refused(f"{where} redirects (HTTP {status}); configure the address it redirects to")
        raise Refused(f"{where} answers HTTP {status}; check its address, its key and what it takes")

    def close(self) -> None:
        self._session.close()


def host_of(url: str) -> str:
    """Return the host of an address, for people: the rest of it may be secret."""
    try:
        return urlsplit(url).hostname or "the receiver"
    except ValueError:
        return "the receiver"


def _seconds(retry_after: str) -> float:
    try:
        return min(_MOST_WAIT_S, max(1.0, float(retry_after)))
    except ValueError:
        return 30.0
