"""What Slack delivers: acknowledge at once, then answer from a pool of its own.

Bolt's listener threads only acknowledge, so a command never waits behind the slow answer to another; and what
needs no Agora (acknowledge, silence, help) never waits behind what does. What Slack delivers twice is
answered once, and who may not ask is told so, alone.
"""

import contextlib
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bot.flows.access import Forbidden
from bot.flows.answer import Desk
from bot.flows.conversation import meant
from bot.flows.delivery import SlackBusy, SlackRefused, SlackUnreachable
from bot.flows.question import Unclear
from bot.model.audit import Asker, AuditEntry, Outcome
from bot.model.message import Message
from bot.slack.handlers import ACTIONS, ASKS_AGORA, COMMANDS, EVENTS, Handle, Request
from bot.slack.replies import Replies
from bot.store import DatabaseUnavailable, audit
from bot.telemetry import SLACK_DELIVERIES, log

Body = dict[str, Any]
Reply = Callable[[Message], object]

_log = log("slack")


class Listeners:
    """The commands and buttons of the bot, bound to the desk that answers them."""

    def __init__(self, desk: Desk, replies: Replies, threads: int = 8) -> None:
        self._desk = desk
        self._replies = replies
        self._slow = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="answer")
        self._quick = ThreadPoolExecutor(max_workers=4, thread_name_prefix="act")
        self._running: set[Future[None]] = set()

    def register(self, app: App) -> None:
        """Bind every command and button."""
        for command, handle in COMMANDS.items():
            app.command(command)(self._command(handle))
        for action, handle in ACTIONS.items():
            app.action(action.value)(self._action(handle))
        for event in EVENTS:
            app.event(event)(self._said)

    def close(self, timeout_s: float) -> None:
        """Let running answers finish for a while; what has not begun is dropped."""
        for pool in (self._slow, self._quick):
            pool.shutdown(wait=False, cancel_futures=True)
        wait_for(set(self._running), timeout=timeout_s)

    def _command(self, handle: Handle) -> Callable[..., None]:
        def listener(ack: Ack, command: Body) -> None:
            ack()
            asked = Request(
                what=str(command.get("command", "")),
                words=str(command.get("text", "")),
                asker=Asker(
                    user=str(command.get("user_id", "")),
                    channel=str(command.get("channel_id", "")),
                    team=str(command.get("team_id", "")),
                ),
                key=str(command.get("trigger_id", "")),
            )
            self._later(handle, asked, self._by(command))

        return listener

    def _action(self, handle: Handle) -> Callable[..., None]:
        def listener(ack: Ack, body: Body, action: Body) -> None:
            ack()
            asker = Asker(user=_id(body, "user"), channel=_id(body, "channel"), team=_id(body, "team"))
            where = body.get("container", {}).get("message_ts", "")
            what = str(action.get("action_id", ""))
            key = f"{asker.channel} {where} {asker.user} {what} {action.get('action_ts', '')}"
            asked = Request(what=what, words=str(action.get("value", "")), asker=asker, key=key)
            self._later(handle, asked, self._by(body))

        return listener

    def _said(self, ack: Ack, body: Body, event: Body) -> None:
        """Take what somebody wrote to the bot; of messages, only those of people in a direct message."""
        ack()
        direct = event.get("type") == "message"
        if event.get("bot_id") or event.get("subtype") or (direct and event.get("channel_type") != "im"):
            return
        asker = Asker(
            user=str(event.get("user", "")),
            channel=str(event.get("channel", "")),
            team=str(body.get("team_id", "")),
        )
        thread_ts = str(event.get("thread_ts", ""))
        asked = Request(
            what=str(event["type"]),
            words=_without_us(str(event.get("text", "")), body),
            asker=asker,
            key=str(body.get("event_id", "")),
        )
        under = "" if direct else thread_ts or str(event.get("ts", ""))

        def alone(message: Message) -> None:
            self._desk.whisper(asker.channel, asker.user, message, thread_ts)

        def reply(message: Message) -> None:
            self._desk.say(asker.channel, message, under)

        self._later(partial(_as_command, thread_ts), asked, reply, reply if direct else alone)

    def _by(self, body: Body) -> Reply:
        """Return what answers the one who asked, alone."""
        address = str(body.get("response_url", ""))
        return partial(self._replies.send, address) if address else lambda _message: None

    def _later(self, handle: Handle, asked: Request, reply: Reply, alone: Reply | None = None) -> None:
        """Answer from a pool; ``alone`` is how the asker hears of what went wrong, where others see
        ``reply``."""
        SLACK_DELIVERIES.labels(asked.what).inc()
        pool = self._slow if asked.what in ASKS_AGORA else self._quick
        with contextlib.suppress(RuntimeError):  # a closed pool: the bot stops, people ask again
            future = pool.submit(self._answer, handle, asked, reply, alone or reply)
            self._running.add(future)
            future.add_done_callback(self._running.discard)

    def _answer(self, handle: Handle, asked: Request, reply: Reply, alone: Reply) -> None:
        if not self._first_time(asked):
            return
        message, well = self._made(handle, asked)
        if message is None:
            return
        try:
            (reply if well else alone)(message)
        except (SlackBusy, SlackRefused, SlackUnreachable) as error:
            _log.error("an answer did not reach Slack", what=asked.what, error=str(error))

    def _made(self, handle: Handle, asked: Request) -> tuple[Message | None, bool]:
        """Return the answer, and whether it is one: else it says what went wrong."""
        desk = self._desk
        try:
            desk.access.may_ask(asked.asker)
            return handle(desk, asked), True
        except Forbidden as forbidden:
            self._refused(asked, forbidden)
            sentence, hint = str(forbidden), forbidden.hint
        except Unclear as unclear:
            sentence, hint = str(unclear), unclear.hint
        except DatabaseUnavailable as gone:
            _log.error("an answer found no database", error=str(gone))
            sentence = "My database does not answer just now."
            hint = "Alerts wait for it, too. Try again in a minute."
        except Exception:  # noqa: BLE001 - the asker gets a sentence, the log the rest
            _log.exception("an answer failed")
            sentence = "Something went wrong on my side; it is in my log."
            hint = "Try again in a minute."
        return desk.renderer.notice(sentence, hint), False

    def _first_time(self, asked: Request) -> bool:
        """Return whether Slack delivers this for the first time; what has no key, and all without a database,
        counts as such."""
        if not asked.key:
            return True
        try:
            with self._desk.database.transaction() as tx:
                return audit.first_time(tx, f"{asked.asker.team} {asked.key}", int(self._desk.now()))
        except DatabaseUnavailable:
            return True

    def _refused(self, asked: Request, forbidden: Forbidden) -> None:
        _log.warning("somebody may not", user=asked.asker.user, what=asked.what, why=str(forbidden))
        entry = AuditEntry(
            at=int(self._desk.now()),
            asker=asked.asker,
            deed=asked.what,
            outcome=Outcome.REFUSED,
            incident_id=forbidden.incident_id,
            about=asked.words,
        )
        with contextlib.suppress(DatabaseUnavailable), self._desk.database.transaction() as tx:
            audit.add(tx, entry)


def _as_command(thread_ts: str, desk: Desk, asked: Request) -> Message | None:
    """Answer plain words as the command that they mean."""
    command, words = meant(desk.database, COMMANDS, asked.words, asked.asker.channel, thread_ts)
    return COMMANDS[command](desk, replace(asked, what=command, words=words))


def _without_us(text: str, body: Body) -> str:
    """Return what somebody wrote without the mention of the bot."""
    ours = [str(one.get("user_id", "")) for one in body.get("authorizations") or []]
    for user in ours:
        text = re.sub(rf"<@{re.escape(user)}(\|[^>]*)?>", " ", text)
    return text.strip()


def _id(body: Body, name: str) -> str:
    return str((body.get(name) or {}).get("id", ""))
