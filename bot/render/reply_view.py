"""One thing that is told of an incident, as ``incident_reply.j2`` gets it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.incident import Card, Line
from bot.render import words
from bot.render.incident_view import affected_users, peak_word, place_of, shown_place, title_of

NAMED = 5
"""Alerts that one line names; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """The names of ``incident_reply.j2``: ``kind`` is what happened, the rest are finished words.

    ``joined`` and ``left`` name alerts, empty where the incident has but one. ``firing`` counts those that go
    on.
    """

    kind: str
    severity: str
    title: str
    place: str
    value: str
    threshold: str
    peak: str
    peak_word: str
    users: str
    duration: str
    actor: str
    until_at: str
    why: str
    joined: str
    left: str
    firing: int
    flaps: int
    episode: int


def reply_view(card: Card, line: Line, now: int) -> ReplyView:
    """Return the line in the light of its incident; a value that the line lacks is the incident's."""
    lead, incident = card.lead, card.incident
    unit = words.plain(card.trend.unit, 20) if card.trend else ""
    began_at = min(alert.active_at for alert in card.alerts)
    ended_at = incident.resolved_at if incident.resolved_at is not None else now
    return ReplyView(
        kind=line.kind.value,
        severity=line.severity.word,
        title=title_of(card),
        place=shown_place(card.alerts),
        value=words.amount(line.value if line.value is not None else lead.value, unit),
        threshold=words.amount(lead.threshold, unit) if lead.threshold is not None else "",
        peak=words.amount(lead.peak, unit),
        peak_word=peak_word(lead),
        users=affected_users(lead.affected, at_least=lead.at_least),
        duration=words.duration(ended_at - began_at),
        actor=words.mention(line.actor) if line.actor else "Somebody",
        until_at=words.moment(line.until) if line.until is not None else "",
        why=words.why(lead.reason),
        joined=_named(card, line.joined),
        left=_named(card, line.left),
        firing=sum(alert.is_open for alert in card.alerts),
        flaps=card.flaps,
        episode=incident.episode,
    )


def _named(card: Card, ids: Sequence[int]) -> str:
    """Return what tells the alerts of an incident apart, the first few by name."""
    chosen = [alert for alert in card.alerts if alert.id in ids]
    if len(card.alerts) < 2 or not chosen:
        return ""
    names = list(dict.fromkeys(place_of(alert, card.alerts) for alert in chosen))
    more = len(names) - NAMED
    return words.listed(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
