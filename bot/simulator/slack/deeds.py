"""What people do: say something, type a command, press a button, mention the bot."""

import json
import threading
from dataclasses import replace

from .arguments import json_object
from .chat import thread_root
from .content import Content, read_content
from .deliveries import FORM, Deliveries
from .journal import Journal
from .marks import action, fits, pressable
from .payloads import click_body, command_body, mention_body
from .people import BOT_NAME, BOT_USER, SLACKBOT, USERS
from .responses import Responses
from .triggers import Triggers
from .values import Channel, Delivery, Json, Message, Refused
from .wire import api_message
from .workspace import Workspace

REDELIVERIES = 3
_REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "http_error"}


class Deeds:
    """Acts in a person's name and shows the person what Slack would show."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        deliveries: Deliveries,
        responses: Responses,
        triggers: Triggers,
        journal: Journal,
    ) -> None:
        self._workspace = workspace
        self._deliveries = deliveries
        self._responses = responses
        self._triggers = triggers
        self._journal = journal
        self._lock = threading.Lock()
        self._events: dict[str, tuple[str, int, Delivery]] = {}
        self._events_made = 0

    def say(self, text: str, *, channel: str, user: str, thread_ts: str | None = None) -> Message:
        """Post a person's message; the bot hears of it only if it is mentioned."""
        place = self._workspace.channel(channel)
        if thread_ts is not None:
            thread_root(self._workspace, place, thread_ts)
        return self._workspace.post(place, Message(user=_person(user), text=text, thread_ts=thread_ts))

    def command(self, command: str, text: str, *, channel: str, user: str) -> Delivery:
        place = self._workspace.channel(channel)
        body = command_body(
            command,
            text,
            channel=place,
            user=_person(user),
            response_url=self._responses.issue(place, user),
            trigger_id=self._triggers.issue(user),
        )
        delivery = self._deliveries.send(command, body, FORM)
        if delivery.error:
            self._tell_failure(place, user, command, delivery)
        elif delivery.body.strip():
            self._show_answer(place, user, command, delivery.body)
        return delivery

    def click(
        self, *, channel: str, ts: str, action_id: str, value: str | None, block_id: str | None, user: str
    ) -> Delivery:
        """Press the first element that fits; raise LookupError if the person sees no such element."""
        place = self._workspace.channel(channel)
        message = self._workspace.find(place, ts)
        if message.ephemeral_to not in (None, _person(user)):
            raise LookupError(f"{user} does not see the ephemeral message {ts}")
        found_in, element = _element(message, action_id, block_id, value)
        body = click_body(
            action=action(element, found_in, value, f"{self._workspace.now():.6f}"),
            channel=place,
            message=message,
            shown=api_message(self._workspace, place, message),
            user=user,
            response_url=self._responses.issue(place, user, message.ts),
            trigger_id=self._triggers.issue(user),
        )
        delivery = self._deliveries.send(action_id, body, FORM)
        if delivery.error:
            self._tell_failure(place, user, f"the action {action_id}", delivery)
        return delivery

    def mention(self, text: str, *, channel: str, user: str, thread_ts: str | None = None) -> Delivery:
        """Post a message with the bot's name in it and deliver the event; its id is in the Delivery."""
        said = text.replace(f"@{BOT_NAME}", f"<@{BOT_USER}>")
        if f"<@{BOT_USER}>" not in said:
            said = f"<@{BOT_USER}> {said}"
        message = self.say(said, channel=channel, user=user, thread_ts=thread_ts)
        with self._lock:
            self._events_made += 1
            event_id = f"Ev{self._events_made:08}"
        body = mention_body(event_id=event_id, channel=self._workspace.channel(channel), message=message)
        return self._deliver_event(event_id, body, 0, {})

    def redeliver(self, event_id: str) -> Delivery:
        """Deliver an event once more, with Slack's retry headers; raise ValueError after the third time."""
        body, times, last = self._events[event_id]
        if times >= REDELIVERIES:
            raise ValueError(f"Slack redelivers {REDELIVERIES} times, {event_id} has had them all")
        reason = _REASONS.get(last.error or "operation_timeout", "http_error")
        if last.error and not last.status and last.error != "operation_timeout":
            reason = "connection_failed"
        headers = {"X-Slack-Retry-Num": str(times + 1), "X-Slack-Retry-Reason": reason}
        return self._deliver_event(event_id, body, times + 1, headers)

    def _deliver_event(self, event_id: str, body: str, times: int, headers: dict[str, str]) -> Delivery:
        delivery = self._deliveries.send("app_mention", body, "application/json", headers)
        self._events[event_id] = (body, times, delivery)
        return replace(delivery, event_id=event_id)

    def tell(self, channel: Channel, user: str, text: str) -> None:
        """Say something to one user as Slackbot."""
        self._workspace.post(channel, Message(user=SLACKBOT, text=text, ephemeral_to=user))

    def _tell_failure(self, channel: Channel, user: str, what: str, delivery: Delivery) -> None:
        reason = f": {delivery.body}" if not delivery.status and delivery.body else ""
        self.tell(channel, user, f'{what} failed with the error "{delivery.error}"{reason}')

    def _show_answer(self, channel: Channel, user: str, command: str, body: str) -> None:
        try:
            args: Json = json_object(body.encode()) if body.lstrip().startswith("{") else {"text": body}
            content: Content = read_content(args, bound_text=False)
            if not content.says_nothing:
                self._responses.say(channel, user, args, content)
        except Refused as refused:
            self._journal.accuse(f"{command}: answered with {'; '.join((refused.error, *refused.details))}")
            self.tell(channel, user, f'{command} failed with the error "{refused.error}"')


def _person(user: str) -> str:
    if user not in USERS or USERS[user].is_bot:
        raise LookupError(f"{user} is no person of this workspace")
    return user


def _element(message: Message, action_id: str, block_id: str | None, value: str | None) -> tuple[str, Json]:
    blocks = [*message.blocks]
    for attachment in message.attachments:
        blocks += attachment.get("blocks") or []
    named = [
        (found_in, element)
        for found_in, element in pressable(blocks)
        if element["action_id"] == action_id and block_id in (None, "", found_in)
    ]
    if not named:
        raise LookupError(f"message {message.ts} has no element {action_id!r} to press")
    fitting = [pair for pair in named if fits(pair[1], value)]
    if not fitting:
        raise LookupError(f"no element {action_id!r} of message {message.ts} offers {json.dumps(value)}")
    return fitting[0]
