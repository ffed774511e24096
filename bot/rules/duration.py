"""Spans of time as rule files write them: ``90s``, ``5m``, ``1h30m``, or a bare 0."""

import re

from bot.model.time import DAY_S, HOUR_S, MINUTE_S
from bot.rules.wording import shown

_UNITS_S = (7 * DAY_S, DAY_S, HOUR_S, MINUTE_S, 1)
_PARTS = re.compile(
    r"(?:([0-9]{1,6})w)?(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?"
)


def seconds(value: object) -> int:
    """Return the span in seconds; raise ValueError where ``value`` is not a duration."""
    if value == "0" or (value == 0 and isinstance(value, int) and not isinstance(value, bool)):
        return 0
    parts = _PARTS.fullmatch(value) if isinstance(value, str) and value else None
    if parts is None:
        raise ValueError(f"{shown(value)} is not a duration (write 30s, 5m, 1h30m or 0)")
    return sum(int(n or 0) * unit for n, unit in zip(parts.groups(), _UNITS_S, strict=True))


def window(value: object) -> int:
    """Return the span of a window in seconds: whole minutes, one minute to one hour."""
    span_s = seconds(value)
    if not MINUTE_S <= span_s <= HOUR_S:
        raise ValueError(f"a window is 1m to 1h long, not {shown(value)}")
    if span_s % MINUTE_S:
        raise ValueError(f"a window is whole minutes long, not {shown(value)} (write 5m)")
    return span_s


def written(span_s: int) -> str:
    """Return a span as rule files write it."""
    parts = []
    for unit, size in zip("wdhms", _UNITS_S, strict=True):
        if span_s >= size:
            parts.append(f"{span_s // size}{unit}")
            span_s %= size
    return "".join(parts) or "0s"
