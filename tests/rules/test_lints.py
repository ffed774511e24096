"""Rules that are most likely not meant: each check finds its mistake, and leaves what is right alone."""

import pytest

from bot.rules import Problem, Source, examine
from bot.rules.lints import CHECKS
from tests.rules.golden_cases import events, metric, rule


def lints(text: str, tested: set[str] | None = None) -> list[Problem]:
    found = examine([Source("a.yml", text)], tested, "2026-11-24")
    assert found.rules is not None, found.problems
    return list(found.problems)


def names(*lines: str) -> list[str]:
    found = lints(rule(*lines, "annotations: {summary: s}"))
    return sorted(problem.code for problem in found)


def baseline(keys: str) -> str:
    return metric(f'baseline: {{offsets: [7d], op: ">", threshold: 2, {keys}}}')


def share(keys: str = "threshold: 5, min_denominator: 50") -> str:
    return f"events: {{window: 5m, share: {{of: users, over: pcu, op: '>', {keys}}}}}"


CASES = {
    "a rule without a mistake": ((metric(),), []),
    "for of half a minute": ((metric(), "for: 30s"), ["alerts/for"]),
    "no data after a minute": ((metric(), "no_data_for: 1m"), ["alerts/no_data"]),
    "no data after ten": ((metric(), "no_data_for: 10m"), []),
    "a template in a label": ((metric(), "labels: {value: '{{ value }}'}"), ["alerts/template"]),
    "high is good, and >": ((metric(name="joinSuccessRate"),), ["metric/direction"]),
    "low is good, and <": ((metric('op: "<", threshold: 5'),), ["metric/direction"]),
    "no direction at all": ((metric('op: "<", threshold: 5', name="pcu"),), []),
    "a fraction for a percentage": ((metric('op: ">", threshold: 0.05'),), ["rule/unit"]),
    "never": ((metric('op: ">", threshold: 100'),), ["rule/impossible"]),
    "always": ((metric('op: ">=", threshold: 0'),), ["alerts/condition"]),
    "a count that is always so": ((events(count='of: users, op: ">=", threshold: 0'),), ["alerts/condition"]),
    "more rows than can be read": (
        (events(count='of: users, op: ">=", threshold: 2001'),),
        ["events/saturated"],
    ),
    "few of what may be cut": ((events(count='of: users, op: "<", threshold: 5'),), ["events/saturated"]),
    "asked for and refused": (
        (events(", factors: {any_of: [weak_wifi], none_of: [weak_wifi, high_cpu]}"),),
        ["rule/impossible"],
    ),
    "refused on one side only": (
        (events(", factors: {any_of: [weak_wifi], none_of: [{factor: weak_wifi, host: local}]}"),),
        [],
    ),
    "an experience asked for and refused": (
        (events(", experience: {any_of: [video_freeze], none_of: [video_freeze]}"),),
        ["rule/impossible"],
    ),
    "an id that nobody published": ((events(", factors: {any_of: [99]}"),), ["events/id"]),
    "per host without a side": (
        (events(", per: host, factors: {any_of: [weak_wifi]}"),),
        ["events/host"],
    ),
    "per host, remote": ((events(", per: host, factors: {host: remote, any_of: [weak_wifi]}"),), []),
    "a share of few": ((share("threshold: 5"),), ["rule/denominator"]),
    "a share of enough": ((share(),), []),
    "a share above all": ((share("threshold: 100, min_denominator: 9"),), ["rule/impossible"]),
    "a z-score without a scale": ((baseline("method: robust_zscore"),), ["rule/denominator"]),
    "a z-score with one": ((baseline("method: robust_zscore, min_scale: 0.2"),), []),
    "a history longer than there is": (
        (baseline("window: 10m, min_history: 12, method: ratio"),),
        ["baseline/history"],
    ),
    "a history as long as there is": (
        (baseline("window: 10m, min_history: 11, method: ratio"),),
        [],
    ),
    "the threshold alone, without one": (
        (
            "metric: {name: pcu, aggregate: avg, window: 5m, baseline: {offsets: [7d], op: '>', "
            "threshold: 2, method: ratio, on_short_history: threshold_only}}",
        ),
        ["baseline/history"],
    ),
    "numbers with names": (
        (events(", experience: {any_of: [4]}, factors: {any_of: [29, {factor: 10, host: local}]}"),),
        ["events/name"] * 3,
    ),
    "numbers without names": (
        (events(", experience: {any_of: [77]}, factors: {any_of: [18, {factor: 19}]}"),),
        ["events/id"] * 3,
    ),
    "refused on both sides": (
        (
            events(
                ", factors: {any_of: [weak_wifi], "
                "none_of: [{factor: weak_wifi, host: local}, {factor: weak_wifi, host: remote}]}"
            ),
        ),
        ["rule/impossible"],
    ),
    "a label that events lack": ((events(", where: ['channel=\"x\"']"),), ["matcher/label"]),
    "a label that calls lack": (
        ("call: {name: call_pcu, op: '>', threshold: 5, where: ['user=\"1\"']}",),
        ["matcher/label"],
    ),
    "needless anchors": ((events(", where: ['cname=~\"^a.*$\"']"),), ["matcher/regexp"]),
    "a call rate that is a fraction": (
        ("call: {name: call_video_freeze_rate, op: '>', threshold: 0.1}",),
        ["rule/unit"],
    ),
    "few freezes of a call": (
        ("call: {name: call_video_freeze_rate, op: '<', threshold: 5}",),
        ["metric/direction"],
    ),
    "a share of few calls": (
        (
            "call: {name: call_pcu, op: '>', threshold: 5, window: 30m, "
            "share: {of: calls, over: finished_calls, op: '>', threshold: 10}}",
        ),
        ["rule/denominator"],
    ),
    "calls that are always as many": (
        (
            "call: {name: call_pcu, op: '>', threshold: 5, window: 30m, "
            "count: {of: calls, op: '>=', threshold: 0}}",
        ),
        ["alerts/condition"],
    ),
    "flapping that cannot be": (
        (metric(), "flapping: {look_back_window: 5, status_change_threshold: 6}"),
        ["rule/impossible"],
    ),
    "told after half an hour": ((metric(), "for: 27m"), []),
    "told later": ((metric(), "for: 28m"), ["time/detection"]),
    "a call told later": (
        ("call: {name: call_pcu, op: '>', threshold: 5, settle: 28m}",),
        ["time/detection"],
    ),
    "a share of the last minute": (
        (share("threshold: 5, min_denominator: 50, over_aggregate: last"),),
        ["rule/fragile"],
    ),
    "a share of the window": ((share("threshold: 5, min_denominator: 50, over_aggregate: avg"),), []),
    "another clock time": (
        (metric('baseline: {offsets: [30h], op: ">", threshold: 2, method: ratio}'),),
        ["baseline/offset"],
    ),
}


@pytest.mark.parametrize(("lines", "expected"), CASES.values(), ids=CASES)
def test_each_check_finds_its_mistake(lines: tuple[str, ...], expected: list[str]) -> None:
    assert names(*lines) == expected


def test_every_check_is_tested_here() -> None:
    elsewhere = {
        "alerts/annotation",
        "labels/conflict",
        "inhibit/order",
        "route/group_by",
        "route/silent",
        "route/unreachable",
        "route/unused",
        "group/interval",
        "lint/comment",
        "rule/dependency",
        "rule/duplicate",
        "test/missing",
        "time/offset",
    }
    found = {code for _, codes in CASES.values() for code in codes}
    assert found | elsewhere == CHECKS.keys()


def test_an_alert_should_say_something() -> None:
    assert [p.code for p in lints(rule(metric()))] == ["alerts/annotation"]


def test_a_rule_without_a_test_is_named_where_tests_are_known() -> None:
    text = rule(metric(), "annotations: {summary: s}")
    assert (lints(text), lints(text, {"A"})) == ([], [])
    assert [(p.code, p.line) for p in lints(text, set())] == [("test/missing", 5)]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("interval: 10m", "group/interval"),
        ("query_offset: 1m", "time/offset"),
        ("query_offset: 2m", None),
        ("labels: {a: '{{ b }}'}", "alerts/template"),
    ],
)
def test_groups(key: str, code: str | None) -> None:
    text = rule(metric(), "annotations: {summary: s}").replace("    rules:", f"    {key}\n    rules:")
    assert [p.code for p in lints(text)] == ([code] if code else [])


SECOND = "      - alert: B\n        annotations: {summary: s}\n"


def test_a_rule_that_contradicts_its_group() -> None:
    text = rule(metric(), "labels: {a: b, c: d}", "annotations: {summary: s}")
    text = text.replace("    rules:", "    labels: {a: x, c: d}\n    rules:")
    assert [(p.code, p.line) for p in lints(text)] == [("labels/conflict", 8)]


def test_a_composite_that_refuses_what_it_asks_for() -> None:
    text = rule(metric(), "annotations: {summary: s}") + SECOND
    text += "        composite: {all_of: [{alert: A}], none_of: [{alert: A, state: pending}]}\n"
    assert [p.code for p in lints(text)] == ["rule/impossible"]


def test_one_condition_in_two_severities_should_be_a_ladder() -> None:
    text = rule(metric(), "annotations: {summary: s}") + SECOND
    higher = metric('op: ">", threshold: 9')
    text += f"        {higher}\n        labels: {{severity: critical}}\n"
    (found,) = lints(text)
    assert (found.code, "the same condition as A" in found.message) == ("rule/duplicate", True)


def test_a_reference_to_what_is_switched_off() -> None:
    text = rule(metric(), "enabled: false", "annotations: {summary: s}") + SECOND
    text += "        composite: {all_of: [{alert: A}]}\n"
    assert [p.code for p in lints(text)] == ["rule/dependency"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["# lint disable alerts/for"], [], id="in the rule"),
        pytest.param(["# lint disable alerts/template"], ["alerts/for"], id="another check"),
        pytest.param(["# lint disable alerts/fro"], ["alerts/for", "lint/comment"], id="no such check"),
        pytest.param(["# lint file/disable alerts/for"], [], id="in the whole file"),
        pytest.param(["# lint disabel alerts/for"], ["alerts/for", "lint/comment"], id="misspelt"),
        pytest.param(["# lint snooze 2026-11-24 alerts/for"], [], id="until today"),
        pytest.param(["# lint file/snooze 2026-11-24 alerts/for"], [], id="the whole file until today"),
        pytest.param(
            ["# lint snooze 2026-11-23 alerts/for"], ["alerts/for", "lint/comment"], id="until yesterday"
        ),
        pytest.param(["# lint snooze alerts/for"], ["alerts/for", "lint/comment"], id="without a day"),
        pytest.param(["# lint disable"], ["alerts/for", "lint/comment"], id="no check named"),
        pytest.param(["# linted disable"], ["alerts/for"], id="another comment"),
    ],
)
def test_comments_switch_checks_off(lines: list[str], expected: list[str]) -> None:
    assert names(metric(), "for: 30s", *lines) == expected


def test_a_comment_above_a_rule_belongs_to_it_and_to_no_other() -> None:
    first = rule(metric(), "for: 30s", "annotations: {summary: s}")
    second = SECOND + f"        {events()}\n        for: 30s\n"
    for text, line in ((first + "      # lint disable alerts/for\n" + second, 7),):
        assert [(p.code, p.line) for p in lints(text)] == [("alerts/for", line)]


BROKEN = {
    "a misspelt key": f"        {metric()}\n        fro: 3m\n",
    "keys that disagree": "        " + metric('op: ">=", threshold: 500') + "\n",
    "no condition": "",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_hides_no_doubt_about_the_others(broken: str) -> None:
    text = rule(metric(), "for: 30s", "annotations: {summary: s}") + SECOND + broken
    found = [(p.code, p.line, p.weight) for p in examine([Source("a.yml", text)]).problems]
    assert ("alerts/for", 7, "warning") in found
    assert [weight for _, line, weight in found if line > 8] == ["error"]


def test_a_broken_group_hides_no_doubt_about_the_next() -> None:
    text = rule(metric()) + "  - name: h\n    interval: 1 minute\n    rules: []\n"
    text += "  - name: i\n    interval: 10m\n    rules:\n" + SECOND + f"        {metric(name='pcu')}\n"
    found = [(p.code, p.line) for p in examine([Source("a.yml", text)]).problems if p.weight == "warning"]
    assert found == [("alerts/annotation", 5), ("group/interval", 11)]
