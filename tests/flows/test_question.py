"""What people type, and what they are told when it cannot be answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flows.question import Unclear, call_question
from tests.conftest import T0

HOUR, DAY = 3600, 86_400
MIDNIGHT = T0 // DAY * DAY


@pytest.mark.parametrize(
    ("text", "cname", "since"),
    [
        pytest.param("lesson-7b", "lesson-7b", T0 - DAY, id="a day back by default"),
        pytest.param("lesson-7b 2h", "lesson-7b", T0 - 2 * HOUR, id="hours"),
        pytest.param("lesson-7b 30m", "lesson-7b", T0 - 1800, id="minutes"),
        pytest.param("lesson-7b 3d", "lesson-7b", T0 - 3 * DAY, id="all that Agora keeps"),
        pytest.param("lesson-7b 09:30", "lesson-7b", MIDNIGHT + 9 * HOUR + 1800, id="a time of today"),
        pytest.param("x 2023-11-13", "x", MIDNIGHT - DAY, id="a date"),
        pytest.param("x 2023-11-13 10:00", "x", MIDNIGHT - DAY + 10 * HOUR, id="date and time"),
        pytest.param("x 2023-11-13T10:00", "x", MIDNIGHT - DAY + 10 * HOUR, id="with a T"),
        pytest.param("15056678066620", "15056678066620", T0 - DAY, id="only digits"),
        pytest.param("my room 2h", "my room", T0 - 2 * HOUR, id="a name with a space"),
        pytest.param('"room 2h"', "room 2h", T0 - DAY, id="quotes keep a name"),
        pytest.param("“room 2h” 1h", "room 2h", T0 - HOUR, id="typographic quotes too"),
        pytest.param("a&amp;b&lt;c&gt; 1h", "a&b<c>", T0 - HOUR, id="entities of Slack"),
        pytest.param("2h", "2h", T0 - DAY, id="a lone word is a name"),
        pytest.param("  x   1h ", "x", T0 - HOUR, id="spaces around"),
    ],
)
def test_words_become_a_question(text: str, cname: str, since: int) -> None:
    question = call_question(text, T0, 3 * DAY)
    assert (question.cname, question.window.start, question.window.end) == (cname, since, T0)


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        pytest.param("", "A name is missing", "/agora-call <cname> [since]", id="nothing"),
        pytest.param("x 4d", "Agora keeps calls for 3 days", "3d", id="too long ago"),
        pytest.param("x 2020-01-01", "Agora keeps calls for 3 days", "3d", id="a date long ago"),
        pytest.param("x 2031-01-01", "not in the past", "UTC", id="the future"),
        pytest.param("x 23:59", "not in the past", "UTC", id="later today"),
        pytest.param("x 2023-13-45", "not a time", "2026-11-23 09:30", id="no such date"),
        pytest.param("x 25:00", "not a time", "30m", id="no such time"),
        pytest.param("x 0m", "not in the past", "2h", id="no time at all"),
    ],
)
def test_what_cannot_be_answered_says_what_to_write(text: str, sentence: str, hint: str) -> None:
    with pytest.raises(Unclear) as unclear:
        call_question(text, T0, 3 * DAY)
    assert sentence in str(unclear.value)
    assert hint in unclear.value.hint


@pytest.mark.parametrize(
    ("days", "sentence", "hint"),
    [(1, "for 1 day.", "`1d`"), (7, "for 7 days.", "`7d`"), (15, "15 days", "`15d`")],
)
def test_what_is_too_long_ago_depends_on_the_plan(days: int, sentence: str, hint: str) -> None:
    assert call_question(f"x {days}d", T0, days * DAY).window.start == T0 - days * DAY
    with pytest.raises(Unclear) as unclear:
        call_question(f"x {days + 1}d", T0, days * DAY)
    assert sentence in str(unclear.value)
    assert hint in unclear.value.hint


@given(text=st.text(max_size=60))
def test_any_words_are_a_question_or_a_sentence(text: str) -> None:
    try:
        question = call_question(text, T0, 3 * DAY)
    except Unclear as unclear:
        assert str(unclear)
    else:
        assert question.cname
        assert T0 - 3 * DAY <= question.window.start < T0
