"""Storms: which incidents of a target go into the thread of one summary, and where that stands."""

from sqlalchemy import func, insert, select, update

from bot.model.incident import FIRST
from bot.model.storm import Storm, StormRow
from bot.model.verdict import Severity
from bot.store.database import Transaction
from bot.store.outbox import PENDING, Place
from bot.store.tables import alerts, incidents, members, outbox, storms, tellings


def openings_since(tx: Transaction, target: str, since: float) -> int:
    """Return how many first messages were queued for a target since an instant, those in a storm included."""
    o = outbox.c
    queued = (o.target == target) & o.kind.in_([kind.value for kind in FIRST]) & (o.created_at >= since)
    return tx.execute(select(func.count()).select_from(outbox).where(queued)).scalar_one()


def join(tx: Transaction, target: str, *, now: float, lasts_s: float) -> None:
    """Put the first messages that wait for a target into its storm: one whose last incident is less than
    ``lasts_s`` old, else a new one."""
    s = storms.c
    going_on = (
        select(s.id).where(s.target == target, s.last_at >= now - lasts_s).order_by(s.id.desc()).limit(1)
    )
    storm = tx.execute(going_on).scalar()
    if storm is None:
        values = {"target": target, "started_at": now, "last_at": now, "leased_until": 0.0, "shown": ""}
        storm = tx.execute(insert(storms).values(values).returning(s.id)).scalar_one()
    else:
        tx.execute(update(storms).where(s.id == storm).values(last_at=now, ended_at=None))
    o = outbox.c
    # Locked, so that none is claimed meanwhile: it would be posted alone, and looked for in the thread.
    waiting = (
        select(o.incident_id)
        .where(
            o.target == target,
            o.state == PENDING,
            o.attempts == 0,
            o.kind.in_([kind.value for kind in FIRST]),
        )
        .with_for_update()
    )
    t = tellings.c
    fresh = (t.target == target) & t.incident_id.in_(waiting) & t.ts.is_(None) & t.storm_id.is_(None)
    tx.execute(update(tellings).where(fresh).values(storm_id=storm))


def is_on(tx: Transaction, target: str, *, now: float, lasts_s: float) -> bool:
    """Return whether a target has a storm whose last incident is less than ``lasts_s`` old."""
    s = storms.c
    return tx.execute(select(s.id).where(s.target == target, s.last_at >= now - lasts_s)).first() is not None


def of_incident(tx: Transaction, incident_id: int, target: str) -> Storm | None:
    """Return the storm in whose thread an incident is told."""
    t = tellings.c
    query = select(storms).join(tellings, t.storm_id == storms.c.id)
    row = tx.execute(query.where(t.incident_id == incident_id, t.target == target)).first()
    return (
        Storm(id=row.id, target=row.target, started_at=row.started_at, last_at=row.last_at) if row else None
    )


def place_of(tx: Transaction, storm_id: int) -> Place | None:
    """Return where the summary stands, None before it is there."""
    row = tx.execute(select(storms).where(storms.c.id == storm_id)).one()
    return Place(channel=row.channel, ts=row.ts, edited_at=row.edited_at or 0.0) if row.ts else None


def lease(tx: Transaction, storm_id: int, *, wall: float, lease_s: float) -> tuple[bool, bool]:
    """Return whether this worker may post the summary, and whether it was tried before."""
    s = storms.c
    before = tx.execute(select(s.leased_until).where(s.id == storm_id)).scalar_one()
    free = (s.id == storm_id) & (s.leased_until <= wall) & s.ts.is_(None)
    mine = tx.execute(update(storms).where(free).values(leased_until=wall + lease_s)).rowcount == 1
    return mine, before > 0


def unlease(tx: Transaction, storm_id: int) -> None:
    """Give the lease of a summary back: it was not posted."""
    tx.execute(update(storms).where(storms.c.id == storm_id).values(leased_until=0.0))


def leave(tx: Transaction, storm_id: int) -> None:
    """Let the incidents of a storm that are not told yet stand alone."""
    waiting = (tellings.c.storm_id == storm_id) & tellings.c.ts.is_(None)
    tx.execute(update(tellings).where(waiting).values(storm_id=None))


def set_place(tx: Transaction, storm_id: int, place: Place, shown: str) -> None:
    """Remember where the summary stands and what it shows."""
    values = {"channel": place.channel, "ts": place.ts, "edited_at": place.edited_at, "shown": shown}
    tx.execute(update(storms).where(storms.c.id == storm_id).values(values))


def shown_of(tx: Transaction, storm_id: int) -> str:
    return str(tx.execute(select(storms.c.shown).where(storms.c.id == storm_id)).scalar_one())


def going_on(tx: Transaction) -> list[Storm]:
    """Return the storms whose summary is posted and still kept up to date, oldest first."""
    s = storms.c
    query = select(storms).where(s.ended_at.is_(None), s.ts.is_not(None)).order_by(s.id)
    return [
        Storm(id=row.id, target=row.target, started_at=row.started_at, last_at=row.last_at)
        for row in tx.execute(query)
    ]


def end(tx: Transaction, storm_id: int, now: float) -> None:
    """Keep a summary up to date no longer."""
    tx.execute(update(storms).where(storms.c.id == storm_id).values(ended_at=now))


def rows(tx: Transaction, storm_id: int) -> list[StormRow]:
    """Return the incidents of a storm in order of id."""
    i = incidents.c
    query = (
        select(i.id, i.group, i.resolved_at, func.max(alerts.c.severity).label("severity"))
        .join(tellings, tellings.c.incident_id == i.id)
        .join(members, members.c.incident_id == i.id)
        .join(alerts, alerts.c.id == members.c.alert_id)
        .where(tellings.c.storm_id == storm_id)
        .group_by(i.id)
        .order_by(i.id)
    )
    return [
        StormRow(
            incident_id=row.id,
            group=tuple((name, value) for name, value in row.group),
            severity=Severity(row.severity),
            is_open=row.resolved_at is None,
        )
        for row in tx.execute(query)
    ]
