"""The short forms of `make crash` and `make load`, and the reader of conversations that they rely on."""

import os
from random import Random
from typing import Any

import pytest

from benchmarks.delivery.conversation import differences
from benchmarks.delivery.crash import crash
from benchmarks.delivery.load import load
from benchmarks.delivery.story import Story, write
from tests.conftest import T0

SEED = int.from_bytes(os.urandom(2))
"""Another one in each run; it is told where a run goes wrong, for `make crash`."""


@pytest.mark.parametrize(
    ("database_url", "workers", "kills"),
    [("sqlite", 1, 30), ("postgresql", 2, 20)],
    indirect=["database_url"],
)
def test_workers_killed_at_any_instant_tell_everything_once_and_in_order(
    database_url: str, workers: int, kills: int
) -> None:
    outcome = crash(database_url, seed=SEED, kills=kills, workers=workers)
    assert outcome.wrong == (), f"seed {SEED}"


def test_many_incidents_are_told_once_at_the_pace_of_the_channel() -> None:
    measured = load(incidents=60)
    assert measured.wrong == ()
    assert measured.samples[-1].waiting == 0


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (".ww.", [["opening", "resolved"]]),
        (".wc.", [["opening", "rose", "resolved"]]),
        ("w..........w.", [["opening", "resolved", "reopening", "resolved"]]),
        ("w...........w.", [["opening", "resolved"], ["opening", "resolved"]]),
    ],
)
def test_what_must_be_told_is_read_off_a_story(states: str, expected: list[list[str]]) -> None:
    assert Story(start=T0, states={"p0": states}).to_tell() == {"p0": expected}


def test_a_story_ends_healthy_and_never_falls_from_critical_to_warning() -> None:
    told = write(Random(SEED), start=T0, projects=3, minutes=500).states.values()
    assert [len(states) for states in told] == [500] * 3
    assert not any("cw" in states or not states.endswith(".") for states in told)


def said(seq: int, ts: str, text: str) -> dict[str, Any]:
    payload = {"incident": "7-abc-1", "seq": seq}
    return {
        "ts": ts,
        "text": text,
        "metadata": {"event_type": "agora_bot_incident", "event_payload": payload},
    }


FIRST = said(5, "1.0", "[RESOLVED] Freeze in p0: lasted 2 min, peak 7 %")
ROSE = said(2, "2.0", "Freeze: Severity rose to critical at 20 %.")
RESOLVED = said(3, "3.0", "Freeze: Resolved after 2 min. Peak 20 %, now 1 %.")
STILL_OPEN = said(5, "1.0", "[WARNING] Freeze in p0: 7 %")


@pytest.mark.parametrize(
    "wrong",
    [
        [FIRST, RESOLVED],
        [FIRST, ROSE, ROSE, RESOLVED],
        [FIRST, FIRST, ROSE, RESOLVED],
        [FIRST, {**ROSE, "ts": "4.0"}, RESOLVED],
        [{**FIRST, "ts": "5.0"}, ROSE, RESOLVED],
        [STILL_OPEN, ROSE, RESOLVED],
        [],
    ],
    ids=["lost", "doubled", "two first", "out of order", "first is last", "not up to date", "nothing"],
)
def test_whatever_is_wrong_in_a_conversation_is_seen(wrong: list[dict[str, Any]]) -> None:
    to_tell = {"p0": [["opening", "rose", "resolved"]]}
    assert differences("c", [FIRST, ROSE, RESOLVED], to_tell) == []
    assert len(differences("c", wrong, to_tell)) >= 1
