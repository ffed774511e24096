"""One call as ``call_details.j2`` gets it: who was in it, and what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.call import Call, CallDetails, Session
from bot.model.diagnosis import Diagnosis, Pictures
from bot.model.feedback import Verdict
from bot.model.message import Block
from bot.model.time import utc_day
from bot.render import words
from bot.render.limits import SECTION_TEXT_MAX
from bot.render.summary import MetricSummary, summary
from bot.render.table import monospaced
from bot.render.values import call_value
from bot.render.verdict_view import LEGEND, VerdictView, verdict_view

_USER_HEADER = ("User", "Role", "Joined", "Left", "Network", "Platform", "Device", "SDK")
_METRIC_HEADER = ("Metric", "Mean", "Worst 5 %", "Worst", "Worst user")
_NUMBERS = frozenset({1, 2, 3})
ROWS_MAX = 200
LINES_MAX = 20
LINES_TEXT_MAX = SECTION_TEXT_MAX - 100
TABLE_TEXT_BUDGET = 3500
"""Of the 10,000 characters of a message; the rest is for the verdict and the measurements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsView:
    """The names of ``call_details.j2``: ``user_table`` is a block, the other tables are code blocks."""

    channel: str
    channel_plain: str
    project: str
    call_id: str
    console: str
    share_value: str
    shown_by: str
    ongoing: bool
    started_at: str
    started_utc: str
    ended_at: str
    duration: str
    users: str
    cut: bool
    user_table: Block | None
    user_text: str
    user_text_hidden: str
    user_hidden: str
    metric_text: str
    verdict: VerdictView | None
    legend: str


def details_view(
    project: str,
    details: CallDetails,
    now: int,
    found: Diagnosis | None,
    drawn: Pictures | None,
    shown_by: str = "",
) -> DetailsView:
    """Return the call as it stands at ``now``, with what the doctor found in it."""
    call = details.call
    sessions = sorted(details.sessions, key=lambda s: (s.joined_at, s.uid, s.sid))
    rows = [_row(session, call) for session in sessions]
    shown = _within_budget(rows)
    user_text, lines = _lines(rows)
    return DetailsView(
        channel=words.code(call.cname),
        channel_plain=words.plain(call.cname, 80),
        project=words.plain(project, 80),
        call_id=words.code(call.call_id),
        console=words.console_call(call.call_id),
        share_value=call_value(project, call) if found and not shown_by else "",
        shown_by=words.mention(shown_by) if shown_by else "",
        ongoing=not call.finished,
        started_at=words.moment(call.started_at),
        started_utc=words.utc(call.started_at) + " UTC",
        ended_at=words.moment(call.ended_at) if call.ended_at is not None else "",
        duration=words.duration(call.duration_s(now)),
        users=words.count(len({s.uid for s in sessions}), "user"),
        cut=details.cut,
        user_table=_table(shown) if shown else None,
        user_text=user_text,
        user_text_hidden=_rest(rows, lines),
        user_hidden=_rest(rows, len(shown)),
        metric_text=_metrics(summary(details)),
        verdict=verdict_view(Verdict.of(project, call.call_id, found), found, drawn) if found else None,
        legend=LEGEND,
    )


def _row(session: Session, call: Call) -> tuple[str, ...]:
    return (
        words.clean(session.uid, 40) or "-",
        "sender" if session.sender else "audience",
        _clock(session.joined_at, call.started_at),
        _left(session, call),
        *(
            words.clean(t, 24) or "-"
            for t in (session.network, session.platform, session.device, session.sdk)
        ),
    )


def _left(session: Session, call: Call) -> str:
    if session.left_at is not None:
        return _clock(session.left_at, call.started_at)
    return "-" if call.finished else "still in"


def _clock(instant: int, started_at: int) -> str:
    """Return the time of day in UTC, and the days that have passed since the call began."""
    days = utc_day(instant) - utc_day(started_at)
    return words.utc(instant, "%H:%M:%S") + (f" {days:+d} d" if days else "")


def _within_budget(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Return the first rows that the message has room for."""
    used = sum(len(text) for text in _USER_HEADER)
    for i, row in enumerate(rows[:ROWS_MAX]):
        used += sum(len(text) for text in row)
        if used > TABLE_TEXT_BUDGET:
            return rows[:i]
    return rows[:ROWS_MAX]


def _lines(rows: Sequence[Sequence[str]]) -> tuple[str, int]:
    """Return the first rows as text that a section holds, and how many they are."""
    for how_many in range(min(len(rows), LINES_MAX), 0, -1):
        text = monospaced(_USER_HEADER, rows[:how_many])
        if len(text) <= LINES_TEXT_MAX:
            return text, how_many
    return "", 0


def _table(rows: Sequence[Sequence[str]]) -> Block:
    cells = [[{"type": "raw_text", "text": text} for text in row] for row in (_USER_HEADER, *rows)]
    return {
        "type": "data_table",
        "caption": "Who was in the call (times in UTC)",
        "page_size": 10,
        "row_header_column_index": 0,
        "rows": cells,
    }


def _rest(rows: Sequence[Sequence[str]], shown: int) -> str:
    return f"{len(rows) - shown:,}" if len(rows) > shown else ""


def _metrics(found: Sequence[MetricSummary]) -> str:
    rows = [
        (
            f"{one.metric.title}{', ' + one.metric.unit if one.metric.unit else ''}",
            words.number(one.mean),
            words.number(one.worst_5),
            words.number(one.worst),
            one.worst_user,
        )
        for one in found[:LINES_MAX]
    ]
    return monospaced(_METRIC_HEADER, rows, right=_NUMBERS) if rows else ""
