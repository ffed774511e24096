"""Whatever comes back, it is a typed error or an answer."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.agora import AgoraError, MalformedAnswer, ServerFailed, Unreachable
from bot.agora.wire import open_envelope
from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.time import DAY_S, Window
from bot.telemetry import REGISTRY

from .conftest import NOW
from .stub import BODIES, Reply, ok

MINUTE = int(NOW) // 60 * 60 - 300
LIVE = Window(start=MINUTE, end=MINUTE + 120)
DAYS = Window(start=int(NOW) - 5 * DAY_S, end=int(NOW) - DAY_S)
CALL = Call(call_id="c1", cname="room", started_at=int(NOW) - 4000, ended_at=int(NOW) - 400)
SESSIONS = ok(call_info=[{"sid": "s1", "uid": 1, "join_ts": int(NOW) - 3000}])

BETA = {
    "calls": (lambda c, p: c.calls(p, LIVE), "call_lists"),
    "details": (lambda c, p: c.details(p, CALL), "call_info"),
    "usage": (lambda c, p: c.usage(p, DAYS), "data"),
    "live": (lambda c, p: c.live(p, Feed.NET, LIVE), "data"),
    "diagnosis": (lambda c, p: c.diagnosis(p, LIVE), "data"),
}
CURRENT = {
    "calls": (lambda c, p: c.calls(p, LIVE), "call_lists"),
    "sessions": (lambda c, p: c.sessions(p, CALL), "call_info"),
    "usage": (lambda c, p: c.usage(p, DAYS), "data"),
    "quality": (lambda c, p: c.quality(p, DAYS, "networkDelay", "Native"), "data"),
    "aggregation": (lambda c, p: c.aggregation(p, DAYS, "userCount", "os"), "data"),
    "live": (lambda c, p: c.live(p, Feed.NET, LIVE), "data"),
    "people": (lambda c, p: c.people(p, LIVE, "r", ["1"], metric="networkDelay", product="Native"), "data"),
    "top20": (lambda c, p: c.top20(p, LIVE, "pcu", "Native", "os"), "data"),
    "statistics": (lambda c, p: c.statistics(p, CALL, "audio_freeze_rate", "os"), "data"),
    "buckets": (lambda c, p: c.freeze_buckets(p, CALL, "audio_freeze_rate"), "data"),
    "over time": (lambda c, p: c.statistics_over_time(p, CALL, "user_count"), "data"),
}
WAYS = [
    pytest.param(dialect, ask, key, id=f"{dialect} {name}")
    for dialect, ways in (("client", BETA), ("premium", CURRENT))
    for name, (ask, key) in ways.items()
]
BODIES_OF_NOBODY = {
    "empty": b"",
    "html": b"<html>hello</html>",
    "array": b"[]",
    "text": b'"ok"',
    "number": b"200",
    "null": b"null",
    "no code": b'{"data": []}',
    "code is a flag": b'{"code": true}',
    "code is an object": b'{"code": {}}',
    "cut off": b'{"code": 200, "data": [{"ts"',
    "broken utf-8": b'{"code": 200, "message": "\xff\xfe"}',
    "nested": b'{"code": 200, "data": ' + b"[" * 50_000,
    "a byte order mark of utf-16": '{"code": 200}'.encode("utf-16"),
}
WRONG = {
    "text": "x",
    "number": 1,
    "array of numbers": [1],
    "array of arrays": [[]],
    "array of nulls": [None],
    "milliseconds": [{"ts": 1.7e12, "created_ts": 1.7e12, "join_ts": 1.7e12, "call_id": "c", "sid": "s"}],
    "objects for texts": [
        {"ts": {}, "call_id": {}, "sid": {}, "uid": {}, "bucket": {}, "dimension_value": {}, "os": {}}
    ],
}


@pytest.mark.parametrize(("dialect", "ask", "key"), WAYS)
@pytest.mark.parametrize("answer", BODIES_OF_NOBODY.values(), ids=BODIES_OF_NOBODY)
def test_what_is_no_answer_is_malformed(request, agora, project, dialect, ask, key, answer):
    agora.script = [Reply(answer)]
    with pytest.raises(MalformedAnswer):
        ask(request.getfixturevalue(dialect), project)


@pytest.mark.parametrize(("dialect", "ask", "key"), WAYS)
@pytest.mark.parametrize("rows", WRONG.values(), ids=WRONG)
def test_rows_of_the_wrong_shape_are_malformed(request, agora, project, dialect, ask, key, rows):
    if rows is WRONG["milliseconds"] and key == "data" and dialect == "premium":
        rows = [{"ts": 1.7e12, "uid": 1, "values": [{"ts": 1.7e12}], "bucket": 1e12, "value": "x", "os": {}}]
    agora.script = [ok(**{key: rows})]
    with pytest.raises(MalformedAnswer):
        ask(request.getfixturevalue(dialect), project)


@pytest.mark.parametrize("status", [500, 502, 503, 599])
@pytest.mark.parametrize(("dialect", "ask", "key"), WAYS)
def test_an_html_page_of_a_gateway_is_a_failed_server(request, agora, project, dialect, ask, key, status):
    agora.script = [Reply(b"<html><h1>Bad Gateway</h1></html>", status)]
    with pytest.raises(ServerFailed):
        ask(request.getfixturevalue(dialect), project)


@pytest.mark.parametrize(("dialect", "ask", "key"), WAYS)
def test_a_body_that_breaks_off_is_unreachable(request, agora, project, dialect, ask, key):
    agora.script = [Reply({"code": 200, key: []}, lost=10)]
    with pytest.raises(Unreachable):
        ask(request.getfixturevalue(dialect), project)


def test_series_of_the_wrong_shape_are_malformed(agora, premium, project):
    for data in ([1], [{"mid": "x"}], [{"mid": 1, "kvs": [[1]]}], [{"mid": 1, "kvs": "x"}]):
        agora.script = [SESSIONS, ok(metrics=[{"sid": "s1", "data": data}])]
        with pytest.raises(MalformedAnswer):
            premium.details(project, CALL)


MB = 2**20
LARGE = {
    "1 MB cut off": lambda: b'{"code": 200, "data": [' + b'{"ts": 1},' * (MB // 10),
    "50 MB cut off": lambda: b'{"code": 200, "data": [' + b'{"ts": 1},' * (5 * MB),
    "48 MB of rows": lambda: b'{"code": 200, "data": [' + b'{"ts": 1},' * (48 * MB // 10) + b'{"ts": 1}]}',
    "50 MB of a page": lambda: b"<html>" + b"x" * (50 * MB),
    "3 MB of text": lambda: b'{"code": 200, "data": "' + b"x" * (3 * MB) + b'"}',
    "50 MB of zeros": lambda: bytes(50 * MB),
}


@pytest.mark.parametrize("answer", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize("dialect", ["client", "premium"])
def test_large_nonsense_is_malformed(request, agora, project, dialect, answer):
    agora.script = [Reply(answer())]
    with pytest.raises(MalformedAnswer) as caught:
        request.getfixturevalue(dialect).live(project, Feed.NET, LIVE)
    assert len(str(caught.value)) < 500


def test_3_mb_of_unknown_keys_are_an_answer(agora, premium, project):
    agora.script = [Reply(b'{"code": 200, "more": "' + b"x" * (3 * MB) + b'", "data": []}')]
    assert premium.live(project, Feed.NET, LIVE) == ()


FILES = sorted(BODIES.glob("*.json"))
PUSHED = ("alert_callback_", "ncs_")
"""Bodies that Agora sends to others: no answers."""
BY_FILE = {
    "call_lists": CURRENT["calls"],
    "call_sessions": CURRENT["sessions"],
    "call_metrics": (lambda c, p: c.details(p, CALL), "metrics"),
    "call_statistics": CURRENT["statistics"],
    "call_statistics_time": CURRENT["over time"],
    "call_freeze_bucket": CURRENT["buckets"],
    "insight_usage_by_time": CURRENT["usage"],
    "insight_quality_by_time": CURRENT["quality"],
    "insight_usage_aggregation": CURRENT["aggregation"],
    "insight_quality_aggregation": (lambda c, p: c.aggregation(p, DAYS, "audioFreezeRate", "os"), "data"),
    "realtime_usage_by_time_20sec": (lambda c, p: c.live(p, Feed.SCALE, LIVE), "data"),
    "realtime_quality_by_time_20sec": CURRENT["live"],
    "realtime_quality_by_uids": CURRENT["people"],
    "realtime_usage_top20": CURRENT["top20"],
    "realtime_quality_top20": (lambda c, p: c.top20(p, LIVE, "audioFreezeRate", "Native", "device"), "data"),
}


@pytest.mark.parametrize("name", BY_FILE)
def test_every_published_answer_of_today_is_read(agora, premium, project, name):
    answer = Reply((BODIES / f"current_{name}.json").read_bytes())
    agora.script = [SESSIONS, answer] if name == "call_metrics" else [answer]
    BY_FILE[name][0](premium, project)


def test_no_published_answer_of_today_is_left_out():
    assert {path.stem for path in FILES if path.stem.startswith("current_")} == {
        f"current_{name}" for name in BY_FILE
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_published_body_is_an_answer_or_an_error(agora, client, premium, project, path: Path):
    answer = path.read_bytes()
    assert isinstance(json.loads(answer), dict)
    if path.stem.startswith(PUSHED):
        assert open_envelope(answer).code is None
    for one, ways in ((client, BETA), (premium, CURRENT)):
        for ask, _ in ways.values():
            agora.script = [Reply(answer)]
            try:
                ask(one, project)
            except AgoraError as error:
                assert error.outcome != "failed"


ROW = {"ts": MINUTE, "created_ts": MINUTE, "join_ts": MINUTE, "call_id": "c", "sid": "s", "bucket": "[0%,3%)"}
ROW |= {"user_count": 1, "userCount": 1, "exp_id": 4, "uid": 1, "values": [{"ts": MINUTE}], "value": 0.1}
BAD = {name: 1.7e12 if name in ("ts", "created_ts", "join_ts", "values") else {} for name in ROW} | {"os": {}}


def left_out() -> float:
    labels = {"endpoint": "live/diagnosis"}
    return REGISTRY.get_sample_value("agora_bot_agora_rows_left_out_total", labels) or 0.0


@pytest.mark.parametrize(("dialect", "ask", "key"), WAYS)
def test_rows_that_cannot_be_read_are_left_out_and_the_rest_is_used(
    request, agora, project, dialect, ask, key
):
    client, answers = request.getfixturevalue(dialect), []
    for rows in ([ROW], [BAD, ROW, BAD]):
        agora.script = [ok(**{key: rows})]
        answers.append(repr(ask(client, project)))
    assert answers[0] == answers[1]


SUFFERS = {"ts": MINUTE, "user": "u", "exp_id": 4, "cname": "c", "cause_tags": []}
UNREADABLE = {
    "a number for a list": {"cause_tags": 1},
    "no factor": {"cause_tags": [{"factor_id": None, "host_user": ""}]},
    "no experience": {"exp_id": None},
    "milliseconds": {"ts": MINUTE * 1000},
}


@pytest.mark.parametrize("keys", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_diagnosis_is_counted_and_said_once_an_answer(agora, client, project, keys):
    agora.script = [ok(data=[SUFFERS | keys] * 2 + [SUFFERS])]
    before = left_out()
    with capture_logs() as said:
        answer = client.diagnosis(project, LIVE)
    assert [event.user for event in answer.events] == ["u"]
    assert left_out() - before == 2
    assert [(line["rows"], line["endpoint"]) for line in said] == [(2, "live/diagnosis")]
    assert said[0]["reason"]


@pytest.mark.parametrize("half", ["\ud800", "x\udc00y"])
def test_half_an_emoji_in_a_name_is_a_question_mark(agora, client, project, half):
    agora.script = [ok(data=[SUFFERS | {"cname": half}, SUFFERS])]
    told = sorted(event.cname for event in client.diagnosis(project, LIVE).events)
    assert told == sorted(["c", half.encode(errors="replace").decode()])


def test_rows_left_out_count_for_whether_an_answer_was_cut(agora, client, project):
    agora.script = [ok(data=[SUFFERS | {"exp_id": None}] + [SUFFERS] * 9)]
    assert client.diagnosis(project, LIVE).cut


def test_a_series_that_cannot_be_read_is_left_out(agora, premium, project):
    told = [{"mid": 1, "kvs": [[1]]}, {"mid": 2, "kvs": [[MINUTE, 3]]}]
    agora.script = [SESSIONS, ok(metrics=[{"sid": "s1", "data": told}])]
    assert [series.mid for series in premium.details(project, CALL).series] == [2]
