"""The simulator as its users see it: start it, act as people, script faults, look at what was said."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict

from .chat import Chat
from .conversations import Conversations
from .deeds import Deeds
from .deliveries import Deliveries
from .faults import Faults
from .files import Files
from .gate import Gate
from .journal import Journal
from .limits import RateLimits
from .page_api import ME, PageApi
from .people import USERS
from .responses import Responses
from .routes import Routes
from .server import SlackServer
from .triggers import Triggers
from .values import TEAM_NAME, Delivery, Exchange, Injection, Json, Message
from .views import Views
from .web_api import WebApi, method_table
from .wire import page_message
from .workspace import Workspace

COMMANDS = (
    ("/agora-call", "<cname> [since]", "calls of a channel"),
    ("/agora-user", "<uid> [since]", "what a user went through"),
    ("/agora-live", "[metric ...] [project]", "the last hour beside yesterday and last week"),
    ("/agora-usage", "[7d]", "users, sessions and channels a day"),
    ("/agora-incidents", "[open | 24h | 7d]", "what is wrong now, or was"),
    ("/agora-incident", "<number> [ack | assign | note | link | snooze | silence | resolve]", "look and act"),
    ("/agora-silence", "<matchers> <duration> <reason> | list | end <number>", "keep alerts quiet"),
    ("/agora-rules", "[explain <name> | pause <name> 2h why | resume <name>]", "what I watch for"),
    ("/agora-status", "", "how I am: feeds, quota, messages, rules"),
    ("/agora-help", "[command]", "what I can do"),
)


class SlackSimulator:
    """A strict pretend Slack on loopback.

    ``now`` is the time that messages bear and may run faster than the wall; ``wall`` is the real time of
    signatures, acknowledgements, triggers, response addresses and rate limits. ``enforce_post_rate=False``
    switches the natural rate limits off; scripted ones stay.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        wall: Callable[[], float],
        signing_secret: str,
        bot_token: str,
        channels: Sequence[str] = ("rtc-quality", "general"),
        injections: Sequence[Injection] = (),
        status: Callable[[], str] = lambda: "",
        enforce_post_rate: bool = True,
        commands: Sequence[tuple[str, str, str]] = COMMANDS,
        ack_timeout_s: float = 3.0,
    ) -> None:
        self._status = status
        self._injections = injections
        self._commands = commands
        self._server: SlackServer | None = None
        self._base = ""
        self._faults = Faults()
        self._workspace = workspace = Workspace(now=now, channels=channels)
        self._journal = journal = Journal(secrets=(bot_token, signing_secret), on_entry=workspace.touch)
        self._deliveries = Deliveries(
            wall=wall, signing_secret=signing_secret, ack_timeout_s=ack_timeout_s, journal=journal
        )
        limits = RateLimits(wall=wall, enforced=enforce_post_rate)
        triggers = Triggers(wall=wall)
        gate = Gate(faults=self._faults, journal=journal, wall=wall)
        responses = Responses(workspace, wall=wall, base=lambda: self._base)
        self._files = files = Files(workspace, base=lambda: self._base)
        self._views = Views(triggers)
        self._deeds = deeds = Deeds(
            workspace=workspace,
            deliveries=self._deliveries,
            responses=responses,
            triggers=triggers,
            journal=journal,
        )
        methods = method_table(
            chat=Chat(workspace, limits),
            conversations=Conversations(workspace),
            views=self._views,
            files=files,
            base=lambda: self._base,
        )
        page = PageApi(
            workspace=workspace,
            deeds=deeds,
            journal=journal,
            snapshot=self.snapshot,
            injections=injections,
            commands=[command for command, _, _ in commands],
        )
        self._routes = Routes(
            web_api=WebApi(bot_token=bot_token, methods=methods, limits=limits, gate=gate),
            responses=responses,
            files=files,
            page=page,
            gate=gate,
        )

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, on a free port unless one is named, and return the address of the page."""
        self._server = SlackServer(host, port, self._routes.answer)
        self._base = f"http://127.0.0.1:{self._server.server_port}/"
        self._routes.port = self._server.server_port
        return self._base

    def stop(self) -> None:
        """Close the server and every connection; safe to call twice."""
        self._workspace.close()
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def api_url(self) -> str:
        """The ``base_url`` for a WebClient; only known after ``start``."""
        return f"{self._base}api/"

    def connect(self, app_url: str) -> None:
        """Name the address that takes the signed requests, e.g. http://127.0.0.1:3000/slack/events."""
        self._deliveries.app_url = app_url

    def command(
        self, command: str, text: str, *, channel: str = "rtc-quality", user: str = "U_ALICE"
    ) -> Delivery:
        """Type a slash command; also one that the app has not registered."""
        return self._deeds.command(command, text, channel=channel, user=user)

    def click(
        self,
        *,
        channel: str,
        ts: str,
        action_id: str,
        value: str | None = None,
        block_id: str | None = None,
        user: str = "U_ALICE",
    ) -> Delivery:
        """Press a button or choose ``value`` in a menu; raise LookupError where there is none such."""
        return self._deeds.click(
            channel=channel, ts=ts, action_id=action_id, value=value, block_id=block_id, user=user
        )

    def mention(
        self, text: str, *, channel: str = "rtc-quality", user: str = "U_ALICE", thread_ts: str | None = None
    ) -> Delivery:
        """Mention the bot; the Delivery carries the ``event_id`` for ``redeliver``."""
        return self._deeds.mention(text, channel=channel, user=user, thread_ts=thread_ts)

    def say(
        self, text: str, *, channel: str = "rtc-quality", user: str = "U_ALICE", thread_ts: str | None = None
    ) -> str:
        """Post a person's plain message, of which the bot does not hear, and return its ``ts``."""
        return self._deeds.say(text, channel=channel, user=user, thread_ts=thread_ts).ts

    def redeliver(self, event_id: str) -> Delivery:
        """Deliver an event again, with Slack's retry headers; raise ValueError after the third time."""
        return self._deeds.redeliver(event_id)

    def fault(
        self, method: str, error: str, *, times: int = 1, retry_after: int = 1, delay_s: float = 0.5
    ) -> None:
        """Let the next calls of a method fail; ``response_url`` and ``upload`` are methods here too.

        ``error`` is ``ratelimited``, ``http500``, ``drop_before``, ``drop_after`` (what was asked is done,
        then the connection drops), ``hang``, ``hang_after``, ``slow`` (done at once, answered ``delay_s``
        later), or any Slack error name.
        """
        self._faults.add(method, error, times=times, retry_after=retry_after, delay_s=delay_s)

    def calm(self) -> None:
        """Forget the faults that nobody has met yet."""
        self._faults.clear()

    def snapshot(self) -> Json:
        """Return what ``GET /_sim/state`` answers."""
        status, workspace = self._status(), self._workspace
        with workspace.changed:
            return {
                "seq": workspace.seq,
                "now": workspace.now(),
                "status": status,
                "team": TEAM_NAME,
                "me": ME,
                "users": {user.id: _user(user.id) for user in USERS.values()},
                "channels": [
                    {"id": channel.id, "name": channel.name, "messages": self.messages(channel.id)}
                    for channel in workspace.channels.values()
                ],
                "commands": [
                    {"command": command, "usage_hint": hint, "description": description}
                    for command, hint, description in self._commands
                ],
                "injections": [
                    {"name": one.name, "title": one.title, "description": one.description}
                    for one in self._injections
                ],
            }

    def messages(self, channel: str, *, roots_only: bool = False) -> list[Json]:
        """Return the messages of a channel in ``ts`` order; roots are neither replies nor ephemeral."""
        place = self._workspace.channel(channel)
        with self._workspace.changed:
            counts = self._workspace.reply_counts(place)
            said = self._workspace.said(place, ephemeral=True)
        return [page_message(one, counts[one.ts]) for one in said if not roots_only or _is_root(one)]

    def views(self, user: str = "U_ALICE") -> list[Json]:
        """Return the open modals of a user, the topmost last."""
        return self._views.shown(user)

    def home(self, user: str = "U_ALICE") -> Json | None:
        """Return the App Home tab that was published for a user."""
        return self._views.home(user)

    def upload(self, file_id: str) -> bytes | None:
        """Return the bytes that the bot uploaded under a file id."""
        return self._files.content(file_id)

    def journal(self) -> list[Exchange]:
        """Return the last 500 requests in both directions with their answers, without secrets."""
        return self._journal.entries()

    def violations(self) -> list[str]:
        """Return what the bot did that Slack refuses; scripted faults are not the bot's doing."""
        return self._journal.violations()

    def wait_for(self, predicate: Callable[["SlackSimulator"], bool], timeout_s: float) -> bool:
        """Wait until the predicate holds, asked after every change; return whether it does."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._workspace.touch()

        timer = threading.Timer(timeout_s, expire)
        timer.start()
        try:
            while True:
                seq = self._workspace.seq
                if predicate(self):
                    return True
                if expired.is_set() or self._workspace.is_closed:
                    return False
                self._workspace.wait_beyond(seq, timeout_s)
        finally:
            timer.cancel()
            timer.join()


def _is_root(message: Message) -> bool:
    return not message.is_reply and message.ephemeral_to is None


def _user(user_id: str) -> Json:
    shown = asdict(USERS[user_id])
    del shown["tz"]
    return shown
