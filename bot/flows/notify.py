"""Tell webhooks and PagerDuty what waits in the outbox for them: claim, say, send, record.

As for Slack nothing is dropped and nothing is sent twice knowingly. A lost answer means that a message is
sent again with the same key: PagerDuty takes it for one, and a webhook can. A receiver that does not answer
rests for a while, so that it holds up the others for one deadline at most.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from bot.flows.card import card
from bot.flows.correlate import Rulebook
from bot.flows.deliver import back_off_s
from bot.flows.delivery import mark_of
from bot.model.incident import MessageKind
from bot.render.outside import Outgoing, pagerduty_event, webhook_post
from bot.rules.routing_grammar import PagerDutyConfig, SlackConfig, WebhookConfig
from bot.store import Claimed, Database, incidents, outbox
from bot.telemetry import RECEIVER_MESSAGES, log

LEASE_S = 60.0
REST_S = 15.0
"""How long a receiver rests that did not answer. Less than the longest back-off of a message, so that one
which a receiver always chokes on lets the others through."""
SERVICES = ("webhook", "pagerduty")

_log = log("notify")


class Busy(Exception):
    """The receiver asks to wait: nothing was taken."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"asks to wait {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class Unreachable(Exception):
    """No usable answer: the message may or may not have been taken."""


class Refused(Exception):
    """The answer is an error that another try alone does not mend."""


class Posts(Protocol):
    """What this flow needs of ``bot.receivers.Poster``. Raises Busy, Unreachable or Refused."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifying:
    """What telling others needs; ``variable`` returns an environment variable, empty where it is not set."""

    database: Database
    poster: Posts
    book: Callable[[], Rulebook | None]
    variable: Callable[[str], str]
    worker: str
    now: Callable[[], float]
    wall: Callable[[], float]


def notify(n: Notifying, service: str) -> bool:
    """Send the message of a service that is due first; return whether to ask at once for the next."""
    book = n.book()
    if book is None:
        return False
    with n.database.transaction() as tx:
        message = outbox.claim(tx, service, n.worker, wall=n.wall(), lease_s=LEASE_S)
    if message is None:
        return False
    try:
        outcome = _send(n, book, message)
    except Busy as busy:
        outcome = "busy"
        _rest(n, message, busy.retry_after_s)
        _give_back(n, message, busy.retry_after_s, str(busy), sent=False)
    except Unreachable as gone:
        outcome = "unreachable"
        _log.error("a receiver does not answer", target=message.target, error=str(gone))
        _rest(n, message, REST_S)
        _give_back(n, message, back_off_s(message.attempts), str(gone), sent=True)
    except Refused as refused:
        outcome = "refused"
        _log.error("a receiver refuses a message", target=message.target, error=str(refused))
        _give_back(n, message, back_off_s(message.attempts), str(refused), sent=True)
    except Exception as error:  # noqa: BLE001 - one bad message must not hold up the others
        outcome = "failed"
        _log.error("message failed", incident=message.incident_id, error=str(error), exc_info=True)
        _give_back(n, message, back_off_s(message.attempts), type(error).__name__, sent=True)
    RECEIVER_MESSAGES.labels(service, outcome).inc()
    return True


def _send(n: Notifying, book: Rulebook, message: Claimed) -> str:
    """Send a message and record it; return what became of it."""
    config = book.routes.config(message.target)
    with n.database.transaction() as tx:
        stored = incidents.find(tx, message.incident_id)
        last = outbox.last_line(tx, message)
    if stored is None or config is None or isinstance(config, SlackConfig):
        _log.error("left out: the receiver is gone from routing.yml", target=message.target)
        _left_out(n, message)
        return "receiver gone"
    telling = stored.tellings.get(message.target)
    kind = said(
        message.kind,
        over=not stored.incident.is_open,
        acked=stored.incident.acked_by is not None,
        knows=last is not None or (telling is not None and telling.delivered_at is not None),
        last=last,
    )
    if kind is MessageKind.RESOLVED and not config.send_resolved:
        kind = None
    outgoing = _outgoing(n, book, message, stored, kind, config) if kind is not None else None
    if outgoing is None:
        _left_out(n, message)
        return "nothing to say"
    n.poster.post(_url(n, config), outgoing.body, outgoing.headers)
    now = n.now()
    with n.database.transaction() as tx:
        incidents.wake(tx, now, message.incident_id)
        if outbox.delivered(tx, message, n.worker):
            outbox.arrived(tx, message.incident_id, message.target, now)
    return "taken"


def _outgoing(
    n: Notifying,
    book: Rulebook,
    message: Claimed,
    stored: incidents.Stored,
    kind: MessageKind,
    config: WebhookConfig | PagerDutyConfig,
) -> Outgoing | None:
    shown = card(n.database, book, stored, now=n.now())
    if kind is not MessageKind.RESOLVED:
        shown = shown.as_opened()
    elif stored.incident.is_open:  # it fires again meanwhile, which is told next
        over = tuple(alert for alert in shown.alerts if not alert.is_open)
        shown = replace(shown, alerts=over or shown.alerts)
    key = mark_of(message, stored.incident)
    if isinstance(config, PagerDutyConfig):
        return pagerduty_event(shown, kind, routing_key=_set(n, config.routing_key_env), key=key.key)
    return webhook_post(
        shown,
        kind,
        receiver=book.routes.receiver(message.target),
        key=f"{key.key}-{key.seq}",
        max_alerts=config.max_alerts,
        secret=_set(n, config.secret_env) if config.secret_env else "",
        now=int(n.wall()),
    )


def said(
    kind: MessageKind, *, over: bool, acked: bool, knows: bool, last: MessageKind | None
) -> MessageKind | None:
    """Return what is sent for a message, None for nothing.

    Programs have no first message to edit, but must hear of an end that people were not told, or they hold
    the incident for open for ever. An escalation that somebody forestalled is not sent, nor what would come
    after it. ``knows``: the receiver was told of the incident, ``last`` with what (None: too long ago).
    """
    match kind:
        case MessageKind.ESCALATION:
            return None if acked or over else kind
        case MessageKind.OPENING | MessageKind.REOPENING:
            return kind
        case MessageKind.CLOSED:
            return None  # the edit behind it tells the end
        case MessageKind.EDIT:
            return MessageKind.RESOLVED if over and knows and last is not MessageKind.RESOLVED else None
        case _:
            return kind if knows else None


def _url(n: Notifying, config: WebhookConfig | PagerDutyConfig) -> str:
    url = config.url if isinstance(config, PagerDutyConfig) else _set(n, config.url_env)
    if not url.startswith(("http://", "https://")):
        raise Refused("its address begins with neither http:// nor https://")
    return url


def _set(n: Notifying, name: str) -> str:
    value = n.variable(name)
    if not value:
        raise Refused(f"{name} is not set; set it where the worker runs")
    return value


def _left_out(n: Notifying, message: Claimed) -> None:
    with n.database.transaction() as tx:
        incidents.wake(tx, n.now(), message.incident_id)  # first, as a review locks it first
        outbox.dropped(tx, message, n.worker)


def _rest(n: Notifying, message: Claimed, seconds: float) -> None:
    with n.database.transaction() as tx:
        outbox.pause(tx, message.target, n.wall() + seconds)


def _give_back(n: Notifying, message: Claimed, wait_s: float, error: str, *, sent: bool) -> None:
    with n.database.transaction() as tx:
        outbox.retry_at(tx, message, n.worker, again_at=n.wall() + wait_s, error=error, sent=sent)
