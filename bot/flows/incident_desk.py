"""Answer ``/agora-incidents`` and ``/agora-incident``: list, show with a timeline, and act."""

import json

from bot.flows import acts, hushed
from bot.flows.answer import Desk
from bot.flows.card import card
from bot.flows.incident_words import USAGE, Deed, IncidentWish, incident_wish, since_of
from bot.flows.question import Unclear
from bot.flows.routes import matched
from bot.incidents import lead_of
from bot.model.alert import Alert
from bot.model.audit import Asker
from bot.model.incident import Card, MessageKind
from bot.model.message import Message
from bot.model.silence import Silence
from bot.render import IncidentListing
from bot.store import incidents

PAGE = 15
"""Incidents in one answer: each takes a block with a button."""


def overview(desk: Desk, text: str) -> Message:
    """Return the incidents that ``open`` or a span of time asks for; raise Unclear."""
    back_s = since_of(text)
    return page(desk, None if back_s is None else int(desk.now()) - back_s, None)


def page(desk: Desk, since: int | None, below: int | None) -> Message:
    """Return the incidents open now, or open at any time ``since``, the newest first, ``below`` an id."""
    with desk.database.reading() as tx:
        total, found = incidents.listed(tx, since=since, below=below, limit=PAGE + 1)
    shown = [
        Card(incident=stored.incident, alerts=stored.alerts, lead=lead)
        for stored in found[:PAGE]
        if (lead := lead_of(stored.alerts)) is not None
    ]
    more = found[PAGE - 1].incident.id if len(found) > PAGE else None
    listing = IncidentListing(cards=shown, total=total, since=since, first_page=below is None, below=more)
    return desk.renderer.incidents(listing, now=int(desk.now()))


def answer(desk: Desk, text: str, asker: Asker) -> Message:
    """Do what ``text`` asks of an incident and return what was done, or the incident; raise Unclear or
    Forbidden."""
    wish = incident_wish(text, asker.user)
    if wish.deed is Deed.SHOW:
        return shown(desk, wish.incident_id)
    if wish.deed is Deed.SILENCE:
        return hushed.make(desk, _silence(desk, wish, asker.user), asker, wish.incident_id)
    why_not = _done(desk, wish, asker)
    if why_not is not None:
        return desk.renderer.notice(
            why_not.sentence, "`/agora-incidents` lists what is open.", who=why_not.who
        )
    return desk.renderer.notice(
        f"Incident #{wish.incident_id}: {_SAID[wish.deed]}.",
        f"`/agora-incident {wish.incident_id}` shows it.",
    )


_SAID = {
    Deed.ACKNOWLEDGE: "it is yours now",
    Deed.ASSIGN: "it is assigned, and its thread says so",
    Deed.NOTE: "your note is kept with it, and its thread shows it",
    Deed.LINK: "the call is linked to it",
    Deed.SNOOZE: "it is quiet for that time",
    Deed.RESOLVE: "it is resolved",
}


def _done(desk: Desk, wish: IncidentWish, asker: Asker) -> acts.Done:
    match wish.deed:
        case Deed.ACKNOWLEDGE:
            return acts.take(desk, wish.incident_id, asker)
        case Deed.ASSIGN:
            return acts.give(desk, wish.incident_id, asker, wish.about)
        case Deed.SNOOZE:
            return acts.hush(desk, wish.incident_id, asker, wish.seconds)
        case Deed.RESOLVE:
            return acts.resolve(desk, wish.incident_id, asker)
        case Deed.LINK:
            return acts.remark(desk, wish.incident_id, asker, MessageKind.LINKED, wish.about)
        case _:
            return acts.remark(desk, wish.incident_id, asker, MessageKind.NOTED, wish.about)


def shown(desk: Desk, incident_id: int) -> Message:
    """Return an incident as its message shows it, with all that happened to it."""
    with desk.database.reading() as tx:
        stored = incidents.find(tx, incident_id)
        history = incidents.history(tx, incident_id)
    if stored is None or not stored.alerts:
        return desk.renderer.notice(
            f"Incident #{incident_id} is not in my records.", "`/agora-incidents 7d` lists those of a week."
        )
    now = desk.now()
    return desk.renderer.incident(card(desk.database, desk.book(), stored, now=now), history, now=int(now))


def _silence(desk: Desk, wish: IncidentWish, user: str) -> Silence:
    """Return a silence of whatever has the labels that the alerts of an incident share."""
    with desk.database.reading() as tx:
        stored = incidents.find(tx, wish.incident_id)
    if stored is None or not stored.alerts:
        raise Unclear(f"Incident #{wish.incident_id} is not in my records.", USAGE)
    now = int(desk.now())
    return Silence(
        matchers=_shared(stored.alerts),
        starts_at=now,
        ends_at=now + wish.seconds,
        author=user,
        comment=wish.about,
    )


def _shared(alerts: tuple[Alert, ...]) -> tuple[str, ...]:
    """Return matchers of what all alerts share, whatever their severity."""
    each = [matched(alert) for alert in alerts]
    return tuple(
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in each[0].items()
        if name != "severity" and all(other.get(name) == value for other in each)
    )
