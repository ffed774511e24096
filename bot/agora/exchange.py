"""One question and its answer: budget, turn, window, request, judgement, and another attempt.

Every attempt, a repeated one too, first reserves a request in the ledger and waits its turn; only then is
the window cut to what Agora answers at that moment, so that no wait can make it stale.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NotRequired, Self, TypedDict, TypeVar

from bot.agora.account import Credentials, Ledger
from bot.agora.classify import Asked, failure
from bot.agora.clip import clipped
from bot.agora.errors import (
    AgoraError,
    MalformedAnswer,
    QuotaExhausted,
    Stopped,
    Transient,
    Unreachable,
    WindowLimit,
    WindowRejected,
)
from bot.agora.plan import Endpoint, cut_to_readable, readable
from bot.agora.retry import PEOPLE_WAIT, Patience, pause_s
from bot.agora.transport import DEADLINE_S, Transport
from bot.agora.turnstile import Turnstile
from bot.agora.wire import UNREADABLE, Envelope, open_envelope
from bot.model.time import Window, utc_day
from bot.telemetry import AGORA_ROWS_LEFT_OUT, log

_log = log("agora")

Answer = TypeVar("Answer")


def _uncounted(endpoint: str, outcome: str, seconds: float) -> None:
    """Count nothing."""


def _never() -> bool:
    return False


class Opening(TypedDict):
    """The keywords with which a client is opened.

    ``on_request`` hears of every request sent: endpoint, outcome ("ok" or ``AgoraError.outcome``), seconds.
    ``timeout_s`` bounds connecting, and each pause while reading; ``deadline_s`` bounds a whole answer, by
    ``now``. ``jitter`` returns the seconds added to the pause after a throttled request. ``other_hosts`` are
    asked when ``base_url`` fails; without them only Agora's documented primary hosts stand in for one
    another. ``patience`` takes the place of what each question has. Once ``stopping`` returns True,
    nothing more is paid or sent.
    """

    base_url: str
    credentials: Credentials
    ledger: Ledger
    now: Callable[[], float]
    wait: Callable[[float], object]
    timeout_s: NotRequired[tuple[float, float]]
    deadline_s: NotRequired[float]
    on_request: NotRequired[Callable[[str, str, float], None]]
    jitter: NotRequired[Callable[[], float]]
    other_hosts: NotRequired[Sequence[str]]
    patience: NotRequired[Patience]
    stopping: NotRequired[Callable[[], bool]]


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
    stopping: Callable[[], bool]
    patience: Patience | None = None

    @classmethod
    def opened(
        cls,
        *,
        base_url: str,
        credentials: Credentials,
        ledger: Ledger,
        now: Callable[[], float],
        wait: Callable[[float], object],
        timeout_s: tuple[float, float] = (3.05, 15.0),
        deadline_s: float = DEADLINE_S,
        on_request: Callable[[str, str, float], None] = _uncounted,
        jitter: Callable[[], float] = random.random,
        other_hosts: Sequence[str] = (),
        patience: Patience | None = None,
        stopping: Callable[[], bool] = _never,
    ) -> Self:
        """Return an exchange with connections and a turnstile of its own; see ``Opening``."""
        transport = Transport(
            base_url=base_url,
            other_hosts=other_hosts,
            credentials=credentials,
            timeout_s=timeout_s,
            now=now,
            deadline_s=deadline_s,
        )
        return cls(
            transport=transport,
            credentials=credentials,
            ledger=ledger,
            turnstile=Turnstile(now),
            now=now,
            wait=wait,
            on_request=on_request,
            jitter=jitter,
            stopping=stopping,
            patience=patience,
        )

    def ask(self, question: Question, parse: Callable[[Envelope], Answer]) -> Answer:
        """Return the parsed answer, after as many attempts as patience and ledger allow, or AgoraError."""
        return self.ask_part(question, parse)[0]

    def ask_part(self, question: Question, parse: Callable[[Envelope], Answer]) -> tuple[Answer, Window]:
        """Return what ``ask`` returns, and the part of the window that it is about."""
        question = replace(question, patience=self.patience or question.patience)
        route = question.patience.route(self.transport.hosts)
        first, hosts = self.transport.answering, self.transport.hosts
        attempt, failures, refused = 0, 0, set[WindowLimit | None]()
        while True:
            attempt += 1
            host = (first + route[min(failures, len(route) - 1)]) % hosts
            try:
                found = self._attempt(question, host, parse)
                self.transport.answering = host
                return found
            except WindowRejected as refusal:
                rest = self._rest(question, refusal) if refusal.limit not in refused else None
                if rest is None:
                    raise
                refused.add(refusal.limit)
                question = replace(question, window=rest)
            except AgoraError as error:
                pause = pause_s(error, attempt, question.patience, self.jitter, hosts)
                if pause is None:
                    raise
                failures += isinstance(error, Transient)
                self.wait(pause)

    def _attempt(
        self, question: Question, host: int, parse: Callable[[Envelope], Answer]
    ) -> tuple[Answer, Window]:
        self._readable_part(question)  # raises before a request is spent on it
        endpoint = question.endpoint
        paid_at = self._take_turn(endpoint, for_people=question.patience.for_people)
        self.turnstile.enter(endpoint.family, endpoint.gap_s, partial(self._wait_paid, endpoint, paid_at))
        try:
            part = self._readable_part(question)
            return self._send(question, part, host, parse, paid_at), part
        finally:
            self.turnstile.leave(endpoint.family)

    def _rest(self, question: Question, refusal: WindowRejected) -> Window | None:
        """Return what to ask for instead; a poll must know what it read, and so asks again itself."""
        inside = readable(question.endpoint, question.window, self.now())
        if inside is None or not question.patience.clips:
            return None
        return clipped(question.endpoint, inside, refusal)

    def _readable_part(self, question: Question) -> Window:
        account = self.credentials.account
        return cut_to_readable(question.endpoint, question.window, self.now(), account=account)

    def _take_turn(self, endpoint: Endpoint, *, for_people: bool) -> float:
        """Reserve a request, wait for its moment, and return when it was reserved; one whose moment falls to
        the next UTC day is taken there."""
        day, now = None, self.now()
        kept = 0 if for_people else endpoint.per_day - endpoint.for_polls
        while day != utc_day(self.now()):
            if self.stopping():
                raise Stopped(account=self.credentials.account, endpoint=endpoint.name)
            now = self.now()
            day = utc_day(now)
            wait_s = self.ledger.take(
                self.credentials.account,
                endpoint.family,
                limit=endpoint.per_day,
                kept=kept,
                spacing_s=endpoint.spacing_s,
                now=now,
            )
            if wait_s is None:
                rest = f"the last {kept} are kept for people's commands" if kept else ""
                raise self._asked(endpoint, now).exhausted(rest)
            if wait_s > 0:
                self._wait_paid(endpoint, now, wait_s)
        return now

    def _wait_paid(self, endpoint: Endpoint, paid_at: float, seconds: float) -> None:
        """Wait with a request in hand; give it back where the bot stops meanwhile."""
        self.wait(seconds)
        if self.stopping():
            self._give_back(endpoint, paid_at)
            raise Stopped(account=self.credentials.account, endpoint=endpoint.name)

    def _give_back(self, endpoint: Endpoint, paid_at: float) -> None:
        self.ledger.give_back(self.credentials.account, endpoint.family, now=paid_at)

    def _send(
        self,
        question: Question,
        part: Window,
        host: int,
        parse: Callable[[Envelope], Answer],
        paid_at: float,
    ) -> Answer:
        """Send one request, tell its outcome, and believe Agora when it says that the day is over."""
        began, outcome, endpoint = self.now(), "failed", question.endpoint
        try:
            answer = self._judge(question, part, host, parse, paid_at)
            outcome = "ok"
            return answer
        except AgoraError as error:
            outcome = error.outcome
            if isinstance(error, QuotaExhausted):
                account = self.credentials.account
                self.ledger.exhaust(account, endpoint.family, limit=endpoint.per_day, now=error.resets_at - 1)
            if isinstance(error, Unreachable) and not error.sent:
                self._give_back(endpoint, paid_at)
            raise
        finally:
            self.on_request(endpoint.name, outcome, max(0.0, self.now() - began))

    def _judge(
        self,
        question: Question,
        part: Window,
        host: int,
        parse: Callable[[Envelope], Answer],
        paid_at: float,
    ) -> Answer:
        endpoint = question.endpoint
        asked = {**endpoint.times_of(part), **question.extra}
        reply = self.transport.send(endpoint, question.app_id, asked, host)
        envelope = open_envelope(reply.body)
        error = failure(reply, envelope, self._asked(endpoint, paid_at))
        if error is not None:
            raise error
        try:
            answer = parse(envelope)
        except UNREADABLE as unreadable:
            detail = self.credentials.hide(f"{unreadable}, {len(reply.body)} bytes")
            raise MalformedAnswer(
                account=self.credentials.account, endpoint=endpoint.name, detail=detail
            ) from None
        self._tell_left_out(endpoint, envelope.left_out)
        return answer

    def _tell_left_out(self, endpoint: Endpoint, reasons: Sequence[str]) -> None:
        if not reasons:
            return
        AGORA_ROWS_LEFT_OUT.labels(endpoint.name).inc(len(reasons))
        _log.warning(
            "rows of an answer could not be read and were left out",
            account=self.credentials.account,
            endpoint=endpoint.name,
            rows=len(reasons),
            reason=self.credentials.hide(reasons[0]),
        )

    def _asked(self, endpoint: Endpoint, paid_at: float) -> Asked:
        return Asked(credentials=self.credentials, endpoint=endpoint, now=self.now(), paid_at=paid_at)
