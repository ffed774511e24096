"""What can go wrong between us and Agora; leaves differ only where callers act differently.

    AgoraError
    ├── NotNow              the question was fine, ask it again later
    │   ├── QuotaExhausted      the day is spent: not before ``resets_at``
    │   ├── Throttled           too many per second: not before ``retry_after_s``
    │   ├── TooFresh            Agora has no data yet: not before ``ready_in_s``
    │   └── Stopped             the bot is ending: the next one asks
    ├── Transient           chance: the same request may succeed at the next poll
    │   ├── ServerFailed        Agora answered that it failed
    │   ├── Unreachable         no answer, or only a part of one
    │   └── MalformedAnswer     an answer that is not what Agora documents
    └── Refused             asking again changes nothing until somebody acts
        ├── AuthRejected        the operator: credentials
        ├── PlanLacksEndpoint   the operator: Agora's plan
        ├── EndpointGone        stop asking this endpoint
        ├── WindowRejected      our clock or our arithmetic
        ├── BadRequest          our parameters
        └── UnknownCode         nobody documented this answer

A message says what happened, to which account and endpoint, and what to do next. It never holds credentials.
"""

from enum import StrEnum
from typing import ClassVar


class AgoraError(Exception):
    """Base of all errors of this room. ``outcome`` is the label that counts it.

    ``retry_after_s``: how long Agora asked to be left alone, 0 where it did not.
    """

    outcome: str = "failed"
    retry_after_s: float = 0.0
    happened: ClassVar[str] = "The request to Agora failed"
    advice: ClassVar[str] = "See the log of the bot."

    def __init__(self, *, account: str, endpoint: str, detail: str = "") -> None:
        self.account = account
        self.endpoint = endpoint
        self.detail = detail
        reason = f": {detail}" if detail else ""
        super().__init__(f"{self.happened} ({endpoint}, account {account}){reason}. {self.advice}")


class NotNow(AgoraError):
    """The question was fine; ask it again later."""


class QuotaExhausted(NotNow):
    """The day's requests are spent. ``resets_at`` is the instant of the next 00:00 UTC."""

    outcome = "quota_exhausted"
    happened = "Today's requests to Agora are spent"
    advice = "Agora answers again from 00:00 UTC."

    def __init__(self, *, account: str, endpoint: str, resets_at: int, detail: str = "") -> None:
        super().__init__(account=account, endpoint=endpoint, detail=detail)
        self.resets_at = resets_at


class Throttled(NotNow):
    """Too many requests at once, counted over all callers of the account. ``retry_after_s`` is at least 1."""

    outcome = "throttled"
    happened = "Agora received too many requests at once"
    advice = "Ask again in a moment; another program may be using the same account."

    def __init__(self, *, account: str, endpoint: str, retry_after_s: float, detail: str = "") -> None:
        super().__init__(account=account, endpoint=endpoint, detail=detail)
        self.retry_after_s = retry_after_s


class TooFresh(NotNow):
    """The window is younger than the data. It becomes readable ``ready_in_s`` seconds from now."""

    outcome = "too_fresh"
    happened = "Agora has no data of that time yet"
    advice = "Ask again then."

    def __init__(self, *, account: str, endpoint: str, ready_in_s: float) -> None:
        super().__init__(account=account, endpoint=endpoint, detail=f"they are ready in {ready_in_s:.0f} s")
        self.ready_in_s = ready_in_s


class Stopped(NotNow):
    """The bot ends; nothing was sent, and nothing paid."""

    outcome = "stopped"
    happened = "The bot is stopping"
    advice = "Ask again when it runs."


class Transient(AgoraError):
    """Chance; the same request may succeed at the next poll."""


class ServerFailed(Transient):
    """Agora says that it failed, with a body code or a status of 500 to 599."""

    outcome = "server_failed"
    happened = "Agora's service failed"
    advice = "The bot asks again at the next poll; if this lasts, see Agora's status page."

    def __init__(self, *, account: str, endpoint: str, detail: str = "", retry_after_s: float = 0.0) -> None:
        super().__init__(account=account, endpoint=endpoint, detail=detail)
        self.retry_after_s = retry_after_s


class Unreachable(Transient):
    """Name look-up, TLS, a refused or broken connection, or a time-out.

    ``sent``: Agora may have counted the request. False is certain: there was no connection to send it on.
    """

    outcome = "unreachable"
    happened = "Agora could not be reached"
    advice = "The bot asks again at the next poll; if this lasts, check network, proxy and host name."

    def __init__(self, *, account: str, endpoint: str, detail: str = "", sent: bool = True) -> None:
        super().__init__(account=account, endpoint=endpoint, detail=detail)
        self.sent = sent


class MalformedAnswer(Transient):
    """Not JSON, no ``code``, the wrong shape, or too large."""

    outcome = "malformed"
    happened = "Agora's answer could not be read"
    advice = "The bot asks again at the next poll; if this lasts, Agora's API may have changed."


class Refused(AgoraError):
    """Asking again changes nothing until somebody acts."""


class AuthRejected(Refused):
    """The credentials are wrong, or do not belong to the App ID."""

    outcome = "auth_rejected"
    happened = "Agora refused the credentials"
    advice = "Check customer id and secret of the account, and that the project belongs to it."


class PlanLacksEndpoint(Refused):
    """The account's Analytics plan does not include the endpoint."""

    outcome = "plan_lacks_endpoint"
    happened = "The account's Agora plan does not include this endpoint"
    advice = "Upgrade the Analytics plan in Agora's console, or remove the project from the bot."


class EndpointGone(Refused):
    """Agora has no such endpoint (any more)."""

    outcome = "endpoint_gone"
    happened = "Agora does not offer this endpoint"
    advice = (
        "Check the base URL; if it is right: the 2019 endpoints (call/details, live/*) are retired,"
        " set AGORA_API_DIALECT=current and AGORA_PLAN."
    )


class WindowLimit(StrEnum):
    """Which limit a window broke: it ends too late, starts too early, or is too long."""

    LATENCY = "latency"
    RANGE = "range"
    LENGTH = "length"


class WindowRejected(Refused):
    """The window breaks a limit, which is counted by its kind where that is known.

    ``clock_skew_s``: how far our clock is ahead of Agora's, where known.
    """

    outcome = "window_rejected"
    happened = "The time window is outside of what Agora answers"
    advice = "Check the clock of this machine; if it is right, choose a later or shorter window."

    def __init__(
        self,
        *,
        account: str,
        endpoint: str,
        detail: str = "",
        limit: WindowLimit | None = None,
        clock_skew_s: float | None = None,
    ) -> None:
        super().__init__(account=account, endpoint=endpoint, detail=detail)
        self.limit = limit
        self.clock_skew_s = clock_skew_s
        if limit is not None:
            self.outcome = f"window_{limit}"


class BadRequest(Refused):
    """Agora did not understand the parameters."""

    outcome = "bad_request"
    happened = "Agora did not accept the parameters"
    advice = "Check the project's App ID; if it is right, report this as a bug of the bot."


class UnknownCode(Refused):
    """An answer that nobody documented. ``code`` is the body's code, else the HTTP status."""

    outcome = "unknown_code"
    happened = "Agora answered with an unknown code"
    advice = "Report it with its code; the bot does not ask again by itself."

    def __init__(self, *, account: str, endpoint: str, code: int, detail: str = "") -> None:
        super().__init__(account=account, endpoint=endpoint, detail=detail)
        self.code = code
