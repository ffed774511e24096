"""Incidents, their history, and how far each rule has judged."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.model.incident import EventKind, Incident, IncidentEvent, Life, Reason, State
from bot.model.time import Window
from bot.model.verdict import Affected, Severity
from bot.store.database import Transaction
from bot.store.tables import cursors, incident_events, incidents


class Conflict(Exception):
    """Somebody else changed this incident or cursor meanwhile; nothing was written, read it again."""


def open_incidents(tx: Transaction, projects: Collection[str] | None = None) -> list[Incident]:
    """Return every pending, firing or recovering incident, oldest first."""
    query = select(incidents).where(incidents.c.resolved_at.is_(None)).order_by(incidents.c.id)
    if projects is not None:
        query = query.where(incidents.c.project.in_(projects))
    return [_incident(row) for row in tx.execute(query)]


def lives(tx: Transaction, alerts: Collection[str], *, since: int) -> dict[str, list[Life]]:
    """Return by alert name the lives that had not ended before ``since``."""
    t = incidents.c
    query = select(t.alert, t.labels, t.active_at, t.fired_at, t.resolved_at).where(
        t.alert.in_(alerts), t.resolved_at.is_(None) | (t.resolved_at >= since)
    )
    found: dict[str, list[Life]] = defaultdict(list)
    for row in tx.execute(query.order_by(t.id)):
        labels = tuple((name, value) for name, value in row.labels)
        life = Life(labels=labels, pending_at=row.active_at, fired_at=row.fired_at, ended_at=row.resolved_at)
        found[row.alert].append(life)
    return found


def find(tx: Transaction, incident_id: int) -> Incident | None:
    row = tx.execute(select(incidents).where(incidents.c.id == incident_id)).first()
    return _incident(row) if row else None


def save(tx: Transaction, incident: Incident) -> Incident:
    """Write an incident and return it with its id and new version.

    Raises Conflict where it was changed since it was read, or where its fingerprint is open already.
    """
    values = _values(incident) | {"version": incident.version + 1}
    if incident.id:
        same = (incidents.c.id == incident.id) & (incidents.c.version == incident.version)
        if tx.execute(update(incidents).where(same).values(values)).rowcount != 1:
            raise Conflict(f"incident {incident.id} was changed meanwhile")
        row_id = incident.id
    else:
        try:
            row_id = tx.execute(insert(incidents).values(values).returning(incidents.c.id)).scalar_one()
        except IntegrityError:
            raise Conflict(f"{incident.alert} has an open incident already") from None
    return replace(incident, id=row_id, version=incident.version + 1)


def drop(tx: Transaction, incident: Incident, *, ended_at: int | None) -> None:
    """Forget a pending incident whose condition ended before it fired; with ``ended_at`` it is PASSED."""
    same = (incidents.c.id == incident.id) & (incidents.c.version == incident.version)
    passed = update(incidents).values(state=State.PASSED.value, resolved_at=ended_at)
    statement = delete(incidents) if ended_at is None else passed
    if tx.execute(statement.where(same)).rowcount != 1:
        raise Conflict(f"incident {incident.id} was changed meanwhile")


def add_event(tx: Transaction, incident_id: int, event: IncidentEvent) -> None:
    tx.execute(insert(incident_events).values({"incident_id": incident_id} | event_values(event)))


def history(tx: Transaction, incident_id: int) -> list[IncidentEvent]:
    """Return the events of an incident, oldest first."""
    query = select(incident_events).where(incident_events.c.incident_id == incident_id)
    return [event_of(row._asdict()) for row in tx.execute(query.order_by(incident_events.c.id))]


def event_values(event: IncidentEvent) -> dict[str, Any]:
    """Return an event as JSON-ready columns."""
    return asdict(event) | {"kind": event.kind.value, "severity": int(event.severity)}


def event_of(values: Mapping[str, Any]) -> IncidentEvent:
    """Return the event of columns that ``event_values`` made."""
    return IncidentEvent(
        kind=EventKind(values["kind"]),
        at=values["at"],
        severity=Severity(values["severity"]),
        value=values["value"],
        actor=values["actor"],
    )


def judged_until(tx: Transaction, projects: Collection[str]) -> dict[tuple[str, str], int]:
    """Return the last judged minute by project and alert; on PostgreSQL the rows stay locked."""
    c = cursors.c
    query = select(c.project, c.alert, c.minute).where(c.project.in_(bindparam("projects", expanding=True)))
    rows = tx.execute(
        query.order_by(c.project, c.alert).with_for_update(), {"projects": list(projects)}
    ).all()
    return {(project, alert): minute for project, alert, minute in rows}


def last_judged(tx: Transaction, project: str, alert: str) -> int | None:
    """Return the last minute of a project that a rule has judged, None where it has not judged any."""
    c = cursors.c
    found: int | None = tx.execute(select(c.minute).where(c.project == project, c.alert == alert)).scalar()
    return found


def move_cursors(
    tx: Transaction, projects: Sequence[str], alert: str, *, before: int | None, minute: int
) -> None:
    """Record that ``minute`` is judged; raise Conflict where another process moved on from ``before``."""
    if before is None:
        try:
            rows = [{"project": project, "alert": alert, "minute": minute} for project in projects]
            tx.execute(insert(cursors), rows)
        except IntegrityError:
            raise Conflict(f"{alert} is judged elsewhere") from None
        return
    c = cursors.c
    among = c.project.in_(bindparam("projects", expanding=True))  # one parameter: quicker than a thousand
    moves = update(cursors).where(among, c.alert == alert, c.minute == before).values(minute=minute)
    if tx.execute(moves, {"projects": list(projects)}).rowcount != len(projects):
        raise Conflict(f"{alert} is judged elsewhere")


def count_by_state(tx: Transaction) -> dict[str, int]:
    query = select(incidents.c.state, func.count().label("n")).where(incidents.c.resolved_at.is_(None))
    return {row.state: row.n for row in tx.execute(query.group_by(incidents.c.state))}


def fired_within(
    tx: Transaction, window: Window, project: str | None, *, after: int, limit: int
) -> list[Incident]:
    """Return the next ``limit`` incidents whose id is above ``after`` and that fired within the window."""
    query = select(incidents).where(
        incidents.c.id > after, incidents.c.fired_at >= window.start, incidents.c.fired_at < window.end
    )
    if project is not None:
        query = query.where(incidents.c.project == project)
    return [_incident(row) for row in tx.execute(query.order_by(incidents.c.id).limit(limit))]


def _values(incident: Incident) -> dict[str, Any]:
    values = {f.name: getattr(incident, f.name) for f in fields(incident) if f.name != "id"}
    return values | {
        "labels": [list(pair) for pair in incident.labels],
        "state": incident.state.value,
        "severity": int(incident.severity),
        "reason": incident.reason.value if incident.reason else None,
        "affected": asdict(incident.affected),
        "annotations": dict(incident.annotations),
    }


def _incident(row: Row[Any]) -> Incident:
    values = row._asdict()
    return Incident(
        **values
        | {
            "labels": tuple((name, value) for name, value in values["labels"]),
            "state": State(values["state"]),
            "severity": Severity(values["severity"]),
            "reason": Reason(values["reason"]) if values["reason"] else None,
            "affected": _affected(values["affected"]),
        }
    )


def _affected(values: Mapping[str, Any]) -> Affected:
    return Affected(
        events=values["events"],
        users=tuple(values["users"]),
        channels=tuple(values["channels"]),
        hosts=tuple(values["hosts"]),
        factors=tuple((factor, count) for factor, count in values["factors"]),
        experiences=tuple((experience, count) for experience, count in values["experiences"]),
        said=tuple(values.get("said", ())),  # absent in incidents from before Agora's alerts were taken
    )
