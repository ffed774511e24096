"""The short form of `make bench-diagnosis`: scenes repeat, bodies say what was put in, scores count right."""

import json

import pytest

from benchmarks.diagnosis import trial
from benchmarks.diagnosis.figures import share
from benchmarks.diagnosis.recording import record
from benchmarks.diagnosis.score import Guess, outcomes
from benchmarks.diagnosis.world import CLASSES, EPOCH, Variant, draw_scene
from bot.agora import read_details_body
from bot.diagnosis import examine


def test_the_same_start_gives_the_same_call() -> None:
    one, other = (record(draw_scene(7, "uplink_loss", "severe", 3, 30)).body() for _ in range(2))
    assert one == other
    assert one != record(draw_scene(8, "uplink_loss", "severe", 3, 30)).body()


def test_the_body_says_what_the_details_say() -> None:
    recording = record(draw_scene(9, "receiver_cpu", "medium", 3, 30))
    read, given = read_details_body(json.dumps(recording.body()).encode()), recording.details()
    assert {s.uid for s in read.sessions} == {s.uid for s in given.sessions}
    assert [t.cause.kind for t in examine(read).incidents] == [t.cause.kind for t in examine(given).incidents]


@pytest.mark.parametrize("label", CLASSES)
def test_severe_calls_of_five_are_mostly_told_right(label: str) -> None:
    scenes = [draw_scene(s, label, "severe", 5, 30, variant=Variant()) for s in range(50, 55)]
    found = [one for scene in scenes for one in trial.plainly(scene).ours]
    assert sum(one.top1 for one in found) >= 0.6 * len(found)


def test_a_guess_counts_by_cause_person_and_time() -> None:
    scene = draw_scene(3, "uplink_loss", "severe", 3, 30)
    (fault,) = scene.faults
    who = str(scene.uids[fault.user])
    start, end = EPOCH + fault.start, EPOCH + fault.end

    def count(kind: str, uid: str | None, at: float = 0.0) -> tuple[bool, bool, bool, bool]:
        (one,) = outcomes(scene, [Guess(start + at, end + at, ((kind, uid),))])
        return one.found, one.top1, one.person, one.accused_wrongly

    other = str(scene.uids[fault.user - 1])
    assert count("uplink_loss", who) == (True, True, True, False)
    assert count("uplink_bandwidth", who) == (True, False, True, False)
    assert count("uplink_loss", other) == (True, False, False, True)
    assert count("undetermined", None) == (True, False, False, False)
    assert count("uplink_loss", who, at=600) == (False, False, False, False)


def test_a_share_has_its_interval() -> None:
    assert share([True] * 9 + [False]) == "0.90 (0.60 to 0.98, n=10)"
    assert share([]) == "-"
