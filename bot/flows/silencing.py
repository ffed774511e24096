"""Silence alerts: what may be silenced, whom it would hide, and what is in force."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.flows.routes import matched
from bot.model.alert import Alert
from bot.model.audit import Asker, AuditEntry
from bot.model.silence import Silence
from bot.model.time import DAY_S, Window
from bot.rules.matcher import Matcher, all_hold
from bot.store import Database, Transaction, alerts, audit, incidents, silences

LONG_S = 30 * DAY_S
"""Longer silences are taken, with a warning: they outlive the memory of why they were made."""
COMMENT_MAX = 500
MATCHERS_MAX = 20
_FURTHEST = 253_402_300_799
"""The last second of the year 9999: what a date can show."""
_PAGE = 1000


class SilenceRefused(ValueError):
    """This silence cannot be made or ended; the text says why, and what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a silence hides. ``unknown`` are labels it asks for that no alert of the last 24 h has, while
    those have ``labels``."""

    firing: tuple[Alert, ...]
    lately: int
    unknown: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def checked(silence: Silence, now: float) -> Silence:
    """Return the silence with tidy words; raise SilenceRefused where it makes no sense."""
    if not silence.matchers:
        raise SilenceRefused('Which alerts? Write matchers, for example alertname="VideoFreezeHigh".')
    if len(silence.matchers) > MATCHERS_MAX:
        raise SilenceRefused(f"{len(silence.matchers)} matchers are too many; {MATCHERS_MAX} are enough.")
    if all_hold(_parsed(silence.matchers), {}):
        raise SilenceRefused(
            "These matchers would hold for every alert, also for one without any label. To silence all on "
            'purpose, write alertname=~".+".'
        )
    if silence.ends_at <= silence.starts_at:
        raise SilenceRefused("The silence would end before it begins.")
    if silence.ends_at <= now:
        raise SilenceRefused("The silence would be over already.")
    if silence.ends_at > _FURTHEST:
        raise SilenceRefused("The silence would outlast the calendar; 30d is long.")
    comment = " ".join(silence.comment.split())
    if not comment:
        raise SilenceRefused("Why? Whoever misses an alert will want to know: write a reason.")
    if len(comment) > COMMENT_MAX:
        raise SilenceRefused(f"The reason has {len(comment)} characters; {COMMENT_MAX} are enough.")
    return replace(silence, comment=comment)


def reach(database: Database, matchers: Sequence[str], now: float) -> Reach:
    """Return what the matchers hold for: of what fires now, and of what fired in the last 24 h."""
    with database.reading() as tx:
        return _reach(tx, _parsed(matchers), now)


def silence(
    database: Database, wanted: Silence, now: float, asker: Asker, incident_id: int | None = None
) -> tuple[Silence, Reach]:
    """Store a silence and have every open incident looked at again; raise SilenceRefused."""
    made = checked(wanted, now)
    with database.transaction() as tx:
        found = _reach(tx, _parsed(made.matchers), now)
        made = replace(made, id=silences.add(tx, made))
        _audited(tx, "silence", made, now, asker, incident_id)
        incidents.wake(tx, now)
    return made, found


def end(database: Database, silence_id: int, now: float, asker: Asker) -> Silence:
    """End a silence at once and have what it hid told; raise SilenceRefused where there is nothing to end."""
    with database.transaction() as tx:
        known = silences.find(tx, silence_id)
        if known is None:
            raise SilenceRefused(f"There is no silence {silence_id}.")
        if not silences.expire(tx, silence_id, int(now)):
            raise SilenceRefused(f"Silence {silence_id} is over already; make a new one if it is needed.")
        _audited(tx, "end silence", known, now, asker)
        incidents.wake(tx, now)
        return known


def _audited(
    tx: Transaction, deed: str, about: Silence, now: float, asker: Asker, incident_id: int | None = None
) -> None:
    words = f"{about.id}: {', '.join(about.matchers)}"
    audit.add(tx, AuditEntry(at=int(now), asker=asker, deed=deed, incident_id=incident_id, about=words))


def in_force(
    database: Database, now: float, *, ended: int = 0
) -> tuple[list[tuple[Silence, int]], list[Silence]]:
    """Return the silences in force or to come, each with how many alerts that fire now it matches, and the
    last ``ended`` ones."""
    with database.reading() as tx:
        firing = alerts.firing(tx)
        lasting = [(one, len(_held(_parsed(one.matchers), firing))) for one in silences.lasting(tx, now)]
        return lasting, silences.ended(tx, now, limit=ended) if ended else []


def _reach(tx: Transaction, matchers: tuple[Matcher, ...], now: float) -> Reach:
    window, last = Window(start=int(now) - DAY_S, end=int(now) + 1), 0
    firing = alerts.firing(tx)
    known = {name for alert in firing for name in matched(alert)}
    lately = 0
    while page := alerts.fired_within(tx, window, None, after=last, limit=_PAGE):
        last = page[-1].id
        lately += len(_held(matchers, page))
        known.update(name for alert in page for name in matched(alert))
    wanted = [matcher.label for matcher in matchers if not matcher.op.startswith("!")]
    unknown = tuple(dict.fromkeys(name for name in wanted if known and name not in known))
    hidden = tuple(_held(matchers, firing))
    return Reach(firing=hidden, lately=lately, unknown=unknown, labels=tuple(sorted(known)))


def _held(matchers: tuple[Matcher, ...], among: Sequence[Alert]) -> list[Alert]:
    return [alert for alert in among if all_hold(matchers, matched(alert))]


def _parsed(written: Sequence[str]) -> tuple[Matcher, ...]:
    try:
        return tuple(Matcher.parse(text) for text in written)
    except ValueError as wrong:
        raise SilenceRefused(f"{wrong}.") from None
