"""One transition of an incident as ``incident_reply.j2`` gets it."""

from dataclasses import dataclass

from bot.model.alert import Alert, AlertEvent
from bot.render import words
from bot.render.incident_view import affected_users, peak_word


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """The names of ``incident_reply.j2``: ``kind`` is what happened, the rest are finished words."""

    kind: str
    severity: str
    title: str
    value: str
    threshold: str
    peak: str
    peak_word: str
    users: str
    duration: str
    actor: str
    until_at: str
    why: str


def reply_view(incident: Alert, event: AlertEvent, unit: str) -> ReplyView:
    """Return the event in the light of its incident; a value that the event lacks is the incident's."""
    until = incident.silenced_until
    unit = words.plain(unit, 20)
    return ReplyView(
        kind=event.kind.value,
        severity=event.severity.word,
        title=words.title_of(incident.alertname),
        value=words.amount(event.value if event.value is not None else incident.value, unit),
        threshold=words.amount(incident.threshold, unit) if incident.threshold is not None else "",
        peak=words.amount(incident.peak, unit),
        peak_word=peak_word(incident),
        users=affected_users(incident),
        duration=words.duration(event.at - incident.active_at),
        actor=words.mention(event.actor) if event.actor else "Somebody",
        until_at=words.moment(until) if until is not None else "",
        why=words.why(incident.reason),
    )
