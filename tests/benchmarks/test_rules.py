"""The short form of `make bench-rules`: both judges agree, and the work grows with its size and no faster."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.rules import backtest, events, tick
from benchmarks.rules.causes import cause_rules
from benchmarks.rules.history import History
from benchmarks.rules.measure import Stopwatch, per_doubling
from benchmarks.rules.twins import TWINS

SLACK = 2.0
"""How much more than linear is still put down to a busy machine; a square would be 4 here."""


def judged_days(days: float) -> float:
    history, watch = History.make(4, days), Stopwatch()
    with watch:
        backtest.backtest(history)
    return watch.cpu_s


def judged_events(count: float) -> float:
    return events.from_columns(int(count))[0].cpu_s


def judged_projects(count: float) -> float:
    return tick.in_memory(int(count)).cpu_s


@pytest.mark.parametrize(
    ("work", "small"),
    [(judged_days, 0.5), (judged_events, 10_000), (judged_projects, 50)],
    ids=["minutes", "events", "projects"],
)
def test_four_times_the_size_takes_about_four_times_as_long(
    work: Callable[[float], float], small: float
) -> None:
    work(small)  # imports and compiled templates are paid for
    one, four = (min(work(size) for _ in range(3)) for size in (small, 4 * small))
    assert four < 4 * SLACK * one


def test_outbreaks_of_causes_are_found() -> None:
    _, fired = events.from_columns(20_000)
    assert 15 < fired < 60
    assert len(cause_rules().rules) == len(TWINS) == 20


def test_growth_is_told_as_a_factor_for_each_doubling() -> None:
    assert per_doubling([1, 2, 4], [1.0, 2.2, 4.0]) == 2.0
    with pytest.raises(ValueError, match="double"):
        per_doubling([1, 3], [1.0, 3.0])


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[backtest.Fired]]:
    """A folder with the series of three projects, and what we say fires."""
    folder = tmp_path_factory.mktemp("contest")
    backtest.prepare(folder, 3, 0.5)
    return folder, backtest.ours(folder)[1]


def promtool_agrees(folder: Path, fired: list[backtest.Fired]) -> bool:
    return backtest.promtool(backtest.write_test(folder, fired)[0])[1]


needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool"), reason="Debian's prometheus is not installed"
)


@needs_promtool
def test_promtool_finds_what_we_find(contest: tuple[Path, list[backtest.Fired]]) -> None:
    folder, fired = contest
    assert len({span.alert for span in fired}) > 10
    assert promtool_agrees(folder, fired)


@needs_promtool
@pytest.mark.parametrize("minutes", [(1, 0), (0, 1)], ids=["begins later", "ends later"])
def test_promtool_would_tell_if_one_alert_were_wrong(
    contest: tuple[Path, list[backtest.Fired]], minutes: tuple[int, int]
) -> None:
    folder, fired = contest
    of_alert = Counter(span.alert for span in fired)
    rare = next(span for span in fired if span.end and of_alert[span.alert] <= backtest.SPANS_CHECKED)
    wrong = replace(rare, start=rare.start + minutes[0], end=(rare.end or 0) + minutes[1])
    assert not promtool_agrees(folder, [wrong if span is rare else span for span in fired])
