"""Send what waits in the outbox for Slack: claim, render the current truth, send, record.

Each message is one call of Slack. A worker that dies leaves a lease behind; the next one looks for the
message by its metadata before it posts again, so that one incident keeps one root message.
"""

from dataclasses import replace
from functools import partial
from typing import Literal

from bot.flows.card import card
from bot.flows.delivery import (
    CHANNEL_LOST,
    THREAD_LOST,
    Delivery,
    Mark,
    Posted,
    SlackBusy,
    SlackRefused,
    SlackUnreachable,
    mark_of,
)
from bot.flows.fallback import posted
from bot.flows.weather import summary
from bot.model.incident import ASIDES, FIRST, Card, Line, MessageKind
from bot.rules.routing_grammar import SlackConfig
from bot.store import Claimed, Place, Transaction, call_pictures, incidents, outbox, storms
from bot.telemetry import log

LEASE_S = 45.0
EDIT_EVERY_S = 5.0
"""The least time before a root is edited again: chat.update is limited for the whole workspace (Tier 3)."""
POST_EVERY_S = 1.05
"""Slack takes about one post per second and channel."""
STORM_WAIT_S = 2.0
SERVICE = "slack"

_log = log("deliver")


class LeaseLost(Exception):
    """This worker was too slow: the message is another's now."""


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
    except LeaseLost as lost:
        _log.warning("too slow for a lease", incident=message.incident_id, error=str(lost))
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
            before = stored.incident.continues if stored else None
            earlier = outbox.place_of(tx, before, message.target) if before else None
        if stored is None:
            return
        if message.kind is MessageKind.ESCALATION and (
            stored.incident.acked_by or not stored.incident.is_open
        ):
            self.dropped()
            return
        link = d.sender.permalink(Posted(channel=earlier.channel, ts=earlier.ts)) if earlier else ""
        shown = replace(card(d.database, d.book(), stored, now=d.now()), earlier_link=link)
        mark = mark_of(message, stored.incident)
        if message.kind in FIRST and place is None:
            self.open(shown, mark)
        elif place is None:
            _log.warning(
                "its first message was left out", incident=message.incident_id, kind=message.kind.value
            )
            self.done(seen=False)
        elif message.kind is MessageKind.EDIT:
            self.edit(shown, mark, place)
        else:
            self.reply(shown, mark, place)

    def open(self, shown: Card, mark: Mark) -> None:
        storm = self.storm()
        if storm is False:
            _give_back(self.d, self.message, STORM_WAIT_S, None)
        elif storm is None:
            self.begin(shown.as_opened(), mark, self.channel, mention=self.config.mention)
        else:
            self.begin(shown.as_opened(), mark, storm.channel, storm.ts)

    def begin(
        self, shown: Card, mark: Mark, channel: str, under: str | None = None, *, mention: str = ""
    ) -> None:
        """Post a first message, and remember where it stands."""
        root = self.d.renderer.root(shown, now=int(self.d.now()), mention=mention)
        where, under = posted(self.d, channel, root, mark, under, partial(self.earlier, mark))
        place = Place(channel=where.channel, ts=where.ts, thread_ts=under, edited_at=self.d.wall())
        with self.d.database.transaction() as tx:
            self.record(tx)
            outbox.set_place(tx, self.message.incident_id, self.message.target, place)

    def earlier(self, mark: Mark, channel: str, thread_ts: str | None) -> Posted | None:
        """Return this message where an earlier try of it arrived. What came before may have taken
        long, so the lease begins anew; raises LeaseLost where another worker has it."""
        found = self.d.sender.find(channel, mark, thread_ts) if self.message.attempts else None
        with self.d.database.transaction() as tx:
            mine = outbox.renewed(tx, self.message, self.d.worker, wall=self.d.wall(), lease_s=LEASE_S)
        if not mine:
            raise LeaseLost(f"another worker took message {self.message.id} of {self.message.target}")
        return found

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

    def reply(self, shown: Card, mark: Mark, place: Place) -> None:
        """Add a line below the first message; where that is lost, a new first message shows it instead."""
        under = (place.thread_ts or place.ts) if self.config.post_updates_to_thread else None
        try:
            if not self.earlier(mark, place.channel, under):
                line = self.message.line
                reply = self.d.renderer.reply(shown, line, now=int(self.d.now()), png=self.picture(line))
                broadcast = under is not None and self.broadcast()
                self.d.sender.post(place.channel, reply, mark, under, broadcast=broadcast)
        except SlackRefused as refused:
            if refused.code not in CHANNEL_LOST | THREAD_LOST:
                raise
            _log.error("the first message is lost", incident=shown.incident.id, error=str(refused))
            self.begin(shown, mark, self.channel)
        else:
            self.done()

    def picture(self, line: Line) -> bytes | None:
        """Return what was drawn of the call that a line tells of."""
        if line.told is None:
            return None
        with self.d.database.reading() as tx:
            return call_pictures.get(tx, line.told.verdict.project, line.told.verdict.call_id)

    def broadcast(self) -> bool:
        """Return whether the channel sees a reply, too."""
        line, rule = self.message.line, self.config.reply_broadcast
        if line.kind in (MessageKind.REOPENING, MessageKind.ESCALATION) or rule == "always":
            return True
        if rule == "resolved":
            return line.kind in (MessageKind.RESOLVED, MessageKind.CLOSED)
        rises = line.kind in (MessageKind.ROSE, MessageKind.REMINDER, MessageKind.RETURNED)
        return rule == "critical" and rises and line.severity.word == "critical"

    def edit(self, shown: Card, mark: Mark, place: Place) -> None:
        early = place.edited_at + EDIT_EVERY_S - self.d.wall()
        if 0 < early <= EDIT_EVERY_S and shown.incident.is_open:  # more: the clock was set back
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
            if refused.code not in CHANNEL_LOST | {
                "message_not_found",
                "cant_update_message",
                "edit_window_closed",
            }:
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
            incidents.wake(tx, self.d.now(), self.message.incident_id)  # first, as a review locks it first
            outbox.dropped(tx, self.message, self.d.worker)

    def record(self, tx: Transaction) -> None:
        """Mark the message as delivered; reminders count from now."""
        now = self.d.now()
        incidents.wake(tx, now, self.message.incident_id)  # first, as a review locks it first
        reached = outbox.delivered(tx, self.message, self.d.worker)
        if reached and self.message.kind not in ASIDES:
            outbox.arrived(tx, self.message.incident_id, self.message.target, now)


def _give_back(
    d: Delivery, message: Claimed, wait_s: float, error: str | None, *, sent: bool = False
) -> None:
    with d.database.transaction() as tx:
        outbox.retry_at(tx, message, d.worker, again_at=d.wall() + wait_s, error=error, sent=sent)
