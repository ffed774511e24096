"""Put alerts into incidents, find what hides them, and queue what is to be told.

Runs at the end of each look of the judge, in its transaction, and alone when a timer of an incident is up.
What is told follows from comparing the truth with what was told (``bot.incidents.tell``), so that running it
twice tells nothing twice.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.flows.routes import Routes, covers, is_source, next_change
from bot.incidents import Case, Member, Reviewed, join, review
from bot.model.alert import Alert
from bot.model.incident import FIRST, Incident, Line, MessageKind
from bot.model.silence import Silence
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels
from bot.rules import Rule, RuleSet
from bot.store import Conflict, Database, Transaction, alerts, incidents, outbox, silences, storms
from bot.telemetry import log

AT_ONCE = 2000
"""Incidents that one look at the timers takes; the rest waits for the next, a second later."""
STORM_LASTS_S = 300
"""Within this after its last incident a storm that comes back goes on in its thread."""

_log = log("incidents")
_HISTORY = frozenset(MessageKind) - {MessageKind.EDIT, MessageKind.REMINDER, MessageKind.RESOLVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules and routes in force."""

    rules: RuleSet
    routes: Routes


def timers(database: Database, book: Rulebook, *, now: float, wall: float) -> None:
    """Tell what is due without any change of an alert; a conflict leaves all to the next time."""
    with database.reading() as tx:
        if not incidents.due(tx, now, 1):
            return
    try:
        with database.transaction() as tx:
            correlate(tx, book, [], now=now, wall=wall)
    except Conflict as conflict:
        _log.info("told elsewhere", why=str(conflict))


def resettle(database: Database, *, now: float, wall: float) -> None:
    """Forget every instant that was set for later, after the clock was set back: what waits for one would be
    told too late. A lease stays, because somebody may be sending under it."""
    with database.transaction() as tx:
        incidents.wake(tx, now)
        outbox.forget_due_times(tx, wall)


def correlate(
    tx: Transaction, book: Rulebook, changed: Sequence[Alert], *, now: float, wall: float
) -> list[tuple[int, str, Line]]:
    """Return what was queued, as (incident, target, line), for the alerts that ``changed`` and for whatever
    is due.

    Raises Conflict where another process was faster: nothing may be written then.
    """
    return _Round(tx, book, now, wall).run(changed)


class _Round:
    def __init__(self, tx: Transaction, book: Rulebook, now: float, wall: float) -> None:
        self.tx = tx
        self.book = book
        self.now = now
        self.wall = wall
        self.rules = {rule.name: rule for rule in book.rules.rules}

    def run(self, changed: Sequence[Alert]) -> list[tuple[int, str, Line]]:
        fired = [alert for alert in changed if alert.fired_at is not None]
        touched = self.join(fired)
        if any(is_source(alert, self.book.routes.spec) for alert in fired):
            incidents.wake(self.tx, self.now)
        touched |= set(incidents.due(self.tx, self.now, AT_ONCE))
        cases = [stored for stored in incidents.load(self.tx, touched, lock=True) if stored.incident.is_open]
        if not cases:
            return []
        kept = silences.lasting(self.tx, self.now)
        held = [alert for stored in cases for alert in stored.alerts]
        covered = covered_by(self.tx, self.book.routes, held, kept, self.now)
        flaps = flapping(self.tx, self.rules, held, self.now)
        edge = next_change(kept, self.now)
        queued = []
        for stored in cases:
            case = self.case(stored, covered, flaps)
            queued += self.write(case, review(case, self.now), edge)
        self.weather(queued)
        return queued

    def weather(self, queued: Sequence[tuple[int, str, Line]]) -> None:
        """Where a channel gets too many incidents at once, put those that wait under one summary."""
        for target in {target for _, target, line in queued if line.kind in FIRST}:
            if not target.startswith("slack:"):
                continue
            recent = storms.openings_since(self.tx, target, self.now - MINUTE_S)
            calm = not storms.is_on(self.tx, target, now=self.now, lasts_s=MINUTE_S)
            if recent > self.book.routes.spec.storm_incidents_per_minute or not calm:
                storms.join(self.tx, target, now=self.now, lasts_s=STORM_LASTS_S)

    def join(self, fired: Sequence[Alert]) -> set[int]:
        """Put alerts into incidents: those that fire for the first time, and those which by now concern
        somebody whom none of their incidents told. Return the incidents of all."""
        held = incidents.of_alerts(self.tx, [alert.id for alert in fired])
        touched = {incident for ids in held.values() for incident in ids}
        new: dict[Labels, list[tuple[Alert, int]]] = defaultdict(list)
        for alert in fired:
            told = {target for targets in held.get(alert.id, {}).values() for target in targets}
            if alert.is_open or alert.id not in held:
                for group, reopen_within_s in self.book.routes.groups(alert, told).items():
                    new[group].append((alert, reopen_within_s))
        known = incidents.latest(self.tx, new)
        for group, waiting in new.items():
            incident, prints = known.get(group, (None, frozenset[str]()))
            for alert, reopen_within_s in waiting:
                if incident is not None and incident.id in held.get(alert.id, {}):
                    continue
                joined = join(alert, group, incident, prints, reopen_within_s=reopen_within_s, now=self.now)
                if joined is not incident:
                    incident = incidents.save(self.tx, joined, self.now)
                incidents.add_members(self.tx, [(incident.id, alert.id)])
            touched |= {incident.id} if incident else set()
        return touched

    def case(
        self,
        stored: incidents.Stored,
        covered: Mapping[int, tuple[str, ...]],
        flaps: Mapping[int, int],
    ) -> Case:
        told = [target for target, telling in stored.tellings.items() if telling.episode]
        return Case(
            incident=stored.incident,
            members=tuple(
                Member(alert=a, covered_by=covered.get(a.id, ()), flaps=flaps.get(a.id, 0))
                for a in stored.alerts
            ),
            tellings=stored.tellings,
            terms=self.book.routes.terms(stored.incident.group, stored.alerts, told, self.now),
        )

    def write(self, case: Case, reviewed: Reviewed, edge: float | None) -> list[tuple[int, str, Line]]:
        incident = reviewed.incident
        wakes = [at for at in (reviewed.wake_at, edge) if at is not None]
        wake_at = min(wakes, default=None) if incident.is_open else None
        incidents.save(self.tx, incident, wake_at)
        changed = [t for t in reviewed.tellings.values() if case.tellings.get(t.target) != t]
        incidents.tell(self.tx, incident.id, changed)
        outbox.enqueue(self.tx, incident.id, reviewed.lines, now=self.now, wall=self.wall)
        for line in [*_once(reviewed.lines), *_end(case, incident)]:
            incidents.add_event(self.tx, incident.id, line)
        return [(incident.id, target, line) for target, line in reviewed.lines]


def covered_by(
    tx: Transaction, routes: Routes, held: Sequence[Alert], kept: Sequence[Silence], now: float
) -> dict[int, tuple[str, ...]]:
    """Return by id of alert what hides it, in words; ``kept`` are the silences that may be in force."""
    firing = alerts.firing(tx, _source_names(routes)) if routes.spec.inhibit_rules else []
    return covers(held, firing, routes.spec, kept, now)


def flapping(tx: Transaction, rules: Mapping[str, Rule], held: Sequence[Alert], now: float) -> dict[int, int]:
    """Return by id of alert how often it changed lately, where its rule calls that flapping."""
    watched = [
        (alert, rule.flapping)
        for alert in held
        if (rule := rules.get(alert.alertname)) is not None and rule.flapping is not None
    ]
    if not watched:
        return {}
    longest = max(wanted.look_back_window for _, wanted in watched) * MINUTE_S
    prints = sorted({alert.fingerprint for alert, _ in watched})
    changes = alerts.switches(tx, prints, since=int(now) - longest)
    found = {}
    for alert, wanted in watched:
        since = alert.judged_at - wanted.look_back_window * MINUTE_S
        count = sum(at > since for at in changes.get(alert.fingerprint, ()))
        if count >= wanted.status_change_threshold:
            found[alert.id] = count
    return found


def _source_names(routes: Routes) -> Collection[str] | None:
    """Return the alerts that may hide others, None where only their labels tell."""
    names = set()
    for rule in routes.spec.inhibit_rules:
        named = {m.value for m in rule.source_matchers if (m.label, m.op) == ("alertname", "=")}
        if not named:
            return None
        names |= named
    return names


def _once(lines: Sequence[tuple[str, Line]]) -> list[Line]:
    """Return the lines for the history: each kind once, whatever the number of targets."""
    seen: dict[MessageKind, Line] = {}
    for _, line in lines:
        if line.kind in _HISTORY:
            seen.setdefault(line.kind, line)
    return list(seen.values())


def _end(case: Case, incident: Incident) -> list[Line]:
    """Return the line of the end, which is history whether anybody is told of it or not."""
    if incident.resolved_at is None:
        return []
    worst = max(member.alert.severity for member in case.members)
    return [Line(kind=MessageKind.RESOLVED, at=incident.resolved_at, severity=worst)]
