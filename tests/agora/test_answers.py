"""The vendor's own examples, read over HTTP."""

import numpy as np
import pytest

from bot.agora import DiagnosisAnswer
from bot.model.call import Call, CallSearch, Session
from bot.model.catalog import Feed
from bot.model.observation import CauseTag, DiagnosisEvent, MetricPoint
from bot.model.time import DAY_S, Window
from bot.model.usage import UsageDay

from .conftest import NOW
from .stub import Reply, body

LAST_FIVE_MINUTES = Window(start=int(NOW) - 420, end=int(NOW) - 120)


def test_call_lists(agora, client, clock, project):
    clock.instant = 1_547_449_000
    agora.script = [Reply(body("beta_call_lists"))]
    window = Window(start=1_547_445_000, end=1_547_448_900)
    call = Call(
        call_id="cxxxxxxxxxxxxxxxxxxxx", cname="cname1", started_at=1_547_448_383, ended_at=1_547_448_483
    )
    assert CallSearch(calls=(call,), complete=True) == client.calls(project, window)
    assert agora.asked[0].path == "/beta/analytics/call/lists"
    assert agora.asked[0].query == {"start_ts": "1547445000", "end_ts": "1547448900", "appid": "app0"}


def test_call_details(agora, client, clock, project):
    clock.instant = 1_548_675_000
    agora.script = [Reply(body("beta_call_details"))]
    call = Call(
        call_id="00057b6093a5d3e8b1fc67aa", cname="c", started_at=1_548_665_345, ended_at=1_548_670_821
    )
    details = client.details(project, call)
    session = Session(
        sid="EDB224CCF4FB4F99815C24302BDF3301",
        uid="630985881",
        network="Wi-Fi",
        platform="Android",
        device="Android (6.0)",
        sdk="2.2.0.07_14",
        sender=True,
        joined_at=1_548_670_251,
        left_at=1_548_670_815,
    )
    assert (call, (session,), False) == (details.call, details.sessions, details.cut)
    (series,) = details.series
    assert (session.sid, 20003, "0") == (series.sid, series.mid, series.peer_uid)
    assert series.ts.tolist() == [1_548_670_255, 1_548_670_257, 1_548_670_259]
    assert series.values.tolist() == [215.0, 129.0, 121.0]
    assert (np.int64, np.float64) == (series.ts.dtype, series.values.dtype)
    assert agora.asked[0].path == "/beta/analytics/call/details"
    assert agora.asked[0].query == {
        "start_ts": "1548665345",
        "end_ts": "1548670821",
        "appid": "app0",
        "call_id": "00057b6093a5d3e8b1fc67aa",
    }


def test_usage(agora, client, clock, project):
    clock.instant = 1_570_838_400 + 9 * 3600
    agora.script = [Reply(body("beta_insight_usage_by_time"))]
    days = client.usage(project, Window(start=1_570_579_200, end=1_570_838_400))
    assert (UsageDay(day=1_570_752_000, users=42),) == days
    assert agora.asked[0].path == "/beta/insight/usage/by_time"
    assert agora.asked[0].query == {
        "start_ts": "1570579200",
        "end_ts": "1570838400",
        "appid": "app0",
        "metric": "userCount,sessionCount,channelCount",
    }


LIVE = [
    (Feed.SCALE, "pcu,pcc", [("pcc", 1_548_665_578, 42.0), ("pcu", 1_548_665_578, 102.0)]),
    (
        Feed.EXPERIENCE,
        "joinSuccessRate,joinSuccess5SecsRate,videoFreezeRate,audioFreezeRate",
        [("joinSuccessRate", 1_548_666_023, 42.0)],
    ),
    (
        Feed.NET,
        "videoUpstreamExcellentTransRate,audioUpstreamExcellentTransRate,"
        "videoEnd2EndExcellentTransRate,audioEnd2EndExcellentTransRate",
        [("videoUpstreamExcellentTransRate", 1_548_667_235, 42.0)],
    ),
]


@pytest.mark.parametrize(("feed", "metrics", "rows"), LIVE, ids=[feed.value for feed, *_ in LIVE])
def test_live_feeds(agora, client, project, feed, metrics, rows):
    agora.script = [Reply(body(f"beta_live_{feed.value}_by_time"))]
    points = client.live(project, feed, LAST_FIVE_MINUTES)
    assert tuple(MetricPoint(metric=m, minute=ts // 60 * 60, value=v) for m, ts, v in rows) == points
    assert agora.asked[0].path == f"/beta/live/{feed.value}/by_time"
    assert agora.asked[0].query["metric"] == metrics


@pytest.mark.parametrize("feed", [Feed.DIAGNOSIS, Feed.BOT])
def test_feeds_without_metric_points_are_refused(client, project, feed):
    with pytest.raises(ValueError, match="no live feed"):
        client.live(project, feed, LAST_FIVE_MINUTES)


def test_diagnosis(agora, client, project):
    agora.script = [Reply(body("beta_live_diagnosis"))]
    event = DiagnosisEvent(
        ts=1_548_668_575,
        cname="C148474015",
        user="83817682",
        experience_id=4,
        tags=(
            CauseTag(factor_id=18, host_user="44361248"),
            CauseTag(factor_id=23),
            CauseTag(factor_id=18),
        ),
    )
    assert DiagnosisAnswer(events=(event,), cut=False) == client.diagnosis(project, LAST_FIVE_MINUTES)
    assert agora.asked[0].path == "/beta/live/diagnosis"


def test_a_request_carries_basic_credentials_and_asks_for_json(agora, client, project):
    agora.script = [Reply(body("beta_live_diagnosis"))]
    client.diagnosis(project, LAST_FIVE_MINUTES)
    headers = agora.asked[0].headers
    assert (headers["authorization"], headers["accept"]) == ("Basic aWQtazN5OnMzY3IzdA==", "application/json")


def test_usage_metrics_are_asked_by_their_names_only(client, project):
    window = Window(start=int(NOW) - 3 * DAY_S, end=int(NOW))
    for metrics in (("totalDuration",), ()):
        with pytest.raises(ValueError, match="usage metrics are"):
            client.usage(project, window, metrics)


def test_usage_rows_of_one_day_are_one_value(agora, client, clock, project):
    day = 1_570_752_000
    clock.instant = day + 2 * DAY_S
    rows = [
        {"sessionCount": 5, "ts": day},
        {"userCount": 3, "ts": day},
        {"userCount": 0, "ts": day - DAY_S},
    ]
    agora.script = [Reply({"code": 200, "message": None, "data": rows})]
    days = client.usage(project, Window(start=day - DAY_S, end=day + DAY_S), ("userCount", "sessionCount"))
    assert (UsageDay(day=day - DAY_S, users=0), UsageDay(day=day, users=3, sessions=5)) == days
