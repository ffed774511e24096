"""Problems as people, programs and GitHub read them."""

import json

import pytest

from bot.rules import Problem, Source, examine
from bot.rules.report import as_annotation, as_json, as_text
from tests.rules.golden_cases import metric, rule

PROBLEM = Problem("a,b.yml", 3, 10, "50% of 1, why?\nso", "    for: 30 s # x", "alerts/for", "warning", 14)


def carets(lines: list[str]) -> list[str]:
    """Return what the carets of all problems of a rule stand below."""
    found = examine([Source("a.yml", rule(*lines))]).problems
    blocks = [as_text(problem).splitlines() for problem in found]
    return [line[mark.index("^") : mark.rindex("^") + 1] for _, line, mark in blocks]


def test_text_has_the_line_and_a_caret_below_the_value() -> None:
    assert as_text(PROBLEM) == (
        "a,b.yml:3:10: warning [alerts/for] 50% of 1, why?\nso\n  3 |     for: 30 s # x\n    |          ^^^^"
    )


@pytest.mark.parametrize(
    ("lines", "below"),
    [
        pytest.param([metric(), "for: 3 minutes # long"], ["3 minutes"], id="plain words"),
        pytest.param([metric(), """for: "3 \\"minutes\\"" """], [r'"3 \"minutes\""'], id="escaped quotes"),
        pytest.param([metric(), "for: 'it''s'"], ["'it''s'"], id="single quotes"),
        pytest.param([metric(), "fro: 3m"], ["fro"], id="key"),
        pytest.param([metric(), "by: [project, 5]"], ["5"], id="item"),
        pytest.param([metric(), "by: {project: 1}"], ["{project: 1}"], id="flow mapping"),
        pytest.param([metric(), "for: [1, 2]"], ["[1, 2]"], id="flow list"),
        pytest.param([metric(), "for:", "  a: 1"], ["a"], id="block mapping"),
        pytest.param([metric(), "for:", "  - 1"], ["-"], id="block list"),
        pytest.param([metric(), "for: |", "  1"], ["|"], id="block of text"),
        pytest.param([metric(), "labels: {severity: fatal}"], ["fatal"], id="value in a flow"),
    ],
)
def test_the_caret_is_below_all_of_what_is_wrong(lines: list[str], below: list[str]) -> None:
    assert carets(lines) == below


def test_wide_letters_are_two_columns_wide() -> None:
    _, line, mark = as_text(Problem("a.yml", 1, 5, "m", "通话: 质", end_column=6)).splitlines()
    assert (line, mark) == ("  1 | 通话: 质", "    |       ^^")


def test_of_a_long_line_the_part_around_the_problem_is_shown() -> None:
    line = "a" * 5000 + "BAD" + "c" * 5000
    _, shown, mark = as_text(Problem("a.yml", 1, 5001, "m", line, end_column=5004)).splitlines()
    assert len(shown) < 140
    assert shown[mark.index("^") : mark.rindex("^") + 1] == "BAD"
    assert shown.count("…") == 2


def test_a_problem_as_long_as_its_line_is_shown_from_its_start() -> None:
    _, shown, mark = as_text(Problem("a.yml", 1, 1, "m", "x" * 9000, end_column=9001)).splitlines()
    assert (len(shown) < 140, len(mark) < 140, mark.count("^") > 100) == (True, True, True)


def test_a_problem_of_an_empty_line_has_no_caret() -> None:
    assert as_text(Problem("a.yml", 1, 1, "m")) == "a.yml:1:1: error [rule/schema] m"


def test_github_annotations_are_escaped() -> None:
    assert as_annotation(PROBLEM) == (
        "::warning file=a%2Cb.yml,line=3,col=10,endColumn=14,title=alerts/for::50%25 of 1, why?%0Aso"
    )


def test_json_has_every_field() -> None:
    (row,) = json.loads(as_json([PROBLEM]))
    assert row == {
        "file": "a,b.yml",
        "line": 3,
        "column": 10,
        "end_column": 14,
        "severity": "warning",
        "code": "alerts/for",
        "message": "50% of 1, why?\nso",
        "source": "    for: 30 s # x",
    }
