"""Today's dialect: its answers as model values, with rates in percent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import msgspec

from bot.agora import call_rows
from bot.agora.answers import FreezeBucket, Share, TimedValue, UserValue
from bot.agora.wire import Envelope, MetricsRow, Text, text
from bot.agora.wire_current import (
    CHANNEL_SIZE,
    DIMENSIONS,
    SDK_IN_EXAMPLES,
    BucketRow,
    CurrentCallRow,
    CurrentSessionRow,
    PointRow,
    ShareRow,
    StatisticRow,
    TimeRow,
    UserRow,
    percent,
    share_rows,
)
from bot.model.call import Call, Series, Session

PAGE_SIZE = 100
"""The most calls or sessions of one answer."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """One page of a list with the ids of its items; ``has_more``: the next one holds something, too."""

    items: tuple[Item, ...]
    ids: frozenset[str]
    has_more: bool


def call_page(answer: Envelope, page_no: int) -> Page[Call]:
    """Return one page of calls, in Agora's order, which is newest first."""
    calls = tuple(map(_call, answer.rows(answer.call_lists, CurrentCallRow)))
    return _page(answer, page_no, calls, frozenset(call.call_id for call in calls))


def session_page(answer: Envelope, page_no: int) -> Page[Session]:
    """Return one page of sessions, in Agora's order."""
    sessions = tuple(map(_session, answer.rows(answer.call_info, CurrentSessionRow)))
    return _page(answer, page_no, sessions, frozenset(session.sid for session in sessions))


def _page(answer: Envelope, page_no: int, items: tuple[Item, ...], ids: frozenset[str]) -> Page[Item]:
    """Judge by ``has_more``, without it by ``total_size``, without both by whether the page is full."""
    size, total = _number(answer.page_size) or PAGE_SIZE, _number(answer.total_size)
    if isinstance(answer.has_more, bool):
        more = answer.has_more
    elif total is not None:
        more = page_no * size < total
    else:
        more = len(items) + len(answer.left_out) >= size
    return Page(items=items, ids=ids, has_more=more)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _call(row: CurrentCallRow) -> Call:
    return replace(
        call_rows.call(row),
        users_peak=row.call_pcu,
        users_total=row.call_acu,
        audio_freeze_rate=percent(row.call_audio_freeze_rate),
        video_freeze_rate=percent(row.call_video_freeze_rate),
    )


def _session(row: CurrentSessionRow) -> Session:
    return replace(
        call_rows.session(row),
        account=text(row.account),
        roles=_roles(row.roles),
        audio_freeze_rate=percent(row.user_audio_freeze_rate),
        video_freeze_rate=percent(row.user_video_freeze_rate),
    )


def _roles(told: list[Text] | str | None) -> tuple[str, ...]:
    each = [told] if isinstance(told, str) else told or []
    return tuple(role for role in map(text, each) if role)


def series(answer: Envelope) -> tuple[Series, ...]:
    """Return the series of ``call/metrics``; values of unit % are percent on the wire, too."""
    return call_rows.series(answer, answer.rows(answer.metrics, MetricsRow))


def statistics(answer: Envelope) -> tuple[Share, ...]:
    """Return the freeze rate of each part of a call, in Agora's order."""
    return tuple(
        Share(key=text(row.dimension_value), value=rate, users=row.user_count)
        for row in answer.rows(answer.data, StatisticRow)
        if (rate := percent(row.value)) is not None
    )


def freeze_buckets(answer: Envelope) -> tuple[FreezeBucket, ...]:
    """Return the buckets that hold users, lowest rates first."""
    found = answer.readable(answer.rows(answer.data, BucketRow), _bucket)
    return tuple(sorted(found, key=lambda bucket: bucket.from_pct))


_BUCKET = re.compile(r"\[(\d+(?:\.\d+)?)%,\s*(\d+(?:\.\d+)?)%[)\]]")


def _bucket(row: BucketRow) -> FreezeBucket:
    bounds = _BUCKET.fullmatch(row.bucket)
    if bounds is None:
        raise msgspec.ValidationError("a bucket is not written like [3%,5%)")
    return FreezeBucket(from_pct=float(bounds[1]), to_pct=float(bounds[2]), users=row.user_count)


def statistics_over_time(answer: Envelope, *, counts: bool) -> tuple[TimedValue, ...]:
    """Return one value a minute in order of time, with Agora's gaps; ``counts``: they are no rates."""
    told = ((row.ts, row.value) for row in answer.rows(answer.data, TimeRow))
    return _timed((ts, value if counts else percent(value)) for ts, value in told)


def points(answer: Envelope, name: str, *, counts: bool) -> tuple[TimedValue, ...]:
    """Return the values of one metric, by its name on the wire, in order of time."""
    return _timed(_told(answer.rows(answer.data, PointRow), name, counts=counts))


def user_values(answer: Envelope, name: str) -> tuple[UserValue, ...]:
    """Return the rates of single users, sorted by user and time."""
    return tuple(
        UserValue(uid=text(row.uid), ts=point.ts, value=point.value)
        for row in sorted(answer.rows(answer.data, UserRow), key=lambda row: text(row.uid))
        for point in _timed(_told(row.values or [], name, counts=False))
    )


def shares(answer: Envelope, name: str, *, counts: bool) -> tuple[Share, ...]:
    """Return the parts of a project, in Agora's order, from an array or a top-20 list."""
    found = []
    for row in share_rows(answer):
        value = getattr(row, name)
        value = value if counts else percent(value)
        if value is not None:
            users = None if row.userCount is None else int(row.userCount)
            found.append(Share(key=_key(row), value=value, users=users, weight=row.refUsage))
    return tuple(found)


def _key(row: ShareRow) -> str:
    named = (getattr(row, name) for name in (*DIMENSIONS, SDK_IN_EXAMPLES, CHANNEL_SIZE))
    return text(next((value for value in named if value is not None), None))


def _told(told: Iterable[PointRow], name: str, *, counts: bool) -> Iterable[tuple[float, float | None]]:
    return ((row.ts, value if counts else percent(value)) for row in told for value in [getattr(row, name)])


def _timed(told: Iterable[tuple[float, float | None]]) -> tuple[TimedValue, ...]:
    """Return the known values in order of time; of two of one instant the later told counts."""
    known = {int(ts): value for ts, value in told if value is not None}
    return tuple(TimedValue(ts=ts, value=value) for ts, value in sorted(known.items()))
