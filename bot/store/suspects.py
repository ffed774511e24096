"""Calls that may have been bad: noticed by a poll, examined one by one, each under a lease."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, case, func, select, update

from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.diagnosis import CallVerdict
from bot.model.feedback import Told, Verdict
from bot.model.suspect import Examined, Suspect
from bot.store.database import Transaction, upsert
from bot.store.tables import IS_ALERT, diagnosis_events, known_minutes, suspects, told_verdicts

_t = suspects.c
_AT_ONCE = 100
_TOLD = ("cname", "created_ts", "destroyed_ts", "users", "score", "due_at")


def known(tx: Transaction, project: str, call_ids: Collection[str]) -> dict[str, Suspect]:
    """Return the suspects among some calls by their ids, held until this transaction ends."""
    query = select(suspects).where(_t.project == project, _t.call_id.in_(call_ids)).with_for_update()
    return {row.call_id: _suspect(row) for row in tx.execute(query)}


def save(tx: Transaction, project: str, found: Iterable[Suspect], now: float) -> None:
    """Store what a poll tells of suspects; what an examination wrote stays as it is."""
    rows = [
        {
            "project": project,
            "call_id": one.call.call_id,
            "cname": one.call.cname,
            "created_ts": one.call.started_at,
            "destroyed_ts": one.call.ended_at,
            "users": one.call.users_total or one.call.users_peak,
            "score": one.score,
            "due_at": one.due_at,
            "noticed_at": int(now),
            "examined_score": 0.0,
            "attempts": 0,
            "day": 0,
            "asked": 0,
            "verdict": "",
            "headline": "",
            "error": "",
        }
        for one in found
    ]
    upsert(tx, suspects, rows, update=_TOLD)


def due(tx: Transaction, project: str, now: float, *, kept_since: float) -> list[Suspect]:
    """Return the suspects to examine now, the worst first, the newer first of equals; a hundred at most, and
    none of which Agora keeps nothing any more."""
    is_kept = _t.destroyed_ts.is_(None) | (_t.destroyed_ts > kept_since)
    query = select(suspects).where(_t.project == project, _t.due_at <= now, is_kept)
    worst = query.order_by(_t.score.desc(), _t.created_ts.desc()).limit(_AT_ONCE)
    return [_suspect(row) for row in tx.execute(worst)]


def claim(tx: Transaction, project: str, one: Suspect, *, until: float, cost: int, day: int) -> bool:
    """Take a suspect for an examination that may cost ``cost`` requests; False where another worker did.

    Left alone, it is due again at ``until``. The requests count at once, so that a crash forgets none.
    """
    same = (_t.project == project) & (_t.call_id == one.call.call_id) & (_t.due_at == one.due_at)
    spent = case((_t.day == day, _t.asked), else_=0) + cost
    values = {"due_at": until, "attempts": _t.attempts + 1, "day": day, "asked": spent}
    return tx.execute(update(suspects).where(same).values(values)).rowcount == 1


def examined(tx: Transaction, one: Suspect, found: Told, *, until: int) -> None:
    """Store that a suspect was examined up to an instant, and what was found."""
    said = found.verdict
    values = {
        "due_at": None,
        "attempts": 0,
        "examined_until": until,
        "examined_score": one.score,
        "verdict": said.verdict,
        "kind": said.kind,
        "uid": said.uid,
        "confidence": said.confidence,
        "headline": found.headline,
        "error": "",
    }
    _write(tx, said.project, one, values)


def failed(tx: Transaction, project: str, one: Suspect, error: str, *, due_at: float | None) -> None:
    """Store why an examination came to nothing, and when it is tried again (None: never)."""
    _write(tx, project, one, {"due_at": due_at, "error": error})


def put_off(tx: Transaction, project: str, one: Suspect, *, due_at: float) -> None:
    """Let an attempt that was no attempt be made again."""
    _write(tx, project, one, {"due_at": due_at, "attempts": one.attempts})


def spent(tx: Transaction, projects: Collection[str], day: int) -> int:
    """Return how many requests of a UTC day examinations have taken."""
    query = select(func.coalesce(func.sum(_t.asked), 0)).where(_t.project.in_(projects), _t.day == day)
    return int(tx.execute(query).scalar_one())


def seen_since(tx: Transaction, project: str, since: int) -> Examined:
    """Return how many calls were noticed since an instant, and at how many of them was looked."""
    query = select(func.count(), func.count(_t.examined_until))
    noticed, looked_at = tx.execute(query.where(_t.project == project, _t.noticed_at >= since)).one()
    k = known_minutes.c
    cut = select(k.minute).where(
        k.project == project, k.feed == Feed.CALLS.value, k.minute >= since, k.cut.is_(True)
    )
    at_least = tx.execute(cut.limit(1)).first() is not None
    return Examined(looked_at=looked_at, noticed=noticed, at_least=at_least)


def bad_calls(
    tx: Transaction, project: str, cnames: Collection[str], *, since: int, limit: int
) -> list[Told]:
    """Return what was found in calls of some channels that went on since an instant, the worst first."""
    is_bad = _t.verdict.in_([CallVerdict.DEGRADED, CallVerdict.BAD, CallVerdict.FAILED])
    query = select(suspects).where(
        _t.project == project, _t.cname.in_(cnames), is_bad, _t.examined_until >= since
    )
    return [
        Told(
            verdict=Verdict(
                project=project,
                call_id=row.call_id,
                verdict=row.verdict,
                kind=row.kind,
                uid=row.uid,
                confidence=row.confidence,
            ),
            cname=row.cname,
            headline=row.headline,
        )
        for row in tx.execute(query.order_by(_t.score.desc(), _t.created_ts.desc()).limit(limit))
    ]


def told_of(tx: Transaction, incident_id: int) -> set[str]:
    """Return the ids of the calls of which an incident has told."""
    query = select(told_verdicts.c.call_id).where(told_verdicts.c.incident_id == incident_id)
    return set(tx.execute(query).scalars())


def told(tx: Transaction, incident_id: int, verdicts: Iterable[Verdict]) -> None:
    """Store of which calls an incident tells."""
    rows = [{"incident_id": incident_id, "project": v.project, "call_id": v.call_id} for v in verdicts]
    upsert(tx, told_verdicts, rows)


def alerted(tx: Transaction, project: str, since: int) -> Mapping[str, list[int]]:
    """Return when Agora alerted of which channel, of the alerts that came since an instant."""
    e = diagnosis_events.c
    query = select(e.cname, e.ts).where(e.project == project, e.fetched_at >= since, IS_ALERT).distinct()
    found: dict[str, list[int]] = {}
    for cname, ts in tx.execute(query):
        found.setdefault(cname, []).append(ts)
    return found


def _write(tx: Transaction, project: str, one: Suspect, values: Mapping[str, Any]) -> None:
    mine = (_t.project == project) & (_t.call_id == one.call.call_id)
    tx.execute(update(suspects).where(mine).values(values))


def _suspect(row: Row[Any]) -> Suspect:
    return Suspect(
        call=Call(
            call_id=row.call_id,
            cname=row.cname,
            started_at=row.created_ts,
            ended_at=row.destroyed_ts,
            users_total=row.users,
        ),
        score=row.score,
        due_at=row.due_at,
        examined_until=row.examined_until,
        examined_score=row.examined_score,
        attempts=row.attempts,
        verdict=row.verdict,
        headline=row.headline,
        error=row.error,
    )
