"""One WSGI application: POST /slack/events and /agora/alert/<secret>, GET /healthz, /readyz and /metrics."""

import json
from collections.abc import Callable, Iterable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.store import Database, DatabaseUnavailable, SchemaBehind
from bot.telemetry import HTTP_REFUSED, REGISTRY, log
from bot.web.alert import PREFIX
from bot.web.state import shared_state
from bot.web.wsgi import Environ, StartResponse, Wsgi, answer, no_such_page

MAX_BODY = 1_000_000
_log = log("web")


def door(database: Database, now: Callable[[], float], slack: Wsgi | None, alert: Wsgi | None = None) -> Wsgi:
    """Return the application; without ``slack`` (Socket Mode, or a lone worker) and without ``alert`` (no
    secret is set) their paths are 404."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "")
        if path == "/slack/events" and slack is not None:
            return _slack(slack, environ, start_response)
        if path.startswith(PREFIX) and alert is not None:
            return alert(environ, start_response)
        pages = {"/healthz": _healthz, "/readyz": _readyz, "/metrics": _metrics}
        if path not in pages:
            return no_such_page(start_response)
        if method not in ("GET", "HEAD"):
            return answer(start_response, "405 Method Not Allowed", "only GET\n")
        status, body, kind = pages[path](database, now)
        return answer(start_response, status, body, kind)

    return application


def _slack(slack: Wsgi, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Refuse what Bolt does not: bodies without end, and headers on which its verifier stumbles."""
    if environ.get("REQUEST_METHOD") != "POST":
        return answer(start_response, "405 Method Not Allowed", "only POST\n")
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BODY:
        HTTP_REFUSED.labels("too large").inc()
        return answer(start_response, "413 Content Too Large", "too large\n")
    stamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "0")
    signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
    if not (stamp.isascii() and stamp.isdigit() and signature.isascii()):
        HTTP_REFUSED.labels("timestamp").inc()
        return answer(start_response, "401 Unauthorized", '{"error": "invalid request"}', "application/json")
    try:
        return slack(environ, _counting(start_response))
    except Exception:  # noqa: BLE001 - the door must survive what Bolt cannot parse
        _log.exception("a request of Slack failed")
        return answer(start_response, "400 Bad Request", "cannot be read\n")


def _counting(start_response: StartResponse) -> StartResponse:
    def counted(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
        if status.startswith("401"):
            HTTP_REFUSED.labels("signature").inc()
        return start_response(status, headers, *rest)

    return counted


def _healthz(_database: Database, _now: Callable[[], float]) -> tuple[str, str, str]:
    return "200 OK", "alive\n", "text/plain"


def _readyz(database: Database, _now: Callable[[], float]) -> tuple[str, str, str]:
    try:
        database.check_schema()
    except (DatabaseUnavailable, SchemaBehind) as error:
        body = json.dumps({"ready": False, "why": str(error)})
        return "503 Service Unavailable", body, "application/json"
    return "200 OK", json.dumps({"ready": True}), "application/json"


def _metrics(database: Database, now: Callable[[], float]) -> tuple[str, str, str]:
    text = generate_latest(REGISTRY) + generate_latest(shared_state(database, now()))
    return "200 OK", text.decode(), CONTENT_TYPE_LATEST
