"""Incidents on a real database, driven at random, against a model that knows only who fires and what hides.

The model: a receiver knows, within ``LATEST_S``, every alert that fires and that nothing hides, knows none
that ended, and hears nothing of what is hidden, snoozed or acknowledged but its end.
"""

import shutil
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.config import default_folder
from bot.flows.correlate import Rulebook, correlate, timers
from bot.incidents import acknowledge, close_by_hand, snooze
from bot.model.alert import Alert, Reason, State
from bot.model.incident import FIRST, Incident, MessageKind
from bot.model.silence import Silence
from bot.model.verdict import Severity
from bot.rules import RuleSet
from bot.store import Database, alerts, incidents, outbox, silences
from tests.flows.test_rehearse import T0, alert, routes
from tests.flows.test_what_is_told import BELOW, BOSS, HIDES, NAMES, TEXT

OPS, BOSS_TARGET = "slack:#ops", "slack:#boss"
STEP_S = 10
LATEST_S = 20 + 60 + 2 * STEP_S
"""group_wait, or the next instant of the grid of group_interval, and two looks."""
names = st.sampled_from(NAMES)
_template: list[Path] = []


def empty_database(folder: Path) -> Database:
    """Return a database with today's tables: migrated once, then copied."""
    if not _template:
        _template.append(Path(tempfile.mkdtemp(prefix="agora-bot-machine-")) / "empty.sqlite3")
        first = Database(f"sqlite:///{_template[0]}", default_folder("migrations"))
        first.upgrade()
        first.close()
    shutil.copy(_template[0], folder / "bot.sqlite3")
    return Database(f"sqlite:///{folder / 'bot.sqlite3'}", default_folder("migrations"))


class Incidents(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.database = empty_database(Path(self.folder.name))
        routing = routes(TEXT, below=BELOW, more=HIDES, receivers=BOSS)
        self.book = Rulebook(rules=RuleSet(rules=(), digest=""), routes=routing)
        self.now = T0
        self.open: dict[str, Alert] = {}
        self.hidden_until: dict[str, int] = defaultdict(int)
        self.audible_since: dict[str, int] = {}
        self.told: list[tuple[int, int, str, MessageKind]] = []
        self.ended_with: dict[int, tuple[int, int]] = {}

    def teardown(self) -> None:
        """Whatever happened: once every silence and snooze is over, who fires becomes known."""
        if not hasattr(self, "database"):
            return
        try:
            self.it_ends("Src")
            self.time_passes(seconds=400)
            for name in ("A", "B"):
                self.an_alert_fires(name)
                self.time_passes(seconds=60)
            self.time_passes(seconds=LATEST_S)
            self.who_fires_and_is_not_hidden_is_known_in_time()
        finally:
            self.database.close()
            self.folder.cleanup()

    # What happens

    @rule(name=names)
    def an_alert_fires(self, name: str) -> None:
        if name not in self.open:
            self.change(replace(alert(0, name, fired_at=self.now, judged_at=self.now), active_at=self.now))

    @precondition(lambda self: self.open)
    @rule(name=names)
    def it_gets_worse(self, name: str) -> None:
        if name in self.open:
            self.change(replace(self.open[name], severity=Severity.CRITICAL))

    @precondition(lambda self: self.open)
    @rule(name=names)
    def it_ends(self, name: str) -> None:
        if name in self.open:
            over = {"state": State.RESOLVED, "resolved_at": self.now, "reason": Reason.CONDITION}
            self.change(replace(self.open[name], **over))

    @rule(name=names, lasts_s=st.integers(1, 400))
    def somebody_silences_it(self, name: str, lasts_s: int) -> None:
        made = Silence(
            matchers=(f'alertname="{name}"',),
            starts_at=self.now,
            ends_at=self.now + lasts_s,
            author="u",
            comment="c",
        )
        with self.database.transaction() as tx:
            silences.add(tx, made)
            incidents.wake(tx, self.now)
        self.hidden_until[name] = max(self.hidden_until[name], self.now + lasts_s)
        self.look()

    @precondition(lambda self: self.open)
    @rule()
    def somebody_acknowledges(self) -> None:
        for stored in self.stored():
            if done := acknowledge(stored.incident, Severity.CRITICAL, "U1", self.now):
                self.write(done[0])

    @precondition(lambda self: self.open)
    @rule(lasts_s=st.integers(1, 400))
    def somebody_snoozes(self, lasts_s: int) -> None:
        for stored in self.stored():
            if done := snooze(stored.incident, Severity.WARNING, "U1", self.now, self.now + lasts_s):
                self.write(done[0])
        self.look()

    @precondition(lambda self: self.open)
    @rule()
    def somebody_resolves_all(self) -> None:
        for stored in self.stored():
            if done := close_by_hand(stored.incident, stored.alerts, "U1", self.now):
                with self.database.transaction() as tx:
                    for closed, _ in done[0]:
                        alerts.save(tx, closed)
                    incidents.wake(tx, self.now)
        self.open.clear()
        self.look()

    @rule(seconds=st.sampled_from([10, 30, 60, 120, 310]))
    def time_passes(self, seconds: int) -> None:
        for _ in range(seconds // STEP_S):
            self.now += STEP_S
            self.look()

    # How the bot runs

    def change(self, changed: Alert) -> None:
        with self.database.transaction() as tx:
            stored = alerts.save(tx, changed)
            correlate(tx, self.book, [stored], now=self.now, wall=self.now)
        if stored.is_open:
            self.open[stored.alertname] = stored
        else:
            self.open.pop(stored.alertname, None)
        self.look()

    def write(self, incident: Incident) -> None:
        with self.database.transaction() as tx:
            incidents.save(tx, incident, wake_at=self.now)

    def look(self) -> None:
        """Look at the timers and deliver everything, as a worker does, until nothing is left to do."""
        for _ in range(3):
            timers(self.database, self.book, now=self.now, wall=self.now)
            with self.database.transaction() as tx:
                while message := outbox.claim(tx, "slack", "w", wall=self.now, lease_s=60):
                    incidents.wake(tx, self.now, message.incident_id)
                    outbox.delivered(tx, message, "w")
                    if message.kind is not MessageKind.EDIT:
                        outbox.arrived(tx, message.incident_id, message.target, self.now)
                        self.told.append((self.now, message.incident_id, message.target, message.kind))
        self.note_audible()

    def note_audible(self) -> None:
        snoozed = any(s.incident.is_snoozed(self.now) for s in self.stored())
        for name in NAMES:
            if name in self.open and not self.is_hidden(name) and not snoozed:
                self.audible_since.setdefault(name, self.now)
            else:
                self.audible_since.pop(name, None)

    def is_hidden(self, name: str) -> bool:
        return self.now < self.hidden_until[name] or (name != "Src" and "Src" in self.open)

    def stored(self) -> list[incidents.Stored]:
        with self.database.reading() as tx:
            every = incidents.load(tx, range(1, 200))
        return [one for one in every if one.incident.is_open]

    # What always holds

    @invariant()
    def each_conversation_begins_once(self) -> None:
        begun: dict[tuple[int, str], int] = defaultdict(int)
        for _, incident, target, kind in self.told:
            begun[incident, target] += kind in FIRST
            assert begun[incident, target] == 1, (incident, target, kind)

    @invariant()
    def who_fires_and_is_not_hidden_is_known_in_time(self) -> None:
        known = {id_ for one in self.stored() for id_ in one.tellings.get(OPS, _NOBODY).told}
        for name, since in self.audible_since.items():
            if self.now - since > LATEST_S:
                assert self.open[name].id in known, name

    @invariant()
    def who_is_over_is_not_known_as_firing_for_long(self) -> None:
        if not self.open:
            assert self.stored() == []

    @invariant()
    def a_resolved_incident_takes_no_new_alerts(self) -> None:
        with self.database.reading() as tx:
            every = incidents.load(tx, range(1, 200))
        for one in every:
            if one.incident.is_open:
                self.ended_with.pop(one.incident.id, None)
                continue
            now = (one.incident.episode, len(one.alerts))
            assert self.ended_with.setdefault(one.incident.id, now) == now

    @invariant()
    def nothing_waits_for_ever(self) -> None:
        with self.database.reading() as tx:
            assert outbox.backlog(tx) == (0, 0)


class _Nobody:
    told: frozenset[int] = frozenset()


_NOBODY = _Nobody()

Incidents.TestCase.settings = settings(max_examples=10, stateful_step_count=15, deadline=None)
TestIncidents = Incidents.TestCase
