"""The grammar of the limits: small checks that combine into the shape of a block.

A check looks at one JSON value and yields what Slack would refuse, each with its JSON pointer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One refusal; ``str`` is Slack's wording in ``response_metadata.messages``."""

    pointer: str
    message: str
    code: str = "failed_constraint"

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Check = Callable[[object, str], Iterable[Problem]]


def string(at_most: int, at_least: int = 1) -> Check:
    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(pointer=at, message="must provide a string", code="invalid_type")
        elif len(value) < at_least:
            yield Problem(pointer=at, message=f"must be more than {at_least - 1} characters")
        elif len(value) > at_most:
            yield Problem(pointer=at, message=f"must be less than {at_most + 1} characters")

    return check


def one_of(*allowed: str) -> Check:
    def check(value: object, at: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(pointer=at, message=f"must be a valid enum value: {', '.join(allowed)}")

    return check


def boolean(value: object, at: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(pointer=at, message="must provide a boolean", code="invalid_type")


def number(value: object, at: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Problem(pointer=at, message="must provide a number", code="invalid_type")


def integer(least: int, most: int) -> Check:
    def check(value: object, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem(pointer=at, message="must provide an integer", code="invalid_type")
        elif not least <= value <= most:
            yield Problem(pointer=at, message=f"must be between {least} and {most}")

    return check


def anything(value: object, at: str) -> Iterator[Problem]:
    yield from ()


def items(each: Check, at_most: int, at_least: int = 1) -> Check:
    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(pointer=at, message="must provide an array", code="invalid_type")
            return
        if len(value) < at_least:
            yield Problem(pointer=at, message=f"no less than {at_least} items allowed")
        if len(value) > at_most:
            yield Problem(pointer=at, message=f"no more than {at_most} items allowed")
            return
        for index, item in enumerate(value):
            yield from each(item, f"{at}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Check an object: every required field, no field that is not known, each by its own check."""
    known = {**(optional or {}), **required}

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(pointer=at, message="must provide an object", code="invalid_type")
            return
        for name in (name for name in required if name not in value):
            yield Problem(pointer=at, message=f"missing required field: {name}", code="missing_field")
        for name, item in value.items():
            if name in known:
                yield from known[name](item, f"{at}/{name}")
            elif name != "type":
                yield Problem(pointer=at, message=f"invalid additional property: {name}")

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """Check an object by the check that its ``type`` names."""

    def check(value: object, at: str) -> Iterable[Problem]:
        if not isinstance(value, dict):
            return [Problem(pointer=at, message="must provide an object", code="invalid_type")]
        kind = value.get("type")
        if not isinstance(kind, str):
            return [Problem(pointer=at, message="missing required field: type", code="missing_field")]
        if kind not in kinds:
            return [Problem(pointer=f"{at}/type", message=f"unsupported type: {kind}")]
        return kinds[kind](value, at)

    return check


def every(*checks: Check) -> Check:
    def check(value: object, at: str) -> Iterator[Problem]:
        for one in checks:
            yield from one(value, at)

    return check


def any_field(*names: str) -> Check:
    """Demand at least one of the named fields."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if isinstance(value, dict) and not any(name in value for name in names):
            yield Problem(
                pointer=at, message=f"missing required field: {' or '.join(names)}", code="missing_field"
            )

    return check


def unique(field: str) -> Check:
    """Demand that no two objects of an array share the named field."""

    def check(value: object, at: str) -> Iterator[Problem]:
        seen: set[str] = set()
        for index, item in enumerate(value if isinstance(value, list) else []):
            name = item.get(field) if isinstance(item, dict) else None
            if isinstance(name, str) and name in seen:
                yield Problem(pointer=f"{at}/{index}/{field}", message=f"`{field}` {name!r} already exists")
            seen.add(str(name))

    return check
