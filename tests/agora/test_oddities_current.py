"""What published answers of today's API hold and its reference does not say, or says in two ways."""

import pytest

from bot.agora import EndpointGone, PlanLacksEndpoint, Share, UnknownCode, WindowRejected
from bot.model.call import Call
from bot.model.catalog import Feed, call_metric
from bot.model.project import Project
from bot.model.time import DAY_S, HOUR_S, Window

from .conftest import NOW
from .stub import Reply, ok

MINUTE = int(NOW) // 60 * 60 - 300
LIVE_WINDOW = Window(start=MINUTE, end=MINUTE + 120)
DAY_WINDOW = Window(start=int(NOW) - 50_000, end=int(NOW) - 60)
CALL = Call(call_id="c1", cname="room", started_at=int(NOW) - 4000, ended_at=int(NOW) - 400)
NATIVE = Project(name="shop", app_id="app0", account="main", products=("Native",))


def sessions(premium, project, agora, *rows):
    agora.script = [ok(call_info=list(rows))]
    return premium.sessions(project, CALL)


def session(sid="s1", **keys):
    return {"sid": sid, "uid": 7, "join_ts": int(NOW) - 3000, "leave_ts": 0, "finished": False} | keys


def calls(premium, project, agora, *rows):
    agora.script = [ok(has_more=False, call_lists=list(rows))]
    return premium.calls(project, DAY_WINDOW).calls


def call_row(call_id="c1", **keys):
    return {"call_id": call_id, "cname": "room", "created_ts": int(NOW) - 4000} | keys


@pytest.mark.parametrize("uid", [2_963_430_861, "2963430861", 2_963_430_861.0], ids=["int", "text", "float"])
def test_a_uid_above_2_to_the_31_is_decimal_text_however_it_comes(agora, premium, project, uid):
    assert [one.uid for one in sessions(premium, project, agora, session(uid=uid))] == ["2963430861"]
    agora.script = [ok(data=[{"uid": uid, "values": [{"ts": MINUTE, "networkDelay": 0}]}])]
    (value,) = premium.people(
        project, LIVE_WINDOW, "room", ["2963430861"], metric="networkDelay", product="Native"
    )
    assert value.uid == "2963430861"


@pytest.mark.parametrize(
    ("told", "roles"),
    [
        ("Host", ("Host",)),
        (["SPEAKER", "SCREEN_SHARER"], ("SPEAKER", "SCREEN_SHARER")),
        (["Host", None, ""], ("Host",)),
        ([], ()),
        ("", ()),
        (None, ()),
    ],
)
def test_roles_are_text_or_an_array_or_nothing(agora, premium, project, told, roles):
    assert [one.roles for one in sessions(premium, project, agora, session(roles=told))] == [roles]


def test_absent_optional_keys_are_unknown_and_unknown_keys_ignored(agora, premium, project):
    (one,) = sessions(premium, project, agora, {"sid": "s1", "join_ts": "1699990000", "channel_name": "x"})
    assert (one.uid, one.account, one.roles, one.audio_freeze_rate) == ("", "", (), None)
    (call,) = calls(premium, project, agora, call_row(user_count=9, duration=3))
    assert (call.users_peak, call.users_total, call.video_freeze_rate) == (None, None, None)


@pytest.mark.parametrize("told", [0, 0.0, "0"], ids=["int", "float", "text"])
def test_a_rate_of_zero_is_a_value(agora, premium, project, told):
    (call,) = calls(premium, project, agora, call_row(call_video_freeze_rate=told, call_pcu=0))
    assert (call.video_freeze_rate, call.audio_freeze_rate, call.users_peak) == (0.0, None, 0)


@pytest.mark.parametrize(
    ("fraction", "pct"), [(0.007, 0.7), (0.050833333333333335, 5.0833333333), (0.7, 70.0), (1, 100.0)]
)
def test_rates_are_converted_by_endpoint_and_not_by_size(agora, premium, project, fraction, pct):
    (call,) = calls(premium, project, agora, call_row(call_audio_freeze_rate=fraction))
    assert pct == call.audio_freeze_rate


UNFINISHED = [{"destroyed_ts": 0}, {"destroyed_ts": None}, {}, {"destroyed_ts": int(NOW) - 5}]


@pytest.mark.parametrize("end", UNFINISHED, ids=["0", "null", "absent", "moving"])
def test_an_unfinished_call_has_no_end_whatever_stands_there(agora, premium, project, end):
    (call,) = calls(premium, project, agora, call_row(finished=False, **end))
    assert call.ended_at is None


@pytest.mark.parametrize(
    ("keys", "left_at"),
    [
        ({"leave_ts": 0, "finished": True}, None),
        ({"leave_ts": None, "finished": True}, None),
        ({"leave_ts": 1_699_999_000, "finished": False}, None),
        ({"leave_ts": 1_699_999_000, "finished": True}, 1_699_999_000),
    ],
)
def test_a_session_has_left_only_when_finished_with_a_time(agora, premium, project, keys, left_at):
    assert [one.left_at for one in sessions(premium, project, agora, session(**keys))] == [left_at]


def test_one_channel_has_many_calls_and_one_user_many_sessions(agora, premium, project):
    found = calls(premium, project, agora, call_row("a"), call_row("b"), call_row("a"))
    assert sorted(call.call_id for call in found) == ["a", "b"]
    assert len(sessions(premium, project, agora, session("s1"), session("s2"), session("s1"))) == 2


def test_a_cname_with_markup_an_emoji_and_a_newline_goes_out_and_comes_back(agora, premium, project):
    cname = "<a&b> +?#%\n🎧,x=1"
    agora.script = [ok(has_more=False, call_lists=[call_row(cname=cname)])]
    (call,) = premium.calls(project, DAY_WINDOW, cname).calls
    assert (cname, cname) == (call.cname, agora.asked[0].query["cname"])


def test_a_cname_of_digits_is_text(agora, premium, project):
    assert [c.cname for c in calls(premium, project, agora, call_row(cname=15056678066620))] == [
        "15056678066620"
    ]


def test_a_metric_id_never_seen_is_kept_and_series_are_sparse(agora, premium, project):
    kvs = [[30, 3], [10, 1.5], [20, None], [10, 9]]
    metrics = [{"sid": "s1", "data": [{"mid": 29999, "kvs": kvs}]}, {"sid": "nobody", "data": []}]
    agora.script = [ok(call_info=[session()]), ok(metrics=metrics)]
    (series,) = premium.details(project, CALL).series
    assert (series.mid, series.ts.tolist(), series.values.tolist()) == (29999, [10, 30], [1.5, 3.0])
    assert call_metric(29999, "current").title == "mid 29999"


def test_the_meaning_of_20006_changed_between_the_generations():
    assert call_metric(20006).title == "Video bitrate sent"
    assert call_metric(20006, "current").title == "Video bitrate sent (low-quality stream)"
    assert call_metric(20005) == call_metric(20005, "current")
    assert {mid for mid in range(20001, 20039) if call_metric(mid).title == f"mid {mid}"} == {
        20012,
        20014,
        20029,
    }


@pytest.mark.parametrize("keys", [{"data": None}, {"data": []}, {}], ids=["null", "empty", "absent"])
def test_no_data_is_no_rows(agora, premium, project, keys):
    agora.script = [ok(**keys)]
    days = Window(start=int(NOW) - 5 * DAY_S, end=int(NOW) - DAY_S)
    assert premium.live(project, Feed.NET, LIVE_WINDOW) == ()
    assert premium.usage(project, days) == ()
    assert premium.quality(project, days, "networkDelay", "WebRTC") == ()
    assert premium.aggregation(project, days, "userCount", "os") == ()
    assert premium.top20(project, LIVE_WINDOW, "pcu", "Native", "os") == ()
    assert premium.calls(project, DAY_WINDOW).calls == ()
    assert premium.sessions(project, CALL) == ()
    assert premium.details(project, CALL).sessions == ()
    assert premium.statistics(project, CALL, "audio_freeze_rate", "os") == ()
    assert premium.freeze_buckets(project, CALL, "audio_freeze_rate") == ()
    assert premium.statistics_over_time(project, CALL, "user_count") == ()


def test_a_missing_window_and_a_null_are_absent_and_a_zero_is_a_value(agora, premium):
    rows = [{"userCount": 0, "ts": MINUTE + 20}, {"userCount": None, "ts": MINUTE}, {"ts": MINUTE + 60}]
    agora.script = [ok(data=rows)]
    read = premium.live(NATIVE, Feed.SCALE, LIVE_WINDOW, metrics=["pcu"])
    assert [(p.minute - MINUTE, p.value) for p in read] == [(0, 0.0)]


def test_windows_out_of_order_and_off_the_grid_fall_into_their_minute(agora, premium):
    rows = [{"userCount": n, "ts": MINUTE + s} for n, s in ((6, 110), (1, 15), (4, 70), (3, 35))]
    agora.script = [ok(data=rows)]
    read = premium.live(NATIVE, Feed.SCALE, LIVE_WINDOW, metrics=["pcu"])
    assert [(p.minute - MINUTE, p.value) for p in read] == [(0, 2.0), (60, 5.0)]


def test_25_points_for_24_hours_are_kept(agora, premium, project):
    start = (int(NOW) // DAY_S - 3) * DAY_S
    agora.script = [ok(data=[{"networkDelay": 0.5, "ts": start + n * HOUR_S} for n in range(24, -1, -1)])]
    window = Window(start=start, end=start + DAY_S)
    points = premium.quality(project, window, "networkDelay", "Native", "1h")
    assert [(p.ts - start) // HOUR_S for p in points] == list(range(25))


@pytest.mark.parametrize("key", ["sdk", "sdkVersion"])
def test_the_sdk_has_two_names(agora, premium, project, key):
    agora.script = [ok(data=[{key: "4.1.1", "userCount": 3}])]
    days = Window(start=int(NOW) - 5 * DAY_S, end=int(NOW) - DAY_S)
    assert premium.aggregation(project, days, "userCount", "sdk") == (Share(key="4.1.1", value=3, users=3),)


def test_a_top_20_is_an_array_as_well(agora, premium, project):
    agora.script = [ok(data=[{"os": "iOS", "userCount": 3}])]
    assert premium.top20(project, LIVE_WINDOW, "pcu", "Native", "os")[0].key == "iOS"


def test_code_0_is_a_success_only_with_data(agora, premium, project):
    agora.script = [Reply({"code": 0, "message": "string", "call_info": [session()]})]
    assert len(premium.sessions(project, CALL)) == 1
    agora.script = [Reply({"code": 0, "message": "string"})]
    with pytest.raises(UnknownCode):
        premium.sessions(project, CALL)


def test_an_error_names_the_request_for_agoras_support(agora, premium, project):
    agora.script = [Reply({"code": 777, "message": "odd", "requestId": "15c9\n9be9b" + "x" * 99})]
    with pytest.raises(UnknownCode, match="odd, request 15c99be9bx") as caught:
        premium.sessions(project, CALL)
    assert len(caught.value.detail) < 120
    agora.script = [Reply({"message": "?"}, 418, {"X-Request-ID": "r-1"})]
    with pytest.raises(UnknownCode, match=r"\?, request r-1"):
        premium.sessions(project, CALL)


NO_AUTH = "you have no auth to access this service, please buy or upgrade your service package"


@pytest.mark.parametrize("message", [NO_AUTH, f"Service package limit check error, {NO_AUTH}", "no auth"])
@pytest.mark.parametrize("status", [200, 300, 429])
def test_a_plan_that_is_smaller_than_said_is_told(agora, premium, project, ledger, message, status):
    agora.script = [Reply({"code": 300, "message": message, "data": None}, status)]
    with pytest.raises(PlanLacksEndpoint):
        premium.usage(project, Window(start=int(NOW) - 5 * DAY_S, end=int(NOW) - DAY_S))
    assert len(ledger.taken) == 1


def test_a_retired_endpoint_leads_to_todays_dialect(agora, client, project):
    agora.script = [Reply({"message": "no Route matched with those values"}, 404)]
    with pytest.raises(EndpointGone, match="set AGORA_API_DIALECT=current"):
        client.live(project, Feed.SCALE, LIVE_WINDOW)


def test_milliseconds_are_never_sent(premium, project, ledger):
    window = Window(start=int(NOW * 1000) - 60_000, end=int(NOW * 1000))
    ways = (
        lambda: premium.calls(project, window),
        lambda: premium.live(project, Feed.NET, window),
        lambda: premium.usage(project, window),
        lambda: premium.top20(project, window, "pcu", "Native", "os"),
    )
    for ask in ways:
        with pytest.raises(WindowRejected, match="milliseconds"):
            ask()
    assert ledger.taken == []


def test_linux_users_are_left_out_as_agora_does_by_itself(agora, premium, project):
    sessions(premium, project, agora, session())
    assert "exclude_server_user" not in agora.asked[0].query
