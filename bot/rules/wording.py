"""How messages name things: values as the file has them, and what was probably meant."""

import json
from collections.abc import Collection, Iterable
from difflib import get_close_matches

_MANY = 14
_LONGEST = 60
_ASKED = 300
"""Names of about the same length among which near ones are looked for."""


def shown(value: object) -> str:
    """Return a value as people wrote it: text in quotes, long text shortened."""
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        return json.dumps(short, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else f"{value}"


def one_of(names: Iterable[str], word: str = "or") -> str:
    """Return ``a, b or c``."""
    *head, last = names
    return f"{', '.join(head)} {word} {last}" if head else last


def unknown(kind: str, name: object, names: Collection[str], otherwise: str = "") -> str:
    """Return that ``name`` is no known ``kind``, and the nearest names, or all if few, or ``otherwise``."""
    text = name[: 2 * _LONGEST] if isinstance(name, str) else ""
    asked = sorted(names, key=lambda n: abs(len(n) - len(text)))[:_ASKED] if len(names) > _ASKED else names
    near = get_close_matches(text, list(asked), n=2, cutoff=0.6)
    if near:
        hint = f"did you mean {' or '.join(shown(n) for n in near)}?"
    elif len(names) <= _MANY:
        hint = f"known here: {', '.join(names)}"
    else:
        hint = otherwise
    return f"unknown {kind} {shown(name)}; {hint}"
