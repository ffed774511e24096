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
    QUIET    as MISS; the alert resolves for low volume
    UNKNOWN  pending and recovering leave the minute out of their clock, everything else stays
    NO_DATA  everything but firing --i--> firing, at once and with that reason
    GONE, DROPPED  pending --e--> (none), firing and recovering --j--> resolved, with that reason

Severity rises in the minute that crosses a higher threshold; it falls after the value has stayed below for
`keep_firing_for`. A minute without data is neither breach nor recovery.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.model.incident import EventKind, Incident, IncidentEvent, Reason, State, changed
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels, Outcome, Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the rule says of time and direction. ``floor`` is the severity of its lowest threshold."""

    for_s: int
    keep_firing_for_s: int
    floor: Severity
    low_is_bad: bool = False


_ENDS = {Outcome.GONE: Reason.MISSING_SERIES, Outcome.DROPPED: Reason.LIMIT_EXCEEDED}

Step = tuple[Incident | None, IncidentEvent | None]


@lru_cache(maxsize=10_000)
def fingerprint(alert: str, labels: Labels) -> str:
    """Return the identity of an alert: its name and labels. Severity is no part of it."""
    return hashlib.sha256(json.dumps([alert, labels]).encode()).hexdigest()[:16]


def step(incident: Incident | None, verdict: Verdict, alert: str, policy: Policy) -> Step:
    """Return the incident after this minute (None: inactive) and what happened, if anything did."""
    outcome = verdict.outcome
    if outcome is Outcome.UNKNOWN:
        return _unknown(incident, verdict), None
    if outcome is Outcome.NO_DATA:
        return _without_data(incident, verdict, alert, policy)
    if outcome in _ENDS:
        return _ended(incident, verdict.minute, _ENDS[outcome])
    firing = incident is not None and incident.is_open
    holds = outcome is Outcome.MATCH or (firing and outcome is Outcome.HELD)
    if incident is None:
        return _start(verdict, alert, policy) if holds else (None, None)
    if incident.state is State.PENDING:
        return _pending(incident, verdict, policy) if holds else (None, None)
    return _firing(incident, verdict, policy) if holds else _healthy(incident, verdict, policy)


def close(incident: Incident, at: int, reason: Reason) -> tuple[Incident, IncidentEvent]:
    """Return the incident as resolved at once, whatever its clocks say."""
    return _with_event(
        changed(incident, state=State.RESOLVED, resolved_at=at, reason=reason), EventKind.RESOLVED, at
    )


def _unknown(incident: Incident | None, verdict: Verdict) -> Incident | None:
    if incident is None:
        return None
    paused = incident.state in (State.PENDING, State.RECOVERING) or incident.below_since is not None
    gap_s = incident.gap_s + MINUTE_S if paused else incident.gap_s
    return replace(incident, gap_s=gap_s, judged_at=verdict.minute)


def _without_data(incident: Incident | None, verdict: Verdict, alert: str, policy: Policy) -> Step:
    silent = replace(
        incident or _born(verdict, alert, policy), judged_at=verdict.minute, reason=Reason.NO_DATA, gap_s=0
    )
    if silent.state is State.FIRING:
        return _with_event(silent, EventKind.CHANGED, verdict.minute)
    kind = EventKind.OPENED if silent.state is State.PENDING else EventKind.RELAPSED
    fired_at = verdict.minute if silent.fired_at is None else silent.fired_at
    fired = replace(silent, state=State.FIRING, fired_at=fired_at, first_miss_at=None, below_since=None)
    return _with_event(fired, kind, verdict.minute)


def _ended(incident: Incident | None, at: int, reason: Reason) -> Step:
    if incident is None or not incident.is_open:
        return None, None
    return close(replace(incident, judged_at=at), at, reason)


def _born(verdict: Verdict, alert: str, policy: Policy) -> Incident:
    return Incident(
        fingerprint=fingerprint(alert, verdict.labels),
        project=dict(verdict.labels).get("project", ""),
        alert=alert,
        labels=verdict.labels,
        state=State.PENDING,
        severity=verdict.severity or policy.floor,
        active_at=verdict.minute,
        judged_at=verdict.minute,
    )


def _start(verdict: Verdict, alert: str, policy: Policy) -> Step:
    return _pending(_born(verdict, alert, policy), verdict, policy)


def _pending(incident: Incident, verdict: Verdict, policy: Policy) -> Step:
    level = verdict.severity or policy.floor
    if verdict.minute - incident.active_at - incident.gap_s < policy.for_s:
        return _seen(incident, verdict, policy, severity=level), None
    fired: dict[str, object] = {"state": State.FIRING, "fired_at": verdict.minute, "gap_s": 0}
    return _with_event(
        _seen(incident, verdict, policy, severity=level, **fired), EventKind.OPENED, verdict.minute
    )


def _seen(incident: Incident, verdict: Verdict, policy: Policy, **changes: object) -> Incident:
    """Return the incident with the minute's value, the worst value so far and who suffered then, and with
    ``changes``: in one go, because a backtest takes a million steps."""
    at_peak = as_bad(verdict.value, incident.peak, policy)
    matches = verdict.outcome is Outcome.MATCH
    return changed(
        incident,
        judged_at=verdict.minute,
        value=verdict.value,
        threshold=verdict.threshold if matches else incident.threshold,
        peak=verdict.value if at_peak else incident.peak,
        at_least=incident.at_least or verdict.at_least,
        affected=verdict.affected if at_peak and verdict.affected.events else incident.affected,
        reason=None if matches else incident.reason,
        **changes,
    )


def as_bad(value: float | None, peak: float | None, policy: Policy) -> bool:
    """Return whether a value is at least as bad as the worst one so far."""
    if value is None or peak is None:
        return value is not None
    return value <= peak if policy.low_is_bad else value >= peak


def _firing(incident: Incident, verdict: Verdict, policy: Policy) -> Step:
    level = verdict.severity or policy.floor
    steady: dict[str, object] = {"below_since": None, "gap_s": 0}
    if incident.state is State.RECOVERING:
        steady |= {"state": State.FIRING, "first_miss_at": None, "severity": max(incident.severity, level)}
        return _with_event(_seen(incident, verdict, policy, **steady), EventKind.RELAPSED, verdict.minute)
    if level > incident.severity:
        worse = _seen(incident, verdict, policy, severity=level, **steady)
        return _with_event(worse, EventKind.WORSENED, verdict.minute)
    if level == incident.severity:
        return _with_event(_seen(incident, verdict, policy, **steady), EventKind.CHANGED, verdict.minute)
    since = incident.below_since if incident.below_since is not None else verdict.minute
    if verdict.minute - since - incident.gap_s >= policy.keep_firing_for_s:
        milder = _seen(incident, verdict, policy, severity=level, **steady)
        return _with_event(milder, EventKind.EASED, verdict.minute)
    waiting = _seen(incident, verdict, policy, below_since=since)
    return _with_event(waiting, EventKind.CHANGED, verdict.minute)


def _healthy(incident: Incident, verdict: Verdict, policy: Policy) -> Step:
    first = incident.first_miss_at if incident.first_miss_at is not None else verdict.minute
    gap_s = incident.gap_s if incident.state is State.RECOVERING else 0
    if verdict.minute - first - gap_s >= policy.keep_firing_for_s:
        reason = Reason.LOW_VOLUME if verdict.outcome is Outcome.QUIET else Reason.CONDITION
        return close(_seen(incident, verdict, policy, first_miss_at=first), verdict.minute, reason)
    waits: dict[str, object] = {"state": State.RECOVERING, "first_miss_at": first, "gap_s": gap_s}
    kind = EventKind.RECOVERING if incident.state is State.FIRING else EventKind.CHANGED
    return _with_event(_seen(incident, verdict, policy, below_since=None, **waits), kind, verdict.minute)


def _with_event(incident: Incident, kind: EventKind, at: int) -> tuple[Incident, IncidentEvent]:
    return incident, IncidentEvent(kind=kind, at=at, severity=incident.severity, value=incident.value)
