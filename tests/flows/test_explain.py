"""Explanations: the sentence, what it rests on, and the golden text of each kind of rule."""

import os
from pathlib import Path

import pytest

from bot.flows.backtest import chosen
from bot.flows.explain import ROWS, Question, explain
from bot.flows.stored import stored
from bot.model.explanation import Explanation, Holds
from bot.render.explain_text import explain_text
from bot.store import Database
from tests.flows import history

GOLDEN = Path(__file__).parent / "golden"


def explained(
    database: Database,
    name: str,
    at: int,
    *,
    text: str = history.RULES,
    project: str = "lessons",
    **labels: str,
) -> Explanation:
    rules = chosen(history.rules(text), [name])
    rule = next(rule for rule in rules.rules if rule.name == name)
    question = Question(rule=rule, project=project, labels=labels, at=at)
    return explain(question, rules, stored(database, [project]))


@pytest.fixture
def known(sqlite: Database) -> Database:
    history.save(sqlite)
    return sqlite


@pytest.mark.parametrize(
    ("name", "hour", "minute", "expected"),
    [
        (
            "Freeze",
            8,
            0,
            "did not fire in lessons at 2026-11-01 08:00 UTC: average video freeze over 3 min is 1 %",
        ),
        (
            "Freeze",
            9,
            4,
            "is pending in lessons at 2026-11-01 09:04 UTC: average video freeze over 3 min is 7 %, and",
        ),
        ("Freeze", 9, 4, "; it holds since 09:03 and fires in 1 min if it stays so."),
        ("Freeze", 9, 12, "fires as critical since 09:05 in lessons"),
        ("Freeze", 9, 21, "; healthy since 09:20, resolved at 09:23 if it stays so."),
        ("Freeze", 9, 23, "was resolved after firing since 09:05 in lessons"),
        ("Freeze", 11, 10, "could not be judged in lessons"),
        ("Freeze", 11, 10, "too little is known; of the feed experience 0 of 3 minutes known."),
        ("Sender", 9, 7, "fires as critical since 09:06 in lessons, cname room-<1>"),
        (
            "Sender",
            12,
            0,
            "affected users within 4 min, by the user blamed most is 0, and the rule wants at least 2.",
        ),
        ("Unusual", 9, 5, "fires as warning since 09:01 in lessons"),
        (
            "Outage",
            9,
            8,
            "Freeze: firing since 09:05 (must hold: firing within 5 min); Sender: firing since 09:06",
        ),
        ("Outage", 8, 0, "did not fire in lessons at 2026-11-01 08:00 UTC: Freeze: not active"),
        (
            "BadCall",
            9,
            15,
            "fires as critical since 09:15 in lessons, cname room-<1> at 2026-11-01 09:15 UTC",
        ),
        ("BadCall", 9, 15, "video freeze of a call is 31 %, and the rule wants above 25 %."),
        ("BadCall", 12, 35, "calls to judge: 0 that ended from 12:30 to 12:31."),
        ("ManyBadCalls", 9, 20, "bad calls within 30 min is 5, and the rule wants at least 2"),
    ],
)
def test_one_sentence_says_the_answer(
    known: Database, name: str, hour: int, minute: int, expected: str
) -> None:
    answer = explained(known, name, history.minute(hour, minute)).answer
    assert answer.startswith(name)
    assert expected in answer


@pytest.mark.parametrize(
    ("file", "name", "hour", "minute"),
    [
        ("explain_metric", "Freeze", 9, 21),
        ("explain_events", "Sender", 9, 7),
        ("explain_baseline", "Unusual", 9, 5),
        ("explain_composite", "Outage", 9, 8),
        ("explain_gap", "Freeze", 11, 31),
        ("explain_call", "BadCall", 9, 20),
        ("explain_calls", "ManyBadCalls", 9, 20),
    ],
)
def test_the_text_is_the_golden_one(database: Database, file: str, name: str, hour: int, minute: int) -> None:
    history.save(database)
    written = explain_text(explained(database, name, history.minute(hour, minute)))
    path = GOLDEN / f"{file}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(written, "utf-8")
    assert written == path.read_text("utf-8")


def test_events_that_do_not_count_are_told_by_reason(known: Database) -> None:
    lists = dict(explained(known, "Sender", history.minute(9, 7)).lists)
    assert lists["users"] == "1, 2, 3, 4"
    assert lists["blamed users"] == "77, 78"
    assert set(lists["not counted"].split(", ")) == {
        "1 of another experience",
        "1 refused by where",
        "1 blaming no other user",
        "1 counting for another alert of the rule",
        "1 lacking a cause that is asked for",
        "2 with a cause that is refused",
    }


def test_a_channel_that_is_named_is_the_one_that_is_explained(known: Database) -> None:
    found = explained(known, "Sender", history.minute(9, 7), cname="room-2")
    assert dict(found.labels)["cname"] == "room-2"
    assert "did not fire in lessons, cname room-2" in found.answer
    assert "is at least 1, and the rule wants at least 2" in found.answer
    assert found.notes == (
        "Other alerts of the rule are open, too: cname=room-<1>. Choose one with --label.",
    )


@pytest.mark.parametrize("at", [history.minute(9, 21), history.minute(11, 31), history.START + 60])
def test_there_is_a_row_for_each_of_the_last_minutes(known: Database, at: int) -> None:
    rows = explained(known, "Freeze", at).rows
    assert [row.minute for row in rows] == list(range(at - (ROWS - 1) * 60, at + 1, 60))


def test_the_states_of_the_rows_are_those_of_the_life(known: Database) -> None:
    states = [row.state for row in explained(known, "Freeze", history.minute(9, 12)).rows]
    assert states == ["inactive"] * 2 + ["pending"] * 2 + ["firing"] * 8


def test_a_rule_that_is_switched_off_says_so(known: Database) -> None:
    off = history.RULES.replace("        for: 2m\n", "        for: 2m\n        enabled: false\n")
    found = explained(known, "Freeze", history.minute(9, 12), text=off)
    assert found.answer.endswith("the rule is switched off.")
    assert "enabled: false" in found.notes[0]


def test_an_alert_that_holds_for_long_is_followed_back_to_its_beginning(known: Database) -> None:
    low = history.RULES.replace(
        "warning: 5, critical: 10}, resolve_threshold: 4", "warning: 0.5, critical: 10}"
    )
    found = explained(known, "Freeze", history.minute(15, 0), text=low)
    assert found.clocks[0] == "condition since 06:01, firing since 06:03"


def test_the_history_of_a_baseline_is_told(known: Database) -> None:
    checks = {check.name: check for check in explained(known, "Unusual", history.minute(9, 5)).checks}
    compared = "average video freeze over 3 min against what is usual"
    assert checks["points of earlier days"].seen == "21 (1 d before)"
    assert checks["usual then"].seen == "median 1 %, scale 0.5 %"
    assert checks[compared].wanted == "above 2.8 % (robust zscore 3.5)"
    assert checks[compared].holds is Holds.YES
