"""Unit tests of rules: what they find, and the cases on which all who use Prometheus' words agree."""

from collections.abc import Sequence

import pytest

from bot.flows.rehearse import rehearse
from bot.flows.replay import Replay
from bot.flows.routes import Routes
from bot.flows.ruletests import run_test
from bot.model.alert import Alert, State
from bot.model.incident import MessageKind
from bot.model.observation import Observations
from bot.model.time import MINUTE_S
from bot.rules import RuleSet, Source, load
from bot.rules.notation import values
from bot.rules.routing import default_routing, load_routing
from bot.rules.testfile import read_tests
from tests.rules.worlds import world
from tests.told import AT_ONCE

RULES = """\
version: 1
groups:
  - name: g
    rules:
      - alert: Freeze
        metric: {name: videoFreezeRate, aggregate: last, window: 1m, op: ">",
                 thresholds: {warning: 5, critical: 10}}
        for: 2m
        keep_firing_for: 2m
        annotations: {summary: "{{ value | pct }} in {{ labels.project }}"}
      - alert: Wifi
        events: {window: 5m, factors: {any_of: [weak_wifi]}, count: {of: users, op: ">=", threshold: 2}}
        by: [project, cname]
      - alert: BadCall
        call: {name: call_video_freeze_rate, op: ">", threshold: 10, settle: 1m}
"""
ROUTES = Routes(spec=default_routing())
HEAD = "rule_files: [r.yml]\ntests:\n"


def rules() -> RuleSet:
    return load([Source("r.yml", RULES)])


def run(test: str) -> list[str]:
    """Return what fails in a file with one test."""
    tests, _, problems = read_tests(Source("t.yml", HEAD + test))
    assert tests is not None, problems
    return [failure.message for failure in run_test(tests.tests[0], rules(), ROUTES, list)]


STORY = """\
  - name: a story
    input_series: [{series: 'videoFreezeRate{project="p"}', values: "1x3 6x3 12x3 1x10"}]
    alert_rule_test:
      - {eval_time: 5m, alertname: Freeze, exp_pending: [{exp_labels: {project: p}}]}
      - eval_time: 6m
        alertname: Freeze
        exp_alerts: [{exp_labels: {project: p, severity: warning}}]
        exp_pending: []
      - eval_time: 8m
        alertname: Freeze
        exp_alerts:
          - exp_labels: {project: p, severity: critical}
            exp_annotations: {summary: "12.0 % in p"}
      - {eval_time: 20m, alertname: Freeze}
    exp_messages:
      - {at: 6m, alertname: Freeze, kind: opening, text: "6.0 %"}
      - {at: 8m, alertname: Freeze, kind: rose}
      - {at: 14m, alertname: Freeze, kind: resolved}
"""


def test_a_story_that_is_true_passes() -> None:
    assert run(STORY) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("severity: warning", "severity: critical", "expected and not there", id="severity"),
        pytest.param('"12.0 % in p"', '"13.0 % in p"', 'summary: "12.0 % in p"', id="annotation"),
        pytest.param("exp_pending: []", "exp_pending: [{exp_labels: {project: p}}]", "pending", id="pending"),
        pytest.param(
            "{eval_time: 20m, alertname: Freeze}",
            "{eval_time: 9m, alertname: Freeze}",
            "there and not expected",
            id="an alert too many",
        ),
        pytest.param("{at: 14m,", "{at: 13m,", "message expected and not sent", id="a message too early"),
        pytest.param(
            "      - {at: 8m, alertname: Freeze, kind: rose}\n",
            "",
            "sent and not expected",
            id="a message more",
        ),
        pytest.param('text: "6.0 %"', 'text: "7.0 %"', 'with "7.0 %"', id="another text"),
    ],
)
def test_a_story_that_is_not_true_is_told(old: str, new: str, said: str) -> None:
    assert old in STORY
    assert any(said in failure for failure in run(STORY.replace(old, new)))


def test_events_of_several_users_and_minutes_without_polls() -> None:
    test = """\
  - input_events: [{at: 5m, cname: room, user: u, tags: [weak_wifi, upstream_loss_video@9], count: 2}]
    unknown: [11m, 12m-13m]
    alert_rule_test:
      - {eval_time: 5m, alertname: Wifi, exp_alerts: [{exp_labels: {project: p, cname: room}}]}
      - {eval_time: 10m, alertname: Wifi}
"""
    assert run(test) == []


def test_finished_calls() -> None:
    test = """\
  - input_calls: [{ended: 5m, video_freeze_rate: 30}]
    alert_rule_test:
      - {eval_time: 6m, alertname: BadCall, exp_alerts: [{exp_labels: {project: p}}]}
"""
    assert run(test) == []


def test_a_restart_loses_nothing_and_is_really_made() -> None:
    restarted: list[int] = []

    def survive(alive: list[Alert]) -> list[Alert]:
        restarted.append(len(alive))
        return alive

    tests, _, _ = read_tests(Source("t.yml", HEAD + STORY + "    restart_at: 7m\n"))
    assert tests is not None
    assert run_test(tests.tests[0], rules(), ROUTES, survive) == []
    assert 1 in restarted
    assert run_test(tests.tests[0], rules(), ROUTES, lambda _alive: []) != [], (
        "a bot that forgets would be found"
    )


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("  - {input_serie: []}\n", 't.yml:3:6: unknown key "input_serie"; did you mean "input_series" or'),
        ("  - input_series: [{series: 'pcu{', values: \"1\"}]\n", "is no series"),
        ('  - input_series: [{series: pcu, values: "1 x"}]\n', 't.yml:3:42: "x" is no value'),
        ("  - interval: 30s\n", "an interval is whole minutes"),
        ("  - input_events: [{at: 5m, tags: [weak_wify]}]\n", 'did you mean "weak_wifi"?'),
        ("  - unknown: [5m-x]\n", '"x" is not a duration'),
        ("  - alert_rule_test: [{eval_time: 5m}]\n", 'the key "alertname" is missing'),
    ],
)
def test_bad_files_are_told_at_their_places(test: str, said: str) -> None:
    tests, _, problems = read_tests(Source("t.yml", HEAD + test))
    assert tests is None
    assert any(said in str(problem) for problem in problems), problems


CASES = {
    "R01: equal is not greater": ("1 6 6 6 6.5 7 5 6 6 5 6 6 6 6", "3m", "0", "IPPPFFIPPIPPPF"),
    "R03: for below a minute is a second match": ("1 6 6 1 6 1", "30s", "0", "IPFIPI"),
    "R07: ours, a missing minute repeats nothing": ("1 6 _x9", "3m", "0", "IPPPPPPPPPP"),
    "R15: ours, every minute is judged": ("6 1x8 6 1x8 6", "10m", "0", "PIIIIIIIIIPIIIIIIIIIP"),
    "R17: keep_firing_for rounds up": ("6 1 1 1 1", "0", "90s", "FFFII"),
}  # fmt: skip


@pytest.mark.parametrize(("series", "for_", "keep", "expected"), CASES.values(), ids=CASES)
def test_the_portable_cases(series: str, for_: str, keep: str, expected: str) -> None:
    assert states(series, 5, for_, keep) == expected


def test_r05_a_pending_alert_is_never_held() -> None:
    assert states("75 10x10", 50, "1m", "1m") == "P" + "I" * 11


def test_r11_a_breach_shorter_than_for_says_nothing() -> None:
    each_15_s = values("3 5x2 9x3 11x10 9x40")
    replay, letters = played(each_15_s[::4], 10, "3m", "0")
    assert letters == "IIPPP" + "I" * 10
    assert replay.episodes() == []


def test_r20_a_firing_alert_is_told_once_and_not_sent_again() -> None:
    replay, _ = played([None, 2, 3, None, None, 3, 0], 1, "0", "0")
    at_once = Routes(spec=load_routing(Source("routing.yml", AT_ONCE)))
    sent, _ = rehearse(replay.episodes(), at_once, 600, delay=False)
    told = [(one.at, one.line.kind) for one in sent if one.line.kind is not MessageKind.EDIT]
    assert told == [(60, MessageKind.OPENING), (360, MessageKind.RESOLVED)]


def states(series: str, threshold: float, for_: str, keep: str) -> str:
    return played(values(series), threshold, for_, keep)[1]


def played(samples: Sequence[float | None], threshold: float, for_: str, keep: str) -> tuple[Replay, str]:
    """Return what a rule makes of one sample a minute, and its state after each."""
    text = f"""\
version: 1
groups:
  - name: g
    rules:
      - alert: A
        metric: {{name: pcu, aggregate: last, window: 1m, op: ">", threshold: {threshold}}}
        for: {for_}
        keep_firing_for: {keep}
"""
    seen: Observations = world({"pcu": {60 * n: v for n, v in enumerate(samples) if v is not None}})
    replay = Replay(load([Source("a.yml", text)]), lambda _needs: seen)
    letters = ""
    for minute in range(0, len(samples) * MINUTE_S, MINUTE_S):
        replay.advance(minute, minute + MINUTE_S)
        alive = replay.open("A")
        letters += ("P" if alive[0].state is State.PENDING else "F") if alive else "I"
    return replay, letters
