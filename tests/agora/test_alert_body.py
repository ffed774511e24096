"""The body of an alert of Agora: three that it prints, and what else may come."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.agora.alert_body import Alert, UnreadableAlert, alert_events, read_alert
from bot.model.observation import CauseTag
from bot.model.time import DAY_S
from tests.conftest import T0

BODIES = Path(__file__).parents[1] / "web" / "bodies"


def body(**changes: object) -> bytes:
    """Return an alert of T0, with some of its fields changed, or left out where None."""
    fields: Mapping[str, object] = {
        "alertTime": f"{T0}000",
        "projectName": "p",
        "cname": "room",
        "uid": "7",
        "enContent": "video freeze rate≥10%",
    }
    return json.dumps({k: v for k, v in {**fields, **changes}.items() if v is not None}).encode()


def read(**changes: object) -> Alert:
    return read_alert(body(**changes), T0)


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("metric_channel", 1631703720, ("", ("video freeze rate≥85%",), [900, 4], ())),
        ("metric_user", 1631780400, ("957288696", ("video freeze rate≥10%",), [900, 4], ())),
        (
            "event",
            1631785450,
            (
                "67891",
                (
                    "no frame sending",
                    "no voice sending",
                    "no voice receiving",
                    "wifi congestion",
                    "system CPU utility too high",
                ),
                [900],
                (13, 12, 29, 10),
            ),
        ),
    ],
)
def test_the_bodies_that_agora_prints_are_read(name: str, at: int, expected: tuple[object, ...]) -> None:
    alert = read_alert((BODIES / f"alert_callback_{name}.json").read_bytes(), at + 2)
    events = alert_events(alert, at + 2.5)
    factors = tuple(tag.factor_id for tag in events[0].tags)
    assert (alert.user, alert.conditions, [e.experience_id for e in events], factors) == expected
    assert alert.alerted_at == at
    assert {(e.ts, e.source, e.user, e.tags, e.said) for e in events} == {
        (at + 2, "alert", alert.user, events[0].tags, alert.conditions)
    }


@pytest.mark.parametrize(
    ("content", "experiences", "factors"),
    [
        ("audio freeze rate≥85%", [900, 5], []),
        ("Join success rate<90%", [900, 6], []),
        ("5s join success rate≤80%, video freeze rate≥3% and audio freeze rate≥3%", [900, 4, 5, 6], []),
        ("WiFi Congestion", [900], [29]),
        ("video freeze rate≥3%,wifi congestion,wifi congestion", [900, 4], [29]),
        ("no voice receiving", [900], []),
        ("something new of 2027", [900], []),
        ("adjoining rooms", [900], []),
        ("", [900], []),
    ],
)
def test_what_a_content_means(content: str, experiences: list[int], factors: list[int]) -> None:
    events = alert_events(read(enContent=content), T0)
    assert [event.experience_id for event in events] == experiences
    assert {event.tags for event in events} == {tuple(CauseTag(factor_id=f) for f in factors)}


def test_the_chinese_text_is_read_where_there_is_no_english_one() -> None:
    alert = read(enContent=None, cnContent="视频卡顿率≥10%，音频卡顿率≥5%")
    assert alert.conditions == ("视频卡顿率≥10%", "音频卡顿率≥5%")
    assert [event.experience_id for event in alert_events(alert, T0)] == [900, 4, 5]


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        pytest.param(f"{T0}999", T0, id="milliseconds as text"),
        pytest.param(T0 * 1000, T0, id="milliseconds as a number"),
        pytest.param(f"{T0}", T0, id="seconds, as Agora's comment says"),
        pytest.param(float(T0), T0, id="seconds as a float"),
        pytest.param(f"{T0 - DAY_S}000", T0 - DAY_S, id="a day ago"),
        pytest.param(f"{T0 + DAY_S}000", T0 + DAY_S, id="a day ahead"),
    ],
)
def test_the_time_is_told_by_its_size(given: object, instant: int) -> None:
    assert read(alertTime=given).alerted_at == instant


def test_a_name_that_was_cut_within_an_emoji_loses_no_alert() -> None:
    whole = body(cname="room ?")
    assert read_alert(whole.replace(b"room ?", b"room \\ud83c"), T0).cname == "room ?"


def test_every_text_is_bounded_and_without_nul() -> None:
    long = "\x00" + "é" * 5000
    alert = read(cname=long, uid=long, enContent=long, callId=long, remark=long, projectName=long)
    lengths = [len(t) for t in (alert.cname, alert.user, *alert.conditions, alert.call_id, alert.remark)]
    assert lengths == [256, 64, 120, 64, 120]
    assert "\x00" not in repr(alert)
    assert len(read(enContent=",".join(f"condition {n}" for n in range(500))).conditions) == 10


GARBAGE = {
    "nothing": b"",
    "no JSON": b"alertTime=1",
    "half of it": body()[:40],
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "no UTF-8": b'{"cname": "\xff\xfe"}',
    "half of a character": b'{"cname": "\\ud800"}',
    "deep": b"[" * 60_000,
    "deep in an unknown field": b'{"x":' + b"[" * 60_000,
    "numbers without end": b'{"alertTime": ' + b"9" * 60_000 + b"}",
    "a name that is a list": body(cname=["room"]),
    "a name that is true": body(cname=True),
    "no name": body(cname=None),
    "an empty name": body(cname="\x00"),
    "no time": body(alertTime=None),
    "no number for a time": body(alertTime="soon"),
    "a negative time": body(alertTime="-1631785450000"),
    "a time in other digits": body(alertTime="１６３１７８５４５００００"),
    "a time long ago": body(alertTime="1631785450000"),
    "a time more than a day ahead": body(alertTime=f"{T0 + DAY_S + 1}000"),
    "microseconds": body(alertTime=f"{T0}000000"),
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
def test_what_cannot_be_read_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableAlert, match=r"\w+ \w+ \w+") as error:
        read_alert(content, T0)
    assert len(str(error.value)) < 300
