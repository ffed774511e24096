"""Agora refuses one end of a window: people get the rest, polls read again later."""

import pytest

from bot.agora import WindowLimit, WindowRejected
from bot.agora.clip import clipped
from bot.agora.plan_beta import CALL_LISTS, INSIGHT_USAGE, LIVE_NET
from bot.model.catalog import Feed
from bot.model.time import DAY_S, MINUTE_S, Window

from .conftest import NOW
from .stub import Reply, ok

WINDOW = Window(start=int(NOW) // 60 * 60 - 1200, end=int(NOW) // 60 * 60 - 600)
LATE = {"code": 300, "message": "Service package limit check error, query latency limit error"}
EARLY = {"code": 300, "message": "query time range limit error"}
LONG = {"code": 300, "message": "query time length limit error"}
EMPTY = ok(has_more=False, call_lists=[])


def refusal(limit, skew_s=None):
    return WindowRejected(account="main", endpoint="e", limit=limit, clock_skew_s=skew_s)


CASES = [
    (CALL_LISTS, WindowLimit.LATENCY, None, (0, -60)),
    (CALL_LISTS, WindowLimit.LATENCY, 180.5, (0, -186)),
    (CALL_LISTS, WindowLimit.RANGE, None, (60, 0)),
    (CALL_LISTS, WindowLimit.RANGE, -30, (35, 0)),
    (LIVE_NET, WindowLimit.LATENCY, 3, (0, -60)),
    (LIVE_NET, WindowLimit.RANGE, 70, (120, 0)),
    (CALL_LISTS, WindowLimit.LENGTH, None, None),
    (CALL_LISTS, None, None, None),
    (CALL_LISTS, WindowLimit.LATENCY, 600, None),
    (INSIGHT_USAGE, WindowLimit.RANGE, None, None),
]


@pytest.mark.parametrize(("endpoint", "limit", "skew_s", "moved"), CASES)
def test_the_refused_end_moves_by_what_the_clock_is_wrong_or_a_step(endpoint, limit, skew_s, moved):
    rest = clipped(endpoint, WINDOW, refusal(limit, skew_s))
    expected = moved and Window(start=WINDOW.start + moved[0], end=WINDOW.end + moved[1])
    assert expected == rest


def test_people_get_the_rest_of_a_window_whose_end_was_refused(agora, client, project, ledger, outcomes):
    agora.script = [Reply(LATE), EMPTY]
    assert client.calls(project, WINDOW).complete
    assert [asked.span for asked in agora.asked] == [
        (WINDOW.start, WINDOW.end),
        (WINDOW.start, WINDOW.end - MINUTE_S),
    ]
    assert (len(ledger.taken), [outcome for _, outcome, _ in outcomes]) == (2, ["window_latency", "ok"])


def test_both_ends_may_be_refused_but_each_once(agora, client, project, outcomes):
    agora.script = [Reply(LATE), Reply(EARLY), EMPTY]
    assert client.calls(project, WINDOW).complete
    assert agora.asked[-1].span == (WINDOW.start + MINUTE_S, WINDOW.end - MINUTE_S)
    agora.script = [Reply(LATE)]
    with pytest.raises(WindowRejected) as caught:
        client.calls(project, WINDOW)
    assert (caught.value.limit, len(agora.asked)) == (WindowLimit.LATENCY, 5)
    kinds = {outcome for _, outcome, _ in outcomes}
    assert kinds == {"window_latency", "window_range", "ok"}


def test_a_refused_length_is_not_clipped_for_a_list_without_pieces(agora, client, project):
    agora.script = [Reply(LONG)]
    with pytest.raises(WindowRejected) as caught:
        client.usage(project, Window(start=int(NOW) - 3 * DAY_S, end=int(NOW)))
    assert (caught.value.limit, len(agora.asked)) == (WindowLimit.LENGTH, 1)


@pytest.mark.parametrize("answer", [LATE, EARLY, LONG], ids=["late", "early", "long"])
def test_polls_must_know_what_they_read_and_so_get_no_rest(agora, client, premium, project, answer):
    agora.script = [Reply(answer)]
    for one in (client, premium):
        with pytest.raises(WindowRejected):
            one.live(project, Feed.NET, WINDOW)
    assert len(agora.asked) == 2
