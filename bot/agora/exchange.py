"""One question and its answer: budget, turn, window, request, judgement, and another attempt.

Every attempt, a repeated one too, first reserves a request in the ledger and waits its turn; only then is
the window cut to what Agora answers at that moment, so that no wait can make it stale.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.agora.account import Credentials, Ledger
from bot.agora.classify import Asked, failure
from bot.agora.errors import AgoraError, MalformedAnswer, QuotaExhausted
from bot.agora.plan import Endpoint, cut_to_readable
from bot.agora.retry import PEOPLE_WAIT, Patience, pause_s
from bot.agora.transport import Transport
from bot.agora.turnstile import Turnstile
from bot.agora.wire import UNREADABLE, Envelope, open_envelope
from bot.model.time import Window, utc_day

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to ask; ``extra`` are the parameters beside project and time."""

    endpoint: Endpoint
    app_id: str
    window: Window
    extra: Mapping[str, object] = field(default_factory=dict)
    patience: Patience = PEOPLE_WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Everything that an attempt needs. It keeps no state of its own, so threads may share it."""

    transport: Transport
    credentials: Credentials
    ledger: Ledger
    turnstile: Turnstile
    now: Callable[[], float]
    wait: Callable[[float], object]
    on_request: Callable[[str, str, float], None]
    jitter: Callable[[], float]

    def ask(self, question: Question, parse: Callable[[Envelope], Answer]) -> Answer:
        """Return the parsed answer, after as many attempts as patience and ledger allow, or AgoraError."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._attempt(question, parse)
            except AgoraError as error:
                pause = pause_s(error, attempt, question.patience, self.jitter)
                if pause is None:
                    raise
                self.wait(pause)

    def _attempt(self, question: Question, parse: Callable[[Envelope], Answer]) -> Answer:
        self._readable_part(question)  # raises before a request is spent on it
        self._take_turn(question.endpoint)
        self.turnstile.enter(question.endpoint.family, question.endpoint.gap_s)
        try:
            part = self._readable_part(question)
            asked = {**question.endpoint.times_of(part), **question.extra}
            return self._send(question, asked, parse)
        finally:
            self.turnstile.leave(question.endpoint.family)

    def _readable_part(self, question: Question) -> Window:
        account = self.credentials.account
        return cut_to_readable(question.endpoint, question.window, self.now(), account=account)

    def _take_turn(self, endpoint: Endpoint) -> None:
        """Reserve a request and wait for its moment; one that falls to the next UTC day is taken there."""
        day = None
        while day != utc_day(self.now()):
            now = self.now()
            day = utc_day(now)
            wait_s = self.ledger.take(
                self.credentials.account,
                endpoint.family,
                limit=endpoint.per_day,
                spacing_s=endpoint.spacing_s,
                now=now,
            )
            if wait_s is None:
                raise self._asked(endpoint).exhausted()
            if wait_s > 0:
                self.wait(wait_s)

    def _send(
        self, question: Question, asked: Mapping[str, object], parse: Callable[[Envelope], Answer]
    ) -> Answer:
        """Send one request, tell its outcome, and believe Agora when it says that the day is over."""
        began, outcome, endpoint = self.now(), "failed", question.endpoint
        try:
            answer = self._judge(question, asked, parse)
            outcome = "ok"
            return answer
        except AgoraError as error:
            outcome = error.outcome
            if isinstance(error, QuotaExhausted):
                account = self.credentials.account
                self.ledger.exhaust(account, endpoint.family, limit=endpoint.per_day, now=self.now())
            raise
        finally:
            self.on_request(endpoint.name, outcome, max(0.0, self.now() - began))

    def _judge(
        self, question: Question, asked: Mapping[str, object], parse: Callable[[Envelope], Answer]
    ) -> Answer:
        endpoint = question.endpoint
        reply = self.transport.send(endpoint, question.app_id, asked)
        envelope = open_envelope(reply.body)
        error = failure(reply, envelope, self._asked(endpoint))
        if error is not None:
            raise error
        try:
            return parse(envelope)
        except UNREADABLE as unreadable:
            detail = self.credentials.hide(f"{unreadable}, {len(reply.body)} bytes")
            raise MalformedAnswer(
                account=self.credentials.account, endpoint=endpoint.name, detail=detail
            ) from None

    def _asked(self, endpoint: Endpoint) -> Asked:
        return Asked(credentials=self.credentials, endpoint=endpoint, now=self.now())
