"""More than ten calls, out of answers of ten."""

import pytest

from bot.agora import MalformedAnswer, ServerFailed
from bot.model.time import Window

from .conftest import NOW
from .stub import Reply, ok

BASE = int(NOW) - 50_000
WINDOW = Window(start=BASE, end=BASE + 10_000)


class PretendLists:
    """Lists calls as Agora does: the newest ten that start (or run) within the window."""

    def __init__(self, starts, *, length_s=30, by_overlap=False, inclusive=False, cname="room"):
        self.rows = [
            {
                "call_id": f"c{n}",
                "cname": cname,
                "created_ts": BASE + start,
                "destroyed_ts": BASE + start + length_s,
                "finished": True,
            }
            for n, start in enumerate(starts)
        ]
        self.by_overlap, self.inclusive = by_overlap, inclusive

    def __call__(self, asked):
        start, end = asked.span
        end += self.inclusive
        inside = [row for row in self.rows if row["created_ts"] < end and self._old(row) >= start]
        newest = sorted(inside, key=lambda row: -row["created_ts"])
        return ok(has_more=len(newest) > 10, call_lists=newest[:10])

    def _old(self, row):
        return row["destroyed_ts"] if self.by_overlap else row["created_ts"]


def ids(search):
    return [call.call_id for call in search.calls]


TWENTY_SEVEN = [n * 100 for n in range(27)]
TIES = [0] * 4 + [100] * 9 + [200] * 3 + [300] * 9 + [400, 500]
KINDS = {
    "apart": {"starts": TWENTY_SEVEN},
    "ties": {"starts": TIES},
    "ties, end included": {"starts": TIES, "inclusive": True},
    "by overlap": {"starts": TWENTY_SEVEN, "by_overlap": True, "length_s": 700},
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_27_calls_are_found_once_each_and_newest_first(agora, client, project, kind):
    agora.script = [PretendLists(**kind)]
    search = client.calls(project, WINDOW)
    starts = [call.started_at for call in search.calls]
    assert (len(set(ids(search))), search.complete) == (27, True)
    assert sorted(starts, reverse=True) == starts
    assert len(agora.asked) <= 5


def test_the_walk_stops_at_the_number_asked_for(agora, client, project):
    agora.script = [PretendLists(TWENTY_SEVEN)]
    search = client.calls(project, WINDOW, at_most=15)
    assert ([f"c{n}" for n in range(26, 11, -1)], False) == (ids(search), search.complete)
    assert len(agora.asked) == 2


def test_one_answer_with_fewer_wanted_than_read_is_not_complete(agora, client, project):
    agora.script = [PretendLists([1, 2, 3])]
    search = client.calls(project, WINDOW, at_most=2)
    assert (ids(search), search.complete) == (["c2", "c1"], False)


def test_exactly_the_number_asked_for_and_no_more_is_complete(agora, client, project):
    agora.script = [PretendLists(range(10))]
    assert client.calls(project, WINDOW, at_most=10).complete


def test_more_than_ten_calls_in_one_second_end_the_walk_honestly(agora, client, project):
    agora.script = [PretendLists([500] * 12 + [100])]
    search = client.calls(project, WINDOW)
    assert (len(ids(search)), search.complete) == (11, False)
    assert [asked.span[1] for asked in agora.asked[1:]] == [BASE + 501, BASE + 500]


def test_eleven_calls_in_the_first_second_are_not_complete(agora, client, project):
    agora.script = [PretendLists([0] * 11)]
    search = client.calls(project, WINDOW)
    assert (len(search.calls), search.complete) == (10, False)


def test_an_answer_without_calls_ends_the_walk_even_with_more(agora, client, project):
    agora.script = [ok(has_more=True, call_lists=[])]
    search = client.calls(project, WINDOW)
    assert (search.calls, search.complete, len(agora.asked)) == ((), False, 1)


def test_a_server_that_repeats_itself_ends_the_walk(agora, client, project):
    page = PretendLists(range(500, 511))
    agora.script = [lambda asked: Reply({**page(agora.asked[0]).body, "has_more": True})]
    search = client.calls(project, WINDOW)
    assert (len(search.calls), search.complete) == (10, False)
    assert len(agora.asked) <= 3


def test_a_server_that_ignores_the_channel_costs_a_bounded_number_of_requests(agora, client, project):
    agora.script = [PretendLists(range(400), cname="other")]
    search = client.calls(project, WINDOW, "room")
    assert (search.calls, search.complete, len(agora.asked)) == ((), False, 9)


def test_channels_are_matched_exactly_and_calls_beyond_the_window_dropped(agora, client, project):
    rows = [
        {"call_id": "yes", "cname": "room", "created_ts": BASE + 1, "finished": False},
        {"call_id": "prefix", "cname": "room2", "created_ts": BASE + 2, "finished": False},
        {"call_id": "later", "cname": "room", "created_ts": BASE + 10_000, "finished": False},
        {
            "call_id": "before",
            "cname": "room",
            "created_ts": BASE - 9,
            "destroyed_ts": BASE - 1,
            "finished": True,
        },
        {
            "call_id": "edge",
            "cname": "room",
            "created_ts": BASE - 9,
            "destroyed_ts": BASE,
            "finished": True,
        },
    ]
    agora.script = [ok(has_more=False, call_lists=rows)]
    assert ids(client.calls(project, WINDOW, "room")) == ["yes", "edge"]


def test_a_failure_on_the_way_returns_what_was_read(agora, client, project):
    agora.script = [PretendLists(TWENTY_SEVEN), Reply({"code": 500}, 500)]
    search = client.calls(project, WINDOW)
    assert (len(search.calls), search.complete) == (10, False)
    assert len(agora.asked) == 4


def test_a_failure_raises_when_nothing_was_read(agora, client, project):
    agora.script = [Reply({"code": 500}, 500)]
    with pytest.raises(ServerFailed):
        client.calls(project, WINDOW)
    agora.script = [PretendLists(TWENTY_SEVEN, cname="other"), Reply(b"?")]
    with pytest.raises(MalformedAnswer):
        client.calls(project, WINDOW, "room")


def test_a_full_list_without_has_more_counts_as_cut(agora, client, project):
    page = PretendLists(range(10))
    agora.script = [lambda asked: ok(call_lists=page(asked).body["call_lists"])]
    assert len(client.calls(project, WINDOW).calls) == 10
    assert len(agora.asked) >= 2


def test_a_poll_gets_all_that_is_over_and_the_starts_of_the_rest(agora, client, project):
    lists = PretendLists(TWENTY_SEVEN)
    lists.rows[26]["finished"] = False
    agora.script = [lists]
    answer = client.all_calls(project, WINDOW, requests=5)
    assert [call.call_id for call in answer.finished] == [f"c{n}" for n in range(25, -1, -1)]
    assert ([c.started_at for c in answer.running], answer.whole_from) == ([BASE + 2600], WINDOW.start)
    assert answer.requests == len(agora.asked) == 3
    newest = answer.finished[0]
    assert (newest.destroyed_ts - newest.created_ts, newest.video_freeze_rate, newest.pcu) == (30, None, None)


def test_a_poll_that_may_not_read_all_says_from_when_it_did(agora, client, project):
    agora.script = [PretendLists(TWENTY_SEVEN)]
    answer = client.all_calls(project, WINDOW, requests=2)
    assert (answer.requests, len(agora.asked)) == (2, 2)
    assert answer.whole_from == answer.finished[-1].created_ts == BASE + 800


def test_a_list_that_reaches_before_the_window_holds_all_of_it(agora, client, project):
    lists = PretendLists([*[-500] * 12, 100, 200], by_overlap=True, length_s=900)
    agora.script = [lists]
    answer = client.all_calls(project, WINDOW, requests=5)
    assert answer.whole_from == WINDOW.start
    assert {"c12", "c13"} <= {call.call_id for call in answer.finished}


@pytest.mark.parametrize("failing", [0, 1])
def test_a_poll_fails_as_a_whole_and_is_not_repeated(agora, client, project, failing):
    agora.script = [*[PretendLists(TWENTY_SEVEN)] * failing, Reply(status=500, body=b"")]
    with pytest.raises(ServerFailed):
        client.all_calls(project, WINDOW, requests=5)
    assert len(agora.asked) == failing + 1
