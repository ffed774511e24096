"""Counts of a sliding window, against counting anew in every minute."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.sliding import NOTHING, distinct

seen = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(-10, 40)), min_size=1, max_size=40
)


@given(rows=seen, window=st.integers(1, 12))
def test_a_window_holds_what_was_seen_in_it(rows: list[tuple[int, int, int]], window: int) -> None:
    series, item, minute = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    found = distinct(series, item, minute, window)
    minutes = np.arange(-12, 60)
    for name in set(series.tolist()):
        expected = [
            len({i for s, i, m in rows if s == name and at - window < m <= at}) for at in minutes.tolist()
        ]
        assert found.of(name).at(minutes).tolist() == expected


def test_nothing_seen_nothing_counted() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    found = distinct(nothing, nothing, nothing, 5)
    assert found.of(0) is NOTHING
    assert found.where(found.count > 0).tolist() == []


@given(rows=seen, window=st.integers(1, 12), least=st.integers(1, 3))
def test_series_are_found_by_their_counts(rows: list[tuple[int, int, int]], window: int, least: int) -> None:
    found = distinct(*(np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)), window)
    expected = [name for name in sorted({row[0] for row in rows}) if found.of(name).count.max() >= least]
    assert found.where(found.count >= least).tolist() == expected
