"""Send what waits in the outbox for Slack: claim, render the current truth, send, record.

Each message is one call of Slack. A worker that dies leaves a lease behind; the next one looks for the
message by its metadata before it posts again, so that one incident keeps one root message.
"""

from dataclasses import replace
from typing import Literal

from bot.flows.card import card
from bot.flows.delivery import (
    CHANNEL_LOST,
    Delivery,
    Mark,
    Posted,
    SlackBusy,
    SlackRefused,
    SlackUnreachable,
    mark_of,
)
from bot.flows.weather import summary
from bot.model.incident import FIRST, Card, MessageKind
from bot.model.message import Message
from bot.rules.routing_grammar import SlackConfig
from bot.store import Claimed, Place, Transaction, incidents, outbox, storms
from bot.telemetry import log

LEASE_S = 45.0
EDIT_EVERY_S = 5.0
"""The least time before a root is edited again: chat.update is limited for the whole workspace (Tier 3)."""
POST_EVERY_S = 1.05
"""Slack takes about one post per second and channel."""
STORM_WAIT_S = 2.0
SERVICE = "slack"

_log = log("deliver")


def deliver(d: Delivery) -> bool:
    """Send the message that is due first; return whether to ask at once for the next.

    One is claimed at a time, so that a worker that dies holds up no other message.
    """
    with d.database.transaction() as tx:
        message = outbox.claim(tx, SERVICE, d.worker, wall=d.wall(), lease_s=LEASE_S)
        if message is not None and message.kind is not MessageKind.EDIT:
            outbox.pause(tx, message.target, d.wall() + POST_EVERY_S)
    if message is None:
        return False
    try:
        _Sending(d, message).run()
    except SlackBusy as busy:
        method = "edit" if message.kind is MessageKind.EDIT else "post"
        with d.database.transaction() as tx:
            outbox.pause(tx, method, d.wall() + busy.retry_after_s)
        _give_back(d, message, busy.retry_after_s, str(busy))
    except SlackUnreachable as gone:
        _log.warning("Slack does not answer", incident=message.incident_id, error=str(gone))
        _give_back(d, message, back_off_s(message.attempts), str(gone), sent=True)
        return False
    except SlackRefused as refused:
        _log.error("message refused", incident=message.incident_id, target=message.target, error=str(refused))
        _give_back(d, message, back_off_s(message.attempts), str(refused), sent=True)
    except Exception as error:  # noqa: BLE001 - one bad message must not hold up the others
        _log.error("message failed", incident=message.incident_id, error=str(error), exc_info=True)
        _give_back(d, message, back_off_s(message.attempts), str(error), sent=True)
    return True


def back_off_s(attempts: int) -> float:
    """Return the wait before the next try: 2, 4, 8 ... seconds, five minutes at the most."""
    return min(300.0, 2.0 ** (min(attempts, 10) + 1))


class _Sending:
    """One message on its way."""

    def __init__(self, d: Delivery, message: Claimed) -> None:
        self.d = d
        self.message = message
        book = d.book()
        config = book.routes.config(message.target) if book else None
        self.config = config if isinstance(config, SlackConfig) else SlackConfig()
        self.channel = message.target.removeprefix(f"{SERVICE}:") or d.channel

    def run(self) -> None:
        d, message = self.d, self.message
        with d.database.transaction() as tx:
            stored = incidents.find(tx, message.incident_id)
            place = outbox.place_of(tx, message.incident_id, message.target)
        if stored is None:
            return
        if message.kind is MessageKind.ESCALATION and (
            stored.incident.acked_by or not stored.incident.is_open
        ):
            self.dropped()
            return
        shown = card(d.database, d.book(), stored, now=d.now())
        mark = mark_of(message, stored.incident)
        if message.kind in FIRST:
            self.open(shown, mark, place)
        elif place is None:
            _log.error("no root message to add to", incident=message.incident_id, target=message.target)
            self.done(seen=False)
        elif message.kind is MessageKind.EDIT:
            self.edit(shown, mark, place)
        else:
            self.reply(shown, mark, place)

    def open(self, shown: Card, mark: Mark, place: Place | None) -> None:
        if place is not None:
            self.done()
            return
        channel = self.channel
        storm = self.storm()
        if storm is False:
            _give_back(self.d, self.message, STORM_WAIT_S, None)
            return
        under = storm.ts if storm else None
        posted = self.d.sender.find(channel, mark, under) if self.message.attempts else None
        if posted is None:
            mention = "" if storm else self.config.mention
            message = self.d.renderer.root(shown.as_opened(), now=int(self.d.now()), mention=mention)
            posted = self.posted(storm.channel if storm else channel, message, mark, under)
        where = Place(channel=posted.channel, ts=posted.ts, thread_ts=under, edited_at=self.d.wall())
        with self.d.database.transaction() as tx:
            self.record(tx)
            outbox.set_place(tx, self.message.incident_id, self.message.target, where)

    def storm(self) -> Place | Literal[False] | None:
        """Return the summary in whose thread the incident belongs, None where it stands alone, and False
        where another worker is about to post that summary. A summary that Slack refuses is done without."""
        with self.d.database.transaction() as tx:
            storm = storms.of_incident(tx, self.message.incident_id, self.message.target)
        if storm is None:
            return None
        try:
            return summary(self.d, storm, self.channel) or False
        except SlackRefused as refused:
            _log.warning("no summary of the storm", storm=storm.id, error=str(refused))
            return None

    def posted(self, channel: str, message: Message, mark: Mark, under: str | None) -> Posted:
        """Post a first message; where its channel is lost, into the default channel, and say why there."""
        try:
            return self.d.sender.post(channel, message, mark, under)
        except SlackRefused as refused:
            if refused.code not in CHANNEL_LOST or under or channel == self.d.channel:
                raise
            _log.error(
                "the channel is lost, the default channel is told", channel=channel, error=str(refused)
            )
            found = self.d.sender.find(self.d.channel, mark, None) if self.message.attempts else None
            instead = replace(message, text=f"{message.text} (meant for {channel}: {refused.code})")
            return found or self.d.sender.post(self.d.channel, instead, mark, None)

    def reply(self, shown: Card, mark: Mark, place: Place) -> None:
        thread_ts = place.thread_ts or place.ts
        sent = self.message.attempts and self.d.sender.find(place.channel, mark, thread_ts)
        if not sent:
            reply = self.d.renderer.reply(shown, self.message.line, now=int(self.d.now()))
            under = thread_ts if self.config.post_updates_to_thread else None
            broadcast = under is not None and self.broadcast()
            self.d.sender.post(place.channel, reply, mark, under, broadcast=broadcast)
        self.done()

    def broadcast(self) -> bool:
        """Return whether the channel sees a reply, too."""
        line, rule = self.message.line, self.config.reply_broadcast
        if line.kind is MessageKind.REOPENING or rule == "always":
            return True
        if rule == "resolved":
            return line.kind is MessageKind.RESOLVED
        rises = line.kind in (MessageKind.ROSE, MessageKind.REMINDER, MessageKind.RETURNED)
        return rule == "critical" and rises and line.severity.word == "critical"

    def edit(self, shown: Card, mark: Mark, place: Place) -> None:
        early = place.edited_at + EDIT_EVERY_S - self.d.wall()
        if early > 0 and shown.incident.is_open:
            _give_back(self.d, self.message, early, None)
            return
        if self.config.update_message:
            self.brought_up_to_date(shown, mark, place)
        with self.d.database.transaction() as tx:
            outbox.edited(tx, self.message.incident_id, self.message.target, self.d.wall())
            outbox.delivered(tx, self.message, self.d.worker)

    def brought_up_to_date(self, shown: Card, mark: Mark, place: Place) -> None:
        root = self.d.renderer.root(shown, now=int(self.d.now()), mention=self.config.mention)
        try:
            self.d.sender.edit(Posted(channel=place.channel, ts=place.ts), root, mark)
        except SlackRefused as refused:
            if refused.code not in ("message_not_found", "cant_update_message", "edit_window_closed"):
                raise
            _log.warning(
                "the root message cannot be edited any more", incident=shown.incident.id, why=refused.code
            )

    def done(self, *, seen: bool = True) -> None:
        with self.d.database.transaction() as tx:
            if seen:
                self.record(tx)
            else:
                outbox.delivered(tx, self.message, self.d.worker)

    def dropped(self) -> None:
        with self.d.database.transaction() as tx:
            outbox.dropped(tx, self.message, self.d.worker)

    def record(self, tx: Transaction) -> None:
        """Mark the message as delivered; reminders count from now."""
        now = self.d.now()
        incidents.wake(tx, now, self.message.incident_id)  # first, as a review locks it first
        if outbox.delivered(tx, self.message, self.d.worker):
            outbox.arrived(tx, self.message.incident_id, self.message.target, now)


def _give_back(
    d: Delivery, message: Claimed, wait_s: float, error: str | None, *, sent: bool = False
) -> None:
    with d.database.transaction() as tx:
        outbox.retry_at(tx, message, d.worker, due_at=d.wall() + wait_s, error=error, sent=sent)
