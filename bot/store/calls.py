"""Calls that are over, each stored once under its id."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, bindparam, select

from bot.model.observation import FinishedCall
from bot.store.database import Transaction, upsert
from bot.store.tables import calls

_TOLD = (
    "cname",
    "created_ts",
    "destroyed_ts",
    "video_freeze_rate",
    "audio_freeze_rate",
    "pcu",
    "acu",
)


def save(tx: Transaction, project: str, finished: Iterable[FinishedCall], now: float) -> None:
    """Store calls; what a later reading tells of one replaces what was told before."""
    rows = [asdict(call) | {"project": project, "fetched_at": int(now)} for call in finished]
    upsert(tx, calls, rows, update=(*_TOLD, "fetched_at"))


def ended_within(
    tx: Transaction, places: Mapping[str, int], start: int, end: int
) -> Iterator[tuple[int, FinishedCall]]:
    """Yield the calls that ended in ``[start, end)`` with the place of their project, in order of both."""
    t = calls.c
    ours = t.project.in_(bindparam("projects", expanding=True))
    query = select(calls).where(ours, t.destroyed_ts >= start, t.destroyed_ts < end)
    ordered = query.order_by(t.project, t.destroyed_ts, t.call_id)
    for row in tx.execute(ordered, {"projects": list(places)}).all():
        yield places[row.project], call_of(row)


def call_of(row: Row[Any]) -> FinishedCall:
    """Return the call of a row of ``calls``."""
    return FinishedCall(call_id=row.call_id, **{name: getattr(row, name) for name in _TOLD})
