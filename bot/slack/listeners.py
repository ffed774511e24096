"""What Slack delivers: acknowledge at once, then answer from a pool of its own.

Bolt's listener threads only acknowledge, so a command never waits behind the slow answer to another; and what
needs no Agora (acknowledge, silence, help) never waits behind what does.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App

from bot.flows import acts, answer, hushed, incident_desk
from bot.flows.question import CallQuestion, Unclear, call_question
from bot.model.message import Action, Message
from bot.model.time import Window
from bot.render import Value
from bot.slack.replies import Replies
from bot.store import DatabaseUnavailable
from bot.telemetry import SLACK_DELIVERIES, log

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button that somebody (a Slack user id) pressed in a channel (its id)."""

    value: str
    user: str
    channel: str


_log = log("slack")


class Listeners:
    """The commands and buttons of the bot, bound to the desk that answers them."""

    def __init__(self, desk: answer.Desk, replies: Replies, threads: int = 8) -> None:
        self._desk = desk
        self._replies = replies
        self._slow = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="answer")
        self._quick = ThreadPoolExecutor(max_workers=4, thread_name_prefix="act")
        self._running: set[Future[None]] = set()

    def register(self, app: App) -> None:
        """Bind every command and button."""
        app.command("/agora-call")(self._command(self._calls, self._slow))
        app.command("/agora-incidents")(self._command(self._incidents, self._quick))
        app.command("/agora-incident")(self._command(self._incident, self._quick))
        app.command("/agora-silence")(self._command(self._silence, self._quick))
        app.command("/agora-help")(self._command(self._help, self._quick))
        for action, handler, pool in (
            (Action.CALL_DETAILS, self._details, self._slow),
            (Action.SHARE_CALL, self._share, self._slow),
            (Action.OLDER_CALLS, self._older, self._slow),
            (Action.SHOW_CALLS, self._incident_calls, self._slow),
            (Action.SHOW_INCIDENT, self._show_incident, self._quick),
            (Action.OLDER_INCIDENTS, self._older_incidents, self._quick),
            (Action.ACKNOWLEDGE, self._acknowledge, self._quick),
            (Action.SNOOZE, self._snooze, self._quick),
            (Action.RESOLVE, self._resolve, self._quick),
            (Action.END_SILENCE, self._end_silence, self._quick),
            (Action.VERDICT_RIGHT, self._judged, self._quick),
            (Action.VERDICT_WRONG, self._judged, self._quick),
        ):
            app.action(action.value)(self._action(handler, pool))

    def close(self, timeout_s: float) -> None:
        """Let running answers finish for a while; what has not begun is dropped."""
        for pool in (self._slow, self._quick):
            pool.shutdown(wait=False, cancel_futures=True)
        wait_for(set(self._running), timeout=timeout_s)

    def _command(self, handle: Callable[[Body], Message], pool: ThreadPoolExecutor) -> Callable[..., None]:
        def listener(ack: Ack, command: Body) -> None:
            ack()
            SLACK_DELIVERIES.labels(command.get("command", "")).inc()
            self._later(pool, command.get("response_url", ""), lambda: handle(command))

        return listener

    def _action(
        self, handle: Callable[[Click], Message | None], pool: ThreadPoolExecutor
    ) -> Callable[..., None]:
        def listener(ack: Ack, body: Body, action: Body) -> None:
            ack()
            SLACK_DELIVERIES.labels(action.get("action_id", "")).inc()
            click = Click(
                value=str(action.get("value", "")),
                user=str(body.get("user", {}).get("id", "")),
                channel=str(body.get("channel", {}).get("id", "")),
            )
            self._later(pool, body.get("response_url", ""), lambda: handle(click))

        return listener

    def _later(self, pool: ThreadPoolExecutor, response_url: str, make: Callable[[], Message | None]) -> None:
        with contextlib.suppress(RuntimeError):  # a closed pool: the bot stops, people ask again
            future = pool.submit(self._answer, response_url, make)
            self._running.add(future)
            future.add_done_callback(self._running.discard)

    def _answer(self, response_url: str, make: Callable[[], Message | None]) -> None:
        try:
            message = make()
        except Unclear as unclear:
            message = self._desk.renderer.notice(str(unclear), unclear.hint)
        except DatabaseUnavailable as gone:
            _log.error("an answer found no database", error=str(gone))
            message = self._desk.renderer.notice(
                "My database does not answer just now.", "Alerts wait for it, too. Try again in a minute."
            )
        except Exception:  # noqa: BLE001 - the asker gets a sentence, the log the rest
            _log.exception("an answer failed")
            message = self._desk.renderer.notice(
                "Something went wrong on my side; it is in my log.", "Try again in a minute."
            )
        if message is not None and response_url:
            self._replies.send(response_url, message)

    def _calls(self, command: Body) -> Message:
        question = call_question(str(command.get("text", "")), self._desk.now(), self._desk.kept_s)
        return answer.list_calls(self._desk, question)

    def _help(self, command: Body) -> Message:
        return self._desk.renderer.help(str(command.get("text", "")).strip())

    def _incidents(self, command: Body) -> Message:
        return incident_desk.overview(self._desk, str(command.get("text", "")))

    def _incident(self, command: Body) -> Message:
        return incident_desk.answer(self._desk, str(command.get("text", "")), str(command.get("user_id", "")))

    def _show_incident(self, click: Click) -> Message:
        return incident_desk.shown(self._desk, _decoded(Value.decode_incident, click.value)[0])

    def _older_incidents(self, click: Click) -> Message:
        return incident_desk.page(self._desk, *_decoded(Value.decode_incidents, click.value))

    def _silence(self, command: Body) -> Message:
        return hushed.answer(self._desk, str(command.get("text", "")), str(command.get("user_id", "")))

    def _end_silence(self, click: Click) -> Message:
        return hushed.end(self._desk, _decoded(Value.decode_silence, click.value))

    def _judged(self, click: Click) -> Message:
        verdict, right = _decoded(Value.decode_verdict, click.value)
        return answer.judged(self._desk, verdict, click.user, right=right)

    def _details(self, click: Click) -> Message:
        project, call = _decoded(Value.decode_call, click.value)
        return answer.call_details(self._desk, project, call)

    def _share(self, click: Click) -> Message | None:
        project, call = _decoded(Value.decode_call, click.value)
        return answer.share_call(self._desk, project, call, click.channel, click.user)

    def _older(self, click: Click) -> Message:
        cname, since, before = _decoded(Value.decode_older, click.value)
        return answer.list_calls(
            self._desk, CallQuestion(cname=cname, window=Window(start=since, end=before))
        )

    def _incident_calls(self, click: Click) -> Message:
        return answer.incident_calls(self._desk, _decoded(Value.decode_incident, click.value)[0])

    def _acknowledge(self, click: Click) -> Message | None:
        return self._outcome(
            acts.take(self._desk, _decoded(Value.decode_incident, click.value)[0], click.user)
        )

    def _snooze(self, click: Click) -> Message | None:
        return self._outcome(
            acts.hush(self._desk, _decoded(Value.decode_incident, click.value)[0], click.user)
        )

    def _resolve(self, click: Click) -> Message | None:
        return self._outcome(
            acts.resolve(self._desk, _decoded(Value.decode_incident, click.value)[0], click.user)
        )

    def _outcome(self, why_not: acts.Done) -> Message | None:
        return self._desk.renderer.notice(why_not.sentence, who=why_not.who) if why_not else None


def _decoded(decode: Callable[[str], Any], value: str) -> Any:  # noqa: ANN401 - each decoder has its own type
    try:
        return decode(value)
    except ValueError:
        raise Unclear(
            "This button is of an older version of me.", "Ask again with `/agora-call <cname>`."
        ) from None
