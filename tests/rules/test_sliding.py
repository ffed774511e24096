"""Counts of a sliding window, against counting anew in every minute."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.sliding import distinct

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
        assert found[name].at(minutes).tolist() == expected


def test_nothing_seen_nothing_counted() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert distinct(nothing, nothing, nothing, 5) == {}
