"""Poll one feed of one project: claim the turn, read what is new with overlap, store it, plan the next turn.

The turn is claimed in the database, so that restarts and further workers spend nothing extra. A failed poll
moves no watermark: the next one reads the same span again, as long as Agora keeps it.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

from bot.agora import (
    AgoraError,
    AuthRejected,
    BadRequest,
    DiagnosisAnswer,
    Endpoint,
    EndpointGone,
    MalformedAnswer,
    PlanLacksEndpoint,
    Stopped,
    WindowRejected,
    readable,
)
from bot.flows import notices, pace, poll_calls, reading, signals
from bot.flows.reading import Allowance, Reading
from bot.flows.turn import Turn, ahead_s, read_as_of
from bot.model.catalog import Feed
from bot.model.observation import MetricPoint
from bot.model.project import Project
from bot.model.quota import QuotaUse
from bot.model.time import HOUR_S, MINUTE_S, Window, floor_minute
from bot.store import Database, DatabaseUnavailable, FeedState, Transaction, ledger, observations
from bot.telemetry import log

REQUESTS_AT_MOST = 40
"""Requests of one turn; what is left then is read in the next one, at once."""

SOON_S = 12
"""Pace of a storm: about the time that Agora needs to publish the next minute is looked at five times."""

REFUSED_S = 600
"""Pace of what Agora refuses until somebody acts, and the longest pause that it can ask for."""

_CREDENTIALS = "credentials"

_log = log("poll")


def poll(turn: Turn) -> bool:
    """Poll if it is this feed's turn; return whether a request was tried. Failures are logged and kept."""
    if turn.feed not in turn.selection().feeds(turn.project.name):
        return False
    before, began = _claimed(turn), turn.now()
    if before is None:
        return False
    try:
        due_in_s = _READ.get(turn.feed, _read_live)(turn, before)
    except Stopped:
        with turn.database.transaction() as tx:
            observations.poll_held(tx, turn.project.name, turn.feed, until=turn.now())
    except AgoraError as error:
        level = _log.warning if before.error != str(error) else _log.debug
        level("poll failed", project=turn.project.name, feed=turn.feed.value, error=str(error))
        _failed(turn, str(error), error.retry_after_s)
        if isinstance(error, AuthRejected | PlanLacksEndpoint | EndpointGone):
            _refused(turn, error)
    except DatabaseUnavailable:
        raise
    except Exception as error:
        _failed(turn, f"{type(error).__name__}: see the log")
        raise
    else:
        _plan(turn, due_in_s, began)
        if before.error:
            _works_again(turn)
    return True


def _claimed(turn: Turn) -> FeedState | None:
    now, name = turn.now(), turn.project.name
    with turn.database.transaction() as tx:
        since = floor_minute(now) - HOUR_S
        if not observations.claim_poll(tx, name, turn.feed, now=now, lease_s=turn.lease_s(), since=since):
            return None
        return next(s for s in observations.feed_states(tx, name) if s.feed is turn.feed)


def _budget(turn: Turn, tx: Transaction, feed: Feed) -> pace.Budget:
    if feed is Feed.CALLS:
        return poll_calls.budget(turn, tx)
    now = turn.now()
    used, account = ledger.used_today(tx, now), turn.project.account
    return pace.budget(used, account, turn.endpoint(feed), turn.round_cost(feed), now)


def _plan(turn: Turn, due_in_s: Callable[[pace.Budget, bool], int], began: float) -> None:
    """Store when the next turn comes after one that ``began`` then: ``due_in_s`` says it from the budget and
    whether there is trouble."""
    now, name = turn.now(), turn.project.name
    with turn.database.transaction() as tx:
        since = int(now) - signals.FRESH_S
        trouble = signals.in_trouble(observations.points_since(tx, name, since, tuple(signals.LINES)), now)
        pace_s = due_in_s(_budget(turn, tx, turn.feed), trouble)
        observations.poll_planned(tx, name, turn.feed, due_at=max(now, began + pace_s), pace_s=pace_s)
        if trouble:
            _hasten_others(turn, tx)


def _hasten_others(turn: Turn, tx: Transaction) -> None:
    """Let what else is read of the project come at once, where its quota has something for trouble."""
    name = turn.project.name
    for feed in turn.selection().feeds(name):
        budget, share = _budget(turn, tx, feed), _share(turn, feed)
        if feed not in (turn.feed, Feed.CALLS) and budget.spare(share):
            quick = budget.trouble_s(share)
            observations.poll_hastened(tx, name, feed, due_at=turn.now(), slower_than_s=quick)


def _share(turn: Turn, feed: Feed) -> pace.Share:
    return pace.share_of(feed, turn.endpoint(feed))


def _failed(turn: Turn, error: str, retry_after_s: float = 0.0) -> None:
    with turn.database.transaction() as tx:
        observations.poll_failed(tx, turn.project.name, turn.feed, error)
    _plan(turn, lambda budget, _: max(_calm_s(turn, budget), _left_alone_s(retry_after_s)), turn.now())


def _left_alone_s(retry_after_s: float) -> int:
    return math.ceil(min(retry_after_s, REFUSED_S))


def _calm_s(turn: Turn, budget: pace.Budget) -> int:
    if turn.feed is Feed.CALLS:
        return budget.even_s(poll_calls.PERIOD_S)
    return budget.calm_s(_share(turn, turn.feed))


def _refused(turn: Turn, error: AgoraError) -> None:
    """Tell the operators once, and stop: all feeds of a project whose credentials are refused, else this one.

    Agora refuses a pair that does not belong to the App ID in the same words as a wrong one, so the other
    projects of the account go on; where the pair itself is wrong, each of them stops at its own answer.
    """
    now, name = turn.now(), turn.project.name
    credentials = isinstance(error, AuthRejected)
    sentence = f"{name} is not read: {error} It is asked again every {REFUSED_S // 60} min."
    with turn.database.transaction() as tx:
        topic = _CREDENTIALS if credentials else turn.profile.polled[turn.feed]
        notices.leave(tx, f"{turn.project.account} {topic}", sentence, now, anew=False)
        for feed in turn.profile.polled if credentials else (turn.feed,):
            observations.poll_failed(tx, name, feed, str(error))
            observations.poll_held(tx, name, feed, until=now + REFUSED_S)


def _works_again(turn: Turn) -> None:
    _log.info("poll works again", project=turn.project.name, feed=turn.feed.value)
    with turn.database.transaction() as tx:
        for topic in (_CREDENTIALS, turn.profile.polled[turn.feed]):
            notices.withdraw(tx, f"{turn.project.account} {topic}")


def next_window(state: FeedState, endpoint: Endpoint, now: float) -> Window | None:
    """Return the span of a metric feed to read: from the watermark less the overlap to the newest minute."""
    newest = floor_minute(now - reading.EARLIEST_S - reading.SETTLE_S)
    start = min(state.watermark, floor_minute(now) - MINUTE_S) - reading.OVERLAP_S
    if newest <= start:
        return None
    return readable(endpoint, Window(start=start, end=newest), now)


def _read_live(turn: Turn, before: FeedState) -> Callable[[pace.Budget, bool], int]:
    """Read a feed of metrics. Minutes that are not complete yet are stored, but not said to be known."""
    read_as_of(turn.now(), partial(_read_minutes, turn, before))
    share = _share(turn, turn.feed)
    return lambda budget, trouble: budget.trouble_s(share) if trouble else budget.calm_s(share)


def _read_minutes(turn: Turn, before: FeedState, asked_at: float) -> None:
    window = next_window(before, turn.endpoint(turn.feed), asked_at)
    if window is None:
        return
    _read_metrics(turn, window)
    name = turn.project.name
    complete = min(window.end, floor_minute(asked_at - reading.COMPLETE_S - reading.SETTLE_S))
    known = [minute for minute in window.minutes() if minute < complete]
    with turn.database.transaction() as tx:
        observations.mark_known(tx, name, turn.feed, known, cut=frozenset())
        observations.poll_succeeded(tx, name, turn.feed, watermark=complete, now=turn.now())


def _read_metrics(turn: Turn, window: Window) -> None:
    """Store each answer before the next question; where one metric fails by itself, read on, then raise."""
    failure: AgoraError | None = None
    for names in turn.questions():
        try:
            answered = turn.client.live(turn.project, turn.feed, window, names)
        except (MalformedAnswer, BadRequest) as error:
            failure = failure or error
            continue
        points = [point for point in answered if window.start <= point.minute < window.end]
        now, name = turn.now(), turn.project.name
        with turn.database.transaction() as tx:
            observations.save_points(tx, name, points, now)
            observations.poll_held(tx, name, turn.feed, until=now + turn.lease_s())
    if failure is not None:
        raise failure


def _read_diagnosis(turn: Turn, before: FeedState) -> Callable[[pace.Budget, bool], int]:
    """Read the diagnosis feed in as many requests as it takes; each answer is stored before the next."""
    state = reading.opened(reading.recalled(before.watermark, before.reading or {}), turn.now())
    asked, left_alone_s, behind_s = 0, 0, 0.0
    while asked < REQUESTS_AT_MOST:
        with turn.database.transaction() as tx:
            allowance = _allowance(_budget(turn, tx, turn.feed))
        asked_at = turn.now() - behind_s
        window = reading.next_window(state, asked_at, allowance)
        if window is None:
            break
        try:
            answer = turn.client.diagnosis(turn.project, window)
        except AgoraError as error:
            if isinstance(error, WindowRejected) and not behind_s:
                behind_s = ahead_s(error)
                continue
            if not asked:
                raise
            _log.info("the rest is read later", project=turn.project.name, error=str(error))
            left_alone_s = _left_alone_s(error.retry_after_s)
            break
        asked += 1
        rows = reading.CUT_AT if answer.cut else len(answer.events)
        state = _stored(turn, state, reading.taken(state, window, rows, asked_at, allowance), answer)
    backlog = asked == REQUESTS_AT_MOST
    pace_s = partial(_diagnosis_pace_s, state, backlog=backlog)
    return lambda budget, trouble: max(left_alone_s, pace_s(budget, trouble=trouble))


def _stored(turn: Turn, before: Reading, after: Reading, answer: DiagnosisAnswer) -> Reading:
    """Write one answer, and the minutes that are known since."""
    now, name = turn.now(), turn.project.name
    known = range(before.frontier, after.frontier, MINUTE_S)
    with turn.database.transaction() as tx:
        observations.save_events(tx, name, (e for e in answer.events if e.ts <= now), now)
        observations.mark_known(tx, name, turn.feed, known, cut=after.cut)
        observations.poll_succeeded(
            tx, name, turn.feed, watermark=after.frontier, now=now, reading=reading.memory(after)
        )
        observations.poll_held(tx, name, turn.feed, until=now + turn.lease_s())
    return after


def _diagnosis_pace_s(state: Reading, budget: pace.Budget, *, trouble: bool, backlog: bool) -> int:
    share = pace.DIAGNOSIS
    calm_s = budget.calm_s(share)
    if not budget.spare(share):
        return calm_s
    if backlog:
        return 1
    if state.density >= reading.STORM:
        return SOON_S
    full_s = int(max(MINUTE_S / 2, _allowance(budget).rows(state.density) / state.density))
    return min(budget.trouble_s(share) if trouble else calm_s, full_s)


def _allowance(budget: pace.Budget) -> Allowance:
    """Return what one project may spend: of what is spare the first who needs it, of the rest its part."""
    spare = budget.spare(pace.DIAGNOSIS)
    return Allowance(spare=spare, left=budget.left // budget.round_cost, day_left_s=budget.day_left_s)


_READ: Mapping[Feed, Callable[[Turn, FeedState], Callable[[pace.Budget, bool], int]]] = {
    Feed.DIAGNOSIS: _read_diagnosis,
    Feed.CALLS: poll_calls.read_calls,
}


def observe_self(database: Database, read: Iterable[tuple[Project, Collection[Feed]]], now: float) -> None:
    """Store what the bot knows of itself as metrics of each project: how late its feeds are beyond what the
    pace of their account explains, and how much of the day's quota its busiest endpoint has used.

    ``read`` are the projects with the feeds that are read of each.
    """
    minute = floor_minute(now)
    with database.transaction() as tx:
        used = ledger.used_today(tx, now)
        for project, feeds in read:
            states = [s for s in observations.feed_states(tx, project.name) if s.feed in feeds]
            points = [MetricPoint(metric="quotaUsedRate", minute=minute, value=_quota_rate(used, project))]
            if states and len(states) == len(feeds):
                delay = max(now - s.watermark - max(0, s.pace_s - pace.PERIOD_S) for s in states)
                points.append(MetricPoint(metric="feedDelay", minute=minute, value=max(0.0, delay)))
            observations.save_points(tx, project.name, points, now)
            observations.mark_known(tx, project.name, Feed.BOT, [minute], cut=frozenset())


def _quota_rate(used: list[QuotaUse], project: Project) -> float:
    return max((100 * u.used / u.limit for u in used if u.account == project.account), default=0.0)
