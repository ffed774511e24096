"""Matchers as Alertmanager writes them: ``cname=~"lesson-.*"``, ``project!="demo"``.

Regular expressions are RE2's and match the whole value: their time grows with the length of the text only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import re2

from bot.rules.wording import shown


class BadExpression(ValueError):
    """A regular expression that RE2 does not take."""


_WRITTEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
_NEXT = re.compile(
    r'[\s,]*([A-Za-z_][A-Za-z0-9_]*\s*(?:=~|!~|!=|=)\s*(?:"(?:\\.|[^"\\])*"|[^\s",]+))(?=[\s,]|$)', re.DOTALL
)
_BEGINS = re.compile(r"[\s,]*[A-Za-z_][A-Za-z0-9_]*\s*(?:=|!~|!=)")
_ESCAPED = re.compile(r'\\(["\\n])')
_LONGEST = 1000


@dataclass(frozen=True)
class Matcher:
    """One test of one label; a label that is not there is the empty text."""

    label: str
    op: str
    value: str
    written: str = field(compare=False, default="")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the matcher; raise ValueError that says what is wrong."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f'{shown(text)} is not a matcher; write label="value", with =, !=, =~ or !~')
        label, op, value = found.groups()
        if value.startswith('"'):
            if len(value) < 2 or not value.endswith('"'):
                raise ValueError(f"{shown(text)} lacks its closing quote")
            value = _ESCAPED.sub(lambda m: "\n" if m[1] == "n" else m[1], value[1:-1])
        if len(value) > _LONGEST:
            raise ValueError(f"this matcher has {len(value)} characters; {_LONGEST} are enough")
        matcher = cls(label, op, value, text)
        if op.endswith("~"):
            matcher._pattern  # noqa: B018 - compiled now, so that a bad expression is found here
        return matcher

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Return whether the labels pass."""
        value = labels.get(self.label, "")
        same = bool(self._pattern.fullmatch(value)) if self.op.endswith("~") else value == self.value
        return same is (self.op[0] == "=")

    @cached_property
    def _pattern(self) -> Any:  # noqa: ANN401 - google-re2 has no types
        options = re2.Options()
        options.log_errors = False
        try:
            return re2.compile(self.value, options)
        except re2.error as error:
            reason = error.args[0] if error.args else error
            said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            raise BadExpression(f"{shown(self.value)} is not a regular expression of RE2: {said}") from None


def leading(text: str) -> tuple[tuple[Matcher, ...], str]:
    """Return the matchers that a text begins with, apart by spaces or commas, and the words after them.

    A value with spaces or commas stands in quotes. Raises ValueError where a matcher is begun and not ended.
    """
    found = []
    while written := _NEXT.match(text):
        found.append(Matcher.parse(written[1]))
        text = text[written.end() :]
    if _BEGINS.match(text):
        Matcher.parse(text)
        raise ValueError(f'{shown(text)} is not a matcher; write label="value", with =, !=, =~ or !~')
    return tuple(found), text.strip(" ,\n\t")


def all_hold(matchers: tuple[Matcher, ...], labels: Mapping[str, str]) -> bool:
    """Return whether every matcher holds; no matcher holds always."""
    return all(matcher.holds(labels) for matcher in matchers)
