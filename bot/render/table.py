"""Tables as monospaced text, for Slack's code blocks and for terminals."""

import unicodedata
from collections.abc import Sequence

from bot.render import words


def monospaced(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> str:
    """Return the rows under their header in a mrkdwn code block; columns in ``right`` hold numbers.

    Cells are other people's text: backticks become apostrophes and Slack's control characters entities.
    """
    filled = [[text if text.strip() else "-" for text in row] for row in (header, *rows)]
    lines = aligned(filled, right=right, widest=40)
    return "```" + words.entities("\n".join(lines).replace("`", "'")) + "```"


def aligned(
    rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset(), widest: int = 80
) -> list[str]:
    """Return a line for each row, its cells of at most ``widest`` characters in columns; without control
    characters, which other people's text could send to a terminal."""
    cells = [[words.clean(text, widest) for text in row] for row in rows]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(cells[0]))] if cells else []
    return [_line(row, widths, right) for row in cells]


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
