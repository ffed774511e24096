"""Changes of a call after which an answer must change in a known way, or not at all."""

from dataclasses import replace

from bot.model.call import CallDetails, Series

FREEZES, LOADS = (20005, 20011), (20001, 20002, 20021)


def permuted(details: CallDetails, names: dict[str, str]) -> CallDetails:
    """Return the call with other uids."""
    sessions = tuple(replace(one, uid=names[one.uid]) for one in details.sessions)
    series = tuple(replace(one, peer_uid=names.get(one.peer_uid, one.peer_uid)) for one in details.series)
    return replace(details, sessions=sessions, series=series)


def shifted(details: CallDetails, by_s: int) -> CallDetails:
    """Return the call at another time."""
    sessions = tuple(
        replace(
            one,
            joined_at=one.joined_at + by_s,
            left_at=None if one.left_at is None else one.left_at + by_s,
        )
        for one in details.sessions
    )
    call = replace(
        details.call,
        started_at=details.call.started_at + by_s,
        ended_at=None if details.call.ended_at is None else details.call.ended_at + by_s,
    )
    series = tuple(replace(one, ts=one.ts + by_s) for one in details.series)
    return replace(details, call=call, sessions=sessions, series=series)


def without(details: CallDetails, mids: tuple[int, ...]) -> CallDetails:
    """Return the call without some metrics."""
    return replace(details, series=tuple(one for one in details.series if one.mid not in mids))


def with_another(details: CallDetails, twin_of: str) -> CallDetails:
    """Return the call with one more user, to whom the same happens as to ``twin_of``."""
    uid = "4294967290"
    sids = {one.sid: f"T{one.sid}" for one in details.sessions if one.uid == twin_of}
    new = [replace(one, sid=sids[one.sid], uid=uid) for one in details.sessions if one.sid in sids]
    told: list[Series] = []
    for one in details.series:
        if one.sid in sids:
            told.append(replace(one, sid=sids[one.sid]))
        elif one.peer_uid == twin_of:
            told.append(replace(one, peer_uid=uid))
    return replace(details, sessions=(*details.sessions, *new), series=(*details.series, *told))
