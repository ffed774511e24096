"""Asking one endpoint of a profile by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from bot.agora.exchange import Exchange, Question
from bot.agora.pieces import pieces
from bot.agora.plan import Endpoint
from bot.agora.profile import Profile
from bot.agora.retry import NOBODY_WAITS, PEOPLE_WAIT, Patience
from bot.agora.wire import Envelope
from bot.model.project import Project
from bot.model.time import Window

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """The way of a question for one account; endpoints that its plan lacks raise PlanLacksEndpoint."""

    exchange: Exchange
    profile: Profile

    def endpoint(self, name: str, *, step_s: int | None = None) -> Endpoint:
        """Return an endpoint, on a grid of its own where ``step_s`` says so."""
        found = self.profile.endpoint(name, account=self.exchange.credentials.account)
        return found if step_s is None else replace(found, step_s=step_s)

    def for_nobody(self) -> Self:
        """Return the way of questions that leave people's share of the day's requests alone."""
        return replace(self, exchange=replace(self.exchange, patience=NOBODY_WAITS))

    def pieces(self, endpoint: Endpoint, window: Window) -> tuple[Window, ...]:
        """Return what is readable of ``window`` in pieces that one request each can ask for, newest first."""
        return pieces(endpoint, window, self.exchange.now())

    def ask(
        self,
        endpoint: Endpoint,
        project: Project,
        window: Window,
        parse: Callable[[Envelope], Answer],
        extra: Mapping[str, object],
        patience: Patience = PEOPLE_WAIT,
    ) -> tuple[Answer, Window]:
        """Return the answer and the part of ``window`` that it is about; parameters of None are not sent."""
        sent = {name: value for name, value in extra.items() if value is not None}
        question = Question(
            endpoint=endpoint, app_id=project.app_id, window=window, extra=sent, patience=patience
        )
        return self.exchange.ask_part(question, parse)
