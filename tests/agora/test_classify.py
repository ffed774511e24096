"""Every body of the reference's error section, under the statuses that may carry it."""

import itertools

import pytest

from bot.agora import (
    AuthRejected,
    BadRequest,
    EndpointGone,
    MalformedAnswer,
    PlanLacksEndpoint,
    QuotaExhausted,
    ServerFailed,
    Throttled,
    UnknownCode,
    Unreachable,
    WindowRejected,
)
from bot.agora.classify import clock_skew_s, retry_after_s
from bot.model.time import Window

from .conftest import NOW
from .stub import Reply, body

WINDOW = Window(start=int(NOW) - 600, end=int(NOW) - 200)
PREFIX = "Service package limit check error, "
TEXTS = {
    "qps limit error": Throttled,
    "qpd limit error": QuotaExhausted,
    "query latency limit error": WindowRejected,
    "query time range limit error": WindowRejected,
    "query time length limit error": WindowRejected,
    "no auth": PlanLacksEndpoint,
    "you have no auth to access this service, please buy or upgrade your service package": PlanLacksEndpoint,
    "something nobody documented": Throttled,
}
LIMITED = [
    pytest.param(
        {"code": code, "message": prefix + text, "data": None}, status, kind, id=f"{code} {text} in {status}"
    )
    for (text, kind), code, prefix, status in itertools.product(
        TEXTS.items(), (300, 429), (PREFIX, ""), (200, 300, 400, 429)
    )
]
BODIES = [
    ("real_300_qps_limit", 200, Throttled),
    ("real_300_qps_limit", 300, Throttled),
    ("real_300_qps_limit", 500, Throttled),
    ("real_400_missing_startTs", 200, BadRequest),
    ("real_400_missing_startTs", 400, BadRequest),
    ("real_500_ms_timestamps", 200, ServerFailed),
    ("real_500_ms_timestamps", 500, ServerFailed),
    ("gateway_401_missing_header", 401, AuthRejected),
    ("gateway_401_bad_credentials", 401, AuthRejected),
    ("gateway_401_bad_credentials", 403, AuthRejected),
    ("gateway_404_no_route", 404, EndpointGone),
    ("gateway_429_rate_limit", 429, Throttled),
    ("gateway_429_rate_limit", 200, MalformedAnswer),
    ("sibling_400_channel_api", 400, BadRequest),
]
OTHERS = [
    ({"code": 401}, 200, AuthRejected),
    ({"code": 403}, 200, AuthRejected),
    ({"code": 404}, 200, EndpointGone),
    ({"code": 500}, 200, ServerFailed),
    ({"code": 503}, 200, ServerFailed),
    ({"code": "400"}, 200, BadRequest),
    ({"code": 401}, 500, AuthRejected),
    ({"code": 777, "message": "?"}, 200, UnknownCode),
    ({"code": 0, "message": "string"}, 200, UnknownCode),
    ({"code": 0, "data": None}, 200, UnknownCode),
    ({"message": "qpd limit error"}, 429, QuotaExhausted),
    ({"message": "qpd limit error"}, 300, QuotaExhausted),
    (b"Multiple Choices", 300, UnknownCode),
    (b"", 302, UnknownCode),
    (b"", 418, UnknownCode),
    (b"", 429, Throttled),
    (b"<html>", 599, ServerFailed),
    ({"code": 599.5}, 503, ServerFailed),
]


def ask(agora, client, project, answer, status, **headers):
    agora.script = [Reply(answer, status, {n.replace("_", "-"): v for n, v in headers.items()})]
    return client.diagnosis(project, WINDOW)


@pytest.mark.parametrize(("answer", "status", "kind"), LIMITED)
def test_limits_are_told_apart_by_their_text(agora, client, project, answer, status, kind):
    with pytest.raises(kind):
        ask(agora, client, project, answer, status)


@pytest.mark.parametrize(("name", "status", "kind"), BODIES)
def test_published_bodies(agora, client, project, name, status, kind):
    with pytest.raises(kind):
        ask(agora, client, project, body(name), status)


@pytest.mark.parametrize(("answer", "status", "kind"), OTHERS)
def test_the_code_decides_and_without_one_the_status(agora, client, project, answer, status, kind):
    with pytest.raises(kind) as caught:
        ask(agora, client, project, answer, status)
    assert kind is type(caught.value)


def test_code_0_with_data_and_code_200_under_an_error_status_are_answers(agora, client, project):
    assert ask(agora, client, project, {"code": 0, "data": []}, 200).events == ()
    assert ask(agora, client, project, {"code": 200, "data": []}, 500).events == ()


def test_an_unknown_code_is_told_with_code_and_message(agora, client, project):
    with pytest.raises(UnknownCode, match=r"HTTP 200, code 777, odd") as caught:
        ask(agora, client, project, {"code": 777, "message": "odd"}, 200)
    assert caught.value.code == 777


def test_a_message_is_one_short_line(agora, client, project):
    with pytest.raises(BadRequest) as caught:
        ask(agora, client, project, {"code": 400, "message": "a\n\x1b[31mb " + "x" * 9999}, 400)
    assert "a [31mb x" in str(caught.value)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


def test_a_redirect_is_not_followed(agora, client, project):
    with pytest.raises(UnknownCode):
        ask(agora, client, project, b"", 302, Location="/elsewhere")
    assert [asked.path for asked in agora.asked] == ["/beta/live/diagnosis"]


def test_cookies_are_not_kept(agora, client, project):
    ask(agora, client, project, {"code": 200}, 200, Set_Cookie="a=b")
    client.diagnosis(project, WINDOW)
    assert "cookie" not in agora.asked[1].headers


def test_a_broken_connection_is_unreachable(agora, client, project):
    agora.script = [None]
    with pytest.raises(Unreachable, match="connection failed"):
        client.diagnosis(project, WINDOW)


def test_an_answer_that_breaks_off_is_unreachable(agora, client, project):
    agora.script = [Reply({"code": 200, "data": []}, lost=10)]
    with pytest.raises(Unreachable, match=r"broke off|connection failed"):
        client.diagnosis(project, WINDOW)


def test_broken_compression_is_malformed(agora, client, project):
    with pytest.raises(MalformedAnswer, match="compression"):
        ask(agora, client, project, b"no gzip", 200, Content_Encoding="gzip")


DATE = "Tue, 14 Nov 2023 22:13:50 GMT"


@pytest.mark.parametrize(
    ("said", "pause_s"),
    [("7", 7.0), (DATE, 29.5), ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0), ("-3", 0.0), ("soon", 0.0), ("", 0.0)],
)
def test_retry_after_is_seconds_or_a_date(said, pause_s):
    assert pause_s == retry_after_s({"retry-after": said}, NOW)


def test_clock_skew_is_known_only_with_a_date():
    assert (clock_skew_s({"date": DATE}, NOW), clock_skew_s({}, NOW)) == (-29.5, None)
