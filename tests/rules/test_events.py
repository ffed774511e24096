"""Diagnosis rules: which events count, whose fault it is, and what late or cut answers change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.observation import DiagnosisEvent
from bot.model.verdict import Affected, Outcome, Severity, Verdict, labels
from bot.rules import Rule
from tests.rules.worlds import event, judged, minutes, one_rule, timeline, world

T4 = 4 * 60


def events_rule(
    condition: str = "", count: str = "of: events, op: '>=', threshold: 1", rest: str = ""
) -> Rule:
    return one_rule(
        f"events: {{window: 5m, {condition + ', ' if condition else ''}count: {{{count}}}}}{rest}"
    )


def value(rule: Rule, *events: DiagnosisEvent) -> float | None:
    (verdict,) = judged(rule, world(events=events), [T4])
    return verdict.value


@pytest.mark.parametrize(
    ("minute", "counted"),
    [
        pytest.param(-1 / 60, 0, id="a second before the window"),
        pytest.param(0, 1, id="the first second of the window"),
        pytest.param(4 + 59 / 60, 1, id="the last second of the minute"),
        pytest.param(5, 0, id="the next minute"),
    ],
)
def test_the_window_ends_with_the_minute(minute: float, counted: int) -> None:
    assert value(events_rule(), event(minute, "u1", "21")) == counted


@pytest.mark.parametrize(
    ("sets", "counted"),
    [
        pytest.param("any_of: [video_freeze]", 1, id="any_of"),
        pytest.param("any_of: [4, audio_freeze]", 2, id="any_of with a number"),
        pytest.param("none_of: [video_freeze]", 2, id="none_of"),
        pytest.param("all_of: [join_delay]", 1, id="all_of one"),
        pytest.param("any_of: [9]", 0, id="a number without a name"),
    ],
)
def test_experiences_choose_events(sets: str, counted: int) -> None:
    rule = events_rule(f"experience: {{{sets}}}")
    seen = [event(1, f"u{e}", "21", experience=e) for e in (4, 5, 6)]
    assert value(rule, *seen) == counted


def test_all_experiences_may_come_from_one_user_in_turn() -> None:
    rule = events_rule(
        "per: user, experience: {all_of: [video_freeze, audio_freeze]}", "of: users, op: '>=', threshold: 1"
    )
    both = [event(1, "u1", experience=4), event(2, "u1", experience=5)]
    assert (value(rule, *both, event(1, "u2")), value(rule, event(1, "u2"))) == (1, 0)


NOT_THEIR_WIFI = "any_of: [21], none_of: [{factor: 29, host: local}], host: remote"


@pytest.mark.parametrize(
    ("sets", "tags", "counted"),
    [
        pytest.param("any_of: [weak_wifi]", ["29"], 1, id="by name"),
        pytest.param("any_of: [29]", ["29"], 1, id="by number"),
        pytest.param("any_of: [18]", ["18@u9"], 1, id="unpublished number"),
        pytest.param("any_of: [weak_wifi, high_cpu]", ["10"], 1, id="one of two"),
        pytest.param("any_of: [weak_wifi]", ["21"], 0, id="another factor"),
        pytest.param("any_of: [weak_wifi]", [], 0, id="no tags"),
        pytest.param("all_of: [weak_wifi, high_cpu]", ["10"], 0, id="all_of, half of them"),
        pytest.param("all_of: [weak_wifi, high_cpu]", ["10", "29"], 1, id="all_of"),
        pytest.param("none_of: [high_cpu]", ["10", "29"], 0, id="none_of"),
        pytest.param("none_of: [high_cpu]", [], 1, id="none_of of nothing"),
        pytest.param("any_of: [weak_wifi], host: local", ["29"], 1, id="local: no host"),
        pytest.param("any_of: [weak_wifi], host: local", ["29@u1"], 1, id="local: the user's own UID"),
        pytest.param("any_of: [weak_wifi], host: local", ["29@u9"], 0, id="local: another UID"),
        pytest.param("any_of: [weak_wifi], host: remote", ["29@u9"], 1, id="remote: another UID"),
        pytest.param("any_of: [weak_wifi], host: remote", ["29@u1"], 0, id="remote: the user's own UID"),
        pytest.param("any_of: [weak_wifi], host: remote", ["29"], 0, id="remote: no host"),
        pytest.param("any_of: [{factor: 29, host: any}], host: local", ["29@u9"], 1, id="item over default"),
        pytest.param(NOT_THEIR_WIFI, ["21@u9", "29@u8"], 1, id="the sender's Wi-Fi is no excuse"),
        pytest.param(NOT_THEIR_WIFI, ["21@u9", "29"], 0, id="their own Wi-Fi is"),
    ],
)
def test_factors_test_the_tags_of_one_event(sets: str, tags: list[str], counted: int) -> None:
    assert value(events_rule(f"factors: {{{sets}}}"), event(1, "u1", *tags)) == counted


def test_primary_looks_at_the_strongest_cause_only() -> None:
    rule = events_rule("factor_position: primary, factors: {any_of: [weak_wifi]}")
    assert value(rule, event(1, "u1", "21", "29"), event(1, "u2", "29", "21")) == 1


@pytest.mark.parametrize(
    ("per", "counted"),
    [
        pytest.param("event", 0, id="no single event has both"),
        pytest.param("user", 1, id="u1 has both in turn"),
        pytest.param("channel", 3, id="c1 has both among all its users"),
    ],
)
def test_sets_unite_tags(per: str, counted: int) -> None:
    rule = events_rule(
        f"per: {per}, factors: {{all_of: [weak_wifi, high_cpu]}}", "of: users, op: '>=', threshold: 1"
    )
    seen = [event(1, "u1", "29"), event(2, "u1", "10"), event(3, "u2", "10"), event(3, "u3")]
    assert value(rule, *seen, event(1, "u1", "29", cname="c2")) == counted


@pytest.mark.parametrize(("of", "counted"), [("events", 5), ("users", 4), ("channels", 2), ("hosts", 3)])
def test_what_is_counted(of: str, counted: int) -> None:
    rule = events_rule("factors: {any_of: [21]}", f"of: {of}, op: '>=', threshold: 1")
    seen = [
        event(1, "u1", "21@h1"),
        event(2, "u1", "21@h2", "29@h9"),
        event(2, "u2", "21@h1"),
        event(2, "u1", "21@h3", cname="c2"),
        event(2, "u3", "21", cname="c2"),
    ]
    assert value(rule, *seen) == counted


HOST = "per: host, experience: {any_of: [video_freeze]}, factors: {host: remote, any_of: [21, 29]}"


def test_per_host_counts_the_largest_group_and_names_its_host_first() -> None:
    rule = events_rule(
        HOST, "of: users, op: '>=', thresholds: {warning: 3, critical: 6}", ", by: [project, cname]"
    )
    victims = [event(1 + n / 10, f"u{n}", "21@h2", "29@h1" if n == 1 else "23") for n in range(3)]
    verdicts = judged(rule, world(events=[*victims, event(1, "u7", "29@h1")]), [T4])
    assert verdicts == [
        Verdict(
            minute=T4,
            labels=labels(project="p1", cname="c1"),
            outcome=Outcome.MATCH,
            severity=Severity.WARNING,
            value=3.0,
            threshold=3.0,
            samples=5,
            affected=Affected(
                events=3,
                users=("u0", "u1", "u2"),
                channels=("c1",),
                hosts=("h2", "h1"),
                factors=((21, 3),),
                experiences=((4, 3),),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("tags", "counted"),
    [
        pytest.param(["21@h1"], 1, id="one victim"),
        pytest.param(["21"], 0, id="local causes blame nobody else"),
        pytest.param(["21@u1"], 0, id="nor does the user's own UID"),
        pytest.param(["23@h1"], 0, id="a cause that is not asked for"),
    ],
)
def test_per_host_looks_at_matching_remote_causes(tags: list[str], counted: int) -> None:
    assert value(events_rule(HOST, "of: users, op: '>=', threshold: 1"), event(1, "u1", *tags)) == counted


def test_a_refused_cause_of_a_host_clears_the_host() -> None:
    rule = events_rule("per: host, factors: {host: remote, any_of: [21], none_of: [10]}")
    assert value(rule, event(1, "u1", "21@h1"), event(2, "u2", "10@h1"), event(2, "u3", "21@h2")) == 1


def test_a_host_is_blamed_only_where_the_cause_is_asked_for() -> None:
    assert value(events_rule(HOST), event(1, "u1", "21@h1"), event(2, "u2", "23@h1")) == 1


def test_users_of_two_channels_are_two_users() -> None:
    rule = events_rule("", "of: users, op: '>=', threshold: 1")
    assert value(rule, event(1, "u1", cname="c1"), event(1, "u1", cname="c2")) == 2


def test_at_most_twenty_are_named_the_most_frequent_first() -> None:
    seen = [event(1 + n / 100, f"u{n:02}", "21") for n in range(30)]
    (verdict,) = judged(events_rule(), world(events=[*seen, event(2, "u29", "21")]), [T4])
    assert verdict.affected.users == ("u29", *(f"u{n:02}" for n in range(19)))


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("[project, cname]", [{"cname": "c1"}, {"cname": "c2"}]),
        ("[project, user]", [{"user": "u1"}]),
        ("[project, experience]", [{"experience": "video_freeze"}]),
        ("[project, factor]", [{"factor": "18"}, {"factor": "weak_wifi"}]),
    ],
)
def test_by_makes_one_series_per_value(by: str, expected: list[dict[str, str]]) -> None:
    rule = events_rule("factors: {any_of: [29, 18]}", rest=f", by: {by}")
    seen = [event(1, "u1", "29", "18", "21"), event(2, "u1", "29", cname="c2")]
    verdicts = judged(rule, world(events=seen), [T4])
    assert [v.labels for v in verdicts] == [labels(project="p1", **extra) for extra in expected]


@pytest.mark.parametrize(
    ("known", "cut", "op", "expected"),
    [
        pytest.param(range(9), (), ">=", ".!!!!!...", id="all known"),
        pytest.param((0, 1, 2, 8), (), ">=", ".!!!!!??.", id="late events cannot undo a match"),
        pytest.param((), (), ">=", "?!!!!!???", id="without data nothing is calm"),
        pytest.param((0, 1, 8), (), "<", "!.??????!", id="few events need all of them"),
        pytest.param(range(9), (2,), ">=", ".!!!!!...", id="a lower bound may cross"),
        pytest.param(range(9), (0,), "<", "?.....!!!", id="a lower bound is not few"),
        pytest.param(range(9), (2,), "==", ".!????...", id="a lower bound equals nothing"),
    ],
)
def test_coverage_decides_what_is_known(known: range, cut: tuple[int, ...], op: str, expected: str) -> None:
    rule = events_rule("", f"of: events, op: '{op}', threshold: 1")
    seen = world(events=[event(1.5, "u1")], known=known, cut=cut)
    assert timeline(judged(rule, seen, minutes(9))) == expected


def test_none_of_waits_for_late_events() -> None:
    rule = events_rule("per: user, factors: {any_of: [21], none_of: [10]}")
    (verdict,) = judged(rule, world(events=[event(4, "u1", "21")], known=()), [T4])
    assert (verdict.outcome, verdict.severity) == (Outcome.UNKNOWN, None)


def test_a_cut_answer_says_at_least_as_long_as_it_is_in_the_window() -> None:
    verdicts = judged(events_rule(), world(cut=[1]), minutes(8))
    assert [v.at_least for v in verdicts] == [False, True, True, True, True, True, False, False]


def test_samples_are_the_known_minutes_of_the_window() -> None:
    verdicts = judged(events_rule(), world(known=[0, 1, 2, 6]), minutes(8))
    assert [v.samples for v in verdicts] == [1, 2, 3, 3, 3, 2, 2, 1]


def test_the_project_has_a_verdict_every_minute() -> None:
    assert timeline(judged(events_rule(), world(), minutes(3))) == "..."


BY_CHANNEL = ", by: [project, cname], keep_firing_for: 2m"


def test_a_quiet_channel_has_no_verdicts() -> None:
    rule = events_rule("", "of: users, op: '>=', threshold: 2", BY_CHANNEL)
    assert judged(rule, world(events=[event(1, "u1")]), minutes(60)) == []


def test_a_channel_is_judged_until_its_hold_has_passed() -> None:
    rule = events_rule("", rest=BY_CHANNEL)
    verdicts = judged(rule, world(events=[event(1, "u1"), event(40, "u1")]), minutes(60))
    assert (timeline(verdicts), verdicts[0].minute) == ("!!!!!....!!!!!....", 60)


def test_the_hold_leaves_out_unknown_minutes() -> None:
    rule = events_rule("", rest=BY_CHANNEL)
    known = [m for m in range(60) if m not in (7, 8)]
    assert timeline(judged(rule, world(events=[event(1, "u1")], known=known), minutes(60))) == "!!!!!.??..."


def test_an_open_alert_has_a_verdict_every_minute_whatever_events_name() -> None:
    channel = labels(project="p1", cname="c9")
    verdicts = judged(events_rule("", rest=BY_CHANNEL), world(known=[0, 2]), minutes(3), also=[channel])
    assert ([v.labels for v in verdicts], timeline(verdicts)) == ([channel] * 3, ".?.")


def identity(event: DiagnosisEvent) -> tuple[int, str, str, int]:
    """Return what makes an event the same when it is read again."""
    return event.ts, event.cname, event.user, event.experience_id


tag = st.sampled_from(["10", "21", "29", "18", "21@h1", "21@h2", "29@h1", "10@h2", "29@u1"])
some_events = st.lists(
    st.builds(
        lambda minute, user, tags, cname, exp: event(minute, user, *tags, cname=cname, experience=exp),
        st.floats(0, 30),
        st.sampled_from(["u1", "u2", "u3", "u4"]),
        st.lists(tag, max_size=3),
        st.sampled_from(["c1", "c2"]),
        st.sampled_from([4, 5, 6]),
    ),
    max_size=25,
    unique_by=identity,
)  # fmt: skip
some_rules = st.sampled_from(
    [
        events_rule(condition, count, rest)
        for condition in (
            "",
            HOST,
            "per: user, factors: {any_of: [21], none_of: [{factor: 10, host: local}]}",
        )
        for count in (
            "of: users, op: '>=', thresholds: {info: 1, critical: 3}",
            "of: events, op: '>', threshold: 1",
        )
        for rest in ("", ", by: [project, cname]", ", by: [project, factor], keep_firing_for: 3m")
    ]
)


@given(rule=some_rules, events=some_events, data=st.data())
def test_the_order_of_events_changes_nothing(
    rule: Rule, events: list[DiagnosisEvent], data: st.DataObject
) -> None:
    seen = world(events=events, known=range(0, 40, 2))
    shuffled = world(events=data.draw(st.permutations(events)), known=range(0, 40, 2))
    assert judged(rule, shuffled, minutes(40)) == judged(rule, seen, minutes(40))


@given(rule=some_rules, events=some_events)
def test_minute_by_minute_and_all_at_once_agree_on_every_match(
    rule: Rule, events: list[DiagnosisEvent]
) -> None:
    seen = world(events=events, known=range(0, 40, 2))
    at_once = [v for v in judged(rule, seen, minutes(40)) if v.outcome is Outcome.MATCH]
    single = [v for m in minutes(40) for v in judged(rule, seen, [m]) if v.outcome is Outcome.MATCH]
    assert single == at_once


@given(rule=some_rules, events=some_events)
def test_reading_events_twice_changes_no_verdict(rule: Rule, events: list[DiagnosisEvent]) -> None:
    once = world(events={(e.ts, e.cname, e.user, e.experience_id): e for e in events}.values())
    twice = world(events=[*once.events, *once.events])
    assert judged(rule, twice, minutes(40)) == judged(rule, once, minutes(40))


@given(rule=some_rules, events=some_events)
def test_verdicts_come_in_order_of_minute_and_labels(rule: Rule, events: list[DiagnosisEvent]) -> None:
    places = [(v.minute, v.labels) for v in judged(rule, world(events=events), minutes(40))]
    assert places == sorted(set(places))


@given(rule=some_rules, events=some_events, late=some_events)
def test_late_events_never_undo_an_early_match(
    rule: Rule, events: list[DiagnosisEvent], late: list[DiagnosisEvent]
) -> None:
    early = {(v.minute, v.labels) for v in matches(rule, events, known=())}
    early_ones = {identity(event) for event in events}
    others = [event for event in late if identity(event) not in early_ones]
    final = {(v.minute, v.labels) for v in matches(rule, [*events, *others], known=range(40))}
    assert early <= final


def matches(rule: Rule, events: list[DiagnosisEvent], known: range | tuple[int, ...]) -> list[Verdict]:
    verdicts = judged(rule, world(events=events, known=known), minutes(40))
    return [verdict for verdict in verdicts if verdict.outcome is Outcome.MATCH]


SHARE = (
    "events: {window: 3m, share: {of: users, over: pcu, op: '>=', thresholds: {warning: 2, critical: 5}%s}%s}"
)


@pytest.mark.parametrize(
    ("pcu", "expected"),
    [
        pytest.param("100 100 100", [None, Severity.WARNING, Severity.WARNING], id="three of a hundred"),
        pytest.param("50 50 50", [None, Severity.CRITICAL, Severity.CRITICAL], id="three of fifty"),
        pytest.param("50 50 200", [None, Severity.CRITICAL, None], id="the most users of the window"),
    ],
)
def test_a_share_is_a_part_of_all_users(pcu: str, expected: list[Severity | None]) -> None:
    seen = world({"pcu": pcu}, [event(1, f"u{n}") for n in range(3)])
    assert [v.severity for v in judged(one_rule(SHARE % ("", "")), seen, minutes(3))] == expected


def test_a_share_of_too_few_users_means_nothing() -> None:
    seen = world({"pcu": "50 50 50"}, [event(1, f"u{n}") for n in range(3)])
    assert timeline(judged(one_rule(SHARE % (", min_denominator: 60", "")), seen, minutes(3))) == "qqq"


def test_a_share_of_an_unknown_number_is_unknown() -> None:
    seen = world({"pcu": "_ _ _"}, [event(1, f"u{n}") for n in range(3)])
    assert timeline(judged(one_rule(SHARE % ("", "")), seen, minutes(3))) == "???"


def test_of_count_and_share_the_milder_severity_counts() -> None:
    count = ", count: {of: users, op: '>=', thresholds: {info: 2, warning: 9}}"
    seen = world({"pcu": "50 50 50"}, [event(1, f"u{n}") for n in range(3)])
    (verdict,) = judged(one_rule(SHARE % ("", count)), seen, range(120, 180, 60))
    assert (verdict.severity, verdict.value, verdict.threshold) == (Severity.INFO, 3.0, 2.0)


@pytest.mark.parametrize(
    ("where", "counted"),
    [
        ("cname=~\"c.*\"", 2),
        ("cname=\"c1\"", 1),
        ("cname!=\"c1\"", 1),
        ("user!~\"u.\"", 0),
        ("experience=\"video_freeze\"", 2),
        ("project=\"p1\"", 2),
    ],
)  # fmt: skip
def test_matchers_choose_events(where: str, counted: int) -> None:
    rule = events_rule(f"where: ['{where}']")
    assert value(rule, event(1, "u1"), event(2, "u2", cname="c2")) == counted


@given(rule=some_rules, events=some_events)
def test_counting_all_at_once_is_counting_each_window(rule: Rule, events: list[DiagnosisEvent]) -> None:
    condition = rule.events
    assert condition
    assert condition.count
    for verdict in judged(rule, world(events=events), minutes(40)):
        if condition.count.of == "users" and condition.per == "event":
            assert len(verdict.affected.users) <= (verdict.value or 0) <= verdict.affected.events
        if condition.count.of == "events":
            assert verdict.affected.events == verdict.value
