"""What was seen of each project, and how completely: points, events, known minutes, feeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Row,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.model.catalog import Feed
from bot.model.observation import (
    CauseTag,
    DiagnosisEvent,
    MetricPoint,
)
from bot.model.time import Window
from bot.store.database import Transaction, upsert
from bot.store.observed import read as read
from bot.store.tables import diagnosis_events, feeds, known_minutes, metric_points

CLOCK_WENT_BACK_S = 300
"""An attempt that lies further ahead than this was made by a clock that has gone back since."""

LISTED_AT_MOST = 10
"""Causes and conditions that are kept of alerts which became one event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """How far a feed of a project is known. ``watermark`` is the end of its last complete minute.

    It is read again at ``due_at``, at a pace of ``pace_s``. ``reading`` is the poller's own memory as JSON.
    """

    project: str
    feed: Feed
    watermark: int
    attempted_at: int
    due_at: float
    pace_s: int
    reading: Mapping[str, Any] | None
    succeeded_at: int | None
    error: str | None


def save_points(tx: Transaction, project: str, points: Iterable[MetricPoint], now: float) -> None:
    """Store points; a later reading of the same minute replaces the earlier."""
    rows = [
        {"project": project, "metric": p.metric, "minute": p.minute, "value": p.value, "fetched_at": int(now)}
        for p in points
    ]
    upsert(tx, metric_points, rows, update=("value", "fetched_at"))


def save_events(tx: Transaction, project: str, events: Iterable[DiagnosisEvent], now: float) -> None:
    """Store events; reading one again changes its tags at most, never a count."""
    rows = [_event_row(project, e, ts=e.ts, fetched_at=int(now)) for e in events]
    upsert(tx, diagnosis_events, rows, update=("tags",))


def save_alert(tx: Transaction, project: str, alerted_at: int, events: Iterable[DiagnosisEvent]) -> bool:
    """Store the events of one alert that Agora pushed; return whether they tell anything new.

    An alert that comes again has the same ``alerted_at`` and changes nothing, least of all the minute in
    which it counts. Two alerts of one instant on the same user (of two conditions) become one event.
    """
    rows = [_event_row(project, e, ts=alerted_at, fetched_at=e.ts) for e in events]
    return sum(_save_alerted(tx, row) for row in rows) > 0  # any() would stop at the first new one


def _save_alerted(tx: Transaction, row: dict[str, Any]) -> bool:
    key = [column == row[column.name] for column in diagnosis_events.primary_key.columns]
    stored = select(diagnosis_events.c.tags, diagnosis_events.c.said).where(*key).with_for_update()
    known = tx.execute(stored).first()
    is_new = known is None
    if known is None:
        upsert(tx, diagnosis_events, [row])  # where another process was first meanwhile, its row stands
        known = tx.execute(stored).one()
    more = {name: [x for x in row[name] if x not in old] for name, old in known._mapping.items()}
    if not any(more.values()):
        return is_new
    both = {name: [*old, *more[name]][:LISTED_AT_MOST] for name, old in known._mapping.items()}
    tx.execute(update(diagnosis_events).where(*key).values(both))
    return True


def _event_row(project: str, event: DiagnosisEvent, *, ts: int, fetched_at: int) -> dict[str, Any]:
    return {
        "project": project,
        "ts": ts,
        "cname": event.cname,
        "user": event.user,
        "experience_id": event.experience_id,
        "source": event.source,
        "tags": [[tag.factor_id, tag.host_user] for tag in event.tags],
        "fetched_at": fetched_at,
        "said": list(event.said),
    }


def mark_known(
    tx: Transaction, project: str, feed: Feed, minutes: Iterable[int], *, cut: frozenset[int]
) -> None:
    """Mark minutes as covered by a poll; those in ``cut`` had more events than were read."""
    rows = [{"project": project, "feed": feed.value, "minute": m, "cut": m in cut} for m in minutes]
    upsert(tx, known_minutes, rows, update=("cut",))


def claim_poll(tx: Transaction, project: str, feed: Feed, *, now: float, lease_s: int, since: int) -> bool:
    """Take the right to poll now; False where it is not due yet, or another process is at it.

    The claim lasts ``lease_s`` unless ``poll_planned`` says when the next one comes. A feed that was never
    polled starts with the watermark ``since``.
    """
    key = (feeds.c.project == project) & (feeds.c.feed == feed.value)
    claim = {"attempted_at": int(now), "due_at": now + lease_s}
    is_due = (feeds.c.due_at <= now) | (feeds.c.attempted_at > now + CLOCK_WENT_BACK_S)
    if tx.execute(update(feeds).where(key, is_due).values(claim)).rowcount == 1:
        return True
    if tx.execute(select(feeds.c.project).where(key)).first() is not None:
        return False
    row = claim | {"project": project, "feed": feed.value, "watermark": since, "pace_s": 0}
    try:
        tx.execute(insert(feeds).values(row))
    except IntegrityError:
        return False  # another process made the same first step
    return True


def poll_planned(tx: Transaction, project: str, feed: Feed, *, due_at: float, pace_s: int) -> None:
    """Say when the feed is read next, and how far apart its polls are for now."""
    key = (feeds.c.project == project) & (feeds.c.feed == feed.value)
    tx.execute(update(feeds).where(key).values(due_at=due_at, pace_s=pace_s))


def poll_retried(tx: Transaction, *, now: float, idle_s: int) -> None:
    """Let feeds that failed be read now, but for those that were tried in the last ``idle_s`` seconds."""
    failed = feeds.c.error.is_not(None) & (feeds.c.attempted_at < now - idle_s)
    tx.execute(update(feeds).where(failed).values(due_at=now))


def poll_held(tx: Transaction, project: str, feed: Feed, *, until: float) -> None:
    """Prolong a claim: the turn is still being worked on."""
    key = (feeds.c.project == project) & (feeds.c.feed == feed.value)
    tx.execute(update(feeds).where(key).values(due_at=until))


def poll_hastened(tx: Transaction, project: str, feed: Feed, *, due_at: float, slower_than_s: int) -> None:
    """Let a feed whose pace is slower than ``slower_than_s`` be read at ``due_at``."""
    key = (feeds.c.project == project) & (feeds.c.feed == feed.value)
    waits = (feeds.c.due_at > due_at) & (feeds.c.pace_s > slower_than_s)
    tx.execute(update(feeds).where(key, waits).values(due_at=due_at))


def poll_succeeded(
    tx: Transaction,
    project: str,
    feed: Feed,
    *,
    watermark: int,
    now: float,
    reading: Mapping[str, Any] | None = None,
) -> None:
    key = (feeds.c.project == project) & (feeds.c.feed == feed.value)
    tx.execute(update(feeds).where(key).values(succeeded_at=int(now), error=None, reading=reading))
    moves = (feeds.c.watermark < watermark) | (feeds.c.watermark > now)
    tx.execute(update(feeds).where(key, moves).values(watermark=watermark))


def poll_failed(tx: Transaction, project: str, feed: Feed, error: str) -> None:
    key = (feeds.c.project == project) & (feeds.c.feed == feed.value)
    tx.execute(update(feeds).where(key).values(error=error))


def poll_remembered(tx: Transaction, project: str, feed: Feed, reading: Mapping[str, Any]) -> None:
    """Keep the poller's own memory, also of a poll that failed."""
    key = (feeds.c.project == project) & (feeds.c.feed == feed.value)
    tx.execute(update(feeds).where(key).values(reading=reading))


def forget_feeds(tx: Transaction, project: str, *, but: Iterable[Feed]) -> None:
    """Forget how far feeds were read that nobody reads any more, so that nobody takes them for stale."""
    kept = [feed.value for feed in but]
    tx.execute(delete(feeds).where(feeds.c.project == project, feeds.c.feed.not_in(kept)))


def feed_states(tx: Transaction, project: str | None = None) -> list[FeedState]:
    """Return the feeds of one project, or of all, in a steady order."""
    query = select(feeds).order_by(feeds.c.project, feeds.c.feed)
    if project is not None:
        query = query.where(feeds.c.project == project)
    return [
        FeedState(
            project=row.project,
            feed=Feed(row.feed),
            watermark=row.watermark,
            attempted_at=row.attempted_at,
            due_at=row.due_at,
            pace_s=row.pace_s,
            reading=row.reading,
            succeeded_at=row.succeeded_at,
            error=row.error,
        )
        for row in tx.execute(query)
    ]


def known_since(tx: Transaction, project: str, feed: Feed, start: int, end: int) -> tuple[int, int]:
    """Return how many minutes of ``[start, end)`` are known of a feed, and how many of those were cut."""
    t = known_minutes.c
    within = (t.project == project) & (t.feed == feed.value) & (t.minute >= start) & (t.minute < end)
    counted = select(func.count(), func.coalesce(func.sum(case((t.cut, 1), else_=0)), 0)).where(within)
    known, cut = tx.execute(counted).one()
    return int(known), int(cut)


def points_within(
    tx: Transaction, project: str, window: Window, metrics: Sequence[str]
) -> tuple[MetricPoint, ...]:
    """Return the points of the named metrics in a span, in no order."""
    t = metric_points.c
    query = select(t.metric, t.minute, t.value).where(
        t.project == project, t.metric.in_(metrics), t.minute >= window.start, t.minute < window.end
    )
    return tuple(MetricPoint(metric=r.metric, minute=r.minute, value=r.value) for r in tx.execute(query))


def points_since(
    tx: Transaction, project: str, since: int, metrics: Sequence[str]
) -> tuple[MetricPoint, ...]:
    """Return the points of the named metrics from the minute ``since`` on, in no order."""
    t = metric_points.c
    query = select(t.metric, t.minute, t.value).where(
        t.project == project, t.metric.in_(metrics), t.minute >= since
    )
    return tuple(MetricPoint(metric=r.metric, minute=r.minute, value=r.value) for r in tx.execute(query))


def event_of(row: Row[Any], *, ts: int) -> DiagnosisEvent:
    """Return the event of a row of ``diagnosis_events``, as of the instant ``ts``."""
    return DiagnosisEvent(
        ts=ts,
        cname=row.cname,
        user=row.user,
        experience_id=row.experience_id,
        tags=tuple(CauseTag(factor_id=factor, host_user=host) for factor, host in row.tags),
        source=row.source,
        said=tuple(row.said),
    )


def worst_channel(tx: Transaction, project: str, start: int, end: int) -> str | None:
    """Return the channel with most diagnosis events in ``[start, end)``, or None where there were none."""
    t = diagnosis_events.c
    query = select(t.cname).where(t.project == project, t.ts >= start, t.ts < end)
    found: str | None = tx.execute(query.group_by(t.cname).order_by(func.count().desc(), t.cname)).scalar()
    return found
