"""/agora-user, and what /agora-call knows beyond Agora's list."""

from dataclasses import replace

import pytest

from bot.model.call import Call
from bot.model.feedback import Told, Verdict
from bot.model.observation import CauseTag, DiagnosisEvent, FinishedCall
from bot.model.suspect import Suspect
from bot.store import calls, observations, suspects
from tests.conftest import T0
from tests.slack.conftest import ROOM, House
from tests.slack.test_commands import bad_details, some_calls
from tests.slack.test_incidents import ask

BAD = DiagnosisEvent(
    ts=T0 - 600,
    cname="lesson-7b",
    user="7",
    experience_id=4,
    tags=(CauseTag(factor_id=21, host_user="9"), CauseTag(factor_id=29, host_user="")),
)


def save_events(house: House, *events: DiagnosisEvent) -> None:
    with house.database.transaction() as tx:
        observations.save_events(tx, "p", events, T0)


def examined(house: House, call: Call, verdict: str, uid: str = "9") -> None:
    """Leave what the doctor leaves of a call that he looked at."""
    one = Suspect(call=call, score=1.0)
    said = Verdict(
        project="p", call_id=call.call_id, verdict=verdict, kind="uplink_loss", uid=uid, confidence=0.9
    )
    with house.database.transaction() as tx:
        suspects.save(tx, "p", [one], T0 - 60)
        found = Told(verdict=said, cname=call.cname, headline=f"Video of {uid} was bad")
        suspects.examined(tx, one, found, until=T0)


def test_a_user_who_suffered_is_told_with_causes_and_channels(house: House) -> None:
    save_events(house, *(replace(BAD, ts=T0 - 60 * n) for n in (5, 6, 7)), replace(BAD, user="8"))
    said = ask(house, "7", 1, "/agora-user")
    assert "3 bad moments: video freeze ×3" in said
    assert "of `9` ×3" in said and "in `lesson-7b`" in said
    assert "`lesson-7b` · 3 bad moments" in said
    house.agora.calls_known = some_calls(1)
    house.slack.click(channel=ROOM, ts=house.slack.messages(ROOM)[-1]["ts"], action_id="older_calls")
    assert "in `lesson-7b`" in house.answers(2)[-1]


def test_a_user_from_whom_others_suffered_is_told_with_what_the_doctor_found(house: House) -> None:
    save_events(house, BAD, replace(BAD, user="8"), replace(BAD, user="99", tags=()))
    examined(house, some_calls(1)[0], "bad")
    said = ask(house, "9", 1, "/agora-user")
    assert "No bad moment of their own" in said
    assert "2 bad moments of 2 other users came from this user" in said
    assert "`lesson-7b`: Video of 9 was bad" in said


@pytest.mark.parametrize("uid", ["9%", "_", "9\\"])
def test_a_user_id_is_no_pattern(house: House, uid: str) -> None:
    save_events(house, BAD)
    assert "*Nothing bad is known*" in ask(house, uid, 1, "/agora-user")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Which user"),
        ("7 90d", "too long ago"),
        ("7 8 9", "is no user id"),
        ("7 in lesson", "no user id"),
    ],
)
def test_what_is_unclear_is_answered_with_what_to_write(house: House, text: str, sentence: str) -> None:
    assert sentence in ask(house, text, 1, "/agora-user")


def test_each_call_has_a_mark_of_how_it_was(house: House) -> None:
    well, bad, rated, unknown = some_calls(4)
    house.agora.calls_known = [well, bad, replace(rated, video_freeze_rate=3.2), unknown]
    examined(house, well, "clean")
    examined(house, bad, "bad")
    lines = ask(house, "lesson-7b", 1, "/agora-call")
    marked = [line for line in lines.splitlines() if "`call000" in line]
    assert [line.split()[0] for line in marked] == [
        ":large_green_circle:",
        ":red_circle:",
        ":large_yellow_circle:",
        ":white_circle:",
    ]
    assert "Video of 9 was bad" in lines and "3.2 % of the video froze" in lines


def test_a_name_that_is_nearly_right_is_asked_back(house: House) -> None:
    save_events(house, replace(BAD, cname="lesson-algebra-7b"), replace(BAD, cname="other"))
    said = ask(house, "Lesson-Algebra-7", 1, "/agora-call")
    assert "Did you mean `lesson-algebra-7b`?" in said and "`other`" not in said
    house.agora.calls_known = some_calls(2, "lesson-algebra-7b")
    house.slack.click(channel=ROOM, ts=house.slack.messages(ROOM)[-1]["ts"], action_id="older_calls")
    assert "2 calls" in house.answers(2)[-1]


@pytest.mark.parametrize("link", [False, True], ids=["an id", "a link to the console"])
def test_a_call_is_found_by_its_id(house: House, link: bool) -> None:
    house.agora.told = bad_details
    known = FinishedCall(
        call_id="8f2c71d09be44a1c", cname="lesson-7b", created_ts=T0 - 900, destroyed_ts=T0 - 300
    )
    with house.database.transaction() as tx:
        calls.save(tx, "p", [known], T0)
    address = "https://console.agora.io/analytics/call/qoe?id=8f2c71d09be44a1c&amp;x=1"
    assert "*Bad call*" in ask(house, address if link else known.call_id, 1, "/agora-call")


def test_a_link_to_a_call_that_nobody_saw_says_what_to_ask(house: House) -> None:
    said = ask(house, "https://console.agora.io/analytics/call/qoe?id=8f2c71d09be44a1c", 1, "/agora-call")
    assert "by their channel only" in said
