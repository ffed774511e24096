"""Comments that switch a check off: ``# lint disable NAME`` in a rule, ``# lint file/disable NAME`` in one.

``# lint snooze 2027-01-31 NAME`` and ``# lint file/snooze ...`` do so until that day has passed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.rules.document import Document, Path
from bot.rules.lints import CHECKS
from bot.rules.problems import Problem
from bot.rules.wording import unknown

_COMMENT = re.compile(r"(?:^|\s)(#\s*lint\s(.*))")
_WORDS = re.compile(r"(file/)?(?:disable|snooze\s+(\d{4}-\d\d-\d\d))\s+(\S+)")
_FAULT = ("lint/comment", CHECKS["lint/comment"])


@dataclass(frozen=True, slots=True)
class Comments:
    """The checks that are off in a file, and in spans of its lines (first, last, counted from 1)."""

    everywhere: frozenset[str]
    spans: tuple[tuple[int, int, str], ...]
    problems: tuple[Problem, ...]

    def keep(self, problem: Problem) -> bool:
        """Return whether a finding is to be told."""
        if problem.code in self.everywhere:
            return False
        return not any(
            first <= problem.line <= last and problem.code == check for first, last, check in self.spans
        )


def comments_of(document: Document, rules: Sequence[Path], today: str = "") -> Comments:
    """Return what the comments of a file say; one belongs to the rule in which, or above which, it is.

    ``today`` is the day as YYYY-MM-DD; where nobody knows it, every snooze holds.
    """
    lines = document.lines
    starts = sorted(node.place[0] + 1 for path in rules if (node := document.at(path)))
    everywhere: set[str] = set()
    spans: list[tuple[int, int, str]] = []
    problems: list[Problem] = []
    for number, column, whole_file, until, check in _found(lines):
        if check not in CHECKS:
            message = "not understood; write # lint disable CHECK, or # lint snooze 2027-01-31 CHECK"
            if check:
                message = unknown("check", check, CHECKS, "docs/reference/rules.md lists them")
            problems.append(document.problem_at((number - 1, column), message, *_FAULT))
        elif until and until < today:
            message = f"the snooze of {check} ended with {until}; correct what it hid, or set a later day"
            problems.append(document.problem_at((number - 1, column), message, *_FAULT))
        elif whole_file:
            everywhere.add(check)
        else:
            spans.append((*_span(number, starts, lines), check))
    return Comments(frozenset(everywhere), tuple(spans), tuple(problems))


def _found(lines: Sequence[str]) -> Iterator[tuple[int, int, bool, str, str]]:
    """Yield line, column, whether the whole file is meant, the last day of a snooze, and the check; both may
    be empty."""
    for number, line in enumerate(lines, 1):
        for found in _COMMENT.finditer(line):
            words = _WORDS.match(found[2].strip())
            file, until, check = words.groups(default="") if words else ("", "", "")
            yield number, found.start(1), bool(file), until, check


def _span(number: int, starts: Sequence[int], lines: Sequence[str]) -> tuple[int, int]:
    """Return the lines of the rule that a comment in this line belongs to."""
    while number <= len(lines) and lines[number - 1].lstrip().startswith("#"):
        number += 1
    first = max((start for start in starts if start <= number), default=1)
    last = min((start for start in starts if start > number), default=len(lines) + 1) - 1
    return first, last
