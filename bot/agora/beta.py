"""The dialect of 2019: its answers as model values."""

from dataclasses import dataclass

from bot.agora import call_rows
from bot.agora.answers import DiagnosisAnswer
from bot.agora.wire import (
    CNAME_AT_MOST,
    LIVE_METRICS,
    UID_AT_MOST,
    CallRow,
    DiagnosisRow,
    Envelope,
    LiveRow,
    MetricsRow,
    SessionRow,
    TagRow,
    UsageRow,
    storable,
)
from bot.model.call import Call, CallDetails
from bot.model.observation import CauseTag, DiagnosisEvent, MetricPoint
from bot.model.time import DAY_S, floor_minute
from bot.model.usage import UsageDay

ROWS_AT_MOST = 10
"""Agora lists no more calls, users or diagnoses than this in one answer, and has no pages."""
TAGS_AT_MOST = 3
ID_LIMIT = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """The newest calls of one answer, newest first; ``has_more`` says that older ones match as well."""

    calls: tuple[Call, ...]
    has_more: bool


def call_page(answer: Envelope) -> CallPage:
    """Return the listed calls. Without ``has_more``, a full list counts as cut."""
    listed = answer.rows(answer.call_lists, CallRow)
    calls = sorted(map(call_rows.call, listed), key=lambda call: -call.started_at)
    full = len(calls) + len(answer.left_out) >= ROWS_AT_MOST
    more = answer.has_more if isinstance(answer.has_more, bool) else full
    return CallPage(calls=tuple(calls), has_more=more)


def call_details(answer: Envelope, call: Call) -> CallDetails:
    """Return sessions, newest join first, and their series; series without a listed session are left out.

    ``cut``: Agora's text caps users, its field is a list of sessions, so ten of either count.
    """
    sessions = tuple(map(call_rows.session, answer.rows(answer.call_info, SessionRow)))
    full = len(sessions) + len(answer.left_out) == ROWS_AT_MOST
    sids = {session.sid for session in sessions}
    listed = answer.rows(answer.metrics, MetricsRow)
    series = call_rows.series(answer, (row for row in listed if row.sid in sids))
    users = {session.uid for session in sessions}
    cut = full or len(users) >= ROWS_AT_MOST
    newest_first = tuple(sorted(sessions, key=lambda session: -session.joined_at))
    return CallDetails(call=call, sessions=newest_first, series=series, cut=cut)


def usage_days(answer: Envelope) -> tuple[UsageDay, ...]:
    """Return one value per day, oldest first; metrics of one day may come in several rows."""
    days: dict[int, dict[str, int]] = {}
    for row in answer.rows(answer.data, UsageRow):
        told = {"users": row.user_count, "sessions": row.session_count, "channels": row.channel_count}
        day = int(row.ts) // DAY_S * DAY_S
        days.setdefault(day, {}).update({name: count for name, count in told.items() if count is not None})
    return tuple(UsageDay(day=day, **counts) for day, counts in sorted(days.items()))


def metric_points(answer: Envelope) -> tuple[MetricPoint, ...]:
    """Return all points sorted by metric and minute; of two rows of one minute the later counts."""
    known: dict[tuple[str, int], float] = {}
    for row in sorted(answer.rows(answer.data, LiveRow), key=lambda row: float(row.ts)):
        for name in LIVE_METRICS:
            value = getattr(row, name)
            if value is not None:
                known[name, floor_minute(row.ts)] = value
    return tuple(
        MetricPoint(metric=name, minute=minute, value=value)
        for (name, minute), value in sorted(known.items())
    )


def diagnosis_answer(answer: Envelope) -> DiagnosisAnswer:
    """Return the events, each once, with its distinct causes in Agora's order."""
    listed = answer.rows(answer.data, DiagnosisRow)
    events: dict[tuple[int, str, str, int], DiagnosisEvent] = {}
    for row in sorted(listed, key=lambda row: row.ts):
        if not 0 <= row.exp_id < ID_LIMIT:
            continue
        event = _event(row)
        events.setdefault((event.ts, event.cname, event.user, event.experience_id), event)
    cut = len(listed) + len(answer.left_out) >= ROWS_AT_MOST
    return DiagnosisAnswer(events=tuple(events.values()), cut=cut)


def _event(row: DiagnosisRow) -> DiagnosisEvent:
    return DiagnosisEvent(
        ts=int(row.ts),
        cname=storable(row.cname, CNAME_AT_MOST),
        user=storable(row.user, UID_AT_MOST),
        experience_id=row.exp_id,
        tags=_tags(row.cause_tags or []),
    )


def _tags(listed: list[TagRow]) -> tuple[CauseTag, ...]:
    tags = (
        CauseTag(factor_id=row.factor_id, host_user=storable(row.host_user, UID_AT_MOST)) for row in listed
    )
    return tuple(dict.fromkeys(tags))[:TAGS_AT_MOST]
