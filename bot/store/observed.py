"""What was seen of many projects at once, as the judge reads it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Integer, Select, Text, bindparam, cast, select, union_all

from bot.model.catalog import Feed
from bot.model.observation import (
    CauseTag,
    Codes,
    Coverage,
    DiagnosisEvent,
    Events,
    Floats,
    Ints,
    Observations,
    Points,
)
from bot.store import calls
from bot.store.database import Transaction
from bot.store.tables import ON_ARRIVAL, diagnosis_events, known_minutes, metric_points

_AT_ONCE = 5_000


def read(
    tx: Transaction,
    projects: Sequence[str],
    start: int,
    end: int,
    metrics: Sequence[str],
    further: Iterable[tuple[str, int, int]] = (),
    known: Mapping[Feed, tuple[int, int]] | None = None,
) -> Observations:
    """Return what is known of ``[start, end)``: the named metrics, all events, calls and coverage; and of
    ``further`` spans (metric, start, end) the points. A call is in the span in which it ended. With ``known``
    the coverage is that of its feeds and spans."""
    places = {project: place for place, project in enumerate(projects)}
    spans: dict[str, set[tuple[int, int]]] = {name: {(start, end)} for name in metrics}
    for name, first, last in further:
        spans.setdefault(name, set()).add((first, last))
    return Observations(
        projects=tuple(projects),
        start=start,
        end=end,
        metrics={name: _points(tx, places, name, wanted) for name, wanted in spans.items()},
        events=Events.of(_events(tx, places, start, end)),
        calls=tuple(calls.ended_within(tx, places, start, end)),
        coverage=_coverage(tx, places, known or dict.fromkeys(Feed, (start, end))),
    )


def _points(
    tx: Transaction, places: Mapping[str, int], metric: str, spans: Iterable[tuple[int, int]]
) -> Points:
    t = metric_points.c
    wanted = [(t.minute >= first) & (t.minute < last) for first, last in _joined(spans)]
    query = select(t.project, t.minute, t.value).where(_among(t.project), t.metric == metric)
    parts = [_columns(tx, places, query.where(span)) for span in wanted]
    project, minute, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Points(project=project, minute=minute, value=value)


def _columns(tx: Transaction, places: Mapping[str, int], query: Select[Any]) -> tuple[Codes, Ints, Floats]:
    """Return rows of project, minute and a number as columns, made in small batches: as rows they take much
    more memory, and what leaves the processor's cache takes longer."""
    project, minute, number = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)], [np.zeros(0, np.float64)]
    for rows in tx.execute(query, {"projects": list(places)}).partitions(_AT_ONCE):
        project.append(np.array([places[row[0]] for row in rows], dtype=np.int32))
        minute.append(np.array([row[1] for row in rows], dtype=np.int64))
        number.append(np.array([row[2] for row in rows], dtype=np.float64))
    return np.concatenate(project), np.concatenate(minute), np.concatenate(number)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _among(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the test that a column is one of ``projects``, given as one parameter: a thousand of their own
    take longer to prepare than to look up."""
    return column.in_(bindparam("projects", expanding=True))


def _events(
    tx: Transaction, places: Mapping[str, int], start: int, end: int
) -> Iterator[tuple[int, DiagnosisEvent]]:
    t = diagnosis_events.c
    own = (t.project, t.cname, t.user, t.experience_id, t.source)
    texts = (cast(t.tags, Text).label("tags"), cast(t.said, Text).label("said"))
    ours = _among(t.project)
    polled = select(t.ts.label("at"), *own, *texts).where(
        ours, t.ts >= start, t.ts < end, t.source == "agora"
    )
    late = select(t.fetched_at.label("at"), *own, *texts).where(
        ours, t.fetched_at >= start, t.fetched_at < end, ON_ARRIVAL
    )
    for row in tx.execute(union_all(polled, late), {"projects": list(places)}).all():
        at, project, cname, user, experience_id, source, tags, said = row
        yield (
            places[project],
            DiagnosisEvent(
                ts=at,
                cname=cname,
                user=user,
                experience_id=experience_id,
                tags=_tags_of_text(tags),
                source=source,
                said=tuple(json.loads(said)) if said != "[]" else (),
            ),
        )


@lru_cache(maxsize=10_000)  # the same few causes come again and again
def _tags_of_text(text: str) -> tuple[CauseTag, ...]:
    return tuple(CauseTag(factor_id=factor, host_user=host) for factor, host in json.loads(text))


def _coverage(
    tx: Transaction, places: Mapping[str, int], spans: Mapping[Feed, tuple[int, int]]
) -> dict[Feed, Coverage]:
    t = known_minutes.c
    found: dict[Feed, Coverage] = {}
    whole = np.zeros(0, dtype=np.int32)
    for feed, (start, end) in spans.items():
        query = select(t.project, t.minute, cast(t.cut, Integer)).where(
            _among(t.project), t.feed == feed.value, t.minute >= start, t.minute < end
        )
        project, minute, cut = _columns(tx, places, query)
        if len(minute):
            found[feed] = Coverage(project=project, minute=minute, cut=cut > 0, whole=whole)
    return {**found, Feed.ALERT: Coverage.of((), whole=range(len(places)))}
