"""Document -> model, with pydantic's complaints put into plain words at the place they are about."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.rules.document import Document, Path
from bot.rules.fields import Part
from bot.rules.matcher import BadExpression
from bot.rules.problems import MOST, Problem
from bot.rules.thresholds import KEY, Coded
from bot.rules.wording import shown, unknown

_P = TypeVar("_P", bound=Part)
_QUOTED = re.compile(r"'([^']*)'")


def parse(document: Document, model: type[_P]) -> tuple[_P | None, tuple[Problem, ...]]:
    """Return the file as a model, or None and all that is wrong with single keys and values."""
    if document.root is None:
        return None, ()
    try:
        return model.model_validate(document.root.value), ()
    except ValidationError as error:
        return None, first(_problems(document, model, error))


def readable(value: object, model: type[_P]) -> _P | None:
    """Return a part of a file as a model, None where anything in it is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def first(problems: Iterator[Problem]) -> tuple[Problem, ...]:
    """Return the problems, or as many as anybody will read at once and how to go on."""
    found = tuple(islice(problems, MOST))
    if len(found) < MOST:
        return found
    return (*found, replace(found[-1], message=f"{MOST} problems so far; correct these first"))


def placed(document: Document, path: Path, findings: Iterable[Coded]) -> Iterator[Problem]:
    """Yield findings below ``path`` as errors at their places."""
    for below, code, message in findings:
        on_key = bool(below) and below[-1] == KEY
        yield document.problem((*path, *(below[:-1] if on_key else below)), message, on_key=on_key, code=code)


def _problems(document: Document, model: type[Part], error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        path: Path = detail["loc"]
        if detail["type"] == "extra_forbidden":
            message = unknown("key", path[-1], keys_below(model, path[:-1]))
            yield document.problem(path, message, on_key=True)
        elif detail["type"] == "missing":
            yield document.problem(path[:-1], f"the key {shown(path[-1])} is missing")
        elif not _refused_already(document, path):
            yield document.problem(path, _message(detail), code=_code(detail))


def keys_below(model: type[Part], path: Sequence[str | int]) -> tuple[str, ...]:
    """Return the keys that may stand at ``path``: names of keys, and places in lists, which do not matter."""
    part = model
    for step in path:
        if isinstance(step, str):
            part = _below(part, step) or part
    return tuple(field.alias or name for name, field in part.model_fields.items())


def _below(part: type[Part], key: str) -> type[Part] | None:
    """Return the model of the values below a key, whatever lists and options are around it."""
    for name, field in part.model_fields.items():
        if (field.alias or name) == key:
            return next((kind for kind in _leaves(field.annotation) if _is_part(kind)), None)
    return None


def _leaves(annotation: object) -> Iterator[Any]:
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for one in inner:
        yield from _leaves(one)


def _is_part(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Part)


def _refused_already(document: Document, path: Path) -> bool:
    node = document.at(path)
    return node is not None and node.value is None


def _code(detail: ErrorDetails) -> str:
    error = detail.get("ctx", {}).get("error")
    return "matcher/regexp" if isinstance(error, BadExpression) else "rule/schema"


def _message(detail: ErrorDetails) -> str:
    say = _WORDS.get(detail["type"])
    return say(detail["input"], detail.get("ctx", {})) if say else detail["msg"]


def _choice(value: object, ctx: dict[str, Any]) -> str:
    return unknown("value", value, _QUOTED.findall(ctx["expected"]))


_WORDS: dict[str, Callable[[object, dict[str, Any]], str]] = {
    "value_error": lambda value, ctx: str(ctx["error"]),
    "literal_error": _choice,
    "tuple_type": lambda value, ctx: f"a list is needed here, not {shown(value)}; {_as_list(value)}",
    "model_type": lambda value, ctx: f"keys are needed here, not {shown(value)}; write key: value below",
    "dict_type": lambda value, ctx: f"keys are needed here, not {shown(value)}; write key: value below",
    "bool_type": lambda value, ctx: f"{shown(value)} is neither true nor false",
}


def _as_list(value: object) -> str:
    return 'write each item after "- "' if isinstance(value, dict) else f"write [{value}]"
