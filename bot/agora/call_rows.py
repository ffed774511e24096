"""Rows of calls as model values: what both dialects have in common."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from bot.agora.answers import CallsAnswer
from bot.agora.plan import LAST_SECONDS
from bot.agora.wire import (
    CNAME_AT_MOST,
    CallRow,
    Envelope,
    MetricsRow,
    SeriesRow,
    SessionRow,
    pairs,
    storable,
    text,
)
from bot.model.call import Call, CallSearch, Series, Session
from bot.model.observation import FinishedCall
from bot.model.time import Window

CALL_ID_AT_MOST = 64
"""Twice what Agora's own ids have."""


def call(row: CallRow) -> Call:
    """Return the call of a row."""
    return Call(
        call_id=row.call_id,
        cname=text(row.cname),
        started_at=int(row.created_ts),
        ended_at=_end(row.finished, row.destroyed_ts),
    )


def calls_answer(search: CallSearch, window: Window) -> CallsAnswer:
    """Return what was found in ``window`` as a poll stores it; ends that no clock can mean are left out.

    Agora lists the newest start first, so that an answer which holds one from before the window holds all
    that began in it.
    """
    oldest = min((found.started_at for found in search.calls), default=window.end)
    return CallsAnswer(
        finished=tuple(
            _finished(found, found.ended_at)
            for found in search.calls
            if found.ended_at is not None and found.ended_at < LAST_SECONDS
        ),
        running=tuple(_storable(found) for found in search.calls if found.ended_at is None),
        whole_from=window.start if search.complete else max(window.start, oldest),
        requests=search.requests,
    )


def _storable(found: Call) -> Call:
    return replace(
        found,
        call_id=storable(found.call_id, CALL_ID_AT_MOST),
        cname=storable(found.cname, CNAME_AT_MOST),
        users_peak=_count(found.users_peak),
        users_total=_count(found.users_total),
    )


def _finished(found: Call, ended_at: int) -> FinishedCall:
    return FinishedCall(
        call_id=storable(found.call_id, CALL_ID_AT_MOST),
        cname=storable(found.cname, CNAME_AT_MOST),
        created_ts=found.started_at,
        destroyed_ts=max(ended_at, found.started_at),
        video_freeze_rate=found.video_freeze_rate,
        audio_freeze_rate=found.audio_freeze_rate,
        pcu=_count(found.users_peak),
        acu=_count(found.users_total),
    )


def _count(told: int | None) -> int | None:
    """Return a number of people; one that is more than there are is none."""
    return told if told is not None and told < 2**31 else None


def session(row: SessionRow) -> Session:
    """Return the session of a row."""
    return Session(
        sid=row.sid,
        uid=text(row.uid),
        network=text(row.network),
        platform=text(row.platform),
        device=text(row.device_type),
        sdk=text(row.sdk_version),
        sender=bool(row.speaker),
        joined_at=int(row.join_ts),
        left_at=_end(row.finished, row.leave_ts),
    )


def series(answer: Envelope, listed: Iterable[MetricsRow]) -> tuple[Series, ...]:
    """Return all series that hold a value, in Agora's order."""
    every = ((metrics.sid, row) for metrics in listed for row in metrics.data or [])
    return tuple(one for one in answer.readable(every, lambda told: _series(*told)) if one.ts.size)


def _end(finished: bool | None, ts: float | None) -> int | None:
    """Return the end; what stands there before the end is undocumented, so only ``finished`` counts."""
    return int(ts) if finished and ts and ts > 0 else None


def _series(sid: str, row: SeriesRow) -> Series:
    """Return the series in order of time; of two values of one second the first stays."""
    listed = np.array(pairs(row.kvs), dtype=np.float64).reshape(-1, 2)  # null becomes NaN
    known = listed[np.isfinite(listed).all(axis=1)]
    ts, first = np.unique(known[:, 0].astype(np.int64), return_index=True)
    return Series(sid=sid, mid=row.mid, peer_uid=text(row.peer_uid), ts=ts, values=known[first, 1])
