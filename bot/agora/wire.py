"""The JSON of 2019 as types: what is read of it, and how much variation is survived.

Numbers may come as int, float or text, uids as number or text, optional keys absent or null, and unknown
keys with anything. Bounds keep milliseconds, NaN and infinities out of the house. A row that cannot be read
is left out and told; an answer of which no row can be read is malformed.
"""

import json
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Annotated, Any, TypeVar

import msgspec

from bot.agora.profile import feed_metrics
from bot.model.catalog import POLLED_FEEDS

Instant = Annotated[float, msgspec.Meta(ge=0, lt=1e11)]
Value = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Text = str | int | float | None
Pair = tuple[Instant | None, Value | None]

CNAME_AT_MOST, UID_AT_MOST = 256, 64
"""Agora's own names have 64 bytes and uids 10 digits; what is longer is cut, so that it can be stored."""

ABSENT = msgspec.Raw(b"null")
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, json.JSONDecodeError)
"""What decoding may raise: besides msgspec's own, broken UTF-8 and hostile nesting."""

Form = TypeVar("Form")
Row = TypeVar("Row")
Item = TypeVar("Item")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_PAIRS = msgspec.json.Decoder(list[Pair] | None, strict=False)


class Envelope(msgspec.Struct, frozen=True, dict=True):
    """Around every answer. Data stay bytes until the code is judged; ``message`` means nothing on success."""

    code: object = None
    message: object = None
    request_id: object = msgspec.field(default=None, name="requestId")
    has_more: object = None
    total_size: object = None
    page_size: object = None
    data: msgspec.Raw = ABSENT
    call_lists: msgspec.Raw = ABSENT
    call_info: msgspec.Raw = ABSENT
    metrics: msgspec.Raw = ABSENT

    @cached_property
    def left_out(self) -> list[str]:
        """Why rows were left out so far, one reason a row."""
        return []

    def rows(self, raw: msgspec.Raw, row: type[Row]) -> list[Row]:
        """Return the readable rows of one key; null and absent mean none. Raise one of UNREADABLE."""
        try:
            return msgspec.json.decode(raw, type=list[row] | None, strict=False) or []  # type: ignore[valid-type]
        except UNREADABLE:
            listed = msgspec.json.decode(raw, type=list[msgspec.Raw])
            return self.readable(listed, lambda one: msgspec.json.decode(one, type=row, strict=False))

    def readable(self, listed: Iterable[Item], read: Callable[[Item], Row]) -> list[Row]:
        """Return what ``read`` makes of each but those that it cannot read; raise where those are all."""
        found, failures = [], []
        for one in listed:
            try:
                found.append(read(one))
            except UNREADABLE as unreadable:
                failures.append(unreadable)
        if failures and not found:
            raise failures[0]
        self.left_out.extend(str(failure) for failure in failures)
        return found


class CallRow(msgspec.Struct, kw_only=True):
    call_id: str
    cname: Text = None
    created_ts: Instant
    destroyed_ts: float | None = None
    finished: bool | None = None


class SessionRow(msgspec.Struct, kw_only=True):
    sid: str
    uid: Text = None
    network: Text = None
    platform: Text = None
    device_type: Text = None
    sdk_version: Text = None
    speaker: bool | None = None
    join_ts: Instant
    leave_ts: float | None = None
    finished: bool | None = None


class SeriesRow(msgspec.Struct, kw_only=True):
    """``kvs`` stay bytes until their turn: read all at once, 20 MB of them take 170 MB."""

    mid: int
    peer_uid: Text = 0
    kvs: msgspec.Raw = ABSENT


class MetricsRow(msgspec.Struct, kw_only=True):
    sid: str
    data: list[SeriesRow] | None = None


class UsageRow(msgspec.Struct, kw_only=True, rename="camel"):
    ts: Instant
    user_count: Count | None = None
    session_count: Count | None = None
    channel_count: Count | None = None


class TagRow(msgspec.Struct, kw_only=True):
    factor_id: int
    host_user: Text = None


class DiagnosisRow(msgspec.Struct, kw_only=True):
    ts: Instant
    cname: Text = None
    user: Text = None
    exp_id: int
    cause_tags: list[TagRow] | None = None


LIVE_METRICS = tuple(name for feed in POLLED_FEEDS for name in feed_metrics("beta", feed))
LiveRow: Any = msgspec.defstruct(
    "LiveRow", [("ts", Instant), *((name, Value | None, None) for name in LIVE_METRICS)]
)


def open_envelope(body: bytes) -> Envelope:
    """Return the envelope; an empty one, without a code, where the body is no JSON object."""
    try:
        return decoded(body, Envelope)
    except UNREADABLE:
        return Envelope()


def decoded(body: bytes, form: type[Form]) -> Form:
    """Return JSON in its form, also of text that was cut within an emoji. Raise one of UNREADABLE."""
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.DecodeError:
        return msgspec.json.decode(_mended(body), type=form)


def _mended(body: bytes) -> bytes:
    """Return JSON in which half a surrogate pair, of a name cut within an emoji, has become a question mark:
    msgspec refuses the whole text for it."""
    if not _SURROGATE.search(body):
        return body
    return json.dumps(json.loads(body.decode()), ensure_ascii=False).encode(errors="replace")


def pairs(raw: msgspec.Raw) -> list[Pair]:
    """Return the pairs of time and value of one series. Raise one of UNREADABLE."""
    return _PAIRS.decode(raw) or []


def text(value: Text) -> str:
    """Return ids and names in their one form: numbers as decimal text, null as the empty text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def storable(value: Text, at_most: int) -> str:
    """Return text that every database takes: PostgreSQL has no NUL in text."""
    return text(value).replace("\x00", "")[:at_most]
