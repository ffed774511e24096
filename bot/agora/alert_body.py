"""The body of Agora's alert callback: untrusted text in, bounded facts out.

Source: "Alert Notifications" of Agora's documentation, with the three bodies it prints. Everything is text
there; ``alertTime`` is milliseconds, though its comment says seconds.
"""

import re
from dataclasses import dataclass

import msgspec

from bot.agora.wire import CNAME_AT_MOST, UID_AT_MOST, UNREADABLE, Text, decoded, storable
from bot.model.catalog import AGORA_ALERT
from bot.model.observation import CauseTag, DiagnosisEvent
from bot.model.time import DAY_S

NAME_AT_MOST = 80
CONDITION_AT_MOST, CONDITIONS_AT_MOST = 120, 10
_MILLISECONDS_FROM = 10**11
"""As seconds this is the year 5138, as milliseconds 1973."""

_DIGITS = re.compile(r"[0-9]{9,16}")
_BETWEEN_CONDITIONS = re.compile("[,;\uff0c\u3001\uff1b]")  # the Chinese text has its own commas

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


class UnreadableAlert(Exception):
    """The body is no alert that can be used; the message is a sentence for whoever sent it."""


class _Body(msgspec.Struct, kw_only=True, rename="camel"):
    alert_time: Text = None
    project_name: Text = None
    cname: Text = None
    uid: Text = None
    en_content: Text = None
    cn_content: Text = None
    call_id: Text = None
    remark: Text = None


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
    """Return the alert of a callback's body; raise UnreadableAlert."""
    try:
        read = decoded(body, _Body)
    except UNREADABLE as error:
        raise UnreadableAlert(f"the body is not the JSON object of an alert: {str(error)[:200]}") from None
    cname = storable(read.cname, CNAME_AT_MOST)
    if not cname:
        raise UnreadableAlert("cname is missing: the alert names no channel")
    return Alert(
        alerted_at=_instant(read.alert_time, now),
        project_name=storable(read.project_name, NAME_AT_MOST),
        cname=cname,
        user=storable(read.uid, UID_AT_MOST),
        conditions=_conditions(read.en_content) or _conditions(read.cn_content),
        call_id=storable(read.call_id, UID_AT_MOST),
        remark=storable(read.remark, CONDITION_AT_MOST),
    )


def alert_events(alert: Alert, now: float) -> tuple[DiagnosisEvent, ...]:
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


def _instant(value: Text, now: float) -> int:
    text = storable(value, 20)
    if not _DIGITS.fullmatch(text):
        raise UnreadableAlert("alertTime is not a time in milliseconds, like 1631785450000")
    number = int(text)
    instant = number // 1000 if number >= _MILLISECONDS_FROM else number
    if abs(instant - now) > DAY_S:
        raise UnreadableAlert(
            f"alertTime {text} is more than a day away from the clock here; is one of them wrong?"
        )
    return instant


def _conditions(value: Text) -> tuple[str, ...]:
    whole = storable(value, CONDITION_AT_MOST * CONDITIONS_AT_MOST)
    parts = (" ".join(part.split())[:CONDITION_AT_MOST] for part in _BETWEEN_CONDITIONS.split(whole))
    return tuple(dict.fromkeys(filter(None, parts)))[:CONDITIONS_AT_MOST]
