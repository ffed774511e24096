"""What a state looks like: its word, its emoji and the colour of its bar. Colour never stands alone."""

from dataclasses import dataclass

from bot.model.alert import State
from bot.model.incident import Card
from bot.model.verdict import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """``state`` is what templates ask for; the rest is what people see."""

    state: str
    emoji: str
    color: str


_FIRING = {
    Severity.CRITICAL: Look(state="firing", emoji=":red_circle:", color="#a30200"),
    Severity.WARNING: Look(state="firing", emoji=":large_orange_circle:", color="#de7c00"),
    Severity.INFO: Look(state="firing", emoji=":large_blue_circle:", color="#5b7a99"),
}
_RECOVERING = Look(state="recovering", emoji=":large_yellow_circle:", color="#6fa8a0")
_ACKNOWLEDGED = Look(state="acknowledged", emoji=":eyes:", color="#daa038")
_SNOOZED = Look(state="snoozed", emoji=":zzz:", color="#dddddd")
_COVERED = Look(state="silenced", emoji=":no_bell:", color="#dddddd")
_RESOLVED = Look(state="resolved", emoji=":white_check_mark:", color="#2eb886")


def look_of(card: Card, now: int) -> Look:
    """Return how to show an incident: what is over comes first, then what keeps people from acting."""
    incident = card.incident
    firing = [alert for alert in card.alerts if alert.is_open]
    if not incident.is_open:
        return _RESOLVED
    if incident.is_snoozed(now):
        return _SNOOZED
    if firing and all(card.covered_by.get(alert.id) for alert in firing):
        return _COVERED
    if firing and all(alert.state is State.RECOVERING for alert in firing):
        return _RECOVERING
    return _ACKNOWLEDGED if incident.acked_by is not None else look_of_severity(card.lead.severity)


def look_of_severity(severity: Severity) -> Look:
    """Return how to show something that fires."""
    return _FIRING[severity]
