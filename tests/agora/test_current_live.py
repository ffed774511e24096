"""The last hour of a project in minutes, out of windows of 20 s, one metric and one product at a time."""

import pytest

from bot.agora import CurrentClient, EndpointGone, PlanLacksEndpoint, ServerFailed, TimedValue
from bot.agora.minutes import Audience, Reading, counts_by_minute, rates_by_minute
from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.project import Project
from bot.model.time import Window

from .conftest import NOW, opening
from .stub import Reply, ok

MINUTE = int(NOW) // 60 * 60 - 300
WINDOW = Window(start=MINUTE, end=MINUTE + 120)
ONLY_WEB = Project(name="shop", app_id="app0", account="main", products=("WebRTC",))


def told(*values, start=MINUTE):
    return tuple(
        TimedValue(ts=start + 20 * n, value=value) for n, value in enumerate(values) if value is not None
    )


def reading(values, users=(), part=WINDOW):
    known = {MINUTE + 20 * n: count for n, count in enumerate(users) if count is not None}
    return Reading(part=part, values=values, users=known)


RATES = {
    "one product without users": ([reading(told(1, 2, 6))], {0: 3}),
    "users weigh windows": ([reading(told(1, 2, 6), (8, 1, 1))], {0: 1.6}),
    "users weigh products": (
        [reading(told(1, 1, 1), (30, 30, 30)), reading(told(11, 11, 11), (10, 10, 10))],
        {0: 3.5},
    ),
    "one unknown weight makes it plain": (
        [reading(told(1, 1, 1), (30, 30, None)), reading(told(4, 4, 4), (1, 1, 1))],
        {0: 2.5},
    ),
    "nobody there makes it plain": ([reading(told(1, 3), (0, 0))], {0: 2}),
    "a hole is left out": ([reading(told(1, None, 3))], {0: 2}),
    "a product without values": ([reading(told(1, 1, 1)), reading(())], {0: 1}),
    "two minutes": ([reading(told(1, 1, 1, 4, 4, 4))], {0: 1, 60: 4}),
    "zero is a value": ([reading(told(0, 0, 0))], {0: 0}),
    "the last minute is not over": (
        [reading(told(1, 1, 1, 4, 4), part=Window(start=MINUTE, end=MINUTE + 100))],
        {0: 1},
    ),
    "the first minute began earlier": (
        [reading(told(1, 1, 4, 4, 4, start=MINUTE + 20), part=Window(start=MINUTE + 20, end=MINUTE + 120))],
        {60: 4},
    ),
    "the shorter answer ends both": (
        [reading(told(1, 1, 1, 4, 4, 4)), reading(told(3, 3, 3), part=Window(start=MINUTE, end=MINUTE + 60))],
        {0: 2},
    ),
    "nothing was asked": ([], {}),
}


@pytest.mark.parametrize(("readings", "expected"), RATES.values(), ids=RATES)
def test_rates_of_windows_become_rates_of_minutes(readings, expected):
    found = {minute - MINUTE: value for minute, value in rates_by_minute(readings).items()}
    assert expected == pytest.approx(found)


COUNTS = {
    "mean of the windows": ([reading(told(10, 20, 30))], {0: 20}),
    "products add up": ([reading(told(10, 10, 10)), reading(told(1, 2, 3))], {0: 12}),
    "a product without users": ([reading(told(10, 10, 10)), reading(())], {0: 10}),
    "users do not weigh users": ([reading(told(10, 20, 30), (10, 20, 30))], {0: 20}),
}


@pytest.mark.parametrize(("readings", "expected"), COUNTS.values(), ids=COUNTS)
def test_counts_of_windows_become_counts_of_minutes(readings, expected):
    found = {minute - MINUTE: value for minute, value in counts_by_minute(readings).items()}
    assert expected == found


def test_an_audience_is_remembered_for_two_hours():
    audience = Audience()
    audience.learn("app", "Native", told(5), NOW)
    assert audience.of("app", "Native") == {MINUTE: 5}
    assert audience.of("app", "WebRTC") == {}
    audience.learn("app", "Native", told(6, start=MINUTE + 7200), NOW + 7200)
    assert audience.of("app", "Native") == {MINUTE + 7200: 6}


class PretendRealtime:
    """Answers 20-s windows: ``values`` by product and wire name; the world is the same in all windows."""

    def __init__(self, values):
        self.values = values

    def __call__(self, asked):
        start, end = asked.span
        name = asked.query["metric"]
        value = self.values.get((asked.query["productType"], name))
        rows = [{"ts": ts, name: value} for ts in range(start, end, 20)] if value is not None else []
        return ok(data=rows)


def asked_for(agora):
    return [(asked.query["productType"], asked.query["metric"]) for asked in agora.asked]


def test_known_users_weigh_the_rates_of_the_products(agora, premium, project):
    agora.script = [
        PretendRealtime(
            {
                ("Native", "userCount"): 30,
                ("WebRTC", "userCount"): 10,
                ("Native", "joinSuccessIn5sRate"): 0.9,
                ("WebRTC", "joinSuccessIn5sRate"): 0.5,
            }
        )
    ]
    plain = premium.live(project, Feed.EXPERIENCE, WINDOW, metrics=["joinSuccess5SecsRate"])
    assert [round(point.value, 9) for point in plain] == [70.0, 70.0]
    users = premium.live(project, Feed.SCALE, WINDOW, metrics=["pcu"])
    assert [(point.minute - MINUTE, point.value) for point in users] == [(0, 40.0), (60, 40.0)]
    weighted = premium.live(project, Feed.EXPERIENCE, WINDOW, metrics=["joinSuccess5SecsRate"])
    assert [(p.metric, round(p.value, 9)) for p in weighted] == [("joinSuccess5SecsRate", 80.0)] * 2


def test_all_metrics_of_a_feed_are_asked_once_a_product_but_for_freezes_in_browsers(agora, premium, project):
    agora.script = [PretendRealtime({("Native", "videoFreezeRate"): 0.02})]
    points = premium.live(project, Feed.EXPERIENCE, WINDOW)
    assert [(point.metric, point.value) for point in points] == [("videoFreezeRate", 2.0)] * 2
    names = ("audioFreezeRate", "joinSuccessIn5sRate", "joinSuccessRate", "videoFreezeRate")
    every = [(product, name) for name in names for product in ("Native", "WebRTC")]
    every.remove(("WebRTC", "audioFreezeRate"))
    assert every == asked_for(agora)


def test_a_project_of_browsers_only_has_no_audio_freezes_and_asks_for_none(agora, premium):
    assert premium.live(ONLY_WEB, Feed.EXPERIENCE, WINDOW, metrics=["audioFreezeRate"]) == ()
    assert premium.live(ONLY_WEB, Feed.EXPERIENCE, WINDOW, metrics=[]) == ()
    assert agora.asked == []


def test_polls_do_not_ask_again(agora, premium, project, ledger):
    agora.script = [Reply({"code": 500}, 500)]
    with pytest.raises(ServerFailed):
        premium.live(project, Feed.NET, WINDOW)
    assert ledger.taken == [("main", "realtime")]


def test_a_family_shares_one_budget_and_one_pace(agora, premium, project, ledger, outcomes):
    agora.script = [PretendRealtime({})]
    premium.live(project, Feed.SCALE, WINDOW)
    premium.live(project, Feed.NET, WINDOW)
    assert ledger.taken == [("main", "realtime")] * 6
    assert set(ledger.limits) == {(480, 25.0)}
    assert [name for name, *_ in outcomes] == ["realtime/usage"] * 4 + ["realtime/quality"] * 2


def test_a_family_that_is_spent_for_agora_is_spent_as_a_whole(agora, premium, project, ledger):
    agora.script = [Reply({"code": 300, "message": "qpd limit error"})]
    with pytest.raises(Exception, match="are spent"):
        premium.live(project, Feed.NET, WINDOW)
    assert ledger.exhausted == [("main", "realtime", 480)]


CALL = Call(call_id="c", cname="r", started_at=int(NOW) - 4000, ended_at=int(NOW) - 2000)
LACKING = {
    "live": lambda client, project: client.live(project, Feed.SCALE, WINDOW),
    "usage": lambda client, project: client.usage(project, WINDOW),
    "quality": lambda client, project: client.quality(project, WINDOW, "networkDelay", "Native"),
    "aggregation": lambda client, project: client.aggregation(project, WINDOW, "userCount"),
    "people": lambda client, project: client.people(
        project, WINDOW, "r", ["1"], metric="networkDelay", product="Native"
    ),
    "top20": lambda client, project: client.top20(project, WINDOW, "pcu", "Native", "os"),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_the_plan_lacks_is_not_asked(agora, clock, ledger, outcomes, project, name):
    client = CurrentClient("standard", **opening(agora, clock, ledger, outcomes))
    with pytest.raises(PlanLacksEndpoint, match="the plan is said to be standard"):
        LACKING[name](client, project)
    client.close()
    assert (agora.asked, ledger.taken) == ([], [])


def test_today_has_no_live_diagnosis_and_is_not_asked_for_it(premium, project, ledger):
    with pytest.raises(EndpointGone, match="no live diagnosis"):
        premium.diagnosis(project, WINDOW)
    assert ledger.taken == []
