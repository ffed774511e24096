"""POST /agora/alert/<secret>: what Agora's own alerting pushes.

Agora signs nothing, so the address is the password. Whoever does not know it sees what is seen where nothing
is: 404. Agora waits 2 s, and sends an alert up to twice again unless the answer is 200.
"""

import hmac
from collections.abc import Callable, Iterable
from hashlib import sha256

from bot.agora import UnreadableAlert
from bot.store import DatabaseUnavailable
from bot.telemetry import ALERT_CALLBACKS
from bot.web.wsgi import Environ, StartResponse, Wsgi, answer, no_such_page

PREFIX = "/agora/alert/"
MAX_BODY = 65_536

Take = Callable[[bytes], bool]
"""Stores the alert of a body and says whether it is new; raises UnreadableAlert or DatabaseUnavailable."""


def alert_page(secret: str, take: Take) -> Wsgi:
    """Return the application of every path below PREFIX."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not _same(environ["PATH_INFO"].removeprefix(PREFIX), secret):
            ALERT_CALLBACKS.labels("wrong secret").inc()
            return no_such_page(start_response)
        outcome, status, sentence = _taken(environ, take)
        ALERT_CALLBACKS.labels(outcome).inc()
        return answer(start_response, status, f"{sentence}\n", "text/plain; charset=utf-8")

    return application


def _same(given: str, secret: str) -> bool:
    """Compare digests, so that neither the place of a difference nor the length of the secret shows."""
    digests = [sha256(text.encode("utf-8", "surrogateescape")).digest() for text in (given, secret)]
    return hmac.compare_digest(*digests)


def _taken(environ: Environ, take: Take) -> tuple[str, str, str]:
    """Return the outcome for /metrics, the status, and a sentence for the sender."""
    if environ["REQUEST_METHOD"] != "POST":
        return "wrong method", "405 Method Not Allowed", "only POST"
    body = _body(environ)
    if body is None:
        return "too large", "413 Content Too Large", f"more than {MAX_BODY} bytes are no alert"
    try:
        is_new = take(body)
    except UnreadableAlert as error:
        return "unreadable", "400 Bad Request", str(error)
    except DatabaseUnavailable:
        return "no database", "503 Service Unavailable", "the database does not answer; send it again"
    return ("taken" if is_new else "repeated"), "200 OK", "taken"


def _body(environ: Environ) -> bytes | None:
    """Return the body, or None where it is too large, whatever Content-Length says: the server has taken what
    came, chunks or not, up to its own limit."""
    body: bytes = environ["wsgi.input"].read(MAX_BODY + 1)
    return body if len(body) <= MAX_BODY else None
