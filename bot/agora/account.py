"""Whose requests: the credentials of an account, and the ledger that budgets its days."""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Protocol


class Ledger(Protocol):
    """The budget of an account, shared by every process and thread that asks for it."""

    def take(
        self, account: str, endpoint: str, *, limit: int, kept: int = 0, spacing_s: float, now: float
    ) -> float | None:
        """Reserve one request of the UTC day of ``now``.

        Return the seconds to wait before sending it, so that requests stay ``spacing_s`` apart; None when
        the day's ``limit`` is spent, but for what is ``kept`` for others.
        """

    def exhaust(self, account: str, endpoint: str, *, limit: int, now: float) -> None:
        """Mark the whole UTC day of ``now`` as spent: Agora counted more than we did."""

    def give_back(self, account: str, endpoint: str, *, now: float) -> None:
        """Undo ``take`` of the UTC day of ``now``: the request was never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Agora's customer id and secret for HTTP Basic; both stay out of ``repr``."""

    account: str
    customer_id: str = field(repr=False)
    customer_secret: str = field(repr=False)

    def hide(self, text: str) -> str:
        """Return ``text`` without the credentials, should somebody else have put them there."""
        pair = f"{self.customer_id}:{self.customer_secret}".encode()
        for secret in (b64encode(pair).decode(), self.customer_secret, self.customer_id):
            text = text.replace(secret, "***") if secret else text
        return text
