"""Windows put together two by two."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.rolling import rolling

lines = st.lists(st.integers(-1000, 1000), min_size=1, max_size=40)


@given(line=lines, data=st.data())
@pytest.mark.parametrize("combine", [np.add, np.fmin, np.fmax], ids=lambda ufunc: ufunc.__name__)
def test_every_window_is_that_of_its_own_values(
    combine: np.ufunc, line: list[int], data: st.DataObject
) -> None:
    span = data.draw(st.integers(1, len(line)))
    expected = [combine.reduce(line[first : first + span]) for first in range(len(line) - span + 1)]
    assert rolling(combine, np.array([line]), span).tolist() == [expected]


@given(line=st.lists(st.floats(0, 100), min_size=7, max_size=30), span=st.integers(1, 4))
def test_a_window_rounds_the_same_wherever_the_line_begins(line: list[float], span: int) -> None:
    whole = rolling(np.add, np.array([line]), span)
    assert rolling(np.add, np.array([line[3:]]), span).tolist() == whole[:, 3:].tolist()


def test_unknown_values_are_passed_over_by_extremes() -> None:
    line = np.array([[np.nan, 2.0, np.nan, np.nan, 1.0]])
    np.testing.assert_equal(rolling(np.fmin, line, 2), [[2.0, 2.0, np.nan, 1.0]])
