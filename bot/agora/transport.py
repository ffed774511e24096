"""One request over HTTPS: a pooled session without retries, redirects or cookies, and a bounded body."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote, urlencode, urlsplit

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from bot.agora.account import Credentials
from bot.agora.deadline import DeadlineAdapter
from bot.agora.errors import MalformedAnswer, Unreachable
from bot.agora.plan import Endpoint

SERIES_AT_MOST = 64 * 1024 * 1024
"""Several times the largest answer that three hours of ten users can make (about 18 MB); series are read one
by one, so that they take little more memory than their text."""
ROWS_AT_MOST = 4 * 1024 * 1024
"""Ten times what fits into other answers: a hundred calls of 600 bytes, an hour of 20 s for ten users, or a
month of hours, at 100 bytes a row. Read, a row takes forty times its text: 48 MB of them took 2 GB."""
_WITH_SERIES = ("call/details", "call/metrics")
DEADLINE_S = 60.0
"""For a whole answer, by the clock of the bot."""
PRIMARY_HOSTS = ("https://api.agora.io", "https://api.sd-rtn.com")
"""Source: Agora's page on switching domain names; today's examples of Analytics use both."""
_PIECE = 64 * 1024
_CONNECTIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it came; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """The connections of one account to its hosts. May be used from several threads."""

    def __init__(
        self,
        *,
        base_url: str,
        other_hosts: Sequence[str] = (),
        credentials: Credentials,
        timeout_s: tuple[float, float],
        now: Callable[[], float],
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._hosts = hosts(base_url, other_hosts)
        self.answering = 0
        """The host that answered last: while another is down, a poll would pay for asking it first."""
        self._account = credentials.account
        self._timeout_s = timeout_s
        self._session = requests.Session()
        adapter = DeadlineAdapter(now, deadline_s, _CONNECTIONS)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.auth = HTTPBasicAuth(
            credentials.customer_id.encode(), credentials.customer_secret.encode()
        )
        self._session.headers["Accept"] = "application/json"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @property
    def hosts(self) -> int:
        """How many hosts there are to ask."""
        return len(self._hosts)

    def send(self, endpoint: Endpoint, app_id: str, asked: Mapping[str, object], host: int = 0) -> Reply:
        """Return Agora's answer, whatever its status. Raise Unreachable, or MalformedAnswer if too large."""
        query = {"appid": app_id} if endpoint.posts else {"appid": app_id, **asked}
        url = f"{self._hosts[host]}{endpoint.path}?{urlencode(query, quote_via=quote)}"
        try:
            with self._session.request(
                "POST" if endpoint.posts else "GET",
                url,
                json=asked if endpoint.posts else None,
                stream=True,
                allow_redirects=False,
                timeout=self._timeout_s,
            ) as response:
                body = self._read(response, endpoint)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(status=response.status_code, headers=headers, body=body)
        except requests.exceptions.ContentDecodingError:
            raise MalformedAnswer(
                account=self._account, endpoint=endpoint.name, detail="its compression is broken"
            ) from None
        except requests.RequestException as error:
            # Without the cause: its text holds URLs, which may name a proxy's password.
            raise Unreachable(
                account=self._account, endpoint=endpoint.name, detail=_reason(error), sent=not _unsent(error)
            ) from None

    def _read(self, response: requests.Response, endpoint: Endpoint) -> bytes:
        body, at_most = bytearray(), SERIES_AT_MOST if endpoint.name in _WITH_SERIES else ROWS_AT_MOST
        for piece in response.iter_content(_PIECE):
            body += piece
            if len(body) > at_most:
                detail = f"it is larger than {at_most // 2**20} MB"
                raise MalformedAnswer(account=self._account, endpoint=endpoint.name, detail=detail)
        return bytes(body)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


def hosts(base_url: str, other_hosts: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses that may be asked: the configured one first, then the others, each once.

    Without others named, a documented primary host has the other primary host beside it.
    """
    first = _checked(base_url)
    others = other_hosts or [host for host in PRIMARY_HOSTS if first in PRIMARY_HOSTS]
    return tuple(dict.fromkeys((first, *map(_checked, others))))


def _checked(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ValueError("Agora's base URL must be like https://api.agora.io, without credentials or query")
    return base_url.rstrip("/")


def _unsent(error: requests.RequestException) -> bool:
    """Tell whether there was no connection at all: no address, none that answered in time, or a refusal.

    A failed TLS handshake or proxy counts as sent, since what passed before is not known here.
    """
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return False
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _reason(error: requests.RequestException) -> str:
    """Return the kind of failure in words; the order matters, as the kinds are nested."""
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (requests.exceptions.ConnectTimeout, "no connection in time"),
        (requests.exceptions.Timeout, "no answer in time"),
        (requests.exceptions.SSLError, "TLS failed"),
        (requests.exceptions.ProxyError, "the proxy failed"),
        (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    )
    for kind, words in kinds:
        if isinstance(error, kind):
            return words
    if "Read timed out" in str(error):  # a body's time-out comes as a ConnectionError
        return "no answer in time"
    if "NameResolutionError" in repr(error):
        return "its name could not be resolved"
    return "the connection failed"
