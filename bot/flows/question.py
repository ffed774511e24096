"""What people type after a command, turned into a question or a plain sentence of what to change."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.model.time import DAY_S, HOUR_S, MINUTE_S, Window

USAGE = "Usage: `/agora-call <cname> [since]`, for example `/agora-call lesson-7b 2h`"
_DEFAULT_SINCE_S = DAY_S
SPAN = re.compile(r"\d{1,4}[mhd]", re.ASCII)
"""How people write a span of time back from now."""
_UNITS = {"m": MINUTE_S, "h": HOUR_S, "d": DAY_S}
_DATES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%H:%M")


_CALL_ID = re.compile(r"[0-9A-Za-z_-]{6,64}")
_CONSOLE = re.compile(r"<?https?://[^\s<>|]*?[?&](?:id|callId)=([0-9A-Za-z_-]{6,64})[^\s<>]*>?")


class Unclear(Exception):
    """The words cannot be answered; ``hint`` says what to write instead."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuestion:
    """Which channel, and since when."""

    cname: str
    window: Window


def call_question(text: str, now: float, kept_s: int) -> CallQuestion:
    """Return the question of ``/agora-call <cname> [since]``; raise Unclear.

    ``since`` is a span (30m, 2h, 1d), a time of today (09:30) or a date with or without a time
    (2026-11-23, 2026-11-23 09:30), UTC. A name may hold spaces; quotes keep a name that ends like a span.
    Slack sends ``&``, ``<`` and ``>`` as entities. ``kept_s`` is how far back Agora keeps calls.
    """
    cname, window = named_since(text, now, kept_s, what="channel", keeps="Agora keeps calls", usage=USAGE)
    return CallQuestion(cname=cname, window=window)


def named_since(
    text: str, now: float, kept_s: int, *, what: str, keeps: str, usage: str
) -> tuple[str, Window]:
    """Return the name and the time of ``<name> [since]``; raise Unclear. ``what`` has the name,
    ``keeps`` says who keeps it for ``kept_s``."""
    words = html.unescape(text).strip()
    if not words:
        raise Unclear(f"Which {what}? A name is missing.", usage)
    name, since = _name_and_since(words)
    start = _start(since, now) if since else int(now) - _DEFAULT_SINCE_S
    oldest = int(now) - kept_s
    if start >= int(now):
        raise Unclear(f"{since} is not in the past.", f"{usage}; times are UTC, for example `2h` or `09:30`.")
    if start < oldest - MINUTE_S:
        days = kept_s // DAY_S
        kept = f"{days} day{'s' * (days > 1)}"
        raise Unclear(f"{since} is too long ago: {keeps} for {kept}.", f"Ask for `{days}d` at most. {usage}")
    return name, Window(start=max(start, oldest), end=int(now))


def _name_and_since(words: str) -> tuple[str, str]:
    quoted = re.fullmatch(r"[\"“”'‘’](.+)[\"“”'‘’](?:\s+(.+))?", words, re.DOTALL)
    if quoted:
        return quoted[1], quoted[2] or ""
    parts = words.split()
    for take in (2, 1):
        tail = " ".join(parts[-take:])
        if len(parts) > take and _looks_like_time(tail):
            return words[: words.rindex(parts[-take])].strip(), tail
    return words, ""


def _looks_like_time(text: str) -> bool:
    return bool(SPAN.fullmatch(text) or re.fullmatch(r"\d{4}-\d\d?-\d\d?([T ]\d\d?:\d\d)?|\d\d?:\d\d", text))


def call_id_in(text: str) -> str | None:
    """Return the one id of a call that ``text`` may be, as such or as a link to Agora's console."""
    words = html.unescape(text).strip()
    found = _CONSOLE.fullmatch(words)
    return found[1] if found else words if _CALL_ID.fullmatch(words) else None


def is_link(text: str) -> bool:
    """Return whether ``text`` is a link to a call in Agora's console."""
    return _CONSOLE.fullmatch(html.unescape(text).strip()) is not None


def span_s(text: str) -> int:
    """Return the seconds of a text that SPAN matches."""
    return int(text[:-1]) * _UNITS[text[-1]]


def _start(since: str, now: float) -> int:
    if SPAN.fullmatch(since):
        return int(now) - span_s(since)
    for form in _DATES:
        try:
            moment = datetime.strptime(since.replace(" ", "T"), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if form == "%H:%M":
            midnight = int(now) // DAY_S * DAY_S
            return midnight + moment.hour * HOUR_S + moment.minute * MINUTE_S
        return int(moment.timestamp())
    raise Unclear(
        f"“{since}” is not a time that I understand.",
        "Write `30m`, `2h`, `1d`, `09:30` or `2026-11-23 09:30` (UTC).",
    )
