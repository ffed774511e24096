"""Look at suspicious calls, the worst first, and store what the doctor finds as events that rules can match.

A poll of the calls notices them; each is examined under a lease, within a share of the day's requests.

    noticed ──due──> claimed ──> examined ──(goes on, and got worse)──> due again
                        └── failed: later, three times at most; a crash: due again when its lease ends
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.agora import AgoraError, CallsAnswer, Endpoint, Profile, Stopped, TooFresh
from bot.diagnosis import as_events, examine, noticed, pictures
from bot.flows import pace
from bot.flows.tell_verdicts import channels_of
from bot.model.call import Call, CallDetails
from bot.model.catalog import Feed
from bot.model.diagnosis import Diagnosis
from bot.model.feedback import Told, Verdict
from bot.model.project import Project
from bot.model.suspect import Suspect
from bot.model.time import HOUR_S, floor_minute, utc_day
from bot.render import call_figure
from bot.store import Database, Transaction, alerts, call_pictures, ledger, observations, suspects
from bot.telemetry import log

SESSIONS = "call/sessions"
LONGEST_S = 3 * HOUR_S
"""Of a longer call its newest part is read."""
CONTEXT_S = 600
"""How much of what was examined before is read again, to compare with."""
COST_AT_MOST = 20
"""Requests that one examination may take."""
LEASE_S = 300
AGAIN_AFTER_S = 600
ATTEMPTS_AT_MOST = 3
ALERT_BESIDE_S = 600
"""An alert may come this long after the call that it is about."""
_AT_ONCE = 20
"""Sessions whose metrics come with one answer."""

_log = log("follow up")


class Examines(Protocol):
    """What following up needs of a client of ``bot.agora``."""

    def details(self, project: Project, call: Call, *, spare: int, for_people: bool) -> CallDetails: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Whose calls are examined. ``sharers`` are the projects of the account, this one included."""

    database: Database
    client: Examines
    profile: Profile
    project: Project
    sharers: tuple[Project, ...]
    now: Callable[[], float]

    @property
    def endpoint(self) -> Endpoint:
        return self.profile.endpoint(SESSIONS, account=self.project.account)


def notice(tx: Transaction, profile: Profile, project: str, answer: CallsAnswer, now: float) -> None:
    """Remember those of the calls that may have been bad, where the bot examines calls itself."""
    if not pace.follows_up(profile):
        return
    listed = [*(call.as_call() for call in answer.finished), *answer.running]
    known = suspects.known(tx, project, [call.call_id for call in listed])
    oldest = min((call.started_at for call in listed), default=0)
    alerted = suspects.alerted(tx, project, oldest)
    fired = [alert for alert in alerts.open_alerts(tx, [project]) if alert.fired_at is not None]
    touched = {cname: alert.active_at for alert in fired for cname in channels_of(alert)}
    endpoint = profile.endpoints[SESSIONS]
    kept_since = _kept_since(endpoint, now)
    found = (
        noticed(
            call,
            known.get(call.call_id),
            alerted=_goes_on_at(call, touched.get(call.cname), now)
            or _alerted(call, alerted.get(call.cname, ()), now),
            delay_s=endpoint.delay_s,
            now=now,
        )
        for call in listed
        if call.ended_at is None or call.ended_at > kept_since
    )
    suspects.save(tx, project, (one for one in found if one is not None), now)


def _kept_since(endpoint: Endpoint, now: float) -> float:
    return now - endpoint.keeps_s + HOUR_S


def _due(tx: Transaction, desk: FollowUp, now: float) -> list[Suspect]:
    return suspects.due(tx, desk.project.name, now, kept_since=_kept_since(desk.endpoint, now))


def _goes_on_at(call: Call, active_at: int | None, now: float) -> bool:
    """Return whether a call was on when an incident of its channel began, or since."""
    return active_at is not None and (call.ended_at or now) >= active_at


def _alerted(call: Call, instants: Iterable[int], now: float) -> bool:
    end = call.ended_at if call.ended_at is not None else now
    return any(call.started_at <= instant <= end + ALERT_BESIDE_S for instant in instants)


def follow_up(desk: FollowUp) -> bool:
    """Examine the worst call that is due and that today's requests allow; return whether there was one."""
    claimed = _claimed(desk)
    if claimed is None:
        return False
    one, asked = claimed
    call = _readable_part(desk, one, desk.now())
    try:
        details = desk.client.details(
            desk.project, call, spare=asked - 2 * _windows(desk, call), for_people=False
        )
    except (Stopped, TooFresh) as early:
        later = early.ready_in_s + 1 if isinstance(early, TooFresh) else 0
        with desk.database.transaction() as tx:
            suspects.put_off(tx, desk.project.name, one, due_at=desk.now() + later)
    except AgoraError as error:
        _failed(desk, one, str(error))
    except Exception as error:
        _failed(desk, one, f"{type(error).__name__}: see the log")
        raise
    else:
        _store(desk, one, call, details)
    return True


def _claimed(desk: FollowUp) -> tuple[Suspect, int] | None:
    """Take the worst call that can be paid; return it with the requests that were set aside for it."""
    now, names = desk.now(), [project.name for project in desk.sharers]
    today = utc_day(now)
    with desk.database.transaction() as tx:
        spent = suspects.spent(tx, names, today)
        used = ledger.used_today(tx, now)
        left = pace.follow_up_left(used, desk.project.account, desk.endpoint, spent=spent, now=now)
        for one in _due(tx, desk, now) if left else ():
            cost = _cost(desk, one, now)
            until = now + LEASE_S
            if cost <= left and suspects.claim(tx, desk.project.name, one, until=until, cost=cost, day=today):
                return one, cost
    return None


def _readable_part(desk: FollowUp, one: Suspect, now: float) -> Call:
    """Return the call as far as it is read: to what Agora tells by now, from what is not known yet."""
    end = one.call.ended_at
    if end is None:
        end = max(one.call.started_at + 1, int(now) - desk.endpoint.delay_s - 2)
    start = max(one.call.started_at, end - LONGEST_S, (one.examined_until or 0) - CONTEXT_S)
    return replace(one.call, started_at=min(start, end - 1), ended_at=end)


def _windows(desk: FollowUp, call: Call) -> int:
    return math.ceil(call.duration_s(0) / (desk.endpoint.span_s - 1))


def _cost(desk: FollowUp, one: Suspect, now: float) -> int:
    windows = _windows(desk, _readable_part(desk, one, now))
    each = 1 + math.ceil((one.call.users_total or 1) / _AT_ONCE)
    return max(2 * windows, min(COST_AT_MOST, windows * each))


def _store(desk: FollowUp, one: Suspect, call: Call, details: CallDetails) -> None:
    """Write what was found; while others wait, what rules count of this minute is at least that."""
    read = _within(details, call)
    found = examine(read)
    png = _drawn(read, found)
    events = as_events(found, one.call.cname, one.examined_until)
    now, name = desk.now(), desk.project.name
    until = call.ended_at or call.started_at
    verdict = Verdict.of(name, one.call.call_id, found)
    told = Told(verdict=verdict, cname=one.call.cname, headline=found.headline)
    with desk.database.transaction() as tx:
        observations.save_events(tx, name, events, now)
        suspects.examined(tx, one, told, until=until)
        if png is not None:
            call_pictures.save(tx, name, one.call.call_id, png, now)
        minute = floor_minute(now)
        cut = frozenset([minute] if _due(tx, desk, now) else ())
        observations.mark_known(tx, name, Feed.DIAGNOSIS, [minute], cut=cut)
    _log.debug("examined a call", project=name, call=one.call.call_id, verdict=found.verdict.value)


def _drawn(details: CallDetails, found: Diagnosis) -> bytes | None:
    """Return the picture of a trouble; a verdict without one beats none."""
    if not found.incidents:
        return None
    try:
        drawn = pictures(details, found)
        return call_figure(found, drawn) if drawn else None
    except Exception:  # noqa: BLE001 - whatever a library makes of odd data
        _log.exception("a call could not be drawn", call=details.call.call_id)
        return None


def _within(details: CallDetails, call: Call) -> CallDetails:
    """Return the details with everybody who was there before the part that was read joining at its start:
    who has no values before it was not late."""
    sessions = tuple(
        replace(session, joined_at=max(session.joined_at, call.started_at)) for session in details.sessions
    )
    return replace(details, sessions=sessions)


def _failed(desk: FollowUp, one: Suspect, error: str) -> None:
    attempts = one.attempts + 1
    due_at = desk.now() + AGAIN_AFTER_S * attempts if attempts < ATTEMPTS_AT_MOST else None
    with desk.database.transaction() as tx:
        suspects.failed(tx, desk.project.name, one, error, due_at=due_at)
    _log.warning("a call was not examined", project=desk.project.name, call=one.call.call_id, error=error)
