"""Problems as people, programs and GitHub read them."""

import json
from collections.abc import Iterable
from unicodedata import east_asian_width

from bot.rules.problems import Problem

_WIDEST = 120
"""Characters of a line that are shown, with what the problem is about among them."""


def as_text(problem: Problem) -> str:
    """Return a problem with its line and a caret under what it is about."""
    head = (
        f"{problem.file}:{problem.line}:{problem.column}: {problem.weight} [{problem.code}] {problem.message}"
    )
    if not problem.source_line.strip():
        return head
    line, start, end = _excerpt(problem)
    number = str(problem.line)
    margin = " " * len(number)
    indent, carets = _blank(line[:start]), "^" * max(1, len(_blank(line[start:end])))
    return f"{head}\n  {number} | {line}\n  {margin} | {indent}{carets}"


def _excerpt(problem: Problem) -> tuple[str, int, int]:
    """Return the line, or the part of a long one, and from where to where in it the problem is."""
    line, start = problem.source_line, problem.column - 1
    end = min(max(problem.end_column - 1, start + 1), start + _WIDEST)
    if len(line) <= _WIDEST:
        return line, start, end
    first = max(0, min(start - _WIDEST // 3, len(line) - _WIDEST))
    last = first + _WIDEST
    before, after = "…" * (first > 0), "…" * (last < len(line))
    moved = len(before) - first
    return f"{before}{line[first:last]}{after}", start + moved, min(end, last) + moved


def _blank(text: str) -> str:
    """Return blanks as wide as a text is on a screen."""
    return "".join("\t" if c == "\t" else " " * (1 + (east_asian_width(c) in "WF")) for c in text)


def as_json(problems: Iterable[Problem]) -> str:
    """Return all problems as one JSON list."""
    rows = [
        {
            "file": p.file,
            "line": p.line,
            "column": p.column,
            "end_column": p.end_column or p.column + 1,
            "severity": p.weight,
            "code": p.code,
            "message": p.message,
            "source": _excerpt(p)[0],
        }
        for p in problems
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_annotation(problem: Problem) -> str:
    """Return a workflow command of GitHub, which shows the problem beside the line.

    Source of the words and escapes: "Workflow commands for GitHub Actions", docs.github.com.
    """
    kind = {"error": "error", "warning": "warning", "info": "notice"}[problem.weight]
    place = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
    if problem.end_column:
        place += f",endColumn={problem.end_column}"
    return f"::{kind} {place},title={_property(problem.code)}::{_data(problem.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
