"""Tables as monospaced text, for Slack's code blocks."""

import unicodedata
from collections.abc import Sequence

from bot.render import words


def monospaced(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> str:
    """Return the rows under their header in a mrkdwn code block; columns in ``right`` hold numbers.

    Cells are other people's text: backticks become apostrophes and Slack's control characters entities.
    """
    cells = [[_cell(text) for text in row] for row in (header, *rows)]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(header))]
    lines = [_line(row, widths, right) for row in cells]
    return "```" + words.entities("\n".join(lines)) + "```"


def _cell(text: str) -> str:
    return words.clean(text, 40).replace("`", "'") or "-"


def _line(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    padded = []
    for i, (text, width) in enumerate(zip(row, widths, strict=True)):
        gap = " " * (width - _width(text))
        padded.append(gap + text if i in right else text + gap)
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Return the columns that ``text`` takes: East Asian wide characters take two, combining marks none."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
