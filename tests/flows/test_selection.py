"""What is read of the projects of an account: never more than Agora keeps until the next round."""

from itertools import pairwise

import pytest

from bot.agora import profile
from bot.config import default_folder
from bot.flows import pace
from bot.flows.blind import blind_rules, crowded
from bot.flows.rulebook import read_folder
from bot.flows.selection import Selection, needs_of, select, slow_feeds
from bot.model.catalog import Feed
from bot.model.project import PRODUCTS, Project
from bot.rules import RuleSet, Source, load
from tests.conftest import T0

DAY_S = 86_400
MIDNIGHT = (T0 // DAY_S + 1) * DAY_S


def shipped() -> RuleSet:
    rules = read_folder(default_folder("rules")).rules
    assert rules is not None
    return rules


def projects(count: int, products: tuple[str, ...] = PRODUCTS) -> tuple[Project, ...]:
    return tuple(
        Project(name=f"p{n}", app_id=f"app{n}", account="a", products=products) for n in range(1, count + 1)
    )


def read(selection: Selection) -> dict[str, set[str]]:
    """Return the metrics that are read of each project."""
    return {name: {n for q in mine for n in q.names} for name, mine in selection.asked.items()}


ALL = {"pcu", "videoFreezeRate", "audioFreezeRate", "joinSuccessRate", "joinSuccess5SecsRate"}


@pytest.mark.parametrize(
    ("plan", "count", "products", "expected"),
    [
        pytest.param("premium", 1, PRODUCTS, [ALL], id="one project fits"),
        pytest.param(
            "premium",
            2,
            PRODUCTS,
            [{"pcu", "videoFreezeRate", "audioFreezeRate"}, {"pcu", "videoFreezeRate"}],
            id="two: the first rules in both, then as far as it goes",
        ),
        pytest.param(
            "premium",
            2,
            ("Native",),
            [ALL, ALL - {"joinSuccess5SecsRate"}],
            id="two of one product: all but one",
        ),
        pytest.param(
            "premium",
            4,
            PRODUCTS,
            [{"pcu", "videoFreezeRate", "audioFreezeRate"}, {"pcu", "videoFreezeRate"}, set(), set()],
            id="four: a metric without its guard would feed no rule, so whole rules are read",
        ),
        pytest.param("enterprise", 5, PRODUCTS, [ALL] * 5, id="five fit a larger plan"),
    ],
)
def test_whole_rules_are_read_in_order_as_far_as_the_plan_goes(
    plan: str, count: int, products: tuple[str, ...], expected: list[set[str]]
) -> None:
    known, mine = profile("current", plan), projects(count, products)
    selection = select(known, mine, needs_of(shipped()))
    assert list(read(selection).values()) == expected
    wanted = [ALL - metrics for metrics in expected]
    assert list(selection.left_out.values()) == wanted
    told = crowded(known, mine, selection)
    assert bool(told) is any(wanted)
    assert all(f"of p{n}" in told for n, missed in enumerate(wanted, start=1) if missed)


@pytest.mark.parametrize(
    ("dialect", "plan", "count"),
    [
        ("current", "premium", 1),
        ("current", "premium", 2),
        ("current", "premium", 4),
        ("current", "enterprise", 6),
        ("beta", None, 1),
        ("beta", None, 12),
        ("beta", None, 60),
    ],
)
@pytest.mark.parametrize("spent", [0.0, 0.3, 0.9])
def test_no_round_is_planned_for_later_than_agora_keeps_its_minutes(
    dialect: str, plan: str | None, count: int, spent: float
) -> None:
    known = profile(dialect, plan)
    selection = select(known, projects(count), needs_of(shipped()))
    for feed in set(selection.feeds("p1")) - {Feed.CALLS}:
        endpoint = known.endpoint(known.polled[feed], account="a")
        cost = selection.costs[endpoint.family]
        share = pace.share_of(feed, endpoint)
        for hour in range(24):
            budget = pace.budget([], "a", endpoint, cost, MIDNIGHT + hour * 3600)
            left = int(budget.left * (1 - spent))
            worn = pace.Budget(
                left=left,
                limit=budget.limit,
                day_left_s=budget.day_left_s,
                round_cost=cost,
                longest_s=budget.longest_s,
            )
            # its requests come one after another, and the oldest minute was not complete 181 s ago
            latest_s = worn.calm_s(share) + cost * endpoint.spacing_s + 181 + 2 * 60
            assert latest_s < endpoint.keeps_s
            assert worn.trouble_s(share) <= worn.calm_s(share)


def test_twelve_projects_of_the_api_of_2019_are_all_read() -> None:
    selection = select(profile("beta"), projects(12), needs_of(shipped()))
    assert not any(selection.left_out.values())
    assert all(selection.feeds(f"p{n}") == selection.feeds("p1") for n in range(1, 13))


@pytest.mark.parametrize(
    ("dialect", "plan"), [("current", "premium"), ("current", "enterprise"), ("beta", None)]
)
def test_a_full_account_pays_its_longest_pace_from_an_even_days_requests(
    dialect: str, plan: str | None
) -> None:
    known = profile(dialect, plan)
    endpoint = known.endpoint(known.polled[Feed.EXPERIENCE], account="a")
    room = pace.room(endpoint)
    full, overfull = (DAY_S / pace.longest_s(endpoint, cost) * cost for cost in (room, room + 1))
    assert full <= endpoint.for_polls < overfull


@pytest.mark.parametrize(
    ("dialect", "plan", "count", "expected"),
    [
        pytest.param("beta", None, 3, {}, id="three of a thousand requests a day"),
        pytest.param(
            "beta",
            None,
            4,
            {Feed.SCALE: 360, Feed.EXPERIENCE: 360, Feed.NET: 360, Feed.DIAGNOSIS: 360},
            id="four of them",
        ),
        pytest.param("current", "enterprise", 1, {}, id="a large plan"),
        pytest.param("current", "premium", 1, {Feed.SCALE: 751, Feed.EXPERIENCE: 751}, id="a smaller one"),
    ],
)
def test_feeds_that_many_projects_share_are_slow(
    dialect: str, plan: str | None, count: int, expected: dict[Feed, int]
) -> None:
    known, needs = profile(dialect, plan), (frozenset({"pcu"}), frozenset({"videoFreezeRate"}))
    assert slow_feeds(known, select(known, projects(count), needs)) == expected


def test_trouble_is_looked_at_faster_where_the_plan_has_room_for_it() -> None:
    known = profile("current", "enterprise")
    selection = select(known, projects(1), needs_of(shipped()))
    endpoint = known.endpoint(known.polled[Feed.EXPERIENCE], account="a")
    share = pace.share_of(Feed.EXPERIENCE, endpoint)
    at, left, paces = float(MIDNIGHT), endpoint.for_polls, []
    while at < MIDNIGHT + DAY_S and left > 0:
        trouble = 9 <= (at - MIDNIGHT) / 3600 < 11
        budget = pace.Budget(
            left=left,
            limit=endpoint.for_polls,
            day_left_s=MIDNIGHT + DAY_S - at,
            round_cost=selection.costs["realtime"],
            longest_s=pace.longest_s(endpoint, selection.costs["realtime"]),
        )
        pace_s = budget.trouble_s(share) if trouble else budget.calm_s(share)
        paces.append((at, trouble, pace_s))
        at, left = at + pace_s, left - budget.round_cost
    in_trouble = {pace_s for _, trouble, pace_s in paces if trouble}
    before = {pace_s for at, trouble, pace_s in paces if not trouble and at < MIDNIGHT + 9 * 3600}
    assert max(in_trouble) * 2 < min(before)
    assert at >= MIDNIGHT + 23.75 * 3600
    assert all(later[0] > earlier[0] for earlier, later in pairwise(paces))


AUDIO = """
version: 1
groups:
  - name: g
    rules:
      - alert: Audio
        metric: {name: audioFreezeRate, aggregate: max, window: 5m, op: ">", threshold: 5}
"""


@pytest.mark.parametrize(
    ("dialect", "plan", "products", "reason"),
    [
        ("current", "premium", ("WebRTC",), "WebRTC tells no audioFreezeRate (project p1, p2)"),
        ("current", "premium", PRODUCTS, None),
        ("beta", None, ("WebRTC",), None),
    ],
)
def test_a_rule_on_what_the_products_do_not_tell_is_blind(
    dialect: str, plan: str | None, products: tuple[str, ...], reason: str | None
) -> None:
    rules = load([Source(name="r.yml", text=AUDIO)])
    found = blind_rules(rules, profile(dialect, plan), projects(2, products), alerts=False)
    assert found == ({"Audio": reason} if reason else {})


def test_a_rule_without_room_is_blind_where_it_is_left_out() -> None:
    found = blind_rules(shipped(), profile("current", "premium"), projects(2), alerts=False)
    assert found["AudioFreezeHigh"] == "the day's requests have no room for audioFreezeRate (project p2)"
    assert "VideoFreezeHigh" not in found
