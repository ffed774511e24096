"""What a state looks like: its word, its emoji and the colour of its bar. Colour never stands alone."""

from dataclasses import dataclass

from bot.model.alert import Alert, State
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
_PENDING = Look(state="pending", emoji=":white_circle:", color="#5b7a99")
_RECOVERING = Look(state="recovering", emoji=":large_yellow_circle:", color="#6fa8a0")
_ACKNOWLEDGED = Look(state="acknowledged", emoji=":eyes:", color="#daa038")
_SILENCED = Look(state="silenced", emoji=":no_bell:", color="#dddddd")
_RESOLVED = Look(state="resolved", emoji=":white_check_mark:", color="#2eb886")


def look_of(incident: Alert, now: int) -> Look:
    """Return how to show the incident: what is over comes first, then what keeps people from acting."""
    if incident.state is State.RESOLVED:
        return _RESOLVED
    if incident.state is State.PENDING:
        return _PENDING
    if incident.is_silenced(now):
        return _SILENCED
    if incident.state is State.RECOVERING:
        return _RECOVERING
    return _ACKNOWLEDGED if incident.acked_by is not None else _FIRING[incident.severity]
