"""YAML text -> plain values that remember their place.

Scalars are resolved as YAML 1.2 does (``on``, ``no`` and ``10:30`` are text). What makes files hard to read
is refused: anchors, aliases, tags, duplicate keys, keys without a value, a second document.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import yaml

from bot.rules.problems import LONGEST, MOST, Problem, Source, Weight
from bot.rules.wording import shown

Path = tuple[str | int, ...]
Place = tuple[int, int]
"""Line and column, counted from 0."""

_DEEPEST = 30
_MOST_VALUES = 100_000
_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_INT = re.compile(r"[-+]?[0-9]+")
_OTHER_INT = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_LONGEST_NUMBER = 200
_HALF = re.compile("[\ud800-\udfff]")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A value, where it stands, and where its keys and parts stand. A refused value is None."""

    value: object
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    parts: dict[str | int, "Node"] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A file as read. ``root`` is None where nothing in it can be checked further.

    ``ends`` are the columns at which the words end that begin at a place.
    """

    source: Source
    root: Node | None = None
    problems: tuple[Problem, ...] = ()
    ends: Mapping[Place, int] = field(default_factory=dict)

    @cached_property
    def lines(self) -> list[str]:
        return _LINE_END.split(self.source.text)

    def at(self, path: Path) -> Node | None:
        """Return the node at ``path``, or the deepest one on the way to it."""
        node = self.root
        for step in path:
            if node is None or step not in node.parts:
                break
            node = node.parts[step]
        return node

    def problem(
        self,
        path: Path,
        message: str,
        *,
        on_key: bool = False,
        code: str = "rule/schema",
        weight: Weight = "error",
    ) -> Problem:
        """Return a problem at the value of ``path``, or at its key."""
        node = self.at(path[:-1] if on_key else path)
        place = node.place if node else (0, 0)
        if on_key and node:
            place = node.keys.get(str(path[-1]), place)
        return self.problem_at(place, message, code, weight)

    def problem_at(
        self, place: Place, message: str, code: str = "yaml/parse", weight: Weight = "error"
    ) -> Problem:
        """Return a problem at a place."""
        row, column = place
        line = self.lines[row] if row < len(self.lines) else ""
        end = self.ends.get(place, column + 1)
        return Problem(self.source.name, row + 1, column + 1, message, line, code, weight, end + 1)


class _Mark(Protocol):
    line: int
    column: int


class _Refused(Exception):
    """A file that cannot be read on."""

    def __init__(self, place: Place, message: str) -> None:
        self.place, self.message = place, message


class _Reader:
    """Builds nodes from YAML's stream of events, noting every problem on the way."""

    def __init__(self, text: str) -> None:
        self.loader = yaml.SafeLoader(text)
        self.events: Iterator[yaml.Event] = iter(self.loader.get_event, None)
        self.ends: dict[Place, int] = {}
        self.notes: list[tuple[Place, str]] = []
        self.values = 0

    def read(self) -> Node | None:
        roots = [
            self.node(next(self.events), 0) for e in self.events if isinstance(e, yaml.DocumentStartEvent)
        ]
        if not roots or roots[0].value is None:
            if not self.notes:
                self.note((0, 0), "the file is empty; write version: 1 and groups")
            return None
        for extra in roots[1:]:
            self.note(extra.place, "a second document begins here; put it into a file of its own")
        return roots[0]

    def note(self, place: Place, message: str) -> None:
        self.notes.append((place, message))
        if len(self.notes) == MOST:
            raise _Refused(place, f"{MOST} problems so far; correct these first")

    def node(self, event: yaml.Event, depth: int) -> Node:
        place = _place(event.start_mark)
        self.values += 1
        if self.values > _MOST_VALUES:
            raise _Refused(place, f"more than {_MOST_VALUES} values; split the file")
        if depth > _DEEPEST:
            raise _Refused(place, f"nested more than {_DEEPEST} levels deep; rules need about ten")
        self.refuse_tricks(event, place)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(place, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(place, depth)
        self.end(place, event)
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] and event.tag is None
            return Node(_scalar(event.value) if plain else self.text(event.value, place), place)
        return Node(None, place)

    def text(self, value: str, place: Place) -> str | None:
        """Return quoted text, or None where its escapes name halves of characters."""
        if not _HALF.search(value):
            return value
        try:
            return value.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.note(place, "an escape that is half a character; write the character itself")
            return None

    def end(self, place: Place, event: yaml.Event) -> None:
        """Note where a value ends, if it ends in the line in which it begins."""
        row, column = _place(event.end_mark)
        if row == place[0]:
            self.ends[place] = column

    def refuse_tricks(self, event: yaml.Event, place: Place) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.note(place, f"aliases are refused; write out what *{event.anchor} stands for")
        elif getattr(event, "anchor", None):
            self.note(place, f"anchors are refused; delete &{getattr(event, 'anchor', '')}")
        if getattr(event, "tag", None):
            self.note(place, "tags are refused; quotes alone make a value text")

    def sequence(self, place: Place, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
            if _is_null(event):
                self.note(items[-1].place, "an item without a value; give it one or delete it")
        self.end(place, event)
        return Node([item.value for item in items], place, parts=dict(enumerate(items)))

    def mapping(self, place: Place, depth: int) -> Node:
        found = Node({}, place)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            value_event = next(self.events)
            value = self.node(value_event, depth + 1)
            if not isinstance(key.value, str):
                self.note(key.place, f"a key is text, not {shown(key.value)}; put it in quotes")
            elif key.value in found.keys:
                first = found.keys[key.value][0] + 1
                self.note(
                    key.place, f"key {shown(key.value)} is there twice, first in line {first}; delete one"
                )
            else:
                self.add(found, key.value, key.place, value, empty=_is_null(value_event))
        if place not in self.ends:  # of a block, the first key is shown
            self.end(place, event)
        return Node({k: v.value for k, v in found.parts.items()}, place, found.keys, found.parts)

    def add(self, found: Node, key: str, place: Place, value: Node, *, empty: bool) -> None:
        found.keys[key] = place
        found.parts[key] = value
        if empty:
            self.note(place, f"{shown(key)} has no value; give it one or delete the line")


def read(source: Source) -> Document:
    """Return the text as values with their places; a syntax error is the last problem of its file."""
    blank = Document(source)
    if len(source.text) > LONGEST:
        message = f"the file has {len(source.text)} characters; {LONGEST} are enough for rules"
        return Document(source, problems=(blank.problem_at((0, 0), message),))
    try:
        reader = _Reader(source.text)
    except yaml.reader.ReaderError as error:
        place = place_of(source.text[: error.position])
        return Document(source, problems=(blank.problem_at(place, "a character that YAML forbids"),))
    try:
        root = reader.read()
    except yaml.MarkedYAMLError as error:
        root = None
        reader.notes.append((_place(error.problem_mark or error.context_mark), f"not YAML: {error.problem}"))
    except _Refused as error:
        root = None
        reader.notes.append((error.place, error.message))
    except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF"
        root = None
        reader.notes.append((_place(reader.loader.get_mark()), "not YAML: an escape of no character"))
    found = Document(source, root, ends=reader.ends)
    problems = tuple(found.problem_at(place, message) for place, message in reader.notes)
    return Document(source, root, problems, reader.ends)


def _place(mark: "_Mark | None") -> Place:
    return (mark.line, mark.column) if mark else (0, 0)


def place_of(before: str) -> Place:
    """Return the place after a text."""
    lines = _LINE_END.split(before)
    return len(lines) - 1, len(lines[-1])


def _is_null(event: yaml.Event) -> bool:
    if not isinstance(event, yaml.ScalarEvent) or not event.implicit[0] or event.tag is not None:
        return False
    return event.value in _WORDS and _WORDS[event.value] is None


def _scalar(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if len(text) >= _LONGEST_NUMBER:
        return math.inf if _INT.fullmatch(text) or _OTHER_INT.fullmatch(text) else text
    if _OTHER_INT.fullmatch(text):
        return int(text, 0)
    if _INT.fullmatch(text) and len(text) < 19:
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
