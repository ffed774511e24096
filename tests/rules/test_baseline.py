"""Comparing with the same clock time on earlier days."""

import pytest

from bot.model.observation import Observations
from bot.model.time import DAY_S
from bot.rules import Rule
from tests.rules.worlds import judged, one_rule, timeline, world

NOW = 30 * DAY_S


def baseline(keys: str, rest: str = "") -> Rule:
    return one_rule(
        "metric: {name: videoFreezeRate, aggregate: last, window: 1m, "
        f"{rest}baseline: {{offsets: [1d, 2d], window: 4m, {keys}}}}}"
    )


def history(now: float, *days: list[float]) -> Observations:
    """Return the values of each day before, around the same time, and that of now."""
    points = {NOW: now}
    for number, values in enumerate(days, 1):
        middle = NOW - number * DAY_S
        points |= {middle + 60 * (place - 2): value for place, value in enumerate(values)}
    return world({"videoFreezeRate": points})


def judge(rule: Rule, seen: Observations) -> str:
    return timeline(judged(rule, seen, range(NOW, NOW + 60, 60)))


USUAL = [[1.0, 1.2, 1.0, 0.8, 1.0], [1.1, 0.9, 1.0, 1.0, 1.2]]


@pytest.mark.parametrize(
    ("keys", "now", "expected"),
    [
        pytest.param("method: ratio, op: '>', threshold: 2", 2.1, "!", id="twice the median"),
        pytest.param("method: ratio, op: '>', threshold: 2", 1.9, ".", id="less than twice"),
        pytest.param("method: delta, op: '>', threshold: 3", 4.1, "!", id="three more"),
        pytest.param("method: delta, op: '<', threshold: -0.5", 0.4, "!", id="half less"),
        pytest.param(
            "method: robust_zscore, op: '>', threshold: 3.5, min_scale: 0.2", 1.8, "!", id="far out"
        ),
        pytest.param(
            "method: robust_zscore, op: '>', threshold: 3.5, min_scale: 1", 1.8, ".", id="a wide scale"
        ),
        pytest.param(
            "method: ratio, op: '>', threshold: 2, floor: 3",
            2.5,
            ".",
            id="below the floor",
        ),
        pytest.param("method: ratio, op: '>', threshold: 2, floor: 3", 3.1, "!", id="above it does"),
    ],
)
def test_methods(keys: str, now: float, expected: str) -> None:
    assert judge(baseline(keys), history(now, *USUAL)) == expected


def test_an_old_incident_in_the_history_hides_nothing() -> None:
    keys = "method: robust_zscore, op: '>', threshold: 3.5, min_scale: 0.2"
    assert judge(baseline(keys), history(4.0, [1.0, 1.0, 9.0, 9.0, 1.0], USUAL[1])) == "!"


@pytest.mark.parametrize(
    ("short", "rest", "now", "expected"),
    [
        pytest.param("no_data", "", 9.0, "?", id="unknown"),
        pytest.param("ok", "", 9.0, ".", id="a miss"),
        pytest.param("threshold_only", "op: '>', threshold: 5, ", 9.0, "!", id="the threshold alone"),
        pytest.param("threshold_only", "op: '>', threshold: 5, ", 4.0, ".", id="the threshold alone, not"),
    ],
)
def test_a_short_history(short: str, rest: str, now: float, expected: str) -> None:
    keys = f"method: ratio, op: '>', threshold: 2, min_history: 6, on_short_history: {short}"
    assert judge(baseline(keys, rest), history(now, USUAL[0])) == expected


def test_threshold_and_baseline_must_both_hold() -> None:
    rule = baseline("method: ratio, op: '>', threshold: 2", "op: '>', thresholds: {info: 3, critical: 6}, ")
    assert [judge(rule, history(now, *USUAL)) for now in (2.5, 4.0)] == [".", "!"]
    assert judge(rule, history(4.0, [3.0] * 5, [3.0] * 5)) == "."


def test_the_threshold_that_is_shown_is_a_value_of_the_metric() -> None:
    (verdict,) = judged(
        baseline("method: ratio, op: '>', threshold: 2"), history(2.5, *USUAL), range(NOW, NOW + 60, 60)
    )
    assert (verdict.value, verdict.threshold) == (2.5, 2.0)
