"""Plans as data: what each dialect and plan may ask, how often, and what it delivers."""

from typing import get_args

import pytest

from bot.agora import ENDPOINTS, PlanLacksEndpoint, call_fields, deliverable, feeds, profile
from bot.model.catalog import METRICS, POLLED_FEEDS, Feed
from bot.model.time import DAY_S, HOUR_S, Window
from bot.rules.conditions import CallCondition

CALLS = {
    "call/lists",
    "call/sessions",
    "call/metrics",
    "call/statistics",
    "call/statistics/time",
    "call/freeze/bucket",
}
INSIGHTS = {
    "insight/usage",
    "insight/quality",
    "insight/usage/aggregation",
    "insight/quality/aggregation",
}
REALTIME = {"realtime/usage", "realtime/quality", "realtime/usage/top20", "realtime/quality/top20"}


@pytest.mark.parametrize(
    ("plan", "names"),
    [
        ("standard", CALLS),
        ("premium", CALLS | INSIGHTS | REALTIME),
        ("enterprise", CALLS | INSIGHTS | REALTIME),
    ],
)
def test_a_plan_has_the_endpoints_that_agora_sells_with_it(plan, names):
    assert names == set(profile("current", plan).endpoints)


LIMITS = [
    ("standard", "call/lists", 1000, 1.25, DAY_S, 8 * HOUR_S, 60),
    ("standard", "call/metrics", 1000, 1.25, DAY_S, HOUR_S, 300),
    ("premium", "call/lists", 2000, 1.25 / 3, 7 * DAY_S, 16 * HOUR_S, 20),
    ("premium", "call/sessions", 2000, 1.25 / 3, 7 * DAY_S, 3 * HOUR_S, 150),
    ("premium", "insight/usage", 40, 25, 14 * DAY_S, 3 * DAY_S, 12 * HOUR_S),
    ("premium", "insight/quality", 40, 25, 14 * DAY_S, 3 * DAY_S, 6 * HOUR_S),
    ("premium", "realtime/usage", 480, 25, 2400, 2400, 40),
    ("premium", "realtime/quality/top20", 480, 25, 2400, 21, 40),
    ("enterprise", "call/lists", 10_000, 0.125, 15 * DAY_S, DAY_S, 20),
    ("enterprise", "call/statistics", 10_000, 0.125, 15 * DAY_S, 6 * HOUR_S, 100),
    ("enterprise", "insight/usage/aggregation", 60, 7.5, 30 * DAY_S, 7 * DAY_S, 6 * HOUR_S),
    ("enterprise", "realtime/quality", 1440, 7.5, 3600, 3600, 20),
]


@pytest.mark.parametrize(
    ("plan", "name", "per_day", "spacing_s", "keeps_s", "span_s", "delay_s"),
    LIMITS,
    ids=[f"{plan} {name}" for plan, name, *_ in LIMITS],
)
def test_limits_are_those_of_the_plan(plan, name, per_day, spacing_s, keeps_s, span_s, delay_s):
    endpoint = profile("current", plan).endpoints[name]
    assert (per_day, keeps_s, span_s, delay_s) == (
        endpoint.per_day,
        endpoint.keeps_s,
        endpoint.span_s,
        endpoint.delay_s,
    )
    assert spacing_s == pytest.approx(endpoint.spacing_s)


@pytest.mark.parametrize("plan", ["standard", "premium", "enterprise"])
def test_a_family_has_one_budget(plan):
    budgets = {(e.family, e.per_day, e.spacing_s) for e in profile("current", plan).endpoints.values()}
    assert len({family for family, *_ in budgets}) == len(budgets)
    assert {family for family, *_ in budgets} <= {"call", "insight", "realtime"}


def test_each_endpoint_of_2019_has_a_budget_of_its_own():
    assert {name: name for name in ENDPOINTS} == {e.name: e.family for e in ENDPOINTS.values()}


TIMES = [
    ("call/lists", {"start_ts": 1, "end_ts": 2}),
    ("insight/quality/aggregation", {"startTs": 1, "endTs": 2}),
    ("realtime/usage", {"startTs": 1, "endTs": 2}),
    ("realtime/usage/top20", {"ts": 1}),
]


@pytest.mark.parametrize(("name", "expected"), TIMES, ids=[name for name, _ in TIMES])
def test_each_family_names_its_times_as_it_likes(name, expected):
    assert expected == profile("current", "premium").endpoints[name].times_of(Window(start=1, end=2))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("beta", None, "realtime/usage"), "realtime/usage, account main.: the dialect is beta"),
        (("current", "standard", "insight/usage"), "the plan is said to be standard"),
        (("current", "enterprise", "live/scale"), "the plan is said to be enterprise"),
    ],
)
def test_an_endpoint_that_the_plan_lacks_is_not_had(given, words):
    *spoken, name = given
    with pytest.raises(PlanLacksEndpoint, match=words):
        profile(*spoken).endpoint(name, account="main")


@pytest.mark.parametrize("given", [("2019", None), ("current", None), ("current", "gold")])
def test_other_names_are_refused(given):
    with pytest.raises(ValueError, match=r"not a valid|needs a plan"):
        profile(*given)


def test_beta_delivers_all_but_the_network_delay_of_today():
    assert deliverable("beta") == set(METRICS) - {"networkDelay"}
    assert feeds("beta") == POLLED_FEEDS


@pytest.mark.parametrize("plan", ["premium", "enterprise"])
def test_today_delivers_delay_instead_of_good_transmission_and_no_diagnosis(plan):
    gone = {name for name in METRICS if name.endswith("ExcellentTransRate")}
    assert deliverable("current", plan) == set(METRICS) - gone
    assert feeds("current", plan) == (Feed.EXPERIENCE, Feed.NET, Feed.SCALE, Feed.CALLS)


def test_standard_delivers_only_calls_and_what_the_bot_observes_itself():
    assert deliverable("current", "standard") == {"quotaUsedRate", "feedDelay"}
    assert feeds("current", "standard") == (Feed.CALLS,)


def test_only_todays_lists_tell_how_a_call_was():
    assert call_fields("beta") == {"call_duration"}
    fields = CallCondition.model_fields["name"].annotation
    assert call_fields("current") == set(get_args(fields))
