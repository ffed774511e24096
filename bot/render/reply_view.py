"""One thing that is told of an incident, as ``incident_reply.j2`` gets it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.incident import Card, Line, MessageKind
from bot.render import words
from bot.render.alert_words import affected_users, began_at, peak_word, place_of, value_of
from bot.render.incident_view import shown_place, title_of
from bot.render.verdict_view import answer_value

NOTE_SHOWN = 1000
NAMED = 5
"""Alerts that one line names; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """The names of ``incident_reply.j2``: ``kind`` is what happened, the rest are finished words.

    ``said`` is the doctor's verdict on a call of ``channel``, with the values of the buttons below it.
    ``about`` is a note, whom somebody assigned, or a call that somebody linked; ``console`` leads to a call.
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
    about: str
    why: str
    joined: str
    left: str
    firing: int
    flaps: int
    episode: int
    channel: str
    said: str
    console: str
    right_value: str
    wrong_value: str


def reply_view(card: Card, line: Line, now: int) -> ReplyView:
    """Return the line in the light of its incident; a value that the line lacks is the incident's."""
    lead, incident = card.lead, card.incident
    unit = words.plain(card.trend.unit, 20) if card.trend else ""
    ended_at = incident.resolved_at if incident.resolved_at is not None else now
    linked = line.about if line.kind is MessageKind.LINKED else ""
    call = line.told.verdict.call_id if line.told else linked
    return ReplyView(
        kind=line.kind.value,
        severity=line.severity.word,
        title=title_of(card),
        place=shown_place(card.alerts),
        value=words.known(line.value, unit) or value_of(lead, unit),
        threshold=words.known(lead.threshold, unit),
        peak=words.known(lead.peak, unit),
        peak_word=peak_word(lead),
        users=affected_users(lead.affected, at_least=lead.at_least),
        duration=words.duration(ended_at - began_at(card.alerts)),
        actor=words.mention(line.actor) if line.actor else "Somebody",
        until_at=words.moment(line.until) if line.until is not None else "",
        about=_about(line),
        why=words.why(lead.reason),
        joined=_named(card, line.joined),
        left=_named(card, line.left),
        firing=sum(alert.is_open for alert in card.alerts),
        flaps=card.flaps,
        episode=incident.episode,
        channel=words.code(line.told.cname) if line.told else "",
        said=words.plain(line.told.headline) if line.told else "",
        console=words.console_call(call) if call else "",
        right_value=answer_value(line.told.verdict, right=True) if line.told else "",
        wrong_value=answer_value(line.told.verdict, right=False) if line.told else "",
    )


def _about(line: Line) -> str:
    match line.kind:
        case MessageKind.ASSIGNED:
            return words.mention(line.about)
        case MessageKind.LINKED:
            return words.code(line.about)
        case _:
            return words.plain(line.about, NOTE_SHOWN)


def _named(card: Card, ids: Sequence[int]) -> str:
    """Return what tells the alerts of an incident apart, the first few by name."""
    chosen = [alert for alert in card.alerts if alert.id in ids]
    if len(card.alerts) < 2 or not chosen:
        return ""
    names = list(dict.fromkeys(place_of(alert, card.alerts) for alert in chosen))
    more = len(names) - NAMED
    return words.listed(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
