"""Problems as people, programs and GitHub read them."""

import json
import re
from collections.abc import Iterable

from bot.rules.problems import Problem

_TOKEN = re.compile(r""""[^"]*"|'[^']*'|[^,\[\]{}]+?(?=\s*(?:[,\[\]{}]|:\s|:$|\s#|$))|.""")


def as_text(problem: Problem) -> str:
    """Return a problem with its line and a caret under what it is about."""
    head = (
        f"{problem.file}:{problem.line}:{problem.column}: {problem.weight} [{problem.code}] {problem.message}"
    )
    if not problem.source_line.strip():
        return head
    start = problem.column - 1
    token = _TOKEN.match(problem.source_line, start)
    width = max(1, (token.end() if token else start + 1) - start)
    number = str(problem.line)
    indent = re.sub(r"[^\t]", " ", problem.source_line[:start])
    margin = " " * len(number)
    return f"{head}\n  {number} | {problem.source_line}\n  {margin} | {indent}{'^' * width}"


def as_json(problems: Iterable[Problem]) -> str:
    """Return all problems as one JSON list."""
    rows = [
        {
            "file": p.file,
            "line": p.line,
            "column": p.column,
            "severity": p.weight,
            "code": p.code,
            "message": p.message,
            "source": p.source_line,
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
    return f"::{kind} {place},title={_property(problem.code)}::{_data(problem.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
