"""The pictures of a verdict, in letters."""

from bot.render.samples import DIAGNOSIS, PICTURES, TOLD
from bot.render.verdict_view import verdict_view


def test_who_sends_nothing_takes_no_row_and_no_column() -> None:
    view = verdict_view(TOLD.verdict, DIAGNOSIS, PICTURES)
    rows = [line.split()[:2] for line in view.strips.splitlines() if "|" in line]
    assert rows == [["44361248", "in"], ["44361248", "out"], ["2000", "in"]]
    header, *cells = [line.split() for line in view.matrix.strip("`\n").splitlines()]
    assert header == ["to", "\\", "from", "44361248"]
    assert cells == [["44361248", "-"], ["2000", "38"]]
