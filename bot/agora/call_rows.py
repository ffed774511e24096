"""Rows of calls as model values: what both dialects have in common."""

from collections.abc import Iterable

import numpy as np

from bot.agora.wire import CallRow, MetricsRow, SeriesRow, SessionRow, pairs, text
from bot.model.call import Call, Series, Session


def call(row: CallRow) -> Call:
    """Return the call of a row."""
    return Call(
        call_id=row.call_id,
        cname=text(row.cname),
        started_at=int(row.created_ts),
        ended_at=_end(row.finished, row.destroyed_ts),
    )


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


def series(listed: Iterable[MetricsRow]) -> tuple[Series, ...]:
    """Return all series that hold a value, in Agora's order."""
    every = (_series(metrics.sid, row) for metrics in listed for row in metrics.data or [])
    return tuple(one for one in every if one.ts.size)


def _end(finished: bool | None, ts: float | None) -> int | None:
    """Return the end; what stands there before the end is undocumented, so only ``finished`` counts."""
    return int(ts) if finished and ts and ts > 0 else None


def _series(sid: str, row: SeriesRow) -> Series:
    """Return the series in order of time; of two values of one second the first stays."""
    listed = np.array(pairs(row.kvs), dtype=np.float64).reshape(-1, 2)  # null becomes NaN
    known = listed[np.isfinite(listed).all(axis=1)]
    ts, first = np.unique(known[:, 0].astype(np.int64), return_index=True)
    return Series(sid=sid, mid=row.mid, peer_uid=text(row.peer_uid), ts=ts, values=known[first, 1])
