"""Opening the client of an account in its dialect."""

from typing import TypeAlias, Unpack

from bot.agora.client import AgoraClient
from bot.agora.current_client import CurrentClient
from bot.agora.exchange import Opening
from bot.model.project import Dialect

Client: TypeAlias = AgoraClient | CurrentClient


def open_client(dialect: str, plan: str | None = None, **keywords: Unpack[Opening]) -> Client:
    """Return the client of a dialect, and of a plan where the dialect is ``current``.

    Raise ValueError for other names, and for ``current`` without a plan.
    """
    if Dialect(dialect) is Dialect.BETA:
        return AgoraClient(**keywords)
    if plan is None:
        raise ValueError("the dialect current needs a plan: standard, premium or enterprise")
    return CurrentClient(plan, **keywords)
