"""What would be told of alerts that come and go, without a database: for tests of rules and for backtests.

Everything is decided by what decides it in the live bot (``bot.incidents``, ``bot.flows.routes``); a message
arrives in the instant in which it is queued.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.flows.replay import Episode
from bot.flows.routes import Routes, covers, is_source, next_change
from bot.incidents import Case, Member, join, lead_of, review
from bot.model.alert import Alert
from bot.model.incident import Card, Incident, Line, MessageKind, Telling
from bot.model.silence import Silence
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels
from bot.rules.grammar import Flapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message: when (Unix seconds), to which target, what, and the incident as it was then."""

    at: float
    target: str
    line: Line
    card: Card


@dataclass(slots=True)
class _Held:
    incident: Incident
    alerts: dict[int, Alert] = field(default_factory=dict)
    tellings: dict[str, Telling] = field(default_factory=dict)
    wake_at: float = math.inf


class Rehearsal:
    """Alerts change, time passes, messages come out. Instants never go back."""

    def __init__(self, routes: Routes, *, flapping: Mapping[str, Flapping | None] | None = None) -> None:
        self._routes = routes
        self._flapping = flapping or {}
        self._number = 0
        self._open: dict[int, _Held] = {}
        self._latest: dict[Labels, _Held] = {}
        self._firing: dict[int, Alert] = {}
        self._holders: dict[int, list[_Held]] = defaultdict(list)
        self._switches: dict[str, list[int]] = defaultdict(list)
        self.silences: list[Silence] = []
        self.sent: list[Sent] = []

    def pass_until(self, instant: float) -> None:
        """Tell what becomes due before an instant."""
        while True:
            due_at = min((held.wake_at for held in self._open.values()), default=math.inf)
            if due_at >= instant:
                return
            self._review(due_at, [held for held in self._open.values() if held.wake_at <= due_at])

    def change(self, instant: float, alerts: Iterable[Alert]) -> None:
        """Take over alerts as they are from an instant on; their ids tell them apart."""
        self.pass_until(instant)
        touched: list[_Held] = []
        wakes_all = False
        for alert in alerts:
            if alert.fired_at is None:
                continue
            if alert.id not in self._holders:
                self._switches[alert.fingerprint].append(alert.fired_at)
            if alert.is_open or alert.id not in self._holders:
                self._join(alert, instant)
            self._firing[alert.id] = alert
            if alert.resolved_at is not None:
                self._switches[alert.fingerprint].append(alert.resolved_at)
                del self._firing[alert.id]
            for held in self._holders[alert.id]:
                held.alerts[alert.id] = alert
                touched.append(held)
            wakes_all = wakes_all or is_source(alert, self._routes.spec)
        self._review(instant, list(self._open.values()) if wakes_all else touched)

    def look(self, instant: float) -> None:
        """Look at every incident again, as after a silence was made."""
        self.pass_until(instant)
        self._review(instant, list(self._open.values()))

    def _join(self, alert: Alert, now: float) -> None:
        holders = self._holders[alert.id]
        told = {t.target for held in holders for t in held.tellings.values() if t.episode}
        for group, reopen_within_s in self._routes.groups(alert, told).items():
            latest = self._latest.get(group)
            if latest is not None and alert.id in latest.alerts:
                continue
            known = {a.fingerprint for a in latest.alerts.values()} if latest else set()
            incident = join(
                alert,
                group,
                latest.incident if latest else None,
                known,
                reopen_within_s=reopen_within_s,
                now=now,
            )
            if latest is None or not incident.id:
                self._number += 1
                latest = _Held(incident=replace(incident, id=self._number))
                self._latest[group] = latest
            else:
                latest.incident = incident
            self._open[latest.incident.id] = latest
            latest.alerts[alert.id] = alert
            holders.append(latest)

    def _review(self, now: float, chosen: Sequence[_Held]) -> None:
        unique = list({held.incident.id: held for held in chosen}.values())
        members = [alert for held in unique for alert in held.alerts.values()]
        covered = covers(members, list(self._firing.values()), self._routes.spec, self.silences, now)
        edge = next_change(self.silences, now)
        for held in unique:
            case = Case(
                incident=held.incident,
                members=tuple(
                    Member(alert=a, covered_by=covered.get(a.id, ()), flaps=self._flaps(a))
                    for a in held.alerts.values()
                ),
                tellings=held.tellings,
                terms=self._routes.terms(
                    held.incident.group,
                    held.alerts.values(),
                    [t.target for t in held.tellings.values() if t.episode],
                    now,
                ),
            )
            reviewed = review(case, now)
            held.incident, held.tellings = reviewed.incident, dict(reviewed.tellings)
            held.wake_at = min((at for at in (reviewed.wake_at, edge) if at is not None), default=math.inf)
            self._deliver(held, case, reviewed.lines, now)
            if not held.incident.is_open:
                self._open.pop(held.incident.id, None)

    def _deliver(self, held: _Held, case: Case, lines: Sequence[tuple[str, Line]], now: float) -> None:
        alerts = tuple(held.alerts.values())
        lead = lead_of(alerts)
        if lead is None:
            return
        card = Card(
            incident=held.incident,
            alerts=alerts,
            lead=lead,
            covered_by={m.alert.id: m.covered_by for m in case.members if m.covered_by},
            flaps=next((m.flaps for m in case.members if m.alert.id == lead.id), 0),
        )
        for target, line in lines:
            self.sent.append(Sent(at=now, target=target, line=line, card=card))
            if line.kind is not MessageKind.EDIT:
                held.tellings[target] = replace(held.tellings[target], delivered_at=now)
                held.wake_at = min(held.wake_at, self._reminder(case, target, now))

    def _reminder(self, case: Case, target: str, now: float) -> float:
        terms = case.terms.get(target)
        return now + terms.repeat_interval_s if terms else math.inf

    def _flaps(self, alert: Alert) -> int:
        wanted = self._flapping.get(alert.alertname)
        if wanted is None:
            return 0
        since = alert.judged_at - wanted.look_back_window * MINUTE_S
        count = sum(at > since for at in self._switches[alert.fingerprint])
        return count if count >= wanted.status_change_threshold else 0


def rehearse(
    episodes: Sequence[Episode], routes: Routes, until: float, *, delay: bool = True
) -> tuple[list[Sent], dict[int, Episode]]:
    """Return the messages of these lives up to an instant, and the lives by the ids that their alerts have
    there.

    With ``delay`` a minute is known after its rule's ``query_offset``, else as soon as it begins, as in
    tests.
    """
    flapping = {episode.rule.name: episode.rule.flapping for episode in episodes}
    rehearsal = Rehearsal(routes, flapping=flapping)
    lives = dict(enumerate(episodes, start=1))
    for instant, alerts in _changes(lives, delay=delay):
        if instant < until:
            rehearsal.change(instant, alerts)
    rehearsal.pass_until(until)
    return rehearsal.sent, lives


def _changes(lives: Mapping[int, Episode], *, delay: bool) -> Iterator[tuple[float, list[Alert]]]:
    """Yield in order of time the alerts that change."""
    heap = [
        (moment.event.at + (MINUTE_S + life.rule.query_offset_s if delay else 0), id_, place)
        for id_, life in lives.items()
        for place, moment in enumerate(life.moments)
    ]
    heapq.heapify(heap)
    waiting: list[Alert] = []
    while heap:
        at, id_, place = heapq.heappop(heap)
        waiting.append(replace(lives[id_].moments[place].alert, id=id_))
        if not heap or heap[0][0] > at:
            yield at, waiting
            waiting = []
