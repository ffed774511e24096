"""Alerts, their history, and how far each rule has judged."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.model.alert import Alert, AlertEvent, EventKind, Life, Reason, State
from bot.model.time import Window
from bot.model.verdict import Affected, Severity
from bot.store.database import Transaction
from bot.store.tables import alert_events, alerts, cursors

_COLUMNS = tuple(f.name for f in fields(Alert))


class Conflict(Exception):
    """Somebody else changed this alert or cursor meanwhile; nothing was written, read it again."""


def open_alerts(tx: Transaction, projects: Collection[str] | None = None) -> list[Alert]:
    """Return every pending, firing or recovering alert, oldest first."""
    query = select(alerts).where(alerts.c.resolved_at.is_(None)).order_by(alerts.c.id)
    if projects is not None:
        query = query.where(alerts.c.project.in_(projects))
    return [alert_of(row) for row in tx.execute(query)]


def lives(tx: Transaction, names: Collection[str], *, since: int) -> dict[str, list[Life]]:
    """Return by alert name the lives that had not ended before ``since``."""
    t = alerts.c
    query = select(t.alertname, t.labels, t.active_at, t.fired_at, t.resolved_at).where(
        t.alertname.in_(names), t.resolved_at.is_(None) | (t.resolved_at >= since)
    )
    found: dict[str, list[Life]] = defaultdict(list)
    for row in tx.execute(query.order_by(t.id)):
        labels = tuple((name, value) for name, value in row.labels)
        life = Life(labels=labels, pending_at=row.active_at, fired_at=row.fired_at, ended_at=row.resolved_at)
        found[row.alertname].append(life)
    return found


def find(tx: Transaction, alert_id: int) -> Alert | None:
    row = tx.execute(select(alerts).where(alerts.c.id == alert_id)).first()
    return alert_of(row) if row else None


def save(tx: Transaction, alert: Alert) -> Alert:
    """Write an alert and return it with its id and new version.

    Raises Conflict where it was changed since it was read, or where its fingerprint is open already.
    """
    values = _values(alert) | {"version": alert.version + 1}
    if alert.id:
        same = (alerts.c.id == alert.id) & (alerts.c.version == alert.version)
        if tx.execute(update(alerts).where(same).values(values)).rowcount != 1:
            raise Conflict(f"alert {alert.id} was changed meanwhile")
        row_id = alert.id
    else:
        try:
            row_id = tx.execute(insert(alerts).values(values).returning(alerts.c.id)).scalar_one()
        except IntegrityError:
            raise Conflict(f"{alert.alertname} has an open alert already") from None
    return replace(alert, id=row_id, version=alert.version + 1)


def drop(tx: Transaction, alert: Alert, *, ended_at: int | None) -> None:
    """Forget a pending alert whose condition ended before it fired; with ``ended_at`` it is PASSED."""
    same = (alerts.c.id == alert.id) & (alerts.c.version == alert.version)
    passed = update(alerts).values(state=State.PASSED.value, resolved_at=ended_at)
    statement = delete(alerts) if ended_at is None else passed
    if tx.execute(statement.where(same)).rowcount != 1:
        raise Conflict(f"alert {alert.id} was changed meanwhile")


def add_event(tx: Transaction, alert_id: int, event: AlertEvent) -> None:
    values = asdict(event) | {"kind": event.kind.value, "severity": int(event.severity)}
    tx.execute(insert(alert_events).values(values | {"alert_id": alert_id}))


def history(tx: Transaction, alert_id: int) -> list[AlertEvent]:
    """Return the events of an alert, oldest first."""
    query = select(alert_events).where(alert_events.c.alert_id == alert_id)
    return [
        AlertEvent(
            kind=EventKind(row.kind),
            at=row.at,
            severity=Severity(row.severity),
            value=row.value,
            actor=row.actor,
        )
        for row in tx.execute(query.order_by(alert_events.c.id))
    ]


def firing(tx: Transaction, names: Collection[str] | None = None) -> list[Alert]:
    """Return the alerts that fire or recover, in order of id; of these names, else all."""
    is_open = alerts.c.state.in_([State.FIRING.value, State.RECOVERING.value])
    query = select(alerts).where(alerts.c.resolved_at.is_(None), is_open)
    if names is not None:
        query = query.where(alerts.c.alertname.in_(names))
    return [alert_of(row) for row in tx.execute(query.order_by(alerts.c.id))]


def switches(tx: Transaction, fingerprints: Collection[str], *, since: int) -> dict[str, list[int]]:
    """Return by fingerprint when alerts began and ceased to fire since an instant, in no order."""
    t = alerts.c
    query = select(t.fingerprint, t.fired_at, t.resolved_at).where(
        t.fingerprint.in_(fingerprints), t.resolved_at.is_(None) | (t.resolved_at >= since)
    )
    found: dict[str, list[int]] = defaultdict(list)
    for row in tx.execute(query):
        if row.fired_at is not None:
            found[row.fingerprint] += [at for at in (row.fired_at, row.resolved_at) if at and at >= since]
    return found


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


def judged(tx: Transaction, projects: Collection[str]) -> dict[str, int]:
    """Return by rule the last minute that it has judged in each of the projects that it judges."""
    c = cursors.c
    query = (
        select(c.alert, func.min(c.minute).label("minute")).where(c.project.in_(projects)).group_by(c.alert)
    )
    return {row.alert: row.minute for row in tx.execute(query)}


def firing_by_name(tx: Transaction) -> dict[str, int]:
    """Return how many alerts of each name fire or recover."""
    t = alerts.c
    is_open = t.resolved_at.is_(None) & t.state.in_([State.FIRING.value, State.RECOVERING.value])
    query = select(t.alertname, func.count().label("n")).where(is_open).group_by(t.alertname)
    return {row.alertname: row.n for row in tx.execute(query)}


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
    query = select(alerts.c.state, func.count().label("n")).where(alerts.c.resolved_at.is_(None))
    return {row.state: row.n for row in tx.execute(query.group_by(alerts.c.state))}


def fired_within(
    tx: Transaction, window: Window, project: str | None, *, after: int, limit: int
) -> list[Alert]:
    """Return the next ``limit`` alerts whose id is above ``after`` and that fired within the window."""
    query = select(alerts).where(
        alerts.c.id > after, alerts.c.fired_at >= window.start, alerts.c.fired_at < window.end
    )
    if project is not None:
        query = query.where(alerts.c.project == project)
    return [alert_of(row) for row in tx.execute(query.order_by(alerts.c.id).limit(limit))]


def _values(alert: Alert) -> dict[str, Any]:
    values = {f.name: getattr(alert, f.name) for f in fields(alert) if f.name != "id"}
    return values | {
        "labels": [list(pair) for pair in alert.labels],
        "state": alert.state.value,
        "severity": int(alert.severity),
        "reason": alert.reason.value if alert.reason else None,
        "affected": asdict(alert.affected),
        "annotations": dict(alert.annotations),
    }


def alert_of(row: Row[Any]) -> Alert:
    """Return the alert of its row; columns of other tables may stand beside its own."""
    values = {name: row._mapping[name] for name in _COLUMNS}
    return Alert(
        **{
            **values,
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
        said=tuple(values.get("said", ())),  # absent in alerts from before Agora's alerts were taken
    )
