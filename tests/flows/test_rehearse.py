"""What is told of alerts that come and go: the portable delivery cases, and what the lifecycle promises.

Cases A01 to A16 state what Alertmanager 0.25 was measured to do, and where this bot differs on purpose.
"""

from dataclasses import dataclass, field, replace

from bot.flows.rehearse import Rehearsal
from bot.flows.routes import Routes
from bot.incidents import acknowledge, snooze
from bot.model.alert import Alert, Reason, State
from bot.model.incident import MessageKind
from bot.model.silence import Silence
from bot.model.verdict import Severity, labels
from bot.rules.grammar import Flapping
from bot.rules.problems import Source
from bot.rules.routing import load_routing

T0 = 1_000_000


def routes(text: str = "", *, below: str = "", more: str = "", receivers: str = "") -> Routes:
    """Return the routing of one group for everything, with the keys ``text`` of its root."""
    file = (
        f"version: 1\nroute: {{receiver: ops, group_by: [team], {text} routes: [{below}]}}\n"
        f"receivers: [{{name: ops, slack_configs: [{{channel: '#ops'}}]}}{receivers}]\n{more}"
    )
    return Routes(spec=load_routing(Source(name="routing.yml", text=file)))


def alert(id_: int, name: str = "", **changes: object) -> Alert:
    name = name or f"A{id_}"
    plain = Alert(
        id=id_,
        fingerprint=name,
        project="p",
        alertname=name,
        labels=labels(project="p", team="t", sc="x"),
        state=State.FIRING,
        severity=Severity.WARNING,
        active_at=T0,
        fired_at=T0,
        judged_at=T0,
    )
    return replace(plain, **changes)


@dataclass
class Story:
    """Alerts by name on a clock of seconds."""

    rehearsal: Rehearsal
    alerts: dict[str, Alert] = field(default_factory=dict)

    def fire(self, at: float, *names: str, severity: Severity = Severity.WARNING) -> None:
        changed = []
        for name in names:
            number = len(self.alerts) + 1
            before = self.alerts.get(name)
            fired = before if before is not None and before.is_open else alert(number, name, fired_at=T0 + at)
            changed.append(replace(fired, severity=severity, judged_at=int(T0 + at)))
            self.alerts[name if fired is before else f"{name} {number}"] = changed[-1]
            self.alerts[name] = changed[-1]
        self.rehearsal.change(T0 + at, changed)

    def end(self, at: float, *names: str) -> None:
        ended = [
            replace(self.alerts[n], state=State.RESOLVED, resolved_at=T0 + at, reason=Reason.CONDITION)
            for n in names
        ]
        for one in ended:
            self.alerts[one.alertname] = one
        self.rehearsal.change(T0 + at, ended)

    def pass_by(self, at: float, *names: str) -> None:
        """End alerts about calls, which were over when they fired."""
        over = {"state": State.RESOLVED, "resolved_at": int(T0 + at), "reason": Reason.ONE_SHOT}
        self.rehearsal.change(T0 + at, [replace(self.alerts[name], **over) for name in names])

    def silence(self, at: float, name: str, until: float) -> None:
        made = Silence(
            id=1,
            matchers=(f'alertname="{name}"',),
            starts_at=T0 + at,
            ends_at=T0 + until,
            author="u",
            comment="",
        )
        self.rehearsal.silences.append(made)
        self.rehearsal.look(T0 + at)

    def messages(self, until: float) -> list[tuple[float, str, list[str], list[str]]]:
        """Return (seconds, kind, who fires, who left) of every message but edits."""
        self.rehearsal.pass_until(T0 + until)
        return [
            (
                round(sent.at - T0, 3),
                sent.line.kind.value,
                sorted(
                    a.alertname for a in sent.card.alerts if a.is_open and a.id not in sent.card.covered_by
                ),
                sorted(a.alertname for a in sent.card.alerts if a.id in sent.line.left),
            )
            for sent in self.rehearsal.sent
            if sent.line.kind is not MessageKind.EDIT
        ]

    def edits(self) -> list[float]:
        return [round(s.at - T0, 3) for s in self.rehearsal.sent if s.line.kind is MessageKind.EDIT]


def story(text: str = "", *, flapping: Flapping | None = None, **more: str) -> Story:
    return Story(Rehearsal(routes(text, **more), flapping={"A": flapping}))


def test_a01_what_ends_before_the_first_flush_is_not_told() -> None:
    one = story("group_wait: 3s, group_interval: 3s, repeat_interval: 600s,")
    one.fire(1, "A")
    one.end(2, "A")
    assert (one.messages(25), one.edits()) == ([], [])


def test_a03_reminders_come_exactly() -> None:
    one = story("group_wait: 1s, group_interval: 3s, repeat_interval: 4s,")
    one.fire(1, "A")
    expected = [(2.0, "opening", ["A"], [])]
    expected += [(at, "reminder", ["A"], []) for at in (6.0, 10.0, 14.0, 18.0)]
    assert one.messages(21) == expected


def test_a05_an_end_under_silence_is_quiet_and_the_next_episode_is_told() -> None:
    one = story("group_wait: 1s, group_interval: 2s, repeat_interval: 600s,")
    one.fire(1, "A")
    one.silence(3.3, "A", until=9)
    one.end(5, "A")
    one.fire(13, "A")
    assert one.messages(25) == [(2.0, "opening", ["A"], []), (14.0, "reopening", ["A"], [])]
    assert one.edits() == [3.3, 5.0, 13.0]


def test_a07_a_target_is_told_at_the_next_flush_when_its_source_ends() -> None:
    hides = (
        "inhibit_rules: [{source_matchers: ['alertname=\"Src\"'], target_matchers: ['alertname=\"Tgt\"'],"
        " equal: [sc]}]\n"
    )
    one = story("group_wait: 1s, group_interval: 2s, repeat_interval: 600s,", more=hides)
    one.fire(1, "Tgt", "Src")
    one.end(6.5, "Src")
    assert one.messages(25) == [(2.0, "opening", ["Src"], []), (8.0, "members", ["Tgt"], ["Src"])]


def test_a09_one_of_two_resolves_on_the_grid() -> None:
    one = story("group_wait: 1s, group_interval: 3s, repeat_interval: 600s,")
    one.fire(1, "1", "2")
    one.end(3, "1")
    assert one.messages(25) == [(2.0, "opening", ["1", "2"], []), (5.0, "members", ["2"], ["1"])]


def test_a16_the_same_alert_again_is_not_told_again() -> None:
    one = story("group_wait: 1s, group_interval: 4s, repeat_interval: 600s,")
    one.fire(0, "A")
    one.fire(2.6, "A")
    assert one.messages(8) == [(1.0, "opening", ["A"], [])]


def test_a_rise_and_the_all_clear_are_told_at_once() -> None:
    one = story("group_wait: 1s, group_interval: 100s, repeat_interval: 600s,")
    one.fire(0, "A")
    one.fire(5, "A", severity=Severity.CRITICAL)
    one.end(9, "A")
    assert one.messages(25) == [
        (1.0, "opening", ["A"], []),
        (5.0, "rose", ["A"], []),
        (9.0, "resolved", [], ["A"]),
    ]


def test_after_the_time_to_reopen_a_new_incident_links_back() -> None:
    one = story("group_wait: 1s, reopen_within: 10s,")
    one.fire(0, "A")
    one.end(5, "A")
    one.fire(16, "A")
    kinds = [(at, kind) for at, kind, _, _ in one.messages(25)]
    assert kinds == [(1.0, "opening"), (5.0, "resolved"), (17.0, "opening")]
    assert one.rehearsal.sent[-1].card.incident.continues == 1


def test_another_alert_of_a_resolved_group_opens_a_new_incident() -> None:
    one = story("group_wait: 1s,")
    one.fire(0, "A")
    one.end(5, "A")
    one.fire(7, "B")
    assert [kind for _, kind, _, _ in one.messages(25)] == ["opening", "resolved", "opening"]


def test_nobody_who_acted_is_told_after_a_while() -> None:
    further = ", {name: boss, slack_configs: [{channel: '#boss'}]}"
    one = story("group_wait: 1s, escalate_after: 10s, escalate_to: boss,", receivers=further)
    one.fire(0, "A")
    one.end(30, "A")
    one.messages(40)
    told = [(s.at - T0, s.line.kind.value) for s in one.rehearsal.sent if s.target == "slack:#boss"]
    assert [line for line in told if line[1] != "edit"] == [(10.0, "escalation"), (30.0, "resolved")]


def test_an_alert_that_comes_and_goes_is_told_so_once() -> None:
    one = story("group_wait: 0s,", flapping=Flapping(look_back_window=20, status_change_threshold=4))
    for start in range(0, 600, 60):
        one.fire(start, "A")
        one.end(start + 30, "A")
    kinds = [kind for _, kind, _, _ in one.messages(700)]
    assert kinds == ["opening", "resolved", "reopening", "flapping"]
    assert one.edits()[-1] == 570.0


def test_what_opened_and_ended_between_two_looks_is_told_if_it_lasted() -> None:
    one = story("group_wait: 10s,")
    ended = alert(1, "A", state=State.RESOLVED, resolved_at=T0 + 60, reason=Reason.CONDITION)
    one.rehearsal.change(T0 + 120, [ended])
    assert [kind for _, kind, _, _ in one.messages(200)] == ["opening", "resolved"]
    old = story("group_wait: 10s,")
    old.rehearsal.change(T0 + 3600, [ended])
    assert old.messages(4000) == []


def test_an_acknowledged_incident_is_not_recalled_until_it_is_worse() -> None:
    one = story("group_wait: 0s, repeat_interval: 10s,")
    one.fire(0, "A")
    (held,) = one.rehearsal._open.values()
    taken = acknowledge(held.incident, Severity.WARNING, "U1", T0 + 1)
    assert taken is not None
    held.incident = taken[0]
    one.fire(35, "A", severity=Severity.CRITICAL)
    assert [(at, kind) for at, kind, _, _ in one.messages(50)] == [
        (0.0, "opening"),
        (35.0, "rose"),
        (45.0, "reminder"),
    ]


def test_a_muted_route_is_told_when_its_time_is_over() -> None:
    calendar = (
        "time_intervals: [{name: night, time_intervals:"
        " [{times: [{start_time: '13:00', end_time: '13:50'}]}]}]"
    )
    below = "{receiver: ops, mute_time_intervals: [night]}"
    one = story("group_wait: 0s,", below=below, more=calendar)
    assert T0 == 11 * 86_400 + (13 * 60 + 46) * 60 + 40, "13:46:40 UTC"
    one.fire(0, "A")
    assert [(at, kind) for at, kind, _, _ in one.messages(1000)] == [(200.0, "opening")]


def test_what_ends_while_it_is_snoozed_ends_quietly_and_the_next_episode_is_told() -> None:
    one = story("group_wait: 0s,")
    one.fire(0, "A")
    (held,) = one.rehearsal._open.values()
    snoozed = snooze(held.incident, Severity.WARNING, "U1", T0 + 1, T0 + 3600)
    assert snoozed is not None
    held.incident = snoozed[0]
    one.end(30, "A")
    one.fire(4000, "A")
    assert [(at, kind) for at, kind, _, _ in one.messages(5000)] == [(0.0, "opening"), (4000.0, "opening")]
    assert 30.0 in one.edits()


def test_what_ends_while_its_route_is_muted_ends_quietly() -> None:
    calendar = (
        "time_intervals: [{name: night, time_intervals:"
        " [{times: [{start_time: '13:47', end_time: '13:50'}]}]}]"
    )
    below = "{receiver: ops, mute_time_intervals: [night]}"
    one = story("group_wait: 0s,", below=below, more=calendar)
    one.fire(0, "A")
    one.end(60, "A")
    one.fire(300, "A")
    assert [(at, kind) for at, kind, _, _ in one.messages(1000)] == [(0.0, "opening"), (300.0, "reopening")]
    assert 60.0 in one.edits()


def test_calls_of_a_group_share_a_message_that_ends_without_one() -> None:
    story = Story(Rehearsal(routes("group_wait: 30s, group_interval: 300s,")))
    story.fire(0, "Call1", severity=Severity.CRITICAL)
    story.fire(200, "Call2")
    story.fire(700, "Call3")  # at once with the next instant of the grid
    story.pass_by(900, "Call1")
    story.pass_by(1100, "Call2")
    story.pass_by(1600, "Call3")
    assert [(at, kind) for at, kind, *_ in story.messages(10_000)] == [
        (30, "opening"),
        (330, "members"),
        (930, "members"),
    ]
    last = story.rehearsal.sent[-1]
    assert (last.line.kind, last.at - T0, last.card.incident.is_open) == (MessageKind.EDIT, 1600, False)


def test_after_a_bad_call_went_by_a_worse_one_is_told_at_once() -> None:
    story = Story(Rehearsal(routes("group_wait: 30s, group_interval: 300s,")))
    story.fire(0, "Call1", severity=Severity.CRITICAL)
    story.fire(100, "Call2")
    story.pass_by(400, "Call1")
    story.fire(410, "Call3", severity=Severity.CRITICAL)
    told = [(at, kind) for at, kind, *_ in story.messages(600)]
    assert told == [(30, "opening"), (330, "members"), (410, "rose")]


def test_the_end_of_an_alert_is_told_beside_a_call_that_went_by() -> None:
    story = Story(Rehearsal(routes("group_wait: 30s, group_interval: 300s,")))
    story.fire(0, "Call1", "Freeze")
    story.pass_by(400, "Call1")
    story.end(500, "Freeze")
    assert [kind for _, kind, *_ in story.messages(10_000)] == ["opening", "resolved"]
