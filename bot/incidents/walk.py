"""Many minutes of one series at once: ``step`` where something may change, a leap over what stays the same.

The result is that of a step in every minute. A leap is possible because within a run of minutes with the same
outcome and severity the state changes only when one of its clocks runs out, at a minute that is known before.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bot.incidents.step import Policy, as_bad, step
from bot.model.alert import Alert, AlertEvent, EventKind, Life, State, changed
from bot.model.time import MINUTE_S
from bot.model.verdict import FIRES, Outcome, Series, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened to an alert, with the alert as it was then and the verdict that did it."""

    event: AlertEvent
    alert: Alert
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What some minutes did to one alert: the alert before and after, and what happened, in order.

    Of several CHANGED events in a row the last one stays. ``match`` is the last verdict that matched,
    ``life`` when the alert was pending and firing, ``moments`` what it was at the events other than CHANGED.
    """

    before: Alert | None
    after: Alert | None
    events: tuple[AlertEvent, ...]
    match: Verdict | None = None
    life: Life | None = None
    moments: tuple[Moment, ...] = ()


def walk(before: Alert | None, series: Series, alertname: str, policy: Policy) -> list[Change]:
    """Return what the verdicts of ``series`` change, one entry for each life of the alert."""
    return list(_Walk(before, series, alertname, policy).lives())


class _Walk:
    def __init__(self, before: Alert | None, series: Series, alertname: str, policy: Policy) -> None:
        self.series = series
        self.alertname = alertname
        self.policy = policy
        self.runs = _runs(series)
        outcomes: list[int] = series.outcome[self.runs].tolist()
        self.fires = [start for start, outcome in zip(self.runs, outcomes, strict=True) if outcome in FIRES]
        self.alert = before
        self.begin(before)

    def begin(self, before: Alert | None) -> None:
        self.before = before
        self.events: list[AlertEvent] = []
        self.moments: list[Moment] = []
        self.match: int | None = None

    def lives(self) -> Iterator[Change]:
        place, last = 0, None
        while place < len(self.series):
            if self.alert is None:
                place = self.next_fire(place)
                if place == len(self.series):
                    break
            last = self.alert or last
            alert = self.step(place)
            minute = int(self.series.minutes[place])
            if alert is None or alert.resolved_at is not None:
                if alert is not None or last is not None:
                    yield self.life(alert, last, minute)
                self.begin(None)
                self.alert, last = None, None
                place += 1
            else:
                self.alert = alert
                place = self.leap(place + 1)
        if self.alert is not None:
            yield self.life(self.alert, self.alert, None)

    def next_fire(self, place: int) -> int:
        """Return the first place from ``place`` on that can begin an alert."""
        earlier = bisect_right(self.fires, place) - 1
        if earlier >= 0 and place < self.run_end(self.fires[earlier]):
            return place
        return self.fires[earlier + 1] if earlier + 1 < len(self.fires) else len(self.series)

    def run_end(self, place: int) -> int:
        """Return the end of the run of equal outcomes and severities that a place is in."""
        found = bisect_right(self.runs, place)
        return self.runs[found] if found < len(self.runs) else len(self.series)

    def life(self, after: Alert | None, last: Alert | None, ended_at: int | None) -> Change:
        lived = after or last
        life = None
        if lived is not None:
            life = Life(
                labels=lived.labels, pending_at=lived.active_at, fired_at=lived.fired_at, ended_at=ended_at
            )
        match = self.series.verdict(self.match) if self.match is not None else None
        return Change(
            before=self.before,
            after=after,
            events=tuple(self.events),
            match=match,
            life=life,
            moments=tuple(self.moments),
        )

    def step(self, place: int) -> Alert | None:
        value = self.series.value[place]
        peak = self.alert.peak if self.alert else None
        named = as_bad(None if np.isnan(value) else float(value), peak, self.policy)
        verdict = self.series.verdict(place, named=named)
        alert, event = step(self.alert, verdict, self.alertname, self.policy)
        self.happened(event)
        if event is not None and event.kind is not EventKind.CHANGED and alert is not None:
            self.moments.append(Moment(event=event, alert=alert, verdict=verdict))
        if verdict.outcome is Outcome.MATCH:
            self.match = place
        return alert

    def happened(self, event: AlertEvent | None) -> None:
        if event is None:
            return
        if self.events and event.kind is EventKind.CHANGED is self.events[-1].kind:
            self.events.pop()
        self.events.append(event)

    def leap(self, place: int) -> int:
        """Take over the minutes from ``place`` on in which nothing but values can change; return the next."""
        if self.alert is None or place >= len(self.series):
            return place
        outcome = Outcome(int(self.series.outcome[place - 1]))
        end = min(self.run_end(place - 1), self.first_change(place, outcome))
        if end <= place:
            return place
        last = int(self.series.minutes[end - 1])
        if outcome is Outcome.UNKNOWN:
            self.alert = self.paused(self.alert, end - place, last)
        elif outcome is Outcome.NO_DATA:
            self.alert = replace(self.alert, judged_at=last)
            self.changed(last)
        else:
            self.alert = self.steady(self.alert, place, end, outcome)
            if outcome is Outcome.MATCH:
                self.match = end - 1
            if self.alert.state is not State.PENDING:
                self.changed(last)
        return end

    def first_change(self, place: int, outcome: Outcome) -> int:
        """Return the place at which a clock runs out, if the outcome stays as it is."""
        alert, policy, minutes = self.alert, self.policy, self.series.minutes
        if alert is None:
            return place
        if outcome in (Outcome.UNKNOWN, Outcome.NO_DATA):
            return len(minutes)
        if alert.state is State.PENDING:
            due = alert.active_at + alert.gap_s + policy.for_s
        elif alert.state is State.RECOVERING:
            due = (alert.first_miss_at or 0) + alert.gap_s + policy.keep_firing_for_s
        elif alert.below_since is not None:
            due = alert.below_since + alert.gap_s + policy.keep_firing_for_s
        elif self.level(place - 1) < alert.severity:
            return place  # the clock of a milder severity begins with the next step
        else:
            return len(minutes)
        return int(minutes.searchsorted(due))

    def level(self, place: int) -> int:
        return int(self.series.severity[place]) or int(self.policy.floor)

    def changed(self, at: int) -> None:
        if self.alert is not None:
            self.happened(
                AlertEvent(
                    kind=EventKind.CHANGED, at=at, severity=self.alert.severity, value=self.alert.value
                )
            )

    def paused(self, alert: Alert, minutes: int, last: int) -> Alert:
        clock_runs = alert.state in (State.PENDING, State.RECOVERING) or alert.below_since is not None
        gap_s = alert.gap_s + minutes * MINUTE_S if clock_runs else alert.gap_s
        return replace(alert, gap_s=gap_s, judged_at=last)

    def steady(self, alert: Alert, place: int, end: int, outcome: Outcome) -> Alert:
        series = self.series
        values = series.value[place:end]
        matches = outcome is Outcome.MATCH
        told_of = matches and self.level(place) >= alert.severity
        changes: dict[str, object] = {
            "judged_at": int(series.minutes[end - 1]),
            "value": _number(values[-1]),
            "last_value": _number(values[-1]) if matches else alert.last_value,
            "last_seen": int(series.minutes[end - 1]) if matches else alert.last_seen,
            "threshold": _number(series.threshold[end - 1]) if told_of else alert.threshold,
            "at_least": alert.at_least or bool(series.at_least[place:end].any()),
            "reason": None,
        }
        worst = _number((np.fmin if self.policy.low_is_bad else np.fmax).reduce(values))
        if as_bad(worst, alert.peak, self.policy):
            changes["peak"] = worst
            affected = series.who(place + int(np.flatnonzero(values == worst)[-1]))
            if affected.events:
                changes["affected"] = affected
        return changed(alert, **changes)


def _runs(series: Series) -> list[int]:
    """Return the places at which the outcome or the severity becomes another, the first place included."""
    if not len(series):
        return []
    changes = (series.outcome[1:] != series.outcome[:-1]) | (series.severity[1:] != series.severity[:-1])
    return [0, *(np.flatnonzero(changes) + 1).tolist()]


def _number(value: float) -> float | None:
    number = float(value)
    return number if number == number else None
