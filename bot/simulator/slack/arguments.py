"""Read the arguments of a call: form or JSON body, structures also as JSON in a string."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from .values import Json, Refused


def arguments(query: str, content_type: str, body: bytes) -> Json:
    """Return the arguments of a request by name; a broken JSON body is refused with ``invalid_json``."""
    found: Json = dict(parse_qsl(query, keep_blank_values=True))
    found.pop("token", None)
    if content_type.startswith("application/json"):
        return found | json_object(body)
    return found | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def json_object(body: bytes) -> Json:
    """Return the JSON object in a body; refuse with ``invalid_json`` or ``json_not_object``."""
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(parsed, dict):
        raise Refused("json_not_object")
    return parsed


def text(args: Mapping[str, object], name: str) -> str:
    """Return a string argument, empty if it was not given."""
    value = args.get(name)
    return "" if value is None else str(value)


def flag(args: Mapping[str, object], name: str, default: bool = False) -> bool:
    value = args.get(name)
    return default if value in (None, "") else str(value).lower() in ("1", "true")


def count(args: Mapping[str, object], name: str, default: int, at_most: int) -> int:
    """Return a number from 1 to ``at_most``; refuse what is no number with ``invalid_limit``."""
    try:
        value = int(text(args, name) or default)
    except ValueError:
        raise Refused("invalid_limit") from None
    if value < 1:
        raise Refused("invalid_limit")
    return min(value, at_most)


def structure(args: Mapping[str, Any], name: str, refusal: str) -> Any:  # noqa: ANN401 - JSON has any shape
    """Return a JSON argument, parsed if it came as a string; refuse broken JSON with ``refusal``."""
    value = args.get(name)
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError:
        raise Refused(refusal) from None
