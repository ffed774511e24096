"""What the judge reads: points, events, calls and coverage of some projects, as columns."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from sqlalchemy import ColumnElement, Text, bindparam, cast, select, union_all

from bot.model.catalog import Feed
from bot.model.observation import CauseTag, Coverage, DiagnosisEvent, Events, Observations, Points
from bot.store import calls
from bot.store.database import Transaction
from bot.store.tables import IS_ALERT, diagnosis_events, known_minutes, metric_points

_AT_ONCE = 50_000


def read(
    tx: Transaction,
    projects: Sequence[str],
    start: int,
    end: int,
    metrics: Sequence[str],
    earlier: Iterable[tuple[str, int, int]] = (),
) -> Observations:
    """Return what is known of ``[start, end)``: the named metrics, all events, calls and coverage; and of
    ``earlier`` spans (metric, start, end) the points. A call is in the span in which it ended."""
    places = {project: place for place, project in enumerate(projects)}
    spans: dict[str, set[tuple[int, int]]] = {name: {(start, end)} for name in metrics}
    for name, first, last in earlier:
        spans.setdefault(name, set()).add((first, last))
    return Observations(
        projects=tuple(projects),
        start=start,
        end=end,
        metrics={name: _points(tx, places, name, wanted) for name, wanted in spans.items()},
        events=Events.of(_events(tx, places, start, end)),
        calls=tuple(calls.ended_within(tx, places, start, end)),
        coverage=_coverage(tx, places, start, end),
    )


def _points(
    tx: Transaction, places: Mapping[str, int], metric: str, spans: Iterable[tuple[int, int]]
) -> Points:
    """Return the points of a metric in these spans, made columns batch by batch, as rows take much more."""
    t = metric_points.c
    parts = [Points.of(())]
    for first, last in sorted(spans):
        query = select(t.project, t.minute, t.value).where(
            _among(t.project), t.metric == metric, t.minute >= first, t.minute < last
        )
        for rows in tx.execute(query, {"projects": list(places)}).partitions(_AT_ONCE):
            parts.append(Points.of([(places[project], minute, value) for project, minute, value in rows]))
    return Points(
        project=np.concatenate([part.project for part in parts]),
        minute=np.concatenate([part.minute for part in parts]),
        value=np.concatenate([part.value for part in parts]),
    )


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
        ours, t.ts >= start, t.ts < end, t.source != "alert"
    )
    pushed = select(t.fetched_at.label("at"), *own, *texts).where(
        ours, t.fetched_at >= start, t.fetched_at < end, IS_ALERT
    )
    for row in tx.execute(union_all(polled, pushed), {"projects": list(places)}).all():
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


def _coverage(tx: Transaction, places: Mapping[str, int], start: int, end: int) -> dict[Feed, Coverage]:
    t = known_minutes.c
    rows: dict[str, list[tuple[int, int, bool]]] = defaultdict(list)
    query = select(t.project, t.feed, t.minute, t.cut)
    query = query.where(_among(t.project), t.minute >= start, t.minute < end)
    for project, feed, minute, cut in tx.execute(query, {"projects": list(places)}).all():
        rows[feed].append((places[project], minute, cut))
    polled = {Feed(feed): Coverage.of(marks) for feed, marks in rows.items()}
    return {**polled, Feed.ALERT: Coverage.of((), whole=range(len(places)))}
