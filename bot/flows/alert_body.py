"""The body of Agora's alert callback: untrusted text in, bounded facts out.

Source: "Alert Notifications" of Agora's documentation, with the three bodies it prints. Everything is text
there; ``alertTime`` is milliseconds, though its comment says seconds.
"""

import re
from dataclasses import dataclass

import msgspec

from bot.model.catalog import AGORA_ALERT
from bot.model.observation import CauseTag, DiagnosisEvent
from bot.model.time import DAY_S

CNAME_AT_MOST, UID_AT_MOST, NAME_AT_MOST = 256, 64, 80
CONDITION_AT_MOST, CONDITIONS_AT_MOST = 120, 10
_MILLISECONDS_FROM = 10**11
"""As seconds this is the year 5138, as milliseconds 1973."""

_DIGITS = re.compile(r"[0-9]{9,16}")
_BETWEEN_CONDITIONS = re.compile("[,;\uff0c\u3001\uff1b]")  # the Chinese text has its own commas
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_EXPERIENCES = (
    (re.compile(r"video freeze|视频卡顿", re.IGNORECASE), 4),
    (re.compile(r"audio freeze|音频卡顿", re.IGNORECASE), 5),
    (re.compile(r"\bjoin|进频道", re.IGNORECASE), 6),
)
_FACTORS = {
    "system cpu utility too high": 10,
    "no voice sending": 12,
    "no frame sending": 13,
    "wifi congestion": 29,
}
"""Agora's event names that are causes. ``no voice receiving`` is none: it says what the user suffers, no
factor means that, and taking it for an audio freeze would count what Agora did not measure."""

_Text = str | int | float | None


class Unreadable(Exception):
    """The body is no alert that can be used; the message is a sentence for whoever sent it."""


class _Body(msgspec.Struct, kw_only=True, rename="camel"):
    alert_time: _Text = None
    project_name: _Text = None
    cname: _Text = None
    uid: _Text = None
    en_content: _Text = None
    cn_content: _Text = None
    call_id: _Text = None
    remark: _Text = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert of Agora's own alerting. An empty ``user`` means the whole channel; ``call_id`` and
    ``remark`` (the note that people wrote to the rule in the console) may be empty."""

    alerted_at: int
    project_name: str
    cname: str
    user: str
    conditions: tuple[str, ...]
    call_id: str
    remark: str


def read_alert(body: bytes, now: float) -> Alert:
    """Return the alert of a callback's body; raise Unreadable."""
    try:
        read = msgspec.json.decode(body, type=_Body)
    except _UNREADABLE as error:
        raise Unreadable(f"the body is not the JSON object of an alert: {str(error)[:200]}") from None
    cname = _text(read.cname, CNAME_AT_MOST)
    if not cname:
        raise Unreadable("cname is missing: the alert names no channel")
    return Alert(
        alerted_at=_instant(read.alert_time, now),
        project_name=_text(read.project_name, NAME_AT_MOST),
        cname=cname,
        user=_text(read.uid, UID_AT_MOST),
        conditions=_conditions(read.en_content) or _conditions(read.cn_content),
        call_id=_text(read.call_id, UID_AT_MOST),
        remark=_text(read.remark, CONDITION_AT_MOST),
    )


def events_of(alert: Alert, now: float) -> tuple[DiagnosisEvent, ...]:
    """Return the events that rules see: one as "some alert of Agora", and one for each experience it names.

    They count in the minute in which the alert came: the one that it names may have been judged already.
    """
    lowered = [condition.lower() for condition in alert.conditions]
    tags = tuple(CauseTag(factor_id=_FACTORS[c]) for c in dict.fromkeys(lowered) if c in _FACTORS)
    named = [id_ for pattern, id_ in _EXPERIENCES if any(map(pattern.search, alert.conditions))]
    return tuple(
        DiagnosisEvent(
            ts=int(now),
            cname=alert.cname,
            user=alert.user,
            experience_id=experience_id,
            tags=tags,
            source="alert",
            said=alert.conditions,
        )
        for experience_id in (AGORA_ALERT, *named)
    )


def _instant(value: _Text, now: float) -> int:
    text = _text(value, 20)
    if not _DIGITS.fullmatch(text):
        raise Unreadable("alertTime is not a time in milliseconds, like 1631785450000")
    number = int(text)
    instant = number // 1000 if number >= _MILLISECONDS_FROM else number
    if abs(instant - now) > DAY_S:
        raise Unreadable(
            f"alertTime {text} is more than a day away from the clock here; is one of them wrong?"
        )
    return instant


def _conditions(value: _Text) -> tuple[str, ...]:
    whole = _text(value, CONDITION_AT_MOST * CONDITIONS_AT_MOST)
    parts = (" ".join(part.split())[:CONDITION_AT_MOST] for part in _BETWEEN_CONDITIONS.split(whole))
    return tuple(dict.fromkeys(filter(None, parts)))[:CONDITIONS_AT_MOST]


def _text(value: _Text, at_most: int) -> str:
    """Return text that every database takes (PostgreSQL has no NUL in text); numbers as decimal text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).replace("\x00", "")[:at_most]
