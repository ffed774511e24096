"""A rule's annotations: small texts that operators write with names of the verdict in them."""

from collections.abc import Mapping
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from bot.model.verdict import Verdict
from bot.render import words

ANNOTATION_MAX = 2000
_MISTAKES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    MemoryError,
)


def _pct(value: float | None) -> str:
    return words.NO_DATA if value is None else f"{value:.1f} %"


def _environment() -> SandboxedEnvironment:
    # Plain text: it is escaped for Slack when a message is built.
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters |= {"pct": _pct, "number": words.number, "duration": words.duration}
    return environment


_ENVIRONMENT = _environment()


def annotations(templates: Mapping[str, str], *, alert: str, verdict: Verdict) -> dict[str, str]:
    """Return each annotation with its names filled in; one with a mistake keeps its raw text.

    Names: ``labels``, ``value``, ``threshold``, ``severity`` (a word, or empty), ``alert``, ``project`` and
    ``affected``. Filters: ``pct``, ``number`` and ``duration`` (of seconds).
    """
    labels = dict(verdict.labels)
    names = {
        "labels": SimpleNamespace(**labels),
        "value": verdict.value,
        "threshold": verdict.threshold,
        "severity": verdict.severity.word if verdict.severity else "",
        "alert": alert,
        "project": labels.get("project", ""),
        "affected": verdict.affected,
    }
    return {key: _filled(text, names) for key, text in templates.items()}


def _filled(text: str, names: Mapping[str, Any]) -> str:
    try:
        return words.cut(_compiled(text).render(names).strip(), ANNOTATION_MAX)
    except _MISTAKES:
        return text


@lru_cache(maxsize=1000)  # compiling takes a hundred times as long as filling in
def _compiled(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)
