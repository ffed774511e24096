"""Windows never breach a documented limit, strictly compared, at the moment of arrival."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.agora import ENDPOINTS, AgoraError, TooFresh, WindowRejected, readable
from bot.agora.plan import cut_to_readable
from bot.agora.plan_current import PLANS
from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.time import DAY_S, MINUTE_S, Window

from .conftest import NOW
from .stub import ok

settings.register_profile("agora", database=None, deadline=None, max_examples=200)
endpoints = st.sampled_from([e for plan in (ENDPOINTS, *PLANS.values()) for e in plan.values()])
instants = st.floats(min_value=1.5e9, max_value=2e9)


@st.composite
def windows_around(draw, now):
    start = int(now) + draw(st.integers(-9 * DAY_S, 600))
    return Window(start=start, end=start + draw(st.integers(1, 9 * DAY_S)))


def limits_broken(endpoint, start, end, arrival):
    rules = {
        "latency": end < arrival - endpoint.delay_s,
        "range": start > arrival - endpoint.keeps_s,
        "length": end - start < endpoint.span_s,
        "order": start < end,
        "grid": start % endpoint.step_s == 0 == end % endpoint.step_s,
    }
    return [name for name, kept in rules.items() if not kept]


@settings(settings.get_profile("agora"))
@given(st.data(), endpoints, instants, st.floats(min_value=0, max_value=4.9))
def test_a_readable_window_breaks_no_limit_while_it_travels(data, endpoint, now, travel_s):
    window = data.draw(windows_around(now))
    cut = readable(endpoint, window, now)
    if cut is not None:
        assert limits_broken(endpoint, cut.start, cut.end, now + travel_s) == []
        assert window.start - endpoint.step_s < cut.start
        assert cut.end < window.end + endpoint.step_s


@settings(settings.get_profile("agora"))
@given(st.data(), endpoints, instants)
def test_a_window_too_fresh_is_readable_when_the_error_says_so(data, endpoint, now):
    window = data.draw(windows_around(now))
    try:
        cut_to_readable(endpoint, window, now, account="main")
    except TooFresh as error:
        assert error.ready_in_s > 0
        assert readable(endpoint, window, now + error.ready_in_s + 0.001) is not None
    except WindowRejected:
        assert readable(endpoint, window, now + 3600) is None


@settings(settings.get_profile("agora"))
@given(endpoints, instants)
@example(ENDPOINTS["live/net"], 1_700_000_040.0)
def test_the_longest_window_is_as_long_as_the_limits_and_the_slack_allow(endpoint, now):
    cut = readable(endpoint, Window(start=int(now) - 10 * DAY_S, end=int(now)), now)
    longest = min(endpoint.keeps_s - endpoint.delay_s, endpoint.span_s)
    assert longest - 10 - 2 * endpoint.step_s <= cut.span_s


CASES = [
    ("call/lists", (NOW - 100, NOW), (NOW - 100, NOW - 21.5)),
    ("call/lists", (NOW - 4 * DAY_S, NOW - 100), (NOW - 3 * DAY_S + 5.5, NOW - 100)),
    ("call/details", (NOW - 20_000, NOW - 500), (NOW - 500 - 10_799, NOW - 500)),
    ("live/scale", (1_699_999_650, 1_699_999_830), (1_699_999_620, 1_699_999_860)),
    ("live/scale", (NOW - 7200, NOW), (1_699_996_440, 1_699_999_920)),
    ("live/diagnosis", (NOW - 301, NOW - 290), (NOW - 301, NOW - 290)),
    ("live/diagnosis", (NOW - 90, NOW), (NOW - 90, NOW - 61)),
    ("insight/usage", (NOW - 2 * DAY_S, NOW), (1_699_747_200, 1_699_920_000)),
    ("call/lists", (NOW - 20, NOW), None),
    ("call/lists", (NOW - 4 * DAY_S, NOW - 3 * DAY_S), None),
    ("insight/usage", (NOW - 3600, NOW), None),
]


KEPT = [
    ("standard", "call/lists", "day"),
    ("premium", "realtime/usage", "40 minutes"),
    ("premium", "call/lists", "7 days"),
]


@pytest.mark.parametrize(("plan", "name", "kept"), KEPT)
def test_a_window_too_old_is_told_how_long_the_plan_keeps(plan, name, kept):
    with pytest.raises(WindowRejected, match=f"for the last {kept} only"):
        cut_to_readable(PLANS[plan][name], Window(start=1, end=2), NOW, account="main")


@pytest.mark.parametrize(("name", "window", "expected"), CASES)
def test_windows_are_cut_to_what_is_readable(name, window, expected):
    cut = readable(ENDPOINTS[name], Window(start=int(window[0]), end=int(window[1])), NOW)
    assert (expected and tuple(int(edge) for edge in expected)) == (cut and (cut.start, cut.end))


def test_the_plan_is_agoras_with_a_quarter_of_margin():
    plan = {name: (endpoint.per_day, endpoint.spacing_s) for name, endpoint in ENDPOINTS.items()}
    live = dict.fromkeys(("live/scale", "live/experience", "live/net", "live/diagnosis"), (1000, 1.25))
    others = {"call/lists": (1000, 0.42), "call/details": (1000, 1.25), "insight/usage": (10, 75)}
    assert others | live == plan


ASKING = {
    "call/lists": lambda client, project, window: client.calls(project, window),
    "call/details": lambda client, project, window: client.details(
        project, Call(call_id="c", cname="r", started_at=window.start, ended_at=None)
    ),
    "insight/usage": lambda client, project, window: client.usage(project, window),
    "live/scale": lambda client, project, window: client.live(project, Feed.SCALE, window),
    "live/experience": lambda client, project, window: client.live(project, Feed.EXPERIENCE, window),
    "live/net": lambda client, project, window: client.live(project, Feed.NET, window),
    "live/diagnosis": lambda client, project, window: client.diagnosis(project, window),
}


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("wait_s", [0.0, 1.25, 75.0, 3599.0])
@pytest.mark.parametrize("age_s", [180, 3599, 3 * DAY_S - 7, 7 * DAY_S])
def test_a_long_turn_in_the_queue_does_not_make_a_window_stale(
    agora, client, clock, ledger, project, name, wait_s, age_s
):
    ledger.wait_s = wait_s
    broken = []

    def strict(asked):
        broken.extend(limits_broken(ENDPOINTS[name], *asked.span, clock.now() + 2))
        return ok()

    agora.script = [strict]
    try:
        ASKING[name](client, project, Window(start=int(NOW) - age_s, end=int(NOW)))
    except AgoraError as error:
        assert isinstance(error, TooFresh | WindowRejected)
    assert broken == []
    assert len(agora.asked) <= len(ledger.taken)


def test_milliseconds_are_never_sent(agora, client, project, ledger):
    window = Window(start=int(NOW * 1000) - 60_000, end=int(NOW * 1000))
    with pytest.raises(WindowRejected, match="milliseconds"):
        client.calls(project, window)
    assert (agora.asked, ledger.taken) == ([], [])


def test_a_window_that_agora_forgot_costs_nothing(client, project, ledger):
    with pytest.raises(WindowRejected, match="for the last hour only"):
        client.live(project, Feed.NET, Window(start=int(NOW) - 9000, end=int(NOW) - 8000))
    with pytest.raises(WindowRejected, match="for the last 3 days only"):
        client.calls(project, Window(start=1, end=2))
    assert ledger.taken == []


def test_live_windows_are_whole_minutes(agora, client, project):
    agora.script = [ok()]
    client.live(project, Feed.NET, Window(start=int(NOW) - 301, end=int(NOW) - 150))
    assert [edge % MINUTE_S for edge in agora.asked[0].span] == [0, 0]
