"""The state machine of an alert, one step per series and minute.

    MATCH    (none)     --a--> pending      ActiveAt = T
             (none)     --b--> firing       where `for` is 0
             pending    --c--> firing       T - ActiveAt - gaps >= for
             recovering --d--> firing       same episode, the hold is cleared
    MISS     pending    --e--> (none)
             firing     --f--> recovering   FirstMiss = T
             firing     --g--> resolved     where `keep_firing_for` is 0
             recovering --h--> resolved     T - FirstMiss - gaps >= keep_firing_for
    HELD     as MATCH for firing and recovering (hysteresis), as MISS for pending and none
    UNKNOWN  pending and recovering leave the minute out of their clock, everything else stays

Severity rises in the minute that crosses a higher threshold; it falls after the value has stayed below for
`keep_firing_for`. A minute without data is neither breach nor recovery.
"""

import hashlib
import json
from dataclasses import dataclass, replace

from bot.model.incident import EventKind, Incident, IncidentEvent, Reason, State
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels, Outcome, Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the rule says of time and direction. ``floor`` is the severity of its lowest threshold."""

    for_s: int
    keep_firing_for_s: int
    floor: Severity
    low_is_bad: bool = False


Step = tuple[Incident | None, IncidentEvent | None]


def fingerprint(alert: str, labels: Labels) -> str:
    """Return the identity of an alert: its name and labels. Severity is no part of it."""
    return hashlib.sha256(json.dumps([alert, labels]).encode()).hexdigest()[:16]


def step(incident: Incident | None, verdict: Verdict, alert: str, policy: Policy) -> Step:
    """Return the incident after this minute (None: inactive) and what happened, if anything did."""
    if verdict.outcome is Outcome.UNKNOWN:
        return _unknown(incident, verdict), None
    firing = incident is not None and incident.is_open
    holds = verdict.outcome is Outcome.MATCH or (firing and verdict.outcome is Outcome.HELD)
    if incident is None:
        return _start(verdict, alert, policy) if holds else (None, None)
    if incident.state is State.PENDING:
        return _pending(incident, verdict, policy) if holds else (None, None)
    seen = _seen(incident, verdict, policy)
    return _firing(seen, verdict, policy) if holds else _healthy(seen, verdict, policy)


def close(incident: Incident, at: int, reason: Reason) -> tuple[Incident, IncidentEvent]:
    """Return the incident as resolved at once, whatever its clocks say."""
    return _with_event(
        replace(incident, state=State.RESOLVED, resolved_at=at, reason=reason), EventKind.RESOLVED, at
    )


def _unknown(incident: Incident | None, verdict: Verdict) -> Incident | None:
    if incident is None:
        return None
    paused = incident.state in (State.PENDING, State.RECOVERING) or incident.below_since is not None
    gap_s = incident.gap_s + MINUTE_S if paused else incident.gap_s
    return replace(incident, gap_s=gap_s, judged_at=verdict.minute)


def _start(verdict: Verdict, alert: str, policy: Policy) -> Step:
    labels = dict(verdict.labels)
    born = Incident(
        fingerprint=fingerprint(alert, verdict.labels),
        project=labels.get("project", ""),
        alert=alert,
        labels=verdict.labels,
        state=State.PENDING,
        severity=verdict.severity or policy.floor,
        active_at=verdict.minute,
        judged_at=verdict.minute,
    )
    return _pending(born, verdict, policy)


def _pending(incident: Incident, verdict: Verdict, policy: Policy) -> Step:
    seen = replace(_seen(incident, verdict, policy), severity=verdict.severity or policy.floor)
    if verdict.minute - seen.active_at - seen.gap_s < policy.for_s:
        return seen, None
    fired = replace(seen, state=State.FIRING, fired_at=verdict.minute, gap_s=0)
    return _with_event(fired, EventKind.OPENED, verdict.minute)


def _seen(incident: Incident, verdict: Verdict, policy: Policy) -> Incident:
    """Return the incident with the minute's value, and with the worst value and widest circle so far."""
    worst = min if policy.low_is_bad else max
    values = [v for v in (incident.peak, verdict.value) if v is not None]
    wider = len(verdict.affected.users) >= len(incident.affected.users) and verdict.affected.events > 0
    return replace(
        incident,
        judged_at=verdict.minute,
        value=verdict.value,
        threshold=verdict.threshold if verdict.outcome is Outcome.MATCH else incident.threshold,
        peak=worst(values) if values else None,
        at_least=incident.at_least or verdict.at_least,
        affected=verdict.affected if wider else incident.affected,
    )


def _firing(incident: Incident, verdict: Verdict, policy: Policy) -> Step:
    if incident.state is State.RECOVERING:
        again = replace(incident, state=State.FIRING, first_miss_at=None, gap_s=0, below_since=None)
        risen = max(again.severity, verdict.severity or policy.floor)
        return _with_event(replace(again, severity=risen), EventKind.RELAPSED, verdict.minute)
    level = verdict.severity or policy.floor
    if level > incident.severity:
        worse = replace(incident, severity=level, below_since=None, gap_s=0)
        return _with_event(worse, EventKind.WORSENED, verdict.minute)
    if level == incident.severity:
        steady = replace(incident, below_since=None, gap_s=0)
        return _with_event(steady, EventKind.CHANGED, verdict.minute)
    since = incident.below_since if incident.below_since is not None else verdict.minute
    if verdict.minute - since - incident.gap_s >= policy.keep_firing_for_s:
        milder = replace(incident, severity=level, below_since=None, gap_s=0)
        return _with_event(milder, EventKind.EASED, verdict.minute)
    return _with_event(replace(incident, below_since=since), EventKind.CHANGED, verdict.minute)


def _healthy(incident: Incident, verdict: Verdict, policy: Policy) -> Step:
    first = incident.first_miss_at if incident.first_miss_at is not None else verdict.minute
    gap_s = incident.gap_s if incident.state is State.RECOVERING else 0
    if verdict.minute - first - gap_s >= policy.keep_firing_for_s:
        return close(replace(incident, first_miss_at=first), verdict.minute, Reason.CONDITION)
    waiting = replace(incident, state=State.RECOVERING, first_miss_at=first, gap_s=gap_s, below_since=None)
    kind = EventKind.RECOVERING if incident.state is State.FIRING else EventKind.CHANGED
    return _with_event(waiting, kind, verdict.minute)


def _with_event(incident: Incident, kind: EventKind, at: int) -> tuple[Incident, IncidentEvent]:
    return incident, IncidentEvent(kind=kind, at=at, severity=incident.severity, value=incident.value)
