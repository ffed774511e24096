"""Whatever alerts and people do: the promises of what is told, on generated histories.

The reference model is small on purpose: which alerts are audible at an instant, told from the history alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.rehearse import Rehearsal, Sent
from bot.incidents import acknowledge, snooze
from bot.model.alert import Alert, Reason, State
from bot.model.incident import FIRST, MessageKind
from bot.model.silence import Silence
from bot.model.verdict import Severity
from tests.flows.test_rehearse import T0, alert, routes

NAMES = ("A", "B", "Src")
HIDES = (
    "inhibit_rules: [{source_matchers: ['alertname=\"Src\"'], target_matchers: ['alertname=~\"A|B\"'],"
    " equal: [team]}]\n"
)
BELOW = (
    "{receiver: boss, matchers: ['severity=\"critical\"'], continue: true, group_wait: 0s}, {receiver: ops}"
)
BOSS = ", {name: boss, slack_configs: [{channel: '#boss'}]}"
TEXT = "group_wait: 20s, group_interval: 60s, repeat_interval: 200s, reopen_within: 300s,"
QUIET = {MessageKind.EDIT, MessageKind.FLAPPING}
ENDS = {MessageKind.RESOLVED, *QUIET}


@dataclass(frozen=True)
class Act:
    """Something that happens ``after`` seconds: an alert fires, rises or ends, or somebody does something."""

    after: int
    what: str
    name: str = ""
    lasts: int = 0


ACTS_OF_PEOPLE = ("acknowledge", "snooze")
ACTS = st.lists(
    st.builds(
        Act,
        after=st.integers(0, 150),
        what=st.sampled_from(
            ["fire", "fire", "end", "end", "rise", "silence", "acknowledge", "snooze", "wait"]
        ),
        name=st.sampled_from(NAMES),
        lasts=st.integers(1, 400),
    ),
    max_size=25,
)


class World:
    def __init__(self, *, backwards: bool = False) -> None:
        self.rehearsal = Rehearsal(routes(TEXT, below=BELOW, more=HIDES, receivers=BOSS))
        self.backwards = backwards
        self.now = T0
        self.number = 0
        self.open: dict[str, Alert] = {}
        self.silences: list[Silence] = []
        self.snoozes: list[tuple[float, float]] = []

    def play(self, acts: Sequence[Act]) -> list[Sent]:
        for act in acts:
            self.now += act.after
            getattr(self, act.what)(act)
        self.rehearsal.pass_until(self.now + 500)
        self.now += 500
        return self.rehearsal.sent

    def fire(self, act: Act) -> None:
        if act.name not in self.open:
            self.number += 1
            self.open[act.name] = alert(self.number, act.name, fired_at=self.now, judged_at=self.now)
        self.changed(act.name)

    def rise(self, act: Act) -> None:
        if act.name in self.open:
            self.open[act.name] = replace(self.open[act.name], severity=Severity.CRITICAL)
            self.changed(act.name)

    def end(self, act: Act) -> None:
        if act.name in self.open:
            ended = replace(
                self.open.pop(act.name), state=State.RESOLVED, resolved_at=self.now, reason=Reason.CONDITION
            )
            self.rehearsal.change(self.now, [ended])

    def changed(self, *names: str) -> None:
        some = [self.open[name] for name in names]
        self.rehearsal.change(self.now, some[::-1] if self.backwards else some)

    def silence(self, act: Act) -> None:
        self.now += 1  # what is told in the second in which a silence begins may come before it or after it
        number = len(self.silences) + 1
        made = Silence(
            id=number,
            matchers=(f'alertname="{act.name}"',),
            starts_at=self.now,
            ends_at=self.now + act.lasts,
            author="u",
            comment="",
        )
        self.silences.append(made)
        self.rehearsal.silences.append(made)
        self.rehearsal.look(self.now)

    def acknowledge(self, act: Act) -> None:
        self.rehearsal.pass_until(self.now)
        for held in self.rehearsal._open.values():
            done = acknowledge(held.incident, Severity.WARNING, "U1", self.now)
            held.incident = done[0] if done else held.incident

    def snooze(self, act: Act) -> None:
        self.rehearsal.pass_until(self.now)
        for held in self.rehearsal._open.values():
            done = snooze(held.incident, Severity.WARNING, "U1", self.now, self.now + act.lasts)
            if done:
                held.incident = done[0]
                self.snoozes.append((self.now, self.now + act.lasts))
        self.rehearsal.look(self.now)

    def wait(self, act: Act) -> None:
        self.rehearsal.pass_until(self.now)


def by_conversation(sent: Sequence[Sent]) -> dict[tuple[int, str], list[Sent]]:
    found: dict[tuple[int, str], list[Sent]] = defaultdict(list)
    for one in sent:
        found[one.card.incident.id, one.target].append(one)
    return found


@settings(max_examples=120, deadline=None)
@given(acts=ACTS)
def test_every_conversation_begins_once_and_ends_at_most_once_an_episode(acts: list[Act]) -> None:
    for said in by_conversation(World().play(acts)).values():
        lines = [(one.line.kind, one.card.incident.episode) for one in said if one.line.kind not in QUIET]
        assert lines[0][0] in FIRST
        assert sum(kind in FIRST for kind, _ in lines) == 1
        told, ended = 0, 0
        for kind, episode in lines:
            if kind in FIRST or kind is MessageKind.REOPENING:
                assert episode > told, "an episode begins once"
                told = episode
            assert episode == told, "no line of an episode that was not told"
            assert ended < episode, "no line after its end"
            ended = episode if kind is MessageKind.RESOLVED else ended


@settings(max_examples=120, deadline=None)
@given(acts=ACTS)
def test_what_is_hidden_makes_no_message(acts: list[Act]) -> None:
    world = World()
    for one in world.play(acts):
        if one.line.kind in ENDS:
            continue
        fires = [a for a in one.card.alerts if a.is_open]
        if not fires:
            assert one.line.kind in FIRST | {MessageKind.REOPENING}, "told together with its end"
            continue
        hidden = {
            a.id
            for a in fires
            for s in world.silences
            if s.is_active(one.at) and a.alertname in s.matchers[0]
        }
        hidden |= {a.id for a in fires if a.alertname != "Src" and any(b.alertname == "Src" for b in fires)}
        assert {a.id for a in fires} - hidden, one.line


@settings(max_examples=120, deadline=None)
@given(acts=ACTS)
def test_in_the_end_everybody_knows_what_is_true(acts: list[Act]) -> None:
    world = World()
    world.play([*acts, Act(1000, "wait")])
    for held in world.rehearsal._open.values():
        open_ids = {a.id for a in held.alerts.values() if a.is_open}
        source = any(a.alertname == "Src" and a.is_open for a in held.alerts.values())
        audible = {i for i in open_ids if not source or held.alerts[i].alertname == "Src"}
        assert audible <= held.tellings["slack:#ops"].told <= open_ids
    assert all(
        not telling.is_open
        for held in world.rehearsal._latest.values()
        if not held.incident.is_open
        for telling in held.tellings.values()
    )


@settings(max_examples=80, deadline=None)
@given(acts=ACTS)
def test_looking_again_tells_nothing_again(acts: list[Act]) -> None:
    world = World()
    world.play(acts)
    world.rehearsal.look(world.now)  # what is due in this very second
    before = len(world.rehearsal.sent)
    for _ in range(3):
        world.rehearsal.look(world.now)
    assert len(world.rehearsal.sent) == before


@settings(max_examples=80, deadline=None)
@given(acts=ACTS)
def test_reminders_keep_their_distance(acts: list[Act]) -> None:
    for said in by_conversation(World().play(acts)).values():
        last = None
        for one in said:
            if one.line.kind is MessageKind.REMINDER:
                assert last is not None
                assert one.at - last >= 200
            if one.line.kind is not MessageKind.EDIT:
                last = one.at


@settings(max_examples=60, deadline=None)
@given(names=st.lists(st.sampled_from(NAMES), unique=True, min_size=2), after=st.integers(0, 300))
def test_the_order_of_alerts_in_a_tick_changes_nothing(names: list[str], after: int) -> None:
    told = []
    for backwards in (False, True):
        world = World(backwards=backwards)
        for name in names:
            world.number += 1
            world.open[name] = alert(NAMES.index(name) + 1, name, fired_at=T0, judged_at=T0)
        world.changed(*names)
        world.rehearsal.pass_until(T0 + after)
        told.append([(s.at, s.target, s.line.kind, s.line.severity) for s in world.rehearsal.sent])
    assert told[0] == told[1]
