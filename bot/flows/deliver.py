"""Send what waits in the outbox: claim, render the current truth, send, record.

Each message is one call of Slack. A worker that dies leaves a lease behind; the next one looks for the
message by its metadata before it posts again, so that one incident keeps one root message.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.flows.subject import subject
from bot.model.alert import Alert, AlertEvent, EventKind, MessageKind, State
from bot.model.message import Message, Trend
from bot.model.time import HOUR_S, MINUTE_S, floor_minute
from bot.rules import Rule, RuleSet, evaluate
from bot.store import Claimed, Database, Root, alerts, observations, outbox
from bot.telemetry import log

LEASE_S = 45.0
EDIT_EVERY_S = 5.0
"""The least time before a root is edited for a new value alone: chat.update is limited for the whole
workspace (Tier 3). What people did, and changes of state, are shown at once."""

_log = log("deliver")


class SlackBusy(Exception):
    """Slack asks to wait: nothing was sent."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"Slack asks to wait {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class SlackUnreachable(Exception):
    """No usable answer: the message may or may not have been sent."""


class SlackRefused(Exception):
    """Slack's answer is an error that another try alone does not mend."""

    def __init__(self, code: str, hint: str) -> None:
        super().__init__(f"Slack refused: {code}. {hint}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The metadata by which a message is found again: ``key`` tells incidents apart across databases."""

    key: str
    seq: int


def mark_of(message: Claimed, incident: Alert) -> Mark:
    """Return the metadata of a message; the same for every try of it."""
    key = f"{incident.id}-{incident.fingerprint}-{incident.active_at}"
    return Mark(key=key, seq=message.seq)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where Slack put a message."""

    channel: str
    ts: str


class Sends(Protocol):
    """What delivery needs of Slack. All raise SlackBusy, SlackUnreachable or SlackRefused."""

    def post(self, channel: str, message: Message, mark: Mark, thread_ts: str | None) -> Posted: ...

    def edit(self, at: Posted, message: Message, mark: Mark) -> None: ...

    def find(self, channel: str, mark: Mark, thread_ts: str | None) -> Posted | None: ...


class Renders(Protocol):
    """What delivery needs of ``bot.render.Renderer``."""

    def root(self, incident: Alert, trend: Trend | None, *, now: int) -> Message: ...

    def reply(self, incident: Alert, event: AlertEvent, *, unit: str = "") -> Message: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What every delivery needs; ``target`` is the configured channel."""

    database: Database
    sender: Sends
    renderer: Renders
    rules: Callable[[], RuleSet | None]
    target: str
    worker: str
    now: Callable[[], float]
    wall: Callable[[], float]


def deliver(d: Delivery) -> bool:
    """Send the message that is due first; return whether to ask at once for the next.

    One is claimed at a time, so that a worker that dies holds up no other message.
    """
    with d.database.transaction() as tx:
        message = outbox.claim(tx, d.worker, wall=d.wall(), lease_s=LEASE_S)
    if message is None:
        return False
    try:
        _send(d, message)
    except SlackBusy as busy:
        _give_back(d, message, busy.retry_after_s, str(busy))
    except SlackUnreachable as gone:
        _log.warning("Slack does not answer", incident=message.incident_id, error=str(gone))
        _give_back(d, message, back_off_s(message.attempts), str(gone), sent=True)
        return False
    except SlackRefused as refused:
        _log.error("message refused", incident=message.incident_id, error=str(refused))
        _give_back(d, message, back_off_s(message.attempts), str(refused), sent=True)
    except Exception as error:  # noqa: BLE001 - one bad message must not hold up the others
        _log.error("message failed", incident=message.incident_id, error=str(error), exc_info=True)
        _give_back(d, message, back_off_s(message.attempts), str(error), sent=True)
    return True


def back_off_s(attempts: int) -> float:
    """Return the wait before the next try: 2, 4, 8 ... seconds, five minutes at the most."""
    return min(300.0, 2.0 ** (attempts + 1))


def _send(d: Delivery, message: Claimed) -> None:
    with d.database.transaction() as tx:
        incident = alerts.find(tx, message.incident_id)
        root = outbox.root_of(tx, message.incident_id)
    if incident is None:
        return
    if message.kind is MessageKind.OPENING:
        _open(d, message, incident, root)
    elif root is None:
        _log.error("no root message to add to", incident=incident.id)
        _done(d, message)
    elif message.kind is MessageKind.REPLY:
        _reply(d, message, incident, root)
    else:
        _edit(d, message, incident, root)


def _open(d: Delivery, message: Claimed, incident: Alert, root: Root | None) -> None:
    if root is not None:
        _done(d, message)
        return
    mark = mark_of(message, incident)
    posted = d.sender.find(d.target, mark, None) if message.attempts else None
    if posted is None:
        posted = d.sender.post(d.target, _root(d, as_opened(incident)), mark, None)
    where = Root(target=d.target, channel=posted.channel, ts=posted.ts, edited_at=d.wall())
    with d.database.transaction() as tx:
        outbox.set_root(tx, incident.id, where)
        outbox.delivered(tx, message, d.worker)


def as_opened(incident: Alert) -> Alert:
    """Return the incident as it opened: a reader sees it fire before it is edited to resolved."""
    if incident.state is not State.RESOLVED:
        return incident
    return replace(incident, state=State.FIRING, resolved_at=None, reason=None)


def _reply(d: Delivery, message: Claimed, incident: Alert, root: Root) -> None:
    mark = mark_of(message, incident)
    if not message.attempts or d.sender.find(root.channel, mark, root.ts) is None:
        rule = _rule(d, incident)
        reply = d.renderer.reply(incident, message.event, unit=subject(rule).unit if rule else "")
        d.sender.post(root.channel, reply, mark, root.ts)
    _done(d, message)


def _edit(d: Delivery, message: Claimed, incident: Alert, root: Root) -> None:
    early = root.edited_at + EDIT_EVERY_S - d.wall()
    if early > 0 and message.event.kind is EventKind.CHANGED:
        _give_back(d, message, early, None)
        return
    mark = mark_of(message, incident)
    try:
        d.sender.edit(Posted(channel=root.channel, ts=root.ts), _root(d, incident), mark)
    except SlackRefused as refused:
        if refused.code not in ("message_not_found", "cant_update_message", "edit_window_closed"):
            raise
        _log.warning("the root message cannot be edited any more", incident=incident.id, why=refused.code)
    with d.database.transaction() as tx:
        outbox.root_edited(tx, incident.id, d.wall())
        outbox.delivered(tx, message, d.worker)


def _done(d: Delivery, message: Claimed) -> None:
    with d.database.transaction() as tx:
        outbox.delivered(tx, message, d.worker)


def _give_back(
    d: Delivery, message: Claimed, wait_s: float, error: str | None, *, sent: bool = False
) -> None:
    with d.database.transaction() as tx:
        outbox.retry_at(tx, message, d.worker, due_at=d.wall() + wait_s, error=error, sent=sent)


def _root(d: Delivery, incident: Alert) -> Message:
    rule = _rule(d, incident)
    trend = trend_of(d.database, rule, incident) if rule else None
    return d.renderer.root(incident, trend, now=int(d.now()))


def _rule(d: Delivery, incident: Alert) -> Rule | None:
    rules = d.rules()
    return next((r for r in rules.rules if r.name == incident.alertname), None) if rules else None


def trend_of(database: Database, rule: Rule, incident: Alert) -> Trend:
    """Return what the rule compared in each minute of the last hour, judged by the evaluator itself."""
    end = floor_minute(incident.judged_at) + MINUTE_S
    minutes = range(end - HOUR_S, end, MINUTE_S)
    with database.transaction() as tx:
        start = minutes[0] - rule.lookback_s
        seen = observations.read(tx, [incident.project], start, end, sorted(rule.metrics))
    points = [
        (int(minute), float(value))
        for series in evaluate(rule, seen, minutes, also=[incident.labels])
        if series.labels == incident.labels
        for minute, value in zip(series.minutes, series.value, strict=True)
        if not math.isnan(value)
    ]
    about = subject(rule)
    return Trend(title=about.title, unit=about.unit, points=tuple(points), threshold=incident.threshold)
