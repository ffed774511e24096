"""Bolt, set up: one workspace, one token, HTTP or Socket Mode."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.slack.listeners import Listeners
from bot.telemetry import log

_log = log("slack")
LISTENER_THREADS = 20
"""Bolt's default of five lets a fast command wait behind slow ones."""


def web_client(api_url: str, token: str) -> WebClient:
    """Return a client that sends each request once; ``api_url`` is what method names are appended to."""
    return WebClient(token=token, base_url=api_url.rstrip("/") + "/", timeout=10, retry_handlers=[])


def bolt_app(client: WebClient, signing_secret: str, listeners: Listeners) -> App:
    """Return the Bolt app. It makes no request at start, so it starts while Slack is away."""

    def authorize(**_context: Any) -> AuthorizeResult:  # noqa: ANN401 - Bolt passes more with each version
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)

    app = App(
        client=WebClient(base_url=client.base_url, timeout=10, retry_handlers=[]),
        signing_secret=signing_secret or "socket-mode-verifies-nothing",
        authorize=authorize,
        request_verification_enabled=bool(signing_secret),
        ignoring_self_events_enabled=False,
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="bolt"),
    )
    listeners.register(app)

    @app.error
    def on_error(error: Exception) -> None:
        _log.error("a listener failed", error=f"{type(error).__name__}: {error}")

    return app


def socket_mode(app: App, app_token: str, api_url: str) -> SocketModeHandler:
    """Return the handler that keeps a WebSocket to Slack; ``connect()`` it, ``close()`` it at the end."""
    client = web_client(api_url, app_token)
    return SocketModeHandler(app, app_token, web_client=client)


def wsgi(app: App) -> SlackRequestHandler:
    """Return the WSGI application that verifies signatures and serves POST /slack/events."""
    return SlackRequestHandler(app)
