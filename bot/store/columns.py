"""Metric points as columns, read in batches: a row as such takes ten times the memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from sqlalchemy import ColumnElement, select

from bot.model.observation import Codes, Points
from bot.store.database import Transaction
from bot.store.tables import metric_points

_AT_ONCE = 50_000
_NONE = Points.of(())
_Part = tuple[Codes, Points]


def read_columns(
    tx: Transaction,
    places: Mapping[str, int],
    metrics: Sequence[str],
    start: int,
    end: int,
    earlier: Iterable[tuple[str, int, int]],
) -> dict[str, Points]:
    """Return the points of each metric in ``[start, end)`` and in the spans of ``earlier``, with the places
    of their projects; a point of several spans comes several times."""
    t = metric_points.c
    wanted = [t.metric.in_(metrics) & (t.minute >= start) & (t.minute < end)]
    wanted += [(t.metric == name) & (t.minute >= first) & (t.minute < last) for name, first, last in earlier]
    parts = [part for span in wanted for part in _parts(tx, span, places, metrics)]
    return {name: _joined(parts, place) for place, name in enumerate(metrics)}


def _parts(
    tx: Transaction, span: ColumnElement[bool], places: Mapping[str, int], metrics: Sequence[str]
) -> Iterator[_Part]:
    t = metric_points.c
    names = {name: place for place, name in enumerate(metrics)}
    query = select(t.project, t.metric, t.minute, t.value).where(t.project.in_(places), span)
    for rows in tx.execute(query).partitions(_AT_ONCE):
        project, metric, minute, value = zip(*rows, strict=True)
        points = Points(
            project=np.fromiter(map(places.__getitem__, project), dtype=np.int32, count=len(rows)),
            minute=np.array(minute, dtype=np.int64),
            value=np.array(value, dtype=np.float64),
        )
        yield np.fromiter(map(names.__getitem__, metric), dtype=np.int32, count=len(rows)), points


def _joined(parts: Sequence[_Part], place: int) -> Points:
    mine = [(points, metric == place) for metric, points in parts]
    return Points(
        project=np.concatenate([_NONE.project, *(points.project[own] for points, own in mine)]),
        minute=np.concatenate([_NONE.minute, *(points.minute[own] for points, own in mine)]),
        value=np.concatenate([_NONE.value, *(points.value[own] for points, own in mine)]),
    )
