"""What published answers hold and the reference does not say."""

import pytest

from bot.agora import EndpointGone, MalformedAnswer, ServerFailed, TooFresh, WindowRejected
from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.observation import CauseTag
from bot.model.time import Window

from .conftest import NOW
from .stub import Reply, ok

MINUTE = int(NOW) // 60 * 60 - 300
LIVE_WINDOW = Window(start=MINUTE, end=MINUTE + 180)
DAY_WINDOW = Window(start=int(NOW) - 80_000, end=int(NOW) - 60)
CALL = Call(call_id="c1", cname="room", started_at=int(NOW) - 4000, ended_at=int(NOW) - 400)


def row(ts=MINUTE, user="7", cname="room", exp_id=4, tags=()):
    listed = [{"factor_id": factor, "host_user": host} for factor, host in tags]
    return {"ts": ts, "user": user, "cname": cname, "exp_id": exp_id, "cause_tags": listed}


def call_row(**keys):
    return {"call_id": "c1", "cname": "room", "created_ts": int(NOW) - 4000} | keys


def details(client, project, agora, sessions=(), metrics=()):
    agora.script = [ok(call_id="c1", call_info=list(sessions), metrics=list(metrics))]
    return client.details(project, CALL)


def session(sid="s1", **keys):
    return {"sid": sid, "uid": 7, "join_ts": int(NOW) - 3000, "leave_ts": 0, "finished": False} | keys


@pytest.mark.parametrize(("count", "cut"), [(9, False), (10, True), (11, True)])
def test_ten_diagnosis_rows_are_a_cut_answer(agora, client, project, count, cut):
    agora.script = [ok(data=[row(ts=MINUTE + n) for n in range(count)])]
    answer = client.diagnosis(project, LIVE_WINDOW)
    assert (count, cut) == (len(answer.events), answer.cut)


def test_ten_rows_are_cut_even_where_some_repeat(agora, client, project):
    agora.script = [ok(data=[row()] * 10)]
    answer = client.diagnosis(project, LIVE_WINDOW)
    assert (len(answer.events), answer.cut) == (1, True)


def test_factor_ids_18_and_99_keep_their_number(agora, client, project):
    agora.script = [ok(data=[row(tags=[(18, ""), (99, "5")])])]
    tags = client.diagnosis(project, LIVE_WINDOW).events[0].tags
    assert (CauseTag(factor_id=18), CauseTag(factor_id=99, host_user="5")) == tags


def test_the_same_row_in_two_polls_is_the_same_value(agora, client, project):
    agora.script = [ok(data=[row()]), ok(data=[row(ts=MINUTE + 5), row(), row()])]
    first, second = client.diagnosis(project, LIVE_WINDOW), client.diagnosis(project, LIVE_WINDOW)
    assert (first.events[0], 2) == (second.events[0], len(second.events))


def test_one_factor_may_blame_two_users_but_each_only_once(agora, client, project):
    agora.script = [ok(data=[row(tags=[(18, "5"), (18, ""), (18, "5"), (18, None), (23, ""), (24, "")])])]
    tags = client.diagnosis(project, LIVE_WINDOW).events[0].tags
    assert [(tag.factor_id, tag.host_user) for tag in tags] == [(18, "5"), (18, ""), (23, "")]


def test_diagnosis_rows_out_of_order_are_sorted(agora, client, project):
    agora.script = [ok(data=[row(ts=MINUTE + n) for n in (9, 1, 5)])]
    assert [event.ts - MINUTE for event in client.diagnosis(project, LIVE_WINDOW).events] == [1, 5, 9]


def test_live_points_out_of_order_are_sorted_and_the_later_of_a_minute_counts(agora, client, project):
    points = [(65, 3), (10, 1), (50, 2), (5, 9)]
    agora.script = [ok(data=[{"pcu": value, "ts": MINUTE + s} for s, value in points])]
    read = client.live(project, Feed.SCALE, LIVE_WINDOW)
    assert [(point.minute - MINUTE, point.value) for point in read] == [(0, 2.0), (60, 3.0)]


def test_a_missing_minute_and_a_null_are_absent_and_a_zero_is_a_value(agora, client, project):
    rows = [{"pcu": 0, "pcc": None, "ts": MINUTE}, {"pcu": 4, "ts": MINUTE + 120}]
    agora.script = [ok(data=rows)]
    read = client.live(project, Feed.SCALE, LIVE_WINDOW)
    assert [(p.metric, p.minute - MINUTE, p.value) for p in read] == [("pcu", 0, 0.0), ("pcu", 120, 4.0)]


def test_a_null_in_a_later_row_of_a_minute_keeps_the_earlier_value(agora, client, project):
    agora.script = [ok(data=[{"pcu": 5, "ts": MINUTE}, {"pcu": None, "ts": MINUTE + 1}])]
    assert [point.value for point in client.live(project, Feed.SCALE, LIVE_WINDOW)] == [5.0]


@pytest.mark.parametrize("keys", [{"data": None}, {"data": []}, {}], ids=["null", "empty", "absent"])
def test_no_data_is_no_rows(agora, client, project, keys):
    agora.script = [ok(**keys)]
    assert client.live(project, Feed.NET, LIVE_WINDOW) == ()
    assert (client.diagnosis(project, LIVE_WINDOW).events, False) == ((), False)
    assert client.usage(project, Window(start=int(NOW) - 3 * 86_400, end=int(NOW))) == ()
    assert client.calls(project, DAY_WINDOW).calls == ()
    assert (client.details(project, CALL).sessions, client.details(project, CALL).series) == ((), ())


UNFINISHED = [{"destroyed_ts": 0}, {"destroyed_ts": None}, {}, {"destroyed_ts": int(NOW) - 5}]


@pytest.mark.parametrize("end", UNFINISHED, ids=["0", "null", "absent", "moving"])
def test_an_unfinished_call_has_no_end_whatever_stands_there(agora, client, project, end):
    agora.script = [ok(has_more=False, call_lists=[call_row(finished=False, **end)])]
    (call,) = client.calls(project, DAY_WINDOW).calls
    assert call.ended_at is None


LEAVES = [
    ({"leave_ts": 0, "finished": True}, None),
    ({"leave_ts": None, "finished": True}, None),
    ({"leave_ts": 1_699_999_000, "finished": False}, None),
    ({"leave_ts": 1_699_999_000, "finished": None}, None),
    ({"leave_ts": 1_699_999_000, "finished": True}, 1_699_999_000),
]


@pytest.mark.parametrize(("keys", "left_at"), LEAVES)
def test_a_session_has_left_only_when_finished_with_a_time(agora, client, project, keys, left_at):
    read = details(client, project, agora, [session(**keys)])
    assert [left_at] == [one.left_at for one in read.sessions]


@pytest.mark.parametrize("uid", [2_963_430_861, "2963430861", 2_963_430_861.0], ids=["int", "text", "float"])
def test_a_uid_above_2_to_the_31_is_decimal_text_however_it_comes(agora, client, project, uid):
    series = {"mid": 20004, "peer_uid": uid, "kvs": [[MINUTE, 1]]}
    read = details(client, project, agora, [session(uid=uid)], [{"sid": "s1", "data": [series]}])
    assert (read.sessions[0].uid, read.series[0].peer_uid) == ("2963430861", "2963430861")


def test_a_cname_with_markup_an_emoji_and_a_newline_goes_out_and_comes_back(agora, client, project):
    cname = "<a&b> +?#%\n🎧,x=1"
    agora.script = [ok(has_more=False, call_lists=[call_row(cname=cname, finished=False)])]
    (call,) = client.calls(project, DAY_WINDOW, cname).calls
    assert (cname, cname) == (call.cname, agora.asked[0].query["cname"])
    assert "+" not in agora.asked[0].raw_query


def test_a_cname_of_digits_is_text(agora, client, project):
    agora.script = [ok(has_more=False, call_lists=[call_row(cname=15056678066620, finished=False)])]
    assert [call.cname for call in client.calls(project, DAY_WINDOW).calls] == ["15056678066620"]


def test_a_metric_id_never_seen_is_kept(agora, client, project):
    metrics = [{"sid": "s1", "data": [{"mid": 29999, "kvs": [[MINUTE, 0.007]], "peer_uid": 0}]}]
    read = details(client, project, agora, [session()], metrics)
    assert [(series.mid, series.values.tolist()) for series in read.series] == [(29999, [0.007])]


def test_series_are_sorted_without_duplicates_and_nulls(agora, client, project):
    kvs = [[30, 3], [10, 1.5], [20, None], [10, 9], [None, 4], [40, 0]]
    metrics = [{"sid": "s1", "data": [{"mid": 1, "kvs": kvs}, {"mid": 2, "kvs": [[5, None]]}, {"mid": 3}]}]
    (series,) = details(client, project, agora, [session()], metrics).series
    assert (series.ts.tolist(), series.values.tolist()) == ([10, 30, 40], [1.5, 3.0, 0.0])


def test_series_join_their_session_by_sid_and_not_by_position(agora, client, project):
    sessions = [session("a", join_ts=100), session("b", join_ts=200)]
    points = [{"mid": 1, "kvs": [[10, 1]]}]
    metrics = [{"sid": sid, "data": points} for sid in ("b", "nobody", "a")]
    read = details(client, project, agora, sessions, metrics)
    assert [one.sid for one in read.sessions] == ["b", "a"]
    assert [one.sid for one in read.series] == ["b", "a"]


@pytest.mark.parametrize(
    ("uids", "cut"),
    [(range(9), False), (range(10), True), ([1] * 10, True), ([1, 2] * 6, False)],
    ids=["nine users", "ten users", "ten sessions", "twelve sessions of two users"],
)
def test_ten_users_are_cut_details(agora, client, project, uids, cut):
    sessions = [session(f"s{n}", uid=uid) for n, uid in enumerate(uids)]
    assert cut is details(client, project, agora, sessions).cut


def test_numbers_as_text_unknown_keys_and_missing_optional_keys_are_survived(agora, client, project):
    sessions = [{"sid": "s1", "join_ts": "1699990000", "roles": ["host"], "speaker": None}]
    (one,) = details(client, project, agora, sessions).sessions
    assert (one.uid, one.network, one.sender, one.joined_at) == ("", "", False, 1_699_990_000)


def test_a_clock_three_minutes_ahead_is_told_in_the_error(agora, client, project):
    said = {"code": 300, "message": "Service package limit check error, query latency limit error"}
    agora.script = [Reply(said, headers={"Date": "Tue, 14 Nov 2023 22:10:20 GMT"})]
    with pytest.raises(WindowRejected, match="our clock is 180 s ahead of Agora's") as caught:
        client.diagnosis(project, LIVE_WINDOW)
    assert caught.value.clock_skew_s == 180.5


def test_404_on_all_live_endpoints_is_gone_at_once(agora, client, project, ledger):
    agora.script = [Reply({"message": "no Route matched with those values"}, 404)]
    for feed in (Feed.SCALE, Feed.EXPERIENCE, Feed.NET):
        with pytest.raises(EndpointGone):
            client.live(project, feed, LIVE_WINDOW)
    with pytest.raises(EndpointGone):
        client.diagnosis(project, LIVE_WINDOW)
    assert len(ledger.taken) == 4


def test_an_html_502_page_is_a_failed_server(agora, client, project):
    agora.script = [Reply(b"<html><h1>502 Bad Gateway</h1></html>", 502)]
    with pytest.raises(ServerFailed, match=r"HTTP 502, 37 bytes"):
        client.diagnosis(project, LIVE_WINDOW)


MALFORMED = {
    "html": b"<html>hello</html>",
    "empty": b"",
    "cut off": b'{"code": 200, "data": [{"ts"',
    "array": b"[]",
    "no code": b'{"data": []}',
    "code is a flag": b'{"code": true, "data": []}',
    "data is an object": b'{"code": 200, "data": {"list": []}}',
    "row without ts": b'{"code": 200, "data": [{"exp_id": 4}]}',
    "milliseconds": b'{"code": 200, "data": [{"exp_id": 4, "ts": 1700000000000}]}',
    "nan": b'{"code": 200, "data": [{"exp_id": 4, "ts": "nan"}]}',
    "broken utf-8": b'{"code": 200, "data": [{"exp_id": 4, "ts": 1, "user": "\xff"}]}',
    "nested": b'{"code": 200, "data": ' + b"[" * 50_000,
}


@pytest.mark.parametrize("answer", MALFORMED.values(), ids=MALFORMED)
def test_an_answer_of_the_wrong_shape_is_malformed(agora, client, project, answer):
    agora.script = [Reply(answer)]
    with pytest.raises(MalformedAnswer):
        client.diagnosis(project, LIVE_WINDOW)


def test_a_call_younger_than_150_s_is_too_fresh_and_costs_nothing(agora, client, clock, project, ledger):
    young = Call(call_id="c2", cname="room", started_at=int(NOW) - 100, ended_at=None)
    with pytest.raises(TooFresh, match="no data of that time yet") as caught:
        client.details(project, young)
    assert (caught.value.ready_in_s, ledger.taken) == (52 - 0.5, [])
    clock.wait(caught.value.ready_in_s)
    agora.script = [ok(call_info=[], metrics=[])]
    assert young == client.details(project, young).call


def test_a_call_of_no_length_is_asked_for_one_second(agora, client, project):
    agora.script = [ok(call_info=[], metrics=[])]
    at = int(NOW) - 900
    client.details(project, Call(call_id="c3", cname="room", started_at=at, ended_at=at))
    assert (at, at + 1) == agora.asked[0].span
