"""The vendor's examples of today's API, read over HTTP, with rates in percent."""

import json

import pytest

from bot.agora import FreezeBucket, Share, TimedValue, UserValue
from bot.model.call import Call, CallSearch, Session
from bot.model.catalog import Feed
from bot.model.observation import MetricPoint
from bot.model.project import Project
from bot.model.time import DAY_S, Window
from bot.model.usage import UsageDay

from .conftest import NOW
from .stub import Reply, body, ok

CALL = Call(call_id="c1", cname="cname1", started_at=1_692_584_000, ended_at=1_692_586_000)
AFTER_CALL = 1_692_590_000.5
NATIVE = Project(name="shop", app_id="app0", account="main", products=("Native",))


def at(value, ts=1_700_000_000):
    return TimedValue(ts=ts, value=value)


def test_call_lists(agora, premium, clock, project):
    clock.instant = 1_547_449_000
    window = Window(start=1_547_445_000, end=1_547_448_900)
    last = json.loads(body("current_call_lists")) | {"has_more": False}
    agora.script = [Reply(last)]
    call = Call(
        call_id="cxxxxxxxxxxxxxxxxxxxx",
        cname="cname1",
        started_at=1_547_448_383,
        ended_at=1_547_448_483,
        users_peak=2,
        users_total=2,
        audio_freeze_rate=12.0,
        video_freeze_rate=7.0,
    )
    assert CallSearch(calls=(call,), complete=True) == premium.calls(project, window, "cname1")
    assert agora.asked[0].path == "/beta/analytics/call/lists"
    assert agora.asked[0].query == {
        "start_ts": "1547445000",
        "end_ts": "1547448900",
        "appid": "app0",
        "cname": "cname1",
        "page_no": "1",
        "page_size": "100",
    }


def test_call_lists_of_2022_tell_no_rates(agora, premium, clock, project):
    clock.instant = 1_547_449_000
    agora.script = [Reply(body("tier2022_call_lists"))]
    (call,) = premium.calls(project, Window(start=1_547_445_000, end=1_547_448_900)).calls
    assert (call.users_peak, call.users_total, call.audio_freeze_rate, call.video_freeze_rate) == (None,) * 4


def test_call_sessions(agora, premium, clock, project):
    clock.instant = AFTER_CALL
    agora.script = [Reply(body("current_call_sessions"))]
    session = Session(
        sid="xxxxxxxxxxxxxxxxxxx",
        uid="1234567",
        network="LAN",
        platform="Linux",
        device="Linux version 4.14.255-311-248.529.amzn2.x86_64 (mockbuild@ip-10",
        sdk="2.3.3.150",
        sender=False,
        joined_at=1_692_584_005,
        left_at=1_692_584_015,
        account="UserA",
        roles=("SPEAKER", "SCREEN_SHARER"),
        audio_freeze_rate=1.0,
        video_freeze_rate=3.0,
    )
    assert (session,) == premium.sessions(project, CALL, ["1234567", "2"])
    assert agora.asked[0].path == "/beta/analytics/call/sessions"
    assert (agora.asked[0].query["call_id"], agora.asked[0].query["uids"]) == ("c1", "1234567,2")


def test_details_join_sessions_and_metrics(agora, premium, clock, project):
    clock.instant = 1_548_675_000
    call = Call(call_id="c1", cname="c", started_at=1_548_670_000, ended_at=1_548_670_900)
    sid = "EDB224CCF4FB4F99815C24302BDF3301"
    sessions = ok(call_info=[{"sid": sid, "uid": 1, "join_ts": 1_548_670_251}])
    agora.script = [sessions, Reply(body("current_call_metrics"))]
    details = premium.details(project, call)
    assert (details.cut, details.users_at_least, len(details.sessions)) == (False, None, 1)
    (series,) = details.series
    assert (sid, 20003, "0") == (series.sid, series.mid, series.peer_uid)
    assert series.values.tolist() == [215.0, 129.0, 121.0]
    assert [asked.path for asked in agora.asked] == [
        "/beta/analytics/call/sessions",
        "/beta/analytics/call/metrics",
    ]
    assert agora.asked[1].query["sids"] == sid


def test_statistics_of_a_call(agora, premium, clock, project):
    clock.instant = AFTER_CALL
    agora.script = [Reply(body("current_call_statistics"))]
    share = Share(key="3.7.1.247", value=0.7, users=6)
    assert (share,) == premium.statistics(project, CALL, "audio_freeze_rate", "sdk")
    query = agora.asked[0].query
    assert (query["metric"], query["dimension"]) == ("audio_freeze_rate", "sdk")


def test_freeze_buckets_come_sorted(agora, premium, clock, project):
    clock.instant = AFTER_CALL
    agora.script = [Reply(body("current_call_freeze_bucket"))]
    assert premium.freeze_buckets(project, CALL, "video_freeze_rate") == (
        FreezeBucket(from_pct=0, to_pct=3, users=19),
        FreezeBucket(from_pct=3, to_pct=5, users=1),
    )


def test_statistics_over_time_come_sorted_with_their_gaps(agora, premium, clock, project):
    clock.instant = AFTER_CALL
    agora.script = [Reply(body("current_call_statistics_time"))]
    read = premium.statistics_over_time(project, CALL, "video_freeze_rate")
    minutes = [(value.ts - 1_692_584_100, value.value) for value in read]
    assert minutes == [(0, 0.0), (60, 0.0), (240, 0.7), (300, 0.5), (360, 0.3), (480, 5.0)]
    agora.script = [ok(data=[{"ts": 1_692_584_160, "value": 12}])]
    assert premium.statistics_over_time(project, CALL, "user_count") == (at(12.0, 1_692_584_160),)


def test_usage_asks_one_metric_at_a_time_and_keeps_the_midnights_of_agora(agora, premium, clock, project):
    clock.instant = 1_625_241_600 + 2 * DAY_S
    agora.script = [Reply(body("current_insight_usage_by_time"))]
    days = premium.usage(project, Window(start=1_625_097_600, end=1_625_270_400), ["userCount"])
    assert (UsageDay(day=1_625_155_200, users=42), UsageDay(day=1_625_241_600, users=37)) == days
    assert agora.asked[0].path == "/beta/insight/usage/by_time"
    assert agora.asked[0].query == {
        "startTs": "1625097600",
        "endTs": "1625270400",
        "appid": "app0",
        "metric": "userCount",
        "aggregateGranularity": "1d",
    }
    agora.script = [ok(data=[{"sessionCount": 5, "ts": 1_625_097_600}]), ok(data=None)]
    days = premium.usage(
        project, Window(start=1_625_097_600, end=1_625_270_400), ["sessionCount", "channelCount"]
    )
    assert (UsageDay(day=1_625_097_600, sessions=5),) == days


def test_quality_by_the_hour(agora, premium, clock, project):
    clock.instant = 1_625_184_000 + DAY_S
    agora.script = [Reply(body("current_insight_quality_by_time"))]
    window = Window(start=1_625_097_600, end=1_625_184_000)
    points = premium.quality(project, window, "networkDelay", "Native", "1h")
    assert points == (at(6.4762, 1_625_097_600), at(2.8156, 1_625_101_200), at(3.765, 1_625_184_000))
    assert agora.asked[0].path == "/beta/insight/quality/by_time"
    query = agora.asked[0].query
    assert (query["productType"], query["aggregateGranularity"]) == ("Native", "1h")


def test_aggregations_are_posted(agora, premium, clock, project):
    clock.instant = 1_625_184_000 + 2 * DAY_S
    window = Window(start=1_625_097_600, end=1_625_184_000)
    agora.script = [Reply(body("current_insight_usage_aggregation"))]
    found = premium.aggregation(project, window, "userCount", "sdk", values=["3.6.1.1", "4.1.1"])
    assert (Share(key="3.6.1.1", value=42, users=42), Share(key="4.1.1", value=37, users=37)) == found
    assert (agora.asked[0].path, agora.asked[0].query) == (
        "/beta/insight/usage/aggregation",
        {"appid": "app0"},
    )
    assert json.loads(agora.asked[0].sent) == {
        "startTs": 1_625_097_600,
        "endTs": 1_625_184_000,
        "metric": "userCount",
        "dimension": "sdk",
        "dimensionValues": ["3.6.1.1", "4.1.1"],
    }
    agora.script = [Reply(body("current_insight_quality_aggregation"))]
    found = premium.aggregation(project, window, "audioFreezeRate", "region", country="China")
    assert found == (
        Share(key="China", value=0.17, weight=231_234),
        Share(key="United States", value=0.14, weight=213_212),
    )
    assert json.loads(agora.asked[1].sent)["filters"] == [{"name": "country", "value": "China"}]


def test_an_aggregation_without_a_dimension_is_one_value(agora, premium, clock, project):
    clock.instant = 1_625_184_000 + 2 * DAY_S
    agora.script = [ok(data=[{"totalDuration": 12.5}])]
    window = Window(start=1_625_097_600, end=1_625_184_000)
    assert premium.aggregation(project, window, "totalDuration") == (Share(key="", value=12.5),)


REALTIME = Window(start=1_631_837_400, end=1_631_837_460)


def test_realtime_quality_becomes_minutes(agora, premium, clock):
    clock.instant = 1_631_837_600.5
    agora.script = [Reply(body("current_realtime_quality_by_time_20sec"))]
    (point,) = premium.live(NATIVE, Feed.NET, REALTIME)
    expected = 100 * (0.012 + 0.0057 + 0.0039) / 3
    assert (point.metric, point.minute, point.value) == (
        "networkDelay",
        1_631_837_400,
        pytest.approx(expected),
    )
    assert agora.asked[0].path == "/beta/realtime/quality/by_time_20sec"
    assert agora.asked[0].query == {
        "startTs": "1631837400",
        "endTs": "1631837460",
        "appid": "app0",
        "productType": "Native",
        "metric": "networkDelay",
    }


def test_realtime_usage_becomes_minutes(agora, premium, clock):
    clock.instant = 1_631_837_600.5
    agora.script = [Reply(body("current_realtime_usage_by_time_20sec"))]
    (point,) = premium.live(NATIVE, Feed.SCALE, REALTIME, metrics=["pcu"])
    assert MetricPoint(metric="pcu", minute=1_631_837_400, value=(82 + 85 + 90) / 3) == point


def test_single_users(agora, premium, clock, project):
    clock.instant = 1_631_837_600.5
    agora.script = [Reply(body("current_realtime_quality_by_uids"))]
    values = premium.people(
        project,
        REALTIME,
        "demoChannel",
        ["2303692334", "2963430861"],
        metric="networkDelay",
        product="Native",
    )
    assert [(value.uid, value.ts - REALTIME.start) for value in values] == [
        (uid, second) for uid in ("2303692334", "2963430861") for second in (0, 20, 40)
    ]
    assert UserValue(uid="2303692334", ts=REALTIME.start, value=38.9) == values[0]
    query = agora.asked[0].query
    assert (query["cname"], query["uids"]) == ("demoChannel", "2303692334,2963430861")


def test_top20(agora, premium, clock, project):
    clock.instant = 1_671_624_100.5
    window = Window(start=1_671_623_900, end=1_671_624_020)
    agora.script = [Reply(body("current_realtime_quality_top20"))]
    found = premium.top20(project, window, "audioFreezeRate", "Native", "device")
    assert Share(key="ldn-al00", value=5.0833333333, users=2) == found[0]
    assert [share.key for share in found] == ["ldn-al00", "80HH", "20KNA004CD"]
    assert agora.asked[0].query == {
        "ts": "1671624000",
        "appid": "app0",
        "productType": "Native",
        "metric": "audioFreezeRate",
        "dimension": "device",
        "extraMetrics": "userCount",
    }
    agora.script = [Reply(body("current_realtime_usage_top20"))]
    found = premium.top20(project, window, "pcu", "Native", "sdk")
    assert Share(key="3.6.1.1", value=236, users=236) == found[0]
    assert agora.asked[1].path == "/beta/realtime/usage/dimension/top20"


def wrong(client, project, window):
    return {
        "feed": lambda: client.live(project, Feed.DIAGNOSIS, window),
        "metric of another feed": lambda: client.live(project, Feed.NET, window, metrics=["pcu"]),
        "metric of 2019": lambda: client.live(
            project, Feed.NET, window, metrics=["videoUpstreamExcellentTransRate"]
        ),
        "usage metric": lambda: client.usage(project, window, ["totalDuration"]),
        "granularity": lambda: client.quality(project, window, "networkDelay", "Native", "1m"),
        "rate": lambda: client.quality(project, window, "userCount", "Native"),
        "series": lambda: client.usage_series(project, window, "nothing"),
        "dimension": lambda: client.aggregation(project, window, "userCount", "channelSize"),
        "peak by dimension": lambda: client.aggregation(project, window, "peakCurrentUsers", "country"),
        "values of nothing": lambda: client.aggregation(project, window, "userCount", values=["x"]),
        "country of os": lambda: client.aggregation(project, window, "userCount", "os", country="China"),
        "top metric": lambda: client.top20(project, window, "pcc", "Native", "os"),
        "top dimension": lambda: client.top20(project, window, "pcu", "Native", "channelSize"),
        "call metric": lambda: client.statistics(project, CALL, "freeze", "os"),
        "call dimension": lambda: client.statistics(project, CALL, "audio_freeze_rate", "uid"),
        "bucket metric": lambda: client.freeze_buckets(project, CALL, "user_count"),
        "metric over time": lambda: client.statistics_over_time(project, CALL, "pcu"),
    }


@pytest.mark.parametrize("what", wrong(None, None, None))
def test_what_today_does_not_have_is_refused_without_a_request(premium, project, ledger, what):
    window = Window(start=int(NOW) - 600, end=int(NOW) - 300)
    with pytest.raises(ValueError, match=r" (is|are|for|than|that|narrows|need) "):
        wrong(premium, project, window)[what]()
    assert ledger.taken == []
