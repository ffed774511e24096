"""Series as promtool writes them in unit tests.

    videoFreezeRate{project="p"}    a metric and whose it is
    1 6x3 2+1x2 _ _x3 stale         values: 1, four times 6, then 2 3 4, and minutes without data

``axn`` and ``a+bxn`` are n + 1 samples, ``_xn`` is n missing ones. Source: "Unit testing for rules",
prometheus.io.
"""

import re

from bot.rules.wording import shown

_SERIES = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\{\s*(.*?)\s*\})?\s*")
_LABEL = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*"([^"]*)"\s*')
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_VALUE = re.compile(rf"({_NUMBER})(?:([-+])({_NUMBER[5:]}))?(?:x([0-9]+))?")
_MISSING = re.compile(r"_(?:x([0-9]+))?")
_AT_MOST = 1_000_000


def series(text: str) -> tuple[str, dict[str, str]]:
    """Return the metric and the labels of a series; raise ValueError where it is none."""
    found = _SERIES.fullmatch(text)
    if found is None:
        raise ValueError(f'{shown(text)} is no series; write it like videoFreezeRate{{project="p"}}')
    labels = {}
    for part in (found[2] or "").split(",") if found[2] else ():
        label = _LABEL.fullmatch(part)
        if label is None:
            raise ValueError(f'{shown(part)} is no label; write it like project="p"')
        labels[label[1]] = label[2]
    return found[1], labels


def values(text: str) -> list[float | None]:
    """Return the samples, None where one is missing; raise ValueError at what is no value."""
    found: list[float | None] = []
    for word in text.split():
        found += _samples(word)
        if len(found) > _AT_MOST:
            raise ValueError(f"more than {_AT_MOST} samples")
    return found


def _samples(word: str) -> list[float | None]:
    if word == "stale":
        return [None]
    missing = _MISSING.fullmatch(word)
    if missing:
        return [None] * min(_AT_MOST + 1, int(missing[1] or 1))
    value = _VALUE.fullmatch(word)
    if value is None:
        raise ValueError(f"{shown(word)} is no value; write 6, 6x3, 6+1x3, _ or _x3")
    first, sign, step, times = value.groups()
    by = float(sign + step) if step else 0.0
    return [float(first) + by * n for n in range(min(_AT_MOST, int(times or 0)) + 1)]
