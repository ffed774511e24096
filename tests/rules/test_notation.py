"""Promtool's notation of series."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.notation import series, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2.5 -3", [1.0, 2.5, -3.0]),
        ("6x3", [6.0, 6.0, 6.0, 6.0]),
        ("1+2x3", [1.0, 3.0, 5.0, 7.0]),
        ("9-0.5x2", [9.0, 8.5, 8.0]),
        ("-2+4x1", [-2.0, 2.0]),
        ("1e1 .5", [10.0, 0.5]),
        ("_ 1 _x2 stale", [None, 1.0, None, None, None]),
        ("", []),
    ],
)
def test_values(text: str, expected: list[float | None]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize("text", ["x3", "6x", "6y3", "1+x3", "__", "NaN", "6 , 7", "6x99999999999"])
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no value|more than"):
        values(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pcu", ("pcu", {})),
        ('pcu{project="p"}', ("pcu", {"project": "p"})),
        (' pcu { project = "a b" , x="" } ', ("pcu", {"project": "a b", "x": ""})),
    ],
)
def test_series(text: str, expected: tuple[str, dict[str, str]]) -> None:
    assert series(text) == expected


@pytest.mark.parametrize("text", ["", "1pcu", "pcu{project=p}", "pcu{", 'pcu{="p"}'])
def test_what_is_no_series(text: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        series(text)


@given(st.text(max_size=40))
def test_any_text_is_values_or_refused(text: str) -> None:
    try:
        values(text)
        series(text)
    except ValueError as refused:
        assert str(refused)
