"""Bodies that somebody saved: the details of a call and diagnosis events, of either generation of the API."""

import msgspec

from bot.agora import beta, call_rows, current
from bot.agora.classify import PLACEHOLDER, SUCCESS
from bot.agora.merge import merged
from bot.agora.wire import UNREADABLE, Envelope, MetricsRow, Text, storable, text
from bot.model.call import Call, CallDetails
from bot.model.observation import DiagnosisEvent

CNAME_AT_MOST = 256
_SHOWN = 200


class UnreadableBody(Exception):
    """A saved body is not what Agora answers; the message says where it goes wrong."""


class _Named(msgspec.Struct):
    cname: Text = None


class _About(msgspec.Struct):
    call_id: Text = None


def read_details_body(body: bytes) -> CallDetails:
    """Return the call of a body of ``call/details``, or of ``call/sessions`` and ``call/metrics`` in one.

    What is listed twice counts once. Rows that cannot be read are left out, and the call counts as cut. The
    instants of the call are those of its users. Raise UnreadableBody where no row can be read.
    """
    try:
        answer = _opened(body)
        about = msgspec.json.decode(body, type=_About, strict=False)
        sessions = current.session_page(answer, 1).items
        known = {session.sid for session in sessions}
        metrics = answer.rows(answer.metrics, MetricsRow)
        series = call_rows.series(answer, (row for row in metrics if row.sid in known))
        names = [storable(row.cname, CNAME_AT_MOST) for row in answer.rows(answer.call_info, _Named)]
    except UNREADABLE as error:
        raise UnreadableBody(_said(error)) from None
    joins = [session.joined_at for session in sessions]
    lefts = [session.left_at for session in sessions]
    call = Call(
        call_id=text(about.call_id),
        cname=next(filter(None, names), ""),
        started_at=min(joins, default=0),
        ended_at=None if None in lefts else max((left for left in lefts if left), default=None),
    )
    users = {session.uid for session in sessions}
    return merged(call, sessions, series, cut=len(users) == beta.ROWS_AT_MOST or bool(answer.left_out))


def read_events_body(body: bytes) -> tuple[DiagnosisEvent, ...]:
    """Return the events of a body of ``live/diagnosis``. Raise UnreadableBody."""
    try:
        return beta.diagnosis_answer(_opened(body)).events
    except UNREADABLE as error:
        raise UnreadableBody(_said(error)) from None


def _opened(body: bytes) -> Envelope:
    """Return the envelope of an answer that succeeded; a missing code is that of a body somebody cut down."""
    answer = msgspec.json.decode(body, type=Envelope)
    if answer.code not in (None, SUCCESS, PLACEHOLDER):
        raise UnreadableBody(f"the answer is an error of Agora: code {str(answer.code)[:20]}")
    return answer


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return f"not the JSON that Agora answers: {str(error)[:_SHOWN]}"
