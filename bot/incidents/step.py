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

from bot.model.alert import Alert, AlertEvent, EventKind, Reason, State, changed
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels, Outcome, Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the rule says of time and direction. ``floor`` is the severity of its lowest threshold;
    ``one_shot``: its alerts are about something that is over when they fire, so they end without news."""

    for_s: int
    keep_firing_for_s: int
    floor: Severity
    low_is_bad: bool = False
    one_shot: bool = False

    @property
    def end(self) -> Reason:
        """Why its alerts end when nothing else ends them."""
        return Reason.ONE_SHOT if self.one_shot else Reason.CONDITION


_ENDS = {Outcome.GONE: Reason.MISSING_SERIES, Outcome.DROPPED: Reason.LIMIT_EXCEEDED}

Step = tuple[Alert | None, AlertEvent | None]


@lru_cache(maxsize=10_000)
def fingerprint(alertname: str, labels: Labels) -> str:
    """Return the identity of an alert: its name and labels. Severity is no part of it."""
    return hashlib.sha256(json.dumps([alertname, labels]).encode()).hexdigest()[:16]


def step(alert: Alert | None, verdict: Verdict, alertname: str, policy: Policy) -> Step:
    """Return the alert after this minute (None: inactive) and what happened, if anything did."""
    outcome = verdict.outcome
    if outcome is Outcome.UNKNOWN:
        return _unknown(alert, verdict), None
    if outcome is Outcome.NO_DATA:
        return _without_data(alert, verdict, alertname, policy)
    if outcome in _ENDS:
        return _ended(alert, verdict.minute, _ENDS[outcome])
    firing = alert is not None and alert.is_open
    holds = outcome is Outcome.MATCH or (firing and outcome is Outcome.HELD)
    if alert is None:
        return _start(verdict, alertname, policy) if holds else (None, None)
    if alert.state is State.PENDING:
        return _pending(alert, verdict, policy) if holds else (None, None)
    return _firing(alert, verdict, policy) if holds else _healthy(alert, verdict, policy)


def close(alert: Alert, at: int, reason: Reason) -> tuple[Alert, AlertEvent]:
    """Return the alert as resolved at once, whatever its clocks say."""
    return _with_event(
        changed(alert, state=State.RESOLVED, resolved_at=at, reason=reason), EventKind.RESOLVED, at
    )


def _unknown(alert: Alert | None, verdict: Verdict) -> Alert | None:
    if alert is None:
        return None
    paused = alert.state in (State.PENDING, State.RECOVERING) or alert.below_since is not None
    gap_s = alert.gap_s + MINUTE_S if paused else alert.gap_s
    return replace(alert, gap_s=gap_s, judged_at=verdict.minute)


def _without_data(alert: Alert | None, verdict: Verdict, alertname: str, policy: Policy) -> Step:
    silent = replace(
        alert or _born(verdict, alertname, policy), judged_at=verdict.minute, reason=Reason.NO_DATA, gap_s=0
    )
    if silent.state is State.FIRING:
        return _with_event(silent, EventKind.CHANGED, verdict.minute)
    kind = EventKind.OPENED if silent.state is State.PENDING else EventKind.RELAPSED
    fired_at = verdict.minute if silent.fired_at is None else silent.fired_at
    fired = replace(silent, state=State.FIRING, fired_at=fired_at, first_miss_at=None, below_since=None)
    return _with_event(fired, kind, verdict.minute)


def _ended(alert: Alert | None, at: int, reason: Reason) -> Step:
    if alert is None or not alert.is_open:
        return None, None
    return close(replace(alert, judged_at=at), at, reason)


def _born(verdict: Verdict, alertname: str, policy: Policy) -> Alert:
    return Alert(
        fingerprint=fingerprint(alertname, verdict.labels),
        project=dict(verdict.labels).get("project", ""),
        alertname=alertname,
        labels=verdict.labels,
        state=State.PENDING,
        severity=verdict.severity or policy.floor,
        active_at=verdict.minute,
        judged_at=verdict.minute,
    )


def _start(verdict: Verdict, alertname: str, policy: Policy) -> Step:
    return _pending(_born(verdict, alertname, policy), verdict, policy)


def _pending(alert: Alert, verdict: Verdict, policy: Policy) -> Step:
    level = verdict.severity or policy.floor
    if verdict.minute - alert.active_at - alert.gap_s < policy.for_s:
        return _seen(alert, verdict, policy, severity=level), None
    fired: dict[str, object] = {"state": State.FIRING, "fired_at": verdict.minute, "gap_s": 0}
    return _with_event(
        _seen(alert, verdict, policy, severity=level, **fired), EventKind.OPENED, verdict.minute
    )


def _seen(
    alert: Alert, verdict: Verdict, policy: Policy, *, severity: Severity | None = None, **changes: object
) -> Alert:
    """Return the alert with the minute's value, the worst value so far and who suffered then, and with
    ``changes``: in one go, because a backtest takes a million steps. The threshold stays that of the severity
    while a milder one is waited for."""
    at_peak = as_bad(verdict.value, alert.peak, policy)
    matches = verdict.outcome is Outcome.MATCH
    level = alert.severity if severity is None else severity
    told_of = matches and (verdict.severity or policy.floor) >= level
    return changed(
        alert,
        judged_at=verdict.minute,
        severity=level,
        value=verdict.value,
        last_value=verdict.value if matches else alert.last_value,
        last_seen=verdict.minute if matches else alert.last_seen,
        threshold=verdict.threshold if told_of else alert.threshold,
        peak=verdict.value if at_peak else alert.peak,
        at_least=alert.at_least or verdict.at_least,
        affected=verdict.affected if at_peak and verdict.affected.events else alert.affected,
        reason=None,
        **changes,
    )


def as_bad(value: float | None, peak: float | None, policy: Policy) -> bool:
    """Return whether a value is at least as bad as the worst one so far."""
    if value is None or peak is None:
        return value is not None
    return value <= peak if policy.low_is_bad else value >= peak


def _firing(alert: Alert, verdict: Verdict, policy: Policy) -> Step:
    level = verdict.severity or policy.floor
    steady: dict[str, object] = {"below_since": None, "gap_s": 0}
    if alert.state is State.RECOVERING:
        steady |= {"state": State.FIRING, "first_miss_at": None}
        again = _seen(alert, verdict, policy, severity=max(alert.severity, level), **steady)
        return _with_event(again, EventKind.RELAPSED, verdict.minute)
    if level > alert.severity:
        worse = _seen(alert, verdict, policy, severity=level, **steady)
        return _with_event(worse, EventKind.WORSENED, verdict.minute)
    if level == alert.severity:
        return _with_event(
            _seen(alert, verdict, policy, severity=level, **steady), EventKind.CHANGED, verdict.minute
        )
    since = alert.below_since if alert.below_since is not None else verdict.minute
    if verdict.minute - since - alert.gap_s >= policy.keep_firing_for_s:
        milder = _seen(alert, verdict, policy, severity=level, **steady)
        return _with_event(milder, EventKind.EASED, verdict.minute)
    waiting = _seen(alert, verdict, policy, below_since=since)
    return _with_event(waiting, EventKind.CHANGED, verdict.minute)


def _healthy(alert: Alert, verdict: Verdict, policy: Policy) -> Step:
    first = alert.first_miss_at if alert.first_miss_at is not None else verdict.minute
    gap_s = alert.gap_s if alert.state is State.RECOVERING else 0
    if verdict.minute - first - gap_s >= policy.keep_firing_for_s:
        reason = Reason.LOW_VOLUME if verdict.outcome is Outcome.QUIET else policy.end
        return close(_seen(alert, verdict, policy, first_miss_at=first), verdict.minute, reason)
    waits: dict[str, object] = {"state": State.RECOVERING, "first_miss_at": first, "gap_s": gap_s}
    kind = EventKind.RECOVERING if alert.state is State.FIRING else EventKind.CHANGED
    waiting = _seen(alert, verdict, policy, severity=alert.severity, below_since=None, **waits)
    return _with_event(waiting, kind, verdict.minute)


def _with_event(alert: Alert, kind: EventKind, at: int) -> tuple[Alert, AlertEvent]:
    return alert, AlertEvent(kind=kind, at=at, severity=alert.severity, value=alert.value)
