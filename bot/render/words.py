"""Facts as words: numbers, spans, instants, and other people's text made safe for Slack's mrkdwn.

Source of the escapes and of the date token: "Formatting text for app surfaces", docs.slack.dev.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from bot.model.alert import Reason
from bot.model.time import DAY_S, HOUR_S, MINUTE_S

NO_DATA = "no data"
CODE_MAX = 80
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LOOKALIKES = str.maketrans({"`": "'", "*": "∗", "~": "∼"})
_BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_SHORTCODE = re.compile(r":(?=[\w+-]+:)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_EVERYBODY = ("@here", "@channel", "@everyone")
_CALLED = re.compile(r"<@[UW][A-Z0-9]{1,30}>|<!subteam\^S[A-Z0-9]{1,30}>")
_SLACK_USER = re.compile(r"[UW][A-Z0-9_]{1,20}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cut(text: str, limit: int) -> str:
    """Return ``text``, or its beginning with … where it is longer than ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def clean(text: str, limit: int = 500) -> str:
    """Return ``text`` on one line, without control or direction characters; for plain_text and cells."""
    kept = "".join(_visible(c) for c in text[: limit * 4])
    return cut(" ".join(kept.split()), limit)


def _visible(char: str) -> str:
    if char in _BIDI or unicodedata.category(char) == "Cs":
        return ""
    return " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char


def entities(text: str) -> str:
    """Return ``text`` with Slack's three control characters as entities."""
    return text.translate(_ENTITIES)


def plain(text: str, limit: int = 500) -> str:
    """Return other people's text for mrkdwn, where it shows as typed: no markup, mention, link or emoji."""
    flat = _EDGE_UNDERSCORE.sub("ˍ", clean(text, limit).translate(_LOOKALIKES))
    return entities(_SHORTCODE.sub(":\u200b", flat))


def code(text: str, limit: int = CODE_MAX) -> str:
    """Return a name of Agora's (channel, uid) as mrkdwn code; a backtick in it becomes an apostrophe."""
    flat = clean(text, limit).replace("`", "'")
    return f"`{entities(flat)}`" if flat else "(no name)"


def sentence(text: str, limit: int) -> str:
    """Return a sentence for mrkdwn: what stands between backticks as code, all else as typed."""
    parts = cut(text, limit).split("`")
    if len(parts) % 2 == 0:
        return plain(text, limit)
    told = (code(part, limit) if n % 2 else _spaced(part) for n, part in enumerate(parts))
    return "".join(told).strip()


def _spaced(text: str) -> str:
    """Return ``plain`` text that keeps the spaces around it."""
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"{before}{plain(text, len(text))}{after}" if text.strip() else before


def codes(names: Sequence[str], limit: int) -> str:
    """Return the first ``limit`` names as code and the number of the rest."""
    shown = ", ".join(code(name, 40) for name in names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown


def console_call(call_id: str) -> str:
    """Return a link to a call's page in Agora's console, which asks for a login there."""
    return (
        f"<https://console.agora.io/analytics/call/qoe?id={quote(call_id, safe='')}|Open in Agora's console>"
    )


def mention(user: str) -> str:
    """Return a mention of a Slack user; anything that is no Slack user id is shown as text."""
    return f"<@{user}>" if _SLACK_USER.fullmatch(user) else plain(user, 40)


def called(mention: str) -> str:
    """Return whom routing.yml calls, in Slack's markup: @here, @channel, users and user groups."""
    return " ".join(
        f"<!{word[1:]}>" if word in _EVERYBODY else word if _CALLED.fullmatch(word) else plain(word, 40)
        for word in mention.split()[:5]
    )


def number(value: float | None) -> str:
    """Return a value as people write it: one decimal, two below 1, none from 100, without trailing zeros."""
    if value is None or not math.isfinite(value):
        return NO_DATA
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 1 else 2
    text = f"{value:,.{digits}f}"
    shown = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if shown == "-0" else shown


WHY: Mapping[Reason, str] = {
    Reason.NO_DATA: "No data comes any more, so that nobody knows how things are.",
    Reason.LOW_VOLUME: "Too few users are left for the rule to look at.",
    Reason.MISSING_SERIES: "Closed because no data comes of it any more.",
    Reason.LIMIT_EXCEEDED: "Closed because the rule makes more alerts than its limit.",
    Reason.RULE_REMOVED: "Closed because its rule was removed or changed.",
    Reason.MANUAL: "Resolved by hand.",
    Reason.PAUSED: "Closed because its rule is switched off or paused.",
}
"""What there is to say of an incident's state beyond the state itself."""


def why(reason: Reason | None) -> str:
    """Return why an incident is in its state, empty where the state says all."""
    return WHY.get(reason, "") if reason else ""


def amount(value: float | None, unit: str) -> str:
    """Return a value with its unit."""
    shown = number(value)
    return f"{shown} {unit}" if unit and shown != NO_DATA else shown


def known(value: float | None, unit: str) -> str:
    """Return a value with its unit, empty where there is none."""
    return "" if value is None else amount(value, unit)


def count(how_many: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it takes one."""
    return f"{how_many:,} {noun}" if how_many == 1 else f"{how_many:,} {noun}s"


def duration(seconds: float) -> str:
    """Return a span in its two largest units: 45 s, 14 min, 2 h 5 min, 1 d 3 h."""
    whole = max(0, int(seconds))
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min"
    if whole < DAY_S:
        return _two(whole // HOUR_S, "h", whole % HOUR_S // MINUTE_S, "min")
    return _two(whole // DAY_S, "d", whole % DAY_S // HOUR_S, "h")


def _two(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large} {unit} {small} {small_unit}" if small else f"{large} {unit}"


def utc(instant: int, form: str = "%Y-%m-%d %H:%M") -> str:
    """Return an instant as UTC text."""
    return (_EPOCH + timedelta(seconds=instant)).strftime(form)


def moment(instant: int) -> str:
    """Return an instant as Slack's date token, which each reader sees in their own time zone."""
    return f"<!date^{instant}^{{date_short_pretty}} {{time}}|{utc(instant)} UTC>"


def title_of(alert: str) -> str:
    """Return an alert's CamelCase name as words: VideoFreezeHigh -> Video freeze high."""
    words = _CAMEL.sub(" ", clean(alert, 120).replace("_", " ")).split()
    kept = [w if i == 0 or (w.isupper() and len(w) > 1) else w.lower() for i, w in enumerate(words)]
    return plain(" ".join(kept), 120) or "Alert"


def listed(items: Iterable[str]) -> str:
    """Return texts joined by commas."""
    return ", ".join(items)
