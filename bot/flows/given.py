"""History from files that `agora-bot data export` made, put into a database of its own.

What is known follows from the rows: a minute of a feed, where one of its metrics has a row; a minute of the
diagnosis or of the calls, between the first and the last of the files, because a quiet one has no row.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bot.flows.given_rows import AnyRow, CallRow, EventRow, MetricRow, NoHistory, read_rows
from bot.model.catalog import METRICS, Feed
from bot.model.observation import CauseTag, DiagnosisEvent, FinishedCall, MetricPoint
from bot.model.time import MINUTE_S, Window, floor_minute
from bot.render import words
from bot.store import Database, Transaction, calls, observations

__all__ = ["NoHistory", "Taken", "take_files"]

_AT_ONCE = 5000


@dataclass(slots=True)
class Taken:
    """What the files held: rows within and beyond the window; the first and the last minute of the events and
    calls of each project, and the minutes of which some are missing."""

    rows: int = 0
    beyond: int = 0
    spans: dict[tuple[str, Feed], tuple[int, int]] = field(default_factory=dict)
    cut: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def saw(self, project: str, feed: Feed, minute: int) -> None:
        """Stretch the span of a feed to hold a minute."""
        first, last = self.spans.get((project, feed), (minute, minute))
        self.spans[project, feed] = min(first, minute), max(last, minute)

    def whole(self, feed: Feed) -> tuple[int, int] | None:
        """Return the first and the last minute of a feed over all projects; None where there was none."""
        spans = [span for (_, its), span in self.spans.items() if its is feed]
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None

    def notes(self) -> list[str]:
        """Return what a reader of the answer has to know of the files."""
        found = []
        if not self.rows:
            found.append("No row of the files lies in the span or the time before it that the rules look at.")
        for feed, what in ((Feed.DIAGNOSIS, "event"), (Feed.CALLS, "call")):
            if span := self.whole(feed):
                first, last = map(words.utc, span)
                found.append(
                    f"The files do not tell quiet minutes from unknown ones: from the first {what} of all"
                    f" ({first} UTC) to the last ({last} UTC), a minute without {what}s counts as quiet."
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
    for project, feed in taken.spans:
        if span := taken.whole(feed):
            minutes = range(span[0], span[1] + 1, MINUTE_S)
            cut = frozenset(taken.cut[project] if feed is Feed.DIAGNOSIS else ())
            with database.transaction() as tx:
                observations.mark_known(tx, project, feed, minutes, cut=cut)
    return taken


def _save(tx: Transaction, batch: Iterable[AnyRow], window: Window, taken: Taken) -> None:
    points: dict[str, list[MetricPoint]] = defaultdict(list)
    known: dict[tuple[str, Feed], set[int]] = defaultdict(set)
    events: dict[str, list[DiagnosisEvent]] = defaultdict(list)
    finished: dict[str, list[FinishedCall]] = defaultdict(list)
    for row in batch:
        at = _instant(row)
        if not window.start <= at < window.end:
            taken.beyond += 1
            continue
        taken.rows += 1
        minute = floor_minute(at)
        if isinstance(row, MetricRow):
            points[row.project].append(MetricPoint(metric=row.metric, minute=minute, value=row.value))
            if row.metric in METRICS:
                known[row.project, METRICS[row.metric].feed].add(minute)
        elif isinstance(row, CallRow):
            finished[row.project].append(_call(row))
            taken.saw(row.project, Feed.CALLS, minute)
        elif row.source == "alert":
            observations.save_alert(tx, row.project, row.ts, [_event(row, at)])
        elif row.source != "agora":
            observations.save_events(tx, row.project, [_event(row, row.ts)], at)
        else:
            events[row.project].append(_event(row, at))
            taken.saw(row.project, Feed.DIAGNOSIS, minute)
            if row.at_least:
                taken.cut[row.project].add(minute)
    for project, some in points.items():
        observations.save_points(tx, project, some, 0)
    for project, found in events.items():
        observations.save_events(tx, project, found, 0)
    for project, over in finished.items():
        calls.save(tx, project, over, 0)
    for (project, feed), minutes in known.items():
        observations.mark_known(tx, project, feed, sorted(minutes), cut=frozenset())


def _instant(row: AnyRow) -> int:
    """Return when a row counts: an alert when it came, a call when it was over."""
    if isinstance(row, CallRow):
        return row.destroyed_ts
    return row.fetched_at if isinstance(row, EventRow) and row.source != "agora" else row.ts


def _call(row: CallRow) -> FinishedCall:
    return FinishedCall(
        call_id=row.call_id,
        cname=row.cname,
        created_ts=row.created_ts,
        destroyed_ts=row.destroyed_ts,
        video_freeze_rate=row.video_freeze_rate,
        audio_freeze_rate=row.audio_freeze_rate,
        pcu=row.pcu,
        acu=row.acu,
    )


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
