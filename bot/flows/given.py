"""History from files that `agora-bot data export` made, put into a database of its own.

What is known follows from the rows: a minute of a feed, where one of its metrics has a row; a minute of the
diagnosis, between the first and the last event of the files, because a quiet minute has no row to show.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bot.flows.given_rows import EventRow, MetricRow, NoHistory, read_rows
from bot.model.catalog import METRICS, Feed
from bot.model.observation import CauseTag, DiagnosisEvent, MetricPoint
from bot.model.time import MINUTE_S, Window, floor_minute
from bot.render import words
from bot.store import Database, Transaction, observations

__all__ = ["NoHistory", "Taken", "take_files"]

_AT_ONCE = 5000


@dataclass(slots=True)
class Taken:
    """What the files held: rows within and beyond the window, and the span of the events by project."""

    rows: int = 0
    beyond: int = 0
    events: dict[str, list[int]] = field(default_factory=dict)
    cut: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def notes(self) -> list[str]:
        """Return what a reader of the answer has to know of the files."""
        found = []
        if not self.rows:
            found.append("No row of the files lies in the span or the time before it that the rules look at.")
        if self.events:
            first = min(span[0] for span in self.events.values())
            last = max(span[1] for span in self.events.values())
            found.append(
                "The files say nothing of quiet minutes: from the first event of all"
                f" ({words.utc(first)} UTC) to the last ({words.utc(last)} UTC) a minute without events"
                " counts as one in which nothing happened."
            )
        return found


def take_files(database: Database, paths: Sequence[Path], window: Window) -> Taken:
    """Store the rows of the files that lie in ``window``; raise NoHistory for a row that cannot be read."""
    taken = Taken()
    for path in paths:
        rows = read_rows(path)
        while batch := list(islice(rows, _AT_ONCE)):
            with database.transaction() as tx:
                _save(tx, batch, window, taken)
    first = min((span[0] for span in taken.events.values()), default=0)
    last = max((span[1] for span in taken.events.values()), default=0)
    for project in taken.events:
        with database.transaction() as tx:
            minutes = range(first, last + 1, MINUTE_S)
            cut = frozenset(taken.cut[project])
            observations.mark_known(tx, project, Feed.DIAGNOSIS, minutes, cut=cut)
    return taken


def _save(tx: Transaction, batch: Iterable[MetricRow | EventRow], window: Window, taken: Taken) -> None:
    points: dict[str, list[MetricPoint]] = defaultdict(list)
    known: dict[tuple[str, Feed], set[int]] = defaultdict(set)
    events: dict[str, list[DiagnosisEvent]] = defaultdict(list)
    for row in batch:
        at = row.fetched_at if isinstance(row, EventRow) and row.source == "alert" else row.ts
        if not window.start <= at < window.end:
            taken.beyond += 1
            continue
        taken.rows += 1
        minute = floor_minute(at)
        if isinstance(row, MetricRow):
            points[row.project].append(MetricPoint(metric=row.metric, minute=minute, value=row.value))
            if row.metric in METRICS:
                known[row.project, METRICS[row.metric].feed].add(minute)
        elif row.source == "alert":
            observations.save_alert(tx, row.project, row.ts, [_event(row, at)])
        else:
            events[row.project].append(_event(row, at))
            span = taken.events.setdefault(row.project, [minute, minute])
            span[:] = min(span[0], minute), max(span[1], minute)
            if row.at_least:
                taken.cut[row.project].add(minute)
    for project, some in points.items():
        observations.save_points(tx, project, some, 0)
    for project, found in events.items():
        observations.save_events(tx, project, found, 0)
    for (project, feed), minutes in known.items():
        observations.mark_known(tx, project, feed, sorted(minutes), cut=frozenset())


def _event(row: EventRow, at: int) -> DiagnosisEvent:
    return DiagnosisEvent(
        ts=at,
        cname=row.cname,
        user=row.user,
        experience_id=row.experience_id,
        tags=tuple(CauseTag(factor_id=cause.factor_id, host_user=cause.host_user) for cause in row.causes),
        source=row.source,
        said=row.said,
    )
