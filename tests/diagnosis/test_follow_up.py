"""What becomes of a diagnosis: events for rules, and which calls are worth one."""

from dataclasses import replace

import pytest

from bot.diagnosis import FACTORS_FOUND, as_events, noticed
from bot.model.call import Call
from bot.model.catalog import FACTORS
from bot.model.diagnosis import (
    CallVerdict,
    Cause,
    CauseKind,
    DataQuality,
    Diagnosis,
    Media,
    Scope,
    Trouble,
)
from bot.model.observation import CauseTag

AGO = 1000
CALL = Call(call_id="c", cname="room", started_at=AGO, ended_at=AGO + 1800, video_freeze_rate=5.0)
GOES_ON = replace(CALL, ended_at=None)


def diagnosis(*causes: Cause, media: Media = Media.VIDEO) -> Diagnosis:
    trouble = Trouble(
        start=100,
        end=400,
        media=media,
        scope=Scope.SENDER,
        pairs=(("2", "1"), ("3", "1")),
        causes=causes,
        next_step="",
        red=True,
    )
    return Diagnosis(
        verdict=CallVerdict.BAD,
        headline="",
        start=0,
        end=900,
        users=("1", "2", "3"),
        incidents=(trouble,),
        affected=(),
        events=(),
        assumptions=(),
        quality=DataQuality(coverage=100.0),
    )


def cause(kind: CauseKind, uid: str | None = "1", confidence: float = 0.9) -> Cause:
    return Cause(kind=kind, uid=uid, confidence=confidence)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            diagnosis(cause(CauseKind.UPLINK_LOSS)),
            {
                ("2", 4, (CauseTag(factor_id=21, host_user="1"),)),
                ("3", 4, (CauseTag(factor_id=21, host_user="1"),)),
            },
        ),
        (
            diagnosis(cause(CauseKind.UPLINK_LOSS), media=Media.AUDIO),
            {
                ("2", 5, (CauseTag(factor_id=22, host_user="1"),)),
                ("3", 5, (CauseTag(factor_id=22, host_user="1"),)),
            },
        ),
        (
            diagnosis(cause(CauseKind.RECEIVER_CPU, "2")),
            {("2", 4, (CauseTag(factor_id=10),)), ("3", 4, (CauseTag(factor_id=10, host_user="2"),))},
        ),
        (diagnosis(cause(CauseKind.UPLINK_LOSS, confidence=0.59)), {("2", 4, ()), ("3", 4, ())}),
        (diagnosis(cause(CauseKind.SERVICE, None)), {("2", 4, ()), ("3", 4, ())}),
        (diagnosis(cause(CauseKind.DUPLICATE_UID, "2")), {("2", 5, (CauseTag(factor_id=1),))}),
        (diagnosis(cause(CauseKind.JOIN_DELAY, "2")), {("2", 6, ())}),
    ],
    ids=["video", "audio", "one's own", "not likely", "nobody's", "a stay", "a join"],
)
def test_users_who_suffered_become_events_with_the_causes_that_are_likely(
    found: Diagnosis, expected: set[object]
) -> None:
    events = as_events(found, "room")
    assert {(e.user, e.experience_id, e.tags) for e in events} == expected
    assert {(e.ts, e.cname, e.source) for e in events} == {(100, "room", "doctor")}


@pytest.mark.parametrize(("since", "starts"), [(50, {100}), (200, {200}), (350, set()), (500, set())])
def test_what_an_earlier_examination_told_is_not_told_again(since: int, starts: set[int]) -> None:
    found = as_events(diagnosis(cause(CauseKind.UPLINK_LOSS)), "room", since)
    assert {event.ts for event in found} == starts


def test_every_factor_is_one_of_agoras() -> None:
    assert FACTORS.keys() >= FACTORS_FOUND


@pytest.mark.parametrize(
    ("call", "alerted", "due_in_s"),
    [
        (CALL, False, 1800 + 302),
        (replace(CALL, video_freeze_rate=1.2), False, None),
        (replace(CALL, video_freeze_rate=1.2), True, 1800 + 302),
        (replace(CALL, video_freeze_rate=0.0, audio_freeze_rate=0.8), False, 1800 + 302),
        (replace(CALL, video_freeze_rate=None), False, None),
        (GOES_ON, False, 120 + 302),
    ],
    ids=["bad", "fine", "fine but alerted", "bad audio", "unknown", "goes on"],
)
def test_a_suspicious_call_is_due_when_its_data_are_there(
    call: Call, alerted: bool, due_in_s: int | None
) -> None:
    found = noticed(call, None, alerted=alerted, delay_s=300, now=AGO)
    assert (found.due_at if found else None) == (AGO + due_in_s if due_in_s else None)


@pytest.mark.parametrize(
    ("rate", "after_s", "again"),
    [(5.0, 600, False), (5.0, 1300, True), (1.0, 1300, False), (2.6, 1300, False), (3.5, 1300, True)],
    ids=["too soon", "as bad as ever", "better since", "just diluted", "a little bad"],
)
def test_a_call_that_goes_on_is_examined_again_only_when_it_was_bad_since(
    rate: float, after_s: int, again: bool
) -> None:
    first = noticed(GOES_ON, None, alerted=False, delay_s=300, now=AGO + 1300)
    assert first is not None
    examined = replace(first, due_at=None, examined_until=AGO + 1000, examined_score=first.score)
    now = AGO + 1000 + 300 + after_s
    found = noticed(replace(GOES_ON, video_freeze_rate=rate), examined, alerted=False, delay_s=300, now=now)
    assert found is not None
    assert (found.due_at == now, found.due_at is None) == (again, not again)
