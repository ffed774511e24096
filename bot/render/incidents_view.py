"""A list of incidents as ``incidents.j2`` gets it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.incident import Card
from bot.render import words
from bot.render.alert_words import began_at
from bot.render.incident_view import shown_place, title_of
from bot.render.look import look_of
from bot.render.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentListing:
    """A page of incidents, the newest first: of ``total`` that are open, or were ``since`` an instant.
    ``below`` is the id below which the next page begins, None where this is the last."""

    cards: Sequence[Card]
    total: int
    since: int | None
    first_page: bool
    below: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One incident; ``acked_by`` and ``assigned_to`` are empty where nobody did or is."""

    emoji: str
    state: str
    severity: str
    number: str
    title: str
    place: str
    began_at: str
    duration: str
    acked_by: str
    assigned_to: str
    button_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsView:
    """The names of ``incidents.j2``. ``since_at`` is empty where only open ones are listed."""

    count: str
    since_at: str
    first_page: bool
    rows: tuple[IncidentRow, ...]
    older_value: str


def incidents_view(listing: IncidentListing, now: int) -> IncidentsView:
    """Return the page as it stands at ``now``."""
    return IncidentsView(
        count=words.count(listing.total, "incident"),
        since_at="" if listing.since is None else words.moment(listing.since),
        first_page=listing.first_page,
        rows=tuple(_row(card, now) for card in listing.cards),
        older_value="" if listing.below is None else Value.encode_incidents(listing.since, listing.below),
    )


def _row(card: Card, now: int) -> IncidentRow:
    incident, look = card.incident, look_of(card, now)
    began = began_at(card.alerts)
    ended = incident.resolved_at if incident.resolved_at is not None else now
    return IncidentRow(
        emoji=look.emoji,
        state=look.state,
        severity=max(alert.severity for alert in card.alerts).word,
        number=str(incident.id),
        title=title_of(card),
        place=shown_place(card.alerts),
        began_at=words.moment(began),
        duration=words.duration(ended - began),
        acked_by=words.mention(incident.acked_by) if incident.acked_by else "",
        assigned_to=words.mention(incident.assigned_to) if incident.assigned_to else "",
        button_value=Value.encode_incident(incident.id, incident.version),
    )
