"""Finished calls: judged once each, alone or as a state over the calls of a window."""

import pytest

from bot.model.observation import FinishedCall
from bot.model.verdict import Severity, labels
from bot.rules import Rule
from tests.rules.worlds import judged, minutes, one_rule, timeline, world


def call(ended: int, freeze: float | None = 30.0, cname: str = "c1", **extra: int) -> FinishedCall:
    """Return a call of ten minutes that ended in a minute."""
    lasted_s = extra.pop("lasted_s", 600)
    return FinishedCall(
        call_id=f"{cname}-{ended}-{freeze}",
        cname=cname,
        created_ts=ended * 60 - lasted_s,
        destroyed_ts=ended * 60,
        video_freeze_rate=freeze,
        **extra,
    )


def bad_call(keys: str = "", rest: str = ", by: [project, cname], keep_firing_for: 2m") -> Rule:
    return one_rule(
        "call: {name: call_video_freeze_rate, op: '>', thresholds: {warning: 10, critical: 25}, settle: 2m"
        f"{', ' + keys if keys else ''}}}{rest}"
    )


def test_a_bad_call_is_judged_when_it_has_settled() -> None:
    verdicts = judged(bad_call(), world(calls=[call(3)]), minutes(10))
    assert [(v.minute // 60, v.severity, v.labels) for v in verdicts if v.severity] == [
        (5, Severity.CRITICAL, labels(project="p1", cname="c1"))
    ]
    (fired,) = (v for v in verdicts if v.severity)
    assert (fired.value, fired.threshold, fired.affected.channels) == (30.0, 25.0, ("c1",))


def test_the_worst_call_of_a_minute_speaks_for_it() -> None:
    verdicts = judged(bad_call(rest=""), world(calls=[call(3, 12.0), call(3, 30.0)]), minutes(10))
    assert [v.value for v in verdicts if v.severity] == [30.0]


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        pytest.param("", True, id="no guard"),
        pytest.param("min_duration: 10m", True, id="long enough"),
        pytest.param("min_duration: 11m", False, id="too short"),
        pytest.param("min_pcu: 3", True, id="large enough"),
        pytest.param("min_pcu: 4", False, id="too small"),
        pytest.param("where: ['cname=~\"c.\"']", True, id="the right channel"),
        pytest.param("where: ['cname!=\"c1\"']", False, id="a wrong channel"),
    ],
)
def test_which_calls_count(keys: str, found: bool) -> None:
    seen = world(calls=[call(3, pcu=3)])
    assert any(v.severity for v in judged(bad_call(keys), seen, minutes(10))) is found


def test_a_call_of_which_nothing_is_told_is_no_data() -> None:
    assert judged(bad_call(), world(calls=[call(3, None)]), minutes(10)) == []


MANY = (
    "call: {name: call_video_freeze_rate, op: '>', threshold: 10, settle: 0, window: 4m, "
    "count: {of: calls, op: '>=', threshold: 2}%s}"
)


def test_many_bad_calls_of_a_window_are_a_state() -> None:
    calls = [call(1), call(2, 11.0), call(3, 1.0), call(9)]
    assert timeline(judged(one_rule(MANY % ""), world(calls=calls), minutes(9))) == "..!!!...."


def test_a_share_needs_enough_calls() -> None:
    share = ", share: {of: calls, over: finished_calls, op: '>=', threshold: 60, min_denominator: 3}"
    calls = [call(1), call(2), call(3, 1.0), call(4, 1.0)]
    assert timeline(judged(one_rule(MANY % share), world(calls=calls), minutes(6))) == "qqq!.."


def test_channels_with_several_bad_calls_count_once() -> None:
    rule = one_rule((MANY % "").replace("of: calls", "of: channels"))
    calls = [call(1), call(2, 11.0), call(3, cname="c2")]
    assert timeline(judged(rule, world(calls=calls), minutes(5))) == "...!!"


def test_minutes_that_are_not_covered_are_unknown() -> None:
    rule = one_rule(MANY % "")
    assert timeline(judged(rule, world(known=[0, 2]), minutes(3))) == ".?."


def test_a_list_that_was_cut_in_the_window_means_at_least() -> None:
    seen = world(calls=[call(1), call(2)], cut=[2])
    assert [v.at_least for v in judged(one_rule(MANY % ""), seen, minutes(7))] == [
        False,
        False,
        True,
        True,
        True,
        True,
        False,
    ]


def test_what_a_minute_looks_at_reaches_back_beyond_the_time_to_settle() -> None:
    assert bad_call().lookback_s == 60 + 120
    assert one_rule(MANY.replace("settle: 0", "settle: 10m") % "").lookback_s == 240 + 600


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", {"call_video_freeze_rate"}),
        ("min_pcu: 3", {"call_video_freeze_rate", "call_pcu"}),
    ],
)
def test_a_rule_tells_what_a_call_must_tell(keys: str, expected: set[str]) -> None:
    assert bad_call(keys).call_fields == expected
