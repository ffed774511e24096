"""Incidents: which alerts they hold, what each target was told, and what people did."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.model.alert import Alert
from bot.model.feedback import Told, Verdict
from bot.model.incident import Incident, Line, MessageKind, Telling
from bot.model.verdict import Labels, Severity
from bot.store.alerts import Conflict, alert_of
from bot.store.database import Transaction, upsert
from bot.store.tables import alerts, incident_events, incidents, members, tellings

_AT_ONCE = 500
"""Ids in one question: databases limit the parameters of a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An incident with its alerts in order of id, and what each target was told."""

    incident: Incident
    alerts: tuple[Alert, ...]
    tellings: Mapping[str, Telling]


def load(tx: Transaction, ids: Collection[int], *, lock: bool = False) -> list[Stored]:
    """Return incidents with all there is to them, in order of id; with ``lock`` nobody changes them
    meanwhile."""
    return [stored for some in _bites(sorted(ids)) for stored in _load(tx, some, lock=lock)]


def find(tx: Transaction, incident_id: int, *, lock: bool = False) -> Stored | None:
    return next(iter(load(tx, [incident_id], lock=lock)), None)


def due(tx: Transaction, now: float, limit: int) -> list[int]:
    """Return the ids of open incidents of which something is due, the longest waiting first."""
    query = select(incidents.c.id).where(incidents.c.wake_at <= now, incidents.c.resolved_at.is_(None))
    return list(tx.execute(query.order_by(incidents.c.wake_at, incidents.c.id).limit(limit)).scalars())


def listed(tx: Transaction, *, since: int | None, below: int | None, limit: int) -> tuple[int, list[Stored]]:
    """Return how many incidents are open, or were within the time since an instant, and the newest ``limit``
    of them, below an id where one is given."""
    is_open = incidents.c.resolved_at.is_(None)
    chosen = is_open if since is None else is_open | (incidents.c.resolved_at >= since)
    total: int = tx.execute(select(func.count()).select_from(incidents).where(chosen)).scalar_one()
    page = chosen if below is None else chosen & (incidents.c.id < below)
    newest = select(incidents.c.id).where(page).order_by(incidents.c.id.desc()).limit(limit)
    return total, load(tx, list(tx.execute(newest).scalars()))[::-1]


def at_place(tx: Transaction, channel: str, ts: str) -> int | None:
    """Return the incident whose first message stands there."""
    there = (tellings.c.channel == channel) & (tellings.c.ts == ts)
    found: int | None = tx.execute(select(tellings.c.incident_id).where(there).limit(1)).scalar()
    return found


def of_alerts(tx: Transaction, alert_ids: Collection[int]) -> dict[int, dict[int, list[str]]]:
    """Return by id of alert the ids of the incidents that hold it, with the targets that each was told to."""
    found: dict[int, dict[int, list[str]]] = defaultdict(dict)
    m, t = members.c, tellings.c
    both = members.outerjoin(tellings, (t.incident_id == m.incident_id) & (t.episode > 0))
    query = select(m.alert_id, m.incident_id, t.target).select_from(both)
    for some in _bites(sorted(alert_ids)):
        for row in tx.execute(query.where(m.alert_id.in_(some)).order_by(m.incident_id)):
            targets = found[row.alert_id].setdefault(row.incident_id, [])
            targets += [row.target] if row.target is not None else []
    return found


def latest(tx: Transaction, groups: Collection[Labels]) -> dict[Labels, tuple[Incident, frozenset[str]]]:
    """Return the last incident of each group that ever had one, with the fingerprints of its alerts."""
    by_key = {key_of(group): group for group in groups}
    found: dict[Labels, tuple[Incident, frozenset[str]]] = {}
    for some in _bites(sorted(by_key)):
        last = select(func.max(incidents.c.id)).where(incidents.c.group_key.in_(some))
        query = select(incidents).where(incidents.c.id.in_(last.group_by(incidents.c.group_key)))
        rows = {row.id: (by_key[row.group_key], row) for row in tx.execute(query)}
        known: dict[int, set[str]] = defaultdict(set)
        prints = select(members.c.incident_id, alerts.c.fingerprint).join(
            alerts, alerts.c.id == members.c.alert_id
        )
        for row in tx.execute(prints.where(members.c.incident_id.in_(list(rows)))):
            known[row.incident_id].add(row.fingerprint)
        found |= {group: (_incident(row), frozenset(known[id_])) for id_, (group, row) in rows.items()}
    return found


def save(tx: Transaction, incident: Incident, wake_at: float | None) -> Incident:
    """Write an incident and return it with its id and new version; raise Conflict where it was changed since
    it was read, or where its group has an open one already."""
    values = _values(incident) | {"version": incident.version + 1, "wake_at": wake_at}
    if incident.id:
        same = (incidents.c.id == incident.id) & (incidents.c.version == incident.version)
        if tx.execute(update(incidents).where(same).values(values)).rowcount != 1:
            raise Conflict(f"incident {incident.id} was changed meanwhile")
        return replace(incident, version=incident.version + 1)
    try:
        id_ = tx.execute(insert(incidents).values(values).returning(incidents.c.id)).scalar_one()
    except IntegrityError:
        raise Conflict("the group has an open incident already") from None
    return replace(incident, id=id_, version=incident.version + 1)


def add_members(tx: Transaction, pairs: Iterable[tuple[int, int]]) -> None:
    """Put alerts into incidents, as (incident id, alert id)."""
    upsert(tx, members, [{"incident_id": incident, "alert_id": alert} for incident, alert in pairs])


def tell(tx: Transaction, incident_id: int, told: Iterable[Telling]) -> None:
    """Write what targets were told, by one who locked the incident; where the first message stands stays."""
    rows = [_telling_values(incident_id, telling) for telling in told]
    upsert(tx, tellings, rows, update=_REVIEWED)


def untell(tx: Transaction, incident_id: int, target: str) -> None:
    """Take back that a target was told: its first message was left out. Where an earlier one stands stays."""
    about = (tellings.c.incident_id == incident_id) & (tellings.c.target == target)
    as_new = {"episode": 0, "is_open": False, "told": [], "severity": None, "shown": ""}
    tx.execute(update(tellings).where(about).values(as_new))


def wake(tx: Transaction, now: float, incident_id: int | None = None) -> None:
    """Have one open incident looked at again, or all of them."""
    is_open = incidents.c.resolved_at.is_(None)
    chosen = is_open if incident_id is None else is_open & (incidents.c.id == incident_id)
    tx.execute(update(incidents).where(chosen).values(wake_at=now))


def add_event(tx: Transaction, incident_id: int, line: Line) -> None:
    """Write one line into the history of an incident."""
    values = {name: getattr(line, name) for name in ("at", "actor", "until", "about")}
    kind = {"incident_id": incident_id, "kind": line.kind.value, "severity": int(line.severity)}
    tx.execute(insert(incident_events).values(values | kind))


def history(tx: Transaction, incident_id: int) -> list[Line]:
    """Return what happened to an incident, oldest first."""
    query = select(incident_events).where(incident_events.c.incident_id == incident_id)
    return [
        Line(
            kind=MessageKind(row.kind),
            at=row.at,
            severity=Severity(row.severity),
            actor=row.actor,
            until=row.until,
            about=row.about,
        )
        for row in tx.execute(query.order_by(incident_events.c.id))
    ]


def forget_before(tx: Transaction, instant: int, *, limit: int) -> None:
    """Delete up to ``limit`` incidents that were resolved before ``instant``; their alerts go by
    themselves."""
    old = select(incidents.c.id).where(incidents.c.resolved_at < instant).order_by(incidents.c.resolved_at)
    tx.execute(delete(incidents).where(incidents.c.id.in_(old.limit(limit))))


def key_of(group: Labels) -> str:
    """Return a short text that stands for a group."""
    return hashlib.sha256(json.dumps(group).encode()).hexdigest()[:32]


def line_values(line: Line) -> dict[str, Any]:
    """Return a line as JSON."""
    return asdict(line) | {"kind": line.kind.value, "severity": int(line.severity)}


def line_of(values: Mapping[str, Any]) -> Line:
    """Return the line of JSON that ``line_values`` made, this version or one before it."""
    told = values.get("told")
    return Line(
        kind=MessageKind(values["kind"]),
        at=values["at"],
        severity=Severity(values["severity"]),
        value=values["value"],
        joined=tuple(values["joined"]),
        left=tuple(values["left"]),
        actor=values["actor"],
        until=values["until"],
        about=values.get("about", ""),
        told=Told(**told | {"verdict": Verdict(**told["verdict"])}) if told else None,
    )


_TELLING = tuple(f.name for f in fields(Telling))
_REVIEWED = tuple(name for name in _TELLING if name != "target")


def _load(tx: Transaction, ids: Sequence[int], *, lock: bool) -> Iterator[Stored]:
    chosen = select(incidents).where(incidents.c.id.in_(ids)).order_by(incidents.c.id)
    found = tx.execute(chosen.with_for_update() if lock else chosen).all()
    held: dict[int, list[Alert]] = defaultdict(list)
    query = select(members.c.incident_id, alerts).join(alerts, alerts.c.id == members.c.alert_id)
    for row in tx.execute(query.where(members.c.incident_id.in_(ids)).order_by(alerts.c.id)):
        held[row.incident_id].append(alert_of(row))
    told: dict[int, dict[str, Telling]] = defaultdict(dict)
    query_told = select(tellings).where(tellings.c.incident_id.in_(ids)).order_by(tellings.c.target)
    for row in tx.execute(query_told):
        told[row.incident_id][row.target] = _telling(row)
    for row in found:
        yield Stored(incident=_incident(row), alerts=tuple(held[row.id]), tellings=told[row.id])


def _bites(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (ids[n : n + _AT_ONCE] for n in range(0, len(ids), _AT_ONCE))


def _values(incident: Incident) -> dict[str, Any]:
    values = {f.name: getattr(incident, f.name) for f in fields(incident) if f.name != "id"}
    severity = incident.acked_severity
    return values | {
        "group": [list(pair) for pair in incident.group],
        "group_key": key_of(incident.group),
        "acked_severity": int(severity) if severity is not None else None,
    }


def _incident(row: Row[Any]) -> Incident:
    values = {name: value for name, value in row._mapping.items() if name not in ("group_key", "wake_at")}
    severity = values["acked_severity"]
    return Incident(
        **values
        | {
            "group": tuple((name, value) for name, value in values["group"]),
            "acked_severity": Severity(severity) if severity is not None else None,
        }
    )


def _telling_values(incident_id: int, telling: Telling) -> dict[str, Any]:
    values = {name: getattr(telling, name) for name in _TELLING}
    severity = telling.severity
    return values | {
        "incident_id": incident_id,
        "told": sorted(telling.told),
        "severity": int(severity) if severity is not None else None,
    }


def _telling(row: Row[Any]) -> Telling:
    values = {name: getattr(row, name) for name in _TELLING}
    severity = values["severity"]
    return Telling(
        **values
        | {
            "told": frozenset(values["told"]),
            "severity": Severity(severity) if severity is not None else None,
        }
    )
