"""Poll one feed of one project: claim the turn, read what is new with overlap, store it.

The turn is claimed in the database, so that restarts and further workers spend nothing extra. A failed poll
moves no watermark: the next one reads the same span again, as long as Agora keeps it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.agora import ENDPOINTS, AgoraError, DiagnosisAnswer, readable
from bot.flows.pace import PERIOD_S, endpoint_of, pace_s, requests_left, slowest_s
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.observation import MetricPoint
from bot.model.project import Project
from bot.model.time import DAY_S, HOUR_S, MINUTE_S, Window, floor_minute, utc_day
from bot.store import Database, DatabaseUnavailable, FeedState, QuotaUse, ledger, observations
from bot.telemetry import log

OVERLAP_S = 180
"""How much is read again: rows come up to 120 s late, and one minute more costs no request."""

SPARE_REQUESTS = 8
"""The most extra requests that one poll may spend on splitting an answer that was cut at ten rows."""

_log = log("poll")


class Reads(Protocol):
    """What polling needs of ``bot.agora.AgoraClient``."""

    def live(self, project: Project, feed: Feed, window: Window) -> tuple[MetricPoint, ...]: ...

    def diagnosis(self, project: Project, window: Window) -> DiagnosisAnswer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An answer of the diagnosis feed with the span that it covers."""

    window: Window
    answer: DiagnosisAnswer


def poll(
    database: Database, client: Reads, project: Project, feed: Feed, *, now: Callable[[], float], period: int
) -> bool:
    """Poll if it is this feed's turn; return whether a request was tried. Failures are logged and kept."""
    instant = now()
    with database.transaction() as tx:
        since = floor_minute(instant) - HOUR_S
        used = ledger.used_today(tx, instant)
        pace = pace_s(used, project.account, feed, period, instant)
        if not observations.claim_poll(tx, project.name, feed, now=instant, period_s=pace, since=since):
            return False
        before = next(s for s in observations.feed_states(tx, project.name) if s.feed is feed)
        spare = _spare(used, project.account, feed, instant)
    window = next_window(before, instant)
    if window is None:
        return False
    try:
        _read(database, client, project, feed, window, now, spare)
    except AgoraError as error:
        with database.transaction() as tx:
            observations.poll_failed(tx, project.name, feed, str(error))
        level = _log.warning if before.error != str(error) else _log.debug
        level("poll failed", project=project.name, feed=feed.value, error=str(error))
        return True
    except DatabaseUnavailable:
        raise
    except Exception as error:
        with database.transaction() as tx:
            observations.poll_failed(tx, project.name, feed, f"{type(error).__name__}: see the log")
        raise
    if before.error:
        _log.info("poll works again", project=project.name, feed=feed.value)
    return True


def next_window(state: FeedState, now: float) -> Window | None:
    """Return the span to read: from the watermark less the overlap to what is old enough to be complete."""
    start = min(state.watermark, floor_minute(now) - MINUTE_S) - OVERLAP_S
    if floor_minute(now) <= start:
        return None
    return readable(ENDPOINTS[endpoint_of(state.feed)], Window(start=start, end=floor_minute(now)), now)


def _read(
    database: Database,
    client: Reads,
    project: Project,
    feed: Feed,
    window: Window,
    now: Callable[[], float],
    spare: int,
) -> None:
    if feed is Feed.DIAGNOSIS:
        spans = split_while_cut(lambda w: client.diagnosis(project, w), window, spare)
        with database.transaction() as tx:
            for span in spans:
                observations.save_events(tx, project.name, span.answer.events, now())
                observations.mark_known(tx, project.name, feed, span.window.minutes(), cut=span.answer.cut)
            observations.poll_succeeded(tx, project.name, feed, watermark=window.end, now=now())
        return
    points = client.live(project, feed, window)
    with database.transaction() as tx:
        observations.save_points(tx, project.name, points, now())
        observations.mark_known(tx, project.name, feed, window.minutes(), cut=False)
        observations.poll_succeeded(tx, project.name, feed, watermark=window.end, now=now())


def split_while_cut(ask: Callable[[Window], DiagnosisAnswer], window: Window, spare: int) -> list[Span]:
    """Return answers that cover the window: a cut one is asked again in halves, newest half first, until
    nothing is cut, a minute cannot be split, or ``spare`` requests are spent. A failure on the way keeps
    what is there."""
    spans = [Span(window=window, answer=ask(window))]
    while spare >= 2:
        cut = [s for s in spans if s.answer.cut and s.window.span_s > MINUTE_S]
        if not cut:
            break
        widest = max(cut, key=lambda s: (s.window.span_s, s.window.start))
        try:
            halves = [Span(window=half, answer=ask(half)) for half in reversed(widest.window.halves())]
        except AgoraError as error:
            _log.info("a cut answer stays cut", error=str(error))
            break
        spare -= 2
        spans = [s for s in spans if s is not widest] + halves
    return sorted(spans, key=lambda s: s.window.start)


def _spare(used: list[QuotaUse], account: str, feed: Feed, now: float) -> int:
    """Return the extra requests that today's budget allows beside the planned polls until 00:00 UTC."""
    planned = ((utc_day(now) + 1) * DAY_S - now) / PERIOD_S + 1
    return int(min(SPARE_REQUESTS, requests_left(used, account, feed) - planned))


def observe_self(
    database: Database, projects: tuple[Project, ...], now: float, period: Callable[[Project], int]
) -> None:
    """Store what the bot knows of itself as metrics of each project: how late its feeds are beyond what the
    pace of their account explains, and how much of the day's quota its busiest endpoint has used."""
    minute = floor_minute(now)
    with database.transaction() as tx:
        used = ledger.used_today(tx, now)
        for project in projects:
            states = observations.feed_states(tx, project.name)
            points = [MetricPoint(metric="quotaUsedRate", minute=minute, value=_quota_rate(used, project))]
            if len(states) == len(POLLED_FEEDS):
                explained = slowest_s(used, project.account, period(project), now) - PERIOD_S
                delay = now - min(state.watermark for state in states) - explained
                points.append(MetricPoint(metric="feedDelay", minute=minute, value=max(0.0, delay)))
            observations.save_points(tx, project.name, points, now)
            observations.mark_known(tx, project.name, Feed.BOT, [minute], cut=False)


def _quota_rate(used: list[QuotaUse], project: Project) -> float:
    return max((100 * u.used / u.limit for u in used if u.account == project.account), default=0.0)
