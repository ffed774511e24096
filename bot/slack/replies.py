"""Answer a person through the ``response_url`` that Slack gave with the question."""

import http.client
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.model.message import Message
from bot.slack.sender import bodies
from bot.telemetry import SLACK_REQUESTS, log

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_log = log("slack")


class Replies:
    """Posts to response URLs of Slack's own hosts and of the configured Slack, and of no other."""

    def __init__(self, api_url: str) -> None:
        host = urlsplit(api_url).hostname or ""
        self._hosts = {host, "hooks.slack.com"} | (_LOOPBACK if host in _LOOPBACK else set())

    def send(self, response_url: str, message: Message) -> bool:
        """Answer so that only the asker sees it; return whether Slack took it. Failures are logged."""
        if urlsplit(response_url).hostname not in self._hosts:
            _log.error("a response_url of a foreign host was refused", host=urlsplit(response_url).hostname)
            return False
        client = WebhookClient(response_url, timeout=10, retry_handlers=[])
        for body in bodies(message):
            status, text = _post(client, body)
            if status == 200:
                return True
            if status == 0 or status >= 500:
                break
            _log.warning("Slack refused an answer, trying simpler blocks", status=status, body=text[:200])
        return False


def _post(client: WebhookClient, body: dict[str, Any]) -> tuple[int, str]:
    try:
        response = client.send_dict(body | {"response_type": "ephemeral", "replace_original": False})
    except (OSError, http.client.HTTPException, SlackClientError) as error:
        _log.error("an answer did not reach Slack", error=f"{type(error).__name__}: {error}")
        SLACK_REQUESTS.labels("response_url", "unreachable").inc()
        return 0, ""
    SLACK_REQUESTS.labels("response_url", str(response.status_code)).inc()
    return response.status_code, response.body
