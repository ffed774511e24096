"""Incidents: one life of a group of alerts, from the first that fires until the last is resolved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.model.alert import Alert, State
from bot.model.feedback import Told
from bot.model.message import Trend
from bot.model.silence import Silence
from bot.model.verdict import Labels, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What people hear of, acknowledge and snooze.

    ``group`` are the labels that its alerts share. ``opened_at`` is event time, of the first alert that
    fired; ``episode_at`` is our time, of the present episode's first alert; ``resolved_at`` is event time
    again. A group that fires once more within ``reopen_within`` begins the next ``episode``; later it is a
    new incident which ``continues`` the earlier. ``assigned_to`` is a
    Slack user id. ``id`` is 0 until it is stored; ``version`` counts its writes.
    """

    id: int = 0
    version: int = 0
    group: Labels
    opened_at: int
    episode: int = 1
    episode_at: float
    resolved_at: int | None = None
    continues: int | None = None
    acked_by: str | None = None
    acked_at: int | None = None
    acked_severity: Severity | None = None
    assigned_to: str | None = None
    snoozed_by: str | None = None
    snoozed_until: int | None = None

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    def is_snoozed(self, now: float) -> bool:
        return self.snoozed_until is not None and now < self.snoozed_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What one target (a channel, a webhook) was told of an incident; what is queued counts as told.

    ``episode`` is the last one whose beginning it was told, 0 for none; ``is_open``: and not yet its end.
    ``told`` are the ids of the alerts that it knows as firing, ``severity`` the highest it heard of.
    ``waiting_since`` is since when there is something to tell that waits, ``delivered_at`` when a message
    that people see last arrived. ``shown`` stands for what its first message shows.
    """

    target: str
    receiver: str
    episode: int = 0
    is_open: bool = False
    told: frozenset[int] = frozenset()
    severity: Severity | None = None
    waiting_since: float | None = None
    reminded_at: float | None = None
    delivered_at: float | None = None
    flapping: bool = False
    shown: str = ""


class MessageKind(StrEnum):
    """OPENING is the first message of an incident at a target, EDIT brings it to the current truth, the
    others are told below it. CLOSED is the end that somebody made by hand, NOTED what somebody wrote, LINKED
    a call that somebody says belongs to it. ESCALATION is the first message at a target that is told because
    nobody acted."""

    OPENING = "opening"
    REOPENING = "reopening"
    ESCALATION = "escalation"
    RESOLVED = "resolved"
    ROSE = "rose"
    MEMBERS = "members"
    REMINDER = "reminder"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    NOTED = "noted"
    LINKED = "linked"
    RETURNED = "returned"
    FLAPPING = "flapping"
    VERDICT = "verdict"
    EDIT = "edit"


FIRST = frozenset({MessageKind.OPENING, MessageKind.ESCALATION})
"""The kinds that begin a conversation: a message in the channel itself."""

ASIDES = frozenset({MessageKind.ASSIGNED, MessageKind.NOTED, MessageKind.LINKED, MessageKind.VERDICT})
"""The kinds that change nothing of the incident itself: only people are told, and no reminder is put off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing to tell. ``at`` is when it happened; ``joined`` and ``left`` are ids of alerts that fire now,
    and that are over; ``actor`` is a Slack user id where a person did it, ``until`` when what they did
    ends. ``about`` is what they wrote, the user id of whom they assigned, or the id of the call they linked.
    ``told`` is what the doctor found in a call."""

    kind: MessageKind
    at: int
    severity: Severity
    value: float | None = None
    joined: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    actor: str | None = None
    until: int | None = None
    about: str = ""
    told: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An incident as one target sees it: its alerts in order of id, of which ``lead`` stands for all.

    ``covered_by`` says what hides which alert, ``silences`` are those among it, ``flaps`` how often the lead
    changed lately, where that is often enough to mention. ``trend`` is what the lead's rule compared in the
    last hour. ``earlier_link`` is the address of the first message of the incident that this one continues.
    """

    incident: Incident
    alerts: tuple[Alert, ...]
    lead: Alert
    trend: Trend | None = None
    covered_by: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()
    flaps: int = 0
    earlier_link: str = ""

    def as_opened(self) -> "Card":
        """Return the card as it was when the incident opened: a reader sees it fire before it is resolved."""
        if self.incident.is_open:
            return self
        fired = tuple(replace(a, state=State.FIRING, resolved_at=None, reason=None) for a in self.alerts)
        lead = next(alert for alert in fired if alert.id == self.lead.id)
        return replace(self, incident=replace(self.incident, resolved_at=None), alerts=fired, lead=lead)
