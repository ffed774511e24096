"""Lists of today's API, which come in pages over pieces of a window."""

import pytest

from bot.agora import ServerFailed
from bot.model.time import DAY_S, HOUR_S, Window

from .conftest import NOW
from .stub import Reply, body, ok

BASE = int(NOW) - 20_000
WINDOW = Window(start=BASE, end=BASE + 10_000)
LONG_WINDOW = Window(start=int(NOW) - 2 * DAY_S, end=int(NOW) - 100)


def has_more(rows, number, size, total):
    return {"has_more": number * size < total}


def total_size(rows, number, size, total):
    return {"total_size": total, "page_no": number, "page_size": size}


def nothing(rows, number, size, total):
    return {}


class PretendPages:
    """Lists calls by their start, newest first, in pages of at most ``cap``."""

    def __init__(self, starts, says=has_more, *, cap=100, cname="room", length_s=30, by_overlap=False):
        self.says, self.cap, self.by_overlap = says, cap, by_overlap
        self.rows = [
            {
                "call_id": f"c{n}",
                "cname": cname,
                "created_ts": start,
                "destroyed_ts": start + length_s,
                "finished": True,
            }
            for n, start in enumerate(starts)
        ]

    def __call__(self, asked):
        start, end = asked.span
        since = "destroyed_ts" if self.by_overlap else "created_ts"
        inside = [row for row in self.rows if row["created_ts"] < end and row[since] >= start]
        inside.sort(key=lambda row: -row["created_ts"])
        number = int(asked.query["page_no"])
        size = min(self.cap, int(asked.query["page_size"]))
        page = inside[(number - 1) * size : number * size]
        return ok(call_lists=page, **self.says(page, number, size, len(inside)))


def ids(search):
    return [call.call_id for call in search.calls]


MANY = [BASE + 10 * n for n in range(250)]


@pytest.mark.parametrize("says", [has_more, total_size, nothing], ids=lambda says: says.__name__)
def test_pages_are_read_to_the_end_however_it_is_told(agora, premium, project, says):
    agora.script = [PretendPages(MANY, says)]
    search = premium.calls(project, WINDOW, at_most=1000)
    assert (len(set(ids(search))), search.complete) == (250, True)
    assert [asked.query["page_no"] for asked in agora.asked] == ["1", "2", "3"]
    assert [f"c{n}" for n in range(249, -1, -1)] == ids(search)


def test_a_page_that_agora_cut_shorter_is_counted_by_its_own_size(agora, premium, project):
    agora.script = [PretendPages(MANY[:90], total_size, cap=20)]
    search = premium.calls(project, WINDOW, at_most=100)
    assert (len(search.calls), search.complete, len(agora.asked)) == (80, False, 4)
    agora.forget()
    agora.script = [PretendPages(MANY[:50], total_size, cap=20)]
    search = premium.calls(project, WINDOW, at_most=100)
    assert (len(search.calls), search.complete, len(agora.asked)) == (50, True, 3)


def test_full_pages_to_the_end_are_not_followed_by_an_empty_one(agora, premium, project):
    agora.script = [PretendPages(MANY[:200], total_size)]
    search = premium.calls(project, WINDOW, at_most=1000)
    assert (len(search.calls), search.complete, len(agora.asked)) == (200, True, 2)


def test_reading_stops_when_there_are_enough(agora, premium, project):
    agora.script = [PretendPages(MANY)]
    search = premium.calls(project, WINDOW, at_most=30)
    assert ([f"c{n}" for n in range(249, 219, -1)], False) == (ids(search), search.complete)
    assert len(agora.asked) == 1


def test_a_window_longer_than_the_span_is_read_in_pieces_newest_first(agora, premium, project):
    starts = [LONG_WINDOW.start + 4 * HOUR_S * n for n in range(12)]
    agora.script = [PretendPages(starts)]
    search = premium.calls(project, LONG_WINDOW, at_most=50)
    assert ([f"c{n}" for n in range(11, -1, -1)], True) == (ids(search), search.complete)
    spans = [asked.span for asked in agora.asked]
    assert all(end - start < 16 * HOUR_S for start, end in spans)
    assert [LONG_WINDOW.end, *(start for start, _ in spans)] == [
        *(end for _, end in spans),
        LONG_WINDOW.start,
    ]


def test_calls_that_began_before_the_pages_read_are_not_shown_as_the_next_newest(agora, premium, project):
    """Selected by overlap, an old call stands in a new piece; calls between may not have been read."""
    starts = [LONG_WINDOW.start + 10 + n for n in range(150)] + [
        LONG_WINDOW.end - 9000 + n for n in range(40)
    ]
    pretend = PretendPages(starts, by_overlap=True)
    pretend.rows[0]["destroyed_ts"] = pretend.rows[1]["destroyed_ts"] = LONG_WINDOW.end
    agora.script = [pretend]
    search = premium.calls(project, LONG_WINDOW, at_most=41)
    assert [f"c{n}" for n in range(189, 148, -1)] == ids(search)
    assert not search.complete


def test_a_server_that_repeats_its_page_ends_the_reading(agora, premium, project):
    row = {"call_id": "c1", "cname": "room", "created_ts": BASE + 1, "finished": False}
    agora.script = [ok(has_more=True, call_lists=[row])]
    search = premium.calls(project, WINDOW)
    assert (ids(search), search.complete, len(agora.asked)) == (["c1"], False, 2)


def test_a_piece_whose_first_page_is_known_already_is_read_on(agora, premium, project):
    starts = [LONG_WINDOW.start + n for n in range(300)]
    agora.script = [PretendPages(starts, by_overlap=True, length_s=10 * DAY_S)]
    search = premium.calls(project, LONG_WINDOW, at_most=1000)
    assert (len(search.calls), search.complete, len(agora.asked)) == (300, True, 9)


def test_an_empty_page_that_says_more_ends_the_reading(agora, premium, project):
    agora.script = [ok(has_more=True, call_lists=[])]
    search = premium.calls(project, WINDOW)
    assert (search.calls, search.complete, len(agora.asked)) == ((), False, 1)


def test_a_server_that_ignores_the_channel_costs_a_bounded_number_of_requests(agora, premium, project):
    agora.script = [PretendPages([BASE + n for n in range(9000)], cname="other")]
    search = premium.calls(project, WINDOW, "room")
    assert (search.calls, search.complete, len(agora.asked)) == ((), False, 4)


def test_a_failure_on_the_way_returns_what_was_read(agora, premium, project):
    agora.script = [PretendPages(MANY), Reply({"code": 500}, 500)]
    search = premium.calls(project, WINDOW, at_most=200)
    assert (len(search.calls), search.complete) == (100, False)


def test_a_failure_raises_when_nothing_was_read(agora, premium, project):
    agora.script = [Reply(body("real_500_ms_timestamps"), 500)]
    with pytest.raises(ServerFailed):
        premium.calls(project, WINDOW)


def shorter_than(span_s, pretend):
    def judge(asked):
        start, end = asked.span
        if end - start >= span_s:
            return Reply({"code": 300, "message": "query time length limit error"})
        return pretend(asked)

    return judge


def test_a_window_that_agora_finds_too_long_is_split(agora, premium, project, outcomes):
    agora.script = [shorter_than(6000, PretendPages(MANY))]
    search = premium.calls(project, WINDOW, at_most=1000)
    assert (len(set(ids(search))), search.complete) == (250, True)
    assert outcomes[0][1] == "window_length"


def test_splitting_ends_when_the_limit_is_out_of_reach(agora, premium, project):
    agora.script = [shorter_than(1, PretendPages(MANY))]
    with pytest.raises(Exception, match="outside of what Agora answers"):
        premium.calls(project, WINDOW)
    assert len(agora.asked) == 7


def test_a_poll_gets_all_calls_with_what_todays_lists_tell(agora, premium, project):
    pages = PretendPages(MANY)
    pages.rows[0] |= {"call_pcu": 3, "call_acu": 5, "call_video_freeze_rate": 0.12}
    agora.script = [pages]
    answer = premium.all_calls(project, WINDOW, requests=3)
    assert (len(answer.finished), answer.running, answer.whole_from) == (250, (), WINDOW.start)
    assert answer.requests == len(agora.asked) == 3
    told = answer.finished[-1]
    assert (told.video_freeze_rate, told.audio_freeze_rate, told.pcu, told.acu) == (12.0, None, 3, 5)


def test_a_poll_that_may_not_read_every_page_says_from_when_it_did(agora, premium, project):
    agora.script = [PretendPages(MANY)]
    answer = premium.all_calls(project, WINDOW, requests=2)
    assert (len(answer.finished), answer.requests, len(agora.asked)) == (200, 2, 2)
    assert answer.whole_from == BASE + 10 * 50


def test_a_poll_of_pages_fails_as_a_whole(agora, premium, project):
    agora.script = [PretendPages(MANY), Reply(status=500, body=b"")]
    with pytest.raises(ServerFailed):
        premium.all_calls(project, WINDOW, requests=5)
    assert len(agora.asked) == 2
