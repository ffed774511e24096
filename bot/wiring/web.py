"""The process that answers Slack and monitoring."""

import threading
from functools import partial
from importlib.metadata import version
from platform import python_version

from bot.config import ids_of
from bot.flows import callback
from bot.flows.access import Access
from bot.flows.answer import Desk
from bot.flows.blind import blind_rules
from bot.flows.rulebook import OnDisk
from bot.model.catalog import Feed
from bot.model.message import Message
from bot.model.time import DAY_S
from bot.rules import RuleSet
from bot.slack.app import bolt_app, socket_mode, wsgi
from bot.slack.listeners import Listeners
from bot.slack.replies import Replies
from bot.slack.sender import Sender
from bot.telemetry import log
from bot.web import Server, alert_page, door
from bot.web.wsgi import Wsgi
from bot.wiring.parts import STOP_S, Parts

_log = log("wiring")


class Web:
    """Answers Slack (HTTP, or Socket Mode where an app token is set) and monitoring, until it is closed."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        desk = Desk(
            database=parts.database,
            clients=parts.clients,
            projects=parts.projects,
            kept_s=max(p.endpoints[p.polled[Feed.CALLS]].keeps_s for p in parts.profiles.values()),
            events_kept_s=settings.retention_events_days * DAY_S,
            renderer=parts.renderer,
            now=parts.clock.now,
            wall=parts.wall,
            parts=_versions(parts),
            access=Access(
                readers=ids_of(settings.slack_readers),
                actors=ids_of(settings.slack_actors),
                team=settings.slack_team,
                members=parts.sender.members,
            ),
            blind=partial(_blind, parts),
            book=OnDisk(settings.rules_dir),
            say=partial(_say, parts.sender),
            whisper=parts.sender.whisper,
        )
        self._clock, self._stopping = parts.clock, parts.stopping
        self._listeners = Listeners(desk, Replies(settings.slack_api_url))
        app_token = settings.slack_app_token.get_secret_value()
        app = bolt_app(parts.slack, settings.slack_signing_secret.get_secret_value(), self._listeners)
        self._socket = socket_mode(app, app_token, settings.slack_api_url) if app_token else None
        slack = None if self._socket else wsgi(app)
        application = door(parts.database, parts.clock.now, slack, _alert_page(parts))
        self._server = Server(application, settings.host, settings.port)

    @property
    def port(self) -> int:
        return self._server.port

    def start(self) -> None:
        self._server.start()
        if self._socket:
            threading.Thread(target=self._connect, name="socket mode", daemon=True).start()
        _log.info("listening", port=self.port, slack="Socket Mode" if self._socket else "POST /slack/events")

    def _connect(self) -> None:
        """Open the WebSocket; while Slack is away, try again."""
        wait_s = 2.0
        while self._socket and not self._clock.wait(0, self._stopping):
            try:
                self._socket.connect()  # type: ignore[no-untyped-call]  # slack-bolt
                return
            except Exception as error:  # noqa: BLE001 - slack-sdk raises whatever its HTTP client does
                _log.error("Slack cannot be reached by Socket Mode", error=str(error), again_in_s=wait_s)
            self._clock.wait(wait_s, self._stopping)
            wait_s = min(60.0, wait_s * 2)

    def close(self) -> None:
        self._stopping.set()
        if self._socket:
            self._socket.close()  # type: ignore[no-untyped-call]  # slack-bolt
        self._server.close()
        self._listeners.close(timeout_s=STOP_S)


def _blind(parts: Parts, rules: RuleSet) -> dict[str, str]:
    """Return the rules that no poll can feed in some account, with the reason."""
    found: dict[str, str] = {}
    for account, known in parts.profiles.items():
        projects = [p for p in parts.projects if p.account == account]
        found = blind_rules(rules, known, projects, alerts=parts.settings.takes_alerts) | found
    return found


def _versions(parts: Parts) -> tuple[str, ...]:
    """Return what runs, for people."""
    database = "SQLite" if parts.settings.database_url.startswith("sqlite") else "PostgreSQL"
    accounts = [f"{name}: {known.plan or known.dialect}" for name, known in parts.profiles.items()]
    return (f"agora-bot {version('agora-bot')}", f"Python {python_version()}", database, *accounts)


def _say(sender: Sender, channel: str, message: Message, thread_ts: str) -> None:
    sender.post(channel, message, None, thread_ts or None)


def _alert_page(parts: Parts) -> Wsgi | None:
    """Return the page for Agora's own alerts where a secret for its address is set."""
    if not parts.settings.takes_alerts:
        return None

    def take(body: bytes) -> bool:
        return callback.take(parts.database, parts.projects, body, parts.clock.now())

    return alert_page(parts.settings.agora_alert_secret.get_secret_value(), take)
