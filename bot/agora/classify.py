"""Which error an answer is: by the ``code`` of its body, and by the HTTP status only without one.

Documented texts under code 300 tell its kinds apart. Whether the status repeats the code is undocumented,
so code 300, code 429 and HTTP 429 mean the same. Bodies of the gateway in front of Agora have no code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from bot.agora.account import Credentials
from bot.agora.errors import (
    AgoraError,
    AuthRejected,
    BadRequest,
    EndpointGone,
    MalformedAnswer,
    PlanLacksEndpoint,
    QuotaExhausted,
    Refused,
    ServerFailed,
    Throttled,
    UnknownCode,
    WindowLimit,
    WindowRejected,
)
from bot.agora.plan import Endpoint
from bot.agora.transport import Reply
from bot.agora.wire import Envelope
from bot.model.time import DAY_S, utc_day

SUCCESS = 200
PLACEHOLDER = 0
"""Printed in two examples as generated filler: a success only where the expected data come with it."""
LIMITS = (300, 429)
RETRY_AFTER_S = 1.0
_TEXT_AT_MOST = 200
_ID_AT_MOST = 64

_LIMIT_TEXTS: tuple[tuple[str, type[AgoraError] | WindowLimit], ...] = (
    ("qpd limit", QuotaExhausted),
    ("qps limit", Throttled),
    ("latency limit", WindowLimit.LATENCY),
    ("time range limit", WindowLimit.RANGE),
    ("time length limit", WindowLimit.LENGTH),
    ("no auth", PlanLacksEndpoint),
)
_REFUSALS: dict[int, type[Refused]] = {
    400: BadRequest,
    401: AuthRejected,
    403: AuthRejected,
    404: EndpointGone,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked, of whom and when: all that an error says beside the answer.

    ``now`` is when the answer came, ``paid_at`` when the request was taken from the ledger.
    """

    credentials: Credentials
    endpoint: Endpoint
    now: float
    paid_at: float

    @property
    def account(self) -> str:
        return self.credentials.account

    def exhausted(self, detail: str = "", *, at: float | None = None) -> QuotaExhausted:
        """Return that the day of the instant ``at`` is spent, else that which paid for the request."""
        resets_at = (utc_day(self.paid_at if at is None else at) + 1) * DAY_S
        return QuotaExhausted(
            account=self.account, endpoint=self.endpoint.name, resets_at=resets_at, detail=detail
        )


def failure(reply: Reply, envelope: Envelope, asked: Asked) -> AgoraError | None:
    """Return the error that ``reply`` is, or None where it is a success."""
    code = _code(envelope)
    if code == SUCCESS or (code == PLACEHOLDER and _carries(envelope, asked.endpoint)):
        return None
    message = _message(envelope)
    detail = asked.credentials.hide(_detail(reply, code, message) + _request_id(reply, envelope))
    account, name = asked.account, asked.endpoint.name
    if code is None and 200 <= reply.status < 300:
        return MalformedAnswer(account=account, endpoint=name, detail=detail)
    verdict = reply.status if code is None else code
    limit = _limit(message, documented=code in LIMITS or verdict == 429) if verdict in LIMITS else None
    if limit is not None:
        return _limited(limit, reply, asked, detail)
    if verdict in _REFUSALS:
        return _REFUSALS[verdict](account=account, endpoint=name, detail=detail)
    if 500 <= verdict < 600:
        pause_s = retry_after_s(reply.headers, asked.now)
        return ServerFailed(account=account, endpoint=name, detail=detail, retry_after_s=pause_s)
    return UnknownCode(account=account, endpoint=name, code=verdict, detail=detail)


def _limit(message: str, *, documented: bool) -> type[AgoraError] | WindowLimit | None:
    """Return the kind of limit; a limit without a known text is taken for too many requests at once."""
    lowered = message.lower()
    named = (kind for words, kind in _LIMIT_TEXTS if words in lowered)
    return next(named, Throttled if documented else None)


def _limited(kind: type[AgoraError] | WindowLimit, reply: Reply, asked: Asked, detail: str) -> AgoraError:
    account, name = asked.account, asked.endpoint.name
    if kind is QuotaExhausted:
        agoras = _instant(
            reply.headers.get("date", "")
        )  # just after midnight, its day may be the old one yet
        return asked.exhausted(detail, at=min(asked.paid_at, agoras or asked.paid_at))
    if kind is Throttled:
        pause_s = max(RETRY_AFTER_S, retry_after_s(reply.headers, asked.now))
        return Throttled(account=account, endpoint=name, retry_after_s=pause_s, detail=detail)
    if isinstance(kind, WindowLimit):
        skew_s = clock_skew_s(reply.headers, asked.now)
        if skew_s is not None:
            detail += f"; our clock is {abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} Agora's"
        return WindowRejected(account=account, endpoint=name, detail=detail, limit=kind, clock_skew_s=skew_s)
    return kind(account=account, endpoint=name, detail=detail)


def retry_after_s(headers: Mapping[str, str], now: float) -> float:
    """Return the pause of a ``Retry-After`` header, in seconds or as a date (RFC 9110), else 0."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    at = _instant(said)
    return max(0.0, at - now) if at is not None else 0.0


def clock_skew_s(headers: Mapping[str, str], now: float) -> float | None:
    """Return how far ``now`` is ahead of the answer's ``Date``, None without one. Good to a few seconds."""
    at = _instant(headers.get("date", ""))
    return now - at if at is not None else None


def _instant(date: str) -> float | None:
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _code(envelope: Envelope) -> int | None:
    code = envelope.code
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) < 6:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _carries(envelope: Envelope, endpoint: Endpoint) -> bool:
    return bytes(getattr(envelope, endpoint.rows)) != b"null"


def _message(envelope: Envelope) -> str:
    """Return Agora's text on one line, cut to what fits into a sentence."""
    said = envelope.message
    printable = "".join(c if c.isprintable() else " " for c in said) if isinstance(said, str) else ""
    return " ".join(printable.split())[:_TEXT_AT_MOST]


def _request_id(reply: Reply, envelope: Envelope) -> str:
    """Return what Agora's support asks for; gateways tell it in a header."""
    told = envelope.request_id or reply.headers.get("x-request-id")
    shown = "".join(c for c in told if c.isprintable())[:_ID_AT_MOST] if isinstance(told, str) else ""
    return f", request {shown}" if shown else ""


def _detail(reply: Reply, code: int | None, message: str) -> str:
    what = f"HTTP {reply.status}" + (f", code {code}" if code is not None else "")
    return f"{what}, {message}" if message else f"{what}, {len(reply.body)} bytes without a message"
