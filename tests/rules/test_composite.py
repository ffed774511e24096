"""Composites: which other alerts hold at the same time."""

import pytest

from bot.model.alert import Life
from bot.model.verdict import labels
from bot.rules import Rule, Source, load
from tests.rules.worlds import judged, minutes, timeline, world

P1 = labels(project="p1")


def composite(body: str) -> Rule:
    parts = [
        f"{{alert: {name}, events: {{window: 1m, count: {{of: users, op: '>', threshold: 1}}}}, "
        "by: [project, cname]}"
        for name in ("A", "B", "C")
    ]
    rules = ", ".join([*parts, f"{{alert: D, composite: {{{body}}}}}"])
    text = f"version: 1\ngroups: [{{name: g, rules: [{rules}]}}]\n"
    return load([Source("a.yml", text)]).rules[-1]


def life(pending: int, fired: int | None, ended: int | None, **extra: str) -> Life:
    return Life(
        labels=labels(**{"project": "p1"} | extra),
        pending_at=60 * pending,
        fired_at=None if fired is None else 60 * fired,
        ended_at=None if ended is None else 60 * ended,
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("all_of: [{alert: A}]", "..!!!.....", id="firing, until it ended"),
        pytest.param("all_of: [{alert: A, state: pending}]", ".!!!!.....", id="pending counts"),
        pytest.param("all_of: [{alert: A}], within: 3m", "..!!!!!...", id="within some minutes"),
        pytest.param("all_of: [{alert: A}, {alert: B}]", "...!!.....", id="both"),
        pytest.param("any_of: [{alert: A}, {alert: B}]", "..!!!!!...", id="one of them"),
        pytest.param("any_of: [{alert: A}, {alert: B}], at_least: 2", "...!!.....", id="two of them"),
        pytest.param("all_of: [{alert: A}], none_of: [{alert: B}]", "..!.......", id="without the other"),
        pytest.param("all_of: [{alert: C}]", "..........", id="pending only"),
        pytest.param("all_of: [{alert: C, state: pending}]", ".!!.......", id="an alert that never fired"),
    ],
)
def test_references(body: str, expected: str) -> None:
    states = {"A": [life(1, 2, 5)], "B": [life(3, 3, 7)], "C": [life(1, None, 3)]}
    assert timeline(judged(composite(body), world(), minutes(10), also=[P1], states=states)) == expected


def test_labels_must_agree() -> None:
    rule = composite("all_of: [{alert: A}, {alert: B}], equal: [project, cname]")
    states = {
        "A": [life(1, 1, None, cname="c1"), life(1, 1, None, cname="c2")],
        "B": [life(2, 2, None, cname="c2")],
    }
    verdicts = [v for v in judged(rule, world(), minutes(3), states=states) if v.severity]
    assert [(v.minute, v.labels) for v in verdicts] == [(120, labels(project="p1", cname="c2"))]


def test_matchers_choose_among_alerts_of_one_name() -> None:
    rule = composite("all_of: [{alert: A, matchers: ['cname=~\"lesson-.*\"']}], equal: [project]")
    assert (
        timeline(
            judged(rule, world(), minutes(2), also=[P1], states={"A": [life(0, 0, None, cname="lesson-1")]})
        )
        == "!!"
    )
    assert (
        timeline(judged(rule, world(), minutes(2), also=[P1], states={"A": [life(0, 0, None, cname="demo")]}))
        == ".."
    )


def test_other_projects_do_not_count() -> None:
    rule = composite("all_of: [{alert: A}]")
    states = {"A": [life(0, 0, None, project="p2")]}
    assert timeline(judged(rule, world(), minutes(2), states=states)) == ".."
