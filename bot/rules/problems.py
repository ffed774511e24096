"""What goes in and what may come back refused: sources, problems with their place, and the one error."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Weight = Literal["error", "warning", "info"]
"""An error keeps the files from being used; a warning is most likely a mistake; info is good to know."""


LONGEST = 1_000_000
"""Bytes or characters of a file, beyond which it is not read."""
MOST = 500
"""Problems of one kind in one file, beyond which no more are told."""


@dataclass(frozen=True, slots=True)
class Source:
    """One rule file: the name to print in problems, and its text. Whoever calls reads the file."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something to correct, at a line and column counted from 1; what it is about ends before ``end_column``.

    ``code`` names the check that found it.
    """

    file: str
    line: int
    column: int
    message: str
    source_line: str = ""
    code: str = "rule/schema"
    weight: Weight = "error"
    end_column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class RulesInvalid(Exception):
    """The rule files cannot be used; nothing of them was taken over."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))
