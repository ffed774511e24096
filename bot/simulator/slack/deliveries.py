"""Signed requests to the bot, as Slack sends them, with the three seconds it grants.

The signature is HMAC-SHA256 over ``v0:<timestamp>:<body>``, see docs.slack.dev,
"Verifying requests from Slack".
"""

import hashlib
import hmac
import http.client
import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from .journal import Journal
from .values import Delivery

FORM = "application/x-www-form-urlencoded"
BODY_READ = 1_000_000


class Deliveries:
    """Sends to the app's one address and tells what came back."""

    def __init__(
        self, *, wall: Callable[[], float], signing_secret: str, ack_timeout_s: float, journal: Journal
    ) -> None:
        self._wall = wall
        self._signing_secret = signing_secret
        self._ack_timeout_s = ack_timeout_s
        self._journal = journal
        self.app_url: str | None = None

    def send(
        self, label: str, body: str, content_type: str, headers: Mapping[str, str] | None = None
    ) -> Delivery:
        """Deliver a body and return what came of it; ``label`` names it in the journal."""
        at = self._wall()
        signed = {"Content-Type": content_type, **self._signature(body, at), **(headers or {})}
        delivery = self._delivered(body, signed, at)
        self._journal.record(
            at=at,
            took_s=delivery.took_s,
            direction="to_bot",
            method=label,
            status=delivery.status,
            headers=signed,
            request=_readable(body, content_type),
            response=delivery.body
            if delivery.error is None
            else {"error": delivery.error, "body": delivery.body},
        )
        if delivery.error == "operation_timeout":
            self._journal.accuse(f"{label}: not acknowledged within {self._ack_timeout_s:g} s")
        elif delivery.status and delivery.error:
            self._journal.accuse(f"{label}: answered with status {delivery.status}")
        return delivery

    def _signature(self, body: str, at: float) -> dict[str, str]:
        base = f"v0:{int(at)}:{body}".encode()
        digest = hmac.new(self._signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": str(int(at)), "X-Slack-Signature": f"v0={digest}"}

    def _delivered(self, body: str, headers: Mapping[str, str], at: float) -> Delivery:
        if self.app_url is None:
            return Delivery(status=0, body="no app is connected yet", took_s=0.0, error="dispatch_failed")
        try:
            status, answer = _post(self.app_url, body, headers, self._ack_timeout_s)
        except TimeoutError:
            return Delivery(status=0, body="", took_s=self._since(at), error="operation_timeout")
        except (OSError, http.client.HTTPException) as failure:
            reason = f"nothing answers at {self.app_url} ({failure})"
            return Delivery(status=0, body=reason, took_s=self._since(at), error="dispatch_failed")
        error = None if 200 <= status < 300 else "dispatch_failed"
        return Delivery(status=status, body=answer, took_s=self._since(at), error=error)

    def _since(self, at: float) -> float:
        return max(0.0, self._wall() - at)


def _post(url: str, body: str, headers: Mapping[str, str], timeout_s: float) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout_s)
    try:
        connection.request("POST", parts.path or "/", body.encode(), dict(headers))
        response = connection.getresponse()
        return response.status, response.read(BODY_READ).decode("utf-8", "replace")
    finally:
        connection.close()


def _readable(body: str, content_type: str) -> object:
    if content_type != FORM:
        return json.loads(body)
    fields = dict(parse_qsl(body, keep_blank_values=True))
    return json.loads(fields["payload"]) if "payload" in fields else fields
