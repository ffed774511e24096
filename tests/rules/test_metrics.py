"""Metric rules as timelines: ``!`` match, ``h`` held, ``.`` miss, ``?`` unknown."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.verdict import Outcome, Severity, labels
from bot.rules.metrics import aggregate
from tests.rules.worlds import judged, metric, minutes, one_rule, timeline, world


def judge(rule, series: str, **others: str) -> str:
    seen = world({"videoFreezeRate": series, **others})
    return timeline(judged(rule, seen, minutes(len(series.split()))))


@pytest.mark.parametrize(
    ("series", "threshold", "expected"),
    [
        pytest.param("1 6 6 6 6.5 7 5 6 6 5 6 6 6 6", 5, ".!!!!!.!!.!!!!", id="R01: equal is not greater"),
        pytest.param("1 6 6 1 6 1", 5, ".!!.!.", id="R03"),
        pytest.param("75" + " 10" * 11, 50, "!" + "." * 11, id="R05"),
        pytest.param(
            "6" + " 1" * 9 + " 6" + " 1" * 9 + " 6", 5, "!.........!.........!", id="R15: every minute"
        ),
        pytest.param("6 1 1 1 1", 5, "!....", id="R17"),
        pytest.param("_ 6 _ _ 1", 5, "?!??.", id="R07: a missing minute repeats nothing"),
    ],
)
def test_the_portable_cases_match_where_they_should(series: str, threshold: float, expected: str) -> None:
    assert judge(metric(threshold=f"threshold: {threshold}"), series) == expected


@pytest.mark.parametrize(
    ("op", "expected"),
    [(">", "..!"), (">=", ".!!"), ("<", "!.."), ("<=", "!!."), ("==", ".!."), ("!=", "!.!")],
)
def test_every_operator_compares(op: str, expected: str) -> None:
    assert judge(metric(op=op), "4 5 6") == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("last", 4.0),
        ("avg", 3.25),
        ("min", 1.0),
        ("max", 6.0),
        ("sum", 13.0),
        ("p50", 3.0),
        ("p90", 5.4),
        ("p95", 5.7),
        ("p99", 5.94),
    ],
)
def test_aggregates_look_at_the_minutes_with_data(kind: str, expected: float) -> None:
    ((value,),) = aggregate(kind, np.array([[2.0, math.nan, 6.0, 1.0, 4.0]]), 5)
    assert value == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["last", "avg", "min", "max", "sum", "p50", "p99"])
def test_a_window_without_data_has_no_value(kind: str) -> None:
    ((value,),) = aggregate(kind, np.array([[math.nan, math.nan]]), 2)
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("condition", "series", "expected"),
    [
        pytest.param(
            "aggregate: avg, window: 5m", "9 9 9 9 9 _ _ _ _ _", "??!!!!!??" + "?", id="half, rounded up"
        ),
        pytest.param(
            "aggregate: avg, window: 5m, min_samples: 1", "9 _ _ _ _ _", "!!!!!?", id="one is enough"
        ),
        pytest.param("aggregate: avg, window: 2m, min_samples: 2", "9 9 _ 9 9", "?!??!", id="all are needed"),
        pytest.param(
            "aggregate: last, window: 5m, min_samples: 1", "9 9 _ 9", "!!?!", id="last needs T itself"
        ),
        pytest.param("aggregate: avg, window: 5m", "_ _ _", "???", id="nothing is never calm"),
    ],
)
def test_too_few_minutes_are_unknown(condition: str, series: str, expected: str) -> None:
    assert judge(metric(condition), series) == expected


@pytest.mark.parametrize(
    ("op", "threshold", "series", "expected"),
    [
        pytest.param(">", "threshold: 5, resolve_threshold: 4", "6 4.5 4 4.5 3", "!h.h.", id="high is bad"),
        pytest.param("<", "threshold: 95, resolve_threshold: 97", "94 96 97 98", "!h..", id="low is bad"),
        pytest.param(">=", "threshold: 5, resolve_threshold: 5", "5 4.9", "!.", id="no room between"),
    ],
)
def test_between_the_thresholds_is_held(op: str, threshold: str, series: str, expected: str) -> None:
    assert judge(metric(op=op, threshold=threshold), series) == expected


@pytest.mark.parametrize(
    ("freeze", "pcu", "expected"),
    [
        pytest.param("9 9 9", "20 19 30", "!q!", id="fewer users are a miss"),
        pytest.param("9 9 9", "_ 30 _", "?!?", id="an unknown size is unknown"),
        pytest.param("_ 9 9", "3 30 3", "q!q", id="a small project is a miss without a rate too"),
        pytest.param("_ 1 1", "30 30 30", "?..", id="a large one is not"),
    ],
)
def test_small_groups_are_left_alone(freeze: str, pcu: str, expected: str) -> None:
    rule = metric("aggregate: last, window: 1m, min_denominator: {metric: pcu, value: 20}")
    assert judge(rule, freeze, pcu=pcu) == expected


def test_the_size_is_a_mean_over_the_same_window() -> None:
    rule = metric("aggregate: last, window: 2m, min_samples: 1, min_denominator: {metric: pcu, value: 20}")
    assert judge(rule, "9 9 9", pcu="10 30 9") == "q!q"


@pytest.mark.parametrize(
    ("value", "severity", "threshold"),
    [(6, Severity.INFO, 5.0), (11, Severity.WARNING, 10.0), (21, Severity.CRITICAL, 20.0), (4, None, 5.0)],
)
def test_the_highest_crossed_threshold_decides(
    value: float, severity: Severity | None, threshold: float
) -> None:
    rule = metric(threshold="thresholds: {info: 5, warning: 10, critical: 20}")
    (verdict,) = judged(rule, world({"videoFreezeRate": {0: value}}), [0])
    assert (verdict.severity, verdict.threshold) == (severity, threshold)


def test_a_verdict_says_what_was_compared() -> None:
    rule = one_rule(
        "metric: {name: videoFreezeRate, aggregate: avg, window: 3m, op: '>', threshold: 5}, "
        "labels: {team: rtc, severity: critical}"
    )
    (verdict,) = judged(rule, world({"videoFreezeRate": "4 8 _"}), [120])
    assert (verdict.minute, verdict.outcome, verdict.severity) == (120, Outcome.MATCH, Severity.CRITICAL)
    assert verdict.labels == labels(project="p1", team="rtc")
    assert (verdict.value, verdict.threshold, verdict.samples, verdict.at_least) == (6.0, 5.0, 2, False)


def test_the_mean_of_equal_values_is_that_value() -> None:
    rule = metric("aggregate: avg, window: 3m", threshold="threshold: 0.1")
    assert judge(rule, "0.1 0.1 0.1") == "?.."


def test_an_alert_whose_labels_are_no_longer_made_is_a_miss() -> None:
    old = labels(project="p1", team="gone")
    verdicts = judged(metric(), world({"videoFreezeRate": "9 _"}), minutes(2), also=[old])
    assert [v.outcome for v in verdicts if v.labels == old] == [Outcome.MISS, Outcome.MISS]


def test_alerts_of_other_projects_are_not_judged() -> None:
    verdicts = judged(metric(), world({"videoFreezeRate": "9"}), [0], also=[labels(project="p2")])
    assert [v.labels for v in verdicts] == [labels(project="p1")]


def test_a_rule_that_is_switched_off_says_nothing() -> None:
    rule = one_rule("enabled: false, metric: {name: pcu, aggregate: last, window: 1m, op: '>', threshold: 1}")
    assert judged(rule, world({"pcu": "9"}), [0]) == []


def test_no_minutes_no_verdicts() -> None:
    assert judged(metric(), world({"videoFreezeRate": "9"}), []) == []


values = st.one_of(st.none(), st.floats(0, 100))
kinds = st.sampled_from(["last", "avg", "min", "max", "p50", "p90", "p95", "p99"])


@given(series=st.lists(values, min_size=1, max_size=40), kind=kinds, span=st.integers(1, 9))
def test_minute_by_minute_and_all_at_once_agree(series: list[float | None], kind: str, span: int) -> None:
    rule = metric(
        f"aggregate: {kind}, window: {span}m, min_denominator: {{metric: pcu, value: 20}}",
        threshold="thresholds: {warning: 30, critical: 60}, resolve_threshold: 20",
    )
    known = {m * 60: v for m, v in enumerate(series) if v is not None}
    seen = world({"videoFreezeRate": known, "pcu": {m * 60: 18 + m % 5 for m in range(len(series))}})
    at_once = judged(rule, seen, minutes(len(series)))
    assert [v for m in minutes(len(series)) for v in judged(rule, seen, [m])] == at_once


@given(series=st.lists(values, min_size=1, max_size=20), kind=kinds)
def test_every_aggregate_lies_between_the_extremes(series: list[float | None], kind: str) -> None:
    row = np.array([[math.nan if v is None else v for v in series]])
    ((value,),) = aggregate(kind, row, row.shape[-1])
    known = [v for v in series if v is not None]
    assert math.isnan(value) or min(known) <= value <= max(known)


def test_a_month_of_minutes_costs_no_more_a_minute_than_a_day() -> None:
    """A day has a thirtieth of the minutes; work that grew with their square would take 900 times as long."""
    rule = metric(
        "aggregate: p95, window: 1h, min_denominator: {metric: pcu, value: 20}",
        threshold="thresholds: {warning: 5, critical: 10}, resolve_threshold: 4",
    )

    def seconds(count: int) -> float:
        span = minutes(count)
        rng = np.random.default_rng(1)
        freeze = dict(zip(span, rng.uniform(0, 12, len(span)).tolist(), strict=True))
        seen = world({"videoFreezeRate": freeze, "pcu": dict.fromkeys(span, 50.0)})
        began = time.process_time()
        assert len(judged(rule, seen, span)) == count
        return time.process_time() - began

    assert min(seconds(43_200) for _ in range(2)) < 200 * max(seconds(1_440) for _ in range(3))
