"""What becomes of minutes without data: ``0`` told as no data, ``x`` gone, ``d`` dropped, ``?`` unknown."""

import pytest

from bot.model.verdict import Outcome, labels
from tests.rules.test_events import events_rule
from tests.rules.worlds import event, judged, metric, minutes, one_rule, timeline, world


def judge(extra: str, series: str, known: range = range(200)) -> str:
    rule = one_rule(
        f"metric: {{name: videoFreezeRate, aggregate: last, window: 1m, op: '>', threshold: 5}}, {extra}"
    )
    seen = world({"videoFreezeRate": series}, known=known)
    return timeline(judged(rule, seen, minutes(len(series.split()))))


@pytest.mark.parametrize(
    ("extra", "series", "expected"),
    [
        pytest.param("enabled: true", "6 _ _ _ _", "!????", id="missing minutes are unknown"),
        pytest.param("no_data_for: 3m", "6 _ _ _ _ 1", "!??00.", id="and told after a while"),
        pytest.param("no_data_for: 3m", "6 _ _ 1 _ _ 1", "!??.??.", id="a value begins the wait anew"),
        pytest.param("no_data_state: no_data", "6 _ 1", "!0.", id="or at once"),
        pytest.param("no_data_state: alerting", "1 _ 1", ".!.", id="or taken for bad"),
        pytest.param("no_data_state: ok", "6 _ 6", "!.!", id="or for good"),
        pytest.param(
            "missing_series_evals_to_resolve: 2", "6 _ _ _ 6", "!?xx!", id="or for the end of the series"
        ),
    ],
)
def test_what_a_missing_minute_means(extra: str, series: str, expected: str) -> None:
    assert judge(extra, series) == expected


@pytest.mark.parametrize("extra", ["no_data_for: 1m", "no_data_state: alerting", "no_data_state: no_data"])
def test_a_late_feed_is_told_by_its_own_alert_only(extra: str) -> None:
    assert judge(extra, "6 _ _ _", known=range(1)) == "!???"


def test_minutes_of_a_late_feed_do_not_count_as_missing_and_do_not_end_the_row() -> None:
    known = [0, 1, 3, 4]
    rule = one_rule(
        "metric: {name: pcu, aggregate: last, window: 1m, op: '<', threshold: 5}, no_data_for: 3m"
    )
    assert timeline(judged(rule, world({"pcu": "9"}, known=known), minutes(5))) == ".???0"


@pytest.mark.parametrize("unknown", [{2}, {2, 3}, {2, 3, 4}, {2, 3, 4, 5}, {1, 3, 5, 7, 9}])
@pytest.mark.parametrize("extra", ["no_data_for: 3m", "missing_series_evals_to_resolve: 3"])
def test_a_minute_is_judged_alike_by_itself_and_among_many(extra: str, unknown: set[int]) -> None:
    rule = one_rule(f"metric: {{name: pcu, aggregate: last, window: 1m, op: '<', threshold: 5}}, {extra}")
    seen = world({"pcu": "9"}, known=set(range(20)) - unknown)
    alone = [judged(rule, seen, minutes(1, start=n)) for n in range(12)]
    assert timeline(judged(rule, seen, minutes(12))) == "".join(map(timeline, alone))


def test_missing_minutes_before_the_first_judged_one_count() -> None:
    rule = one_rule(
        "metric: {name: pcu, aggregate: last, window: 1m, op: '<', threshold: 5}, no_data_for: 5m"
    )
    assert timeline(judged(rule, world({"pcu": "9"}), minutes(1, start=5))) == "0"


def test_more_alerts_than_the_limit_are_dropped_together() -> None:
    rule = events_rule("", rest=", by: [project, user], limit: 2")
    two = [event(1, "u1"), event(1, "u2")]
    verdicts = judged(rule, world(events=[*two, event(3, "u3")]), minutes(5))
    by_user = {dict(v.labels)["user"]: "" for v in verdicts}
    for verdict in verdicts:
        by_user[dict(verdict.labels)["user"]] += timeline([verdict])
    assert by_user == {"u1": "!!dd", "u2": "!!dd", "u3": "dd"}


def test_below_the_limit_nothing_is_dropped() -> None:
    rule = events_rule("", rest=", by: [project, user], limit: 2")
    verdicts = judged(rule, world(events=[event(1, "u1"), event(1, "u2")]), minutes(2))
    assert {v.outcome for v in verdicts} == {Outcome.MATCH}


def test_an_alert_on_a_metric_needs_no_data_keys_to_stay_as_it_was() -> None:
    old = labels(project="p1")
    assert timeline(judged(metric(), world({"videoFreezeRate": "9 _"}), minutes(2), also=[old])) == "!?"
