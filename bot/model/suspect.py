"""A call that may have been bad, and how far the doctor has looked at it."""

from dataclasses import dataclass

from bot.model.call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """``score`` is how bad the call is as a whole, 1 on Agora's red line; ``examined_score`` what it was at
    the last examination, which read the call up to ``examined_until`` (None: there was none).

    ``due_at`` is when it is examined next, None for never. ``verdict`` and ``headline`` are the doctor's;
    ``error`` says why the last attempt came to nothing, empty where it did not.
    """

    call: Call
    score: float
    due_at: float | None = None
    examined_until: int | None = None
    examined_score: float = 0.0
    attempts: int = 0
    verdict: str = ""
    headline: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """How many suspicious calls were noticed, and at how many of them the doctor has looked.

    ``at_least``: not every call was listed meanwhile, so there may be more.
    """

    looked_at: int
    noticed: int
    at_least: bool

    def __str__(self) -> str:
        """Return it in words."""
        few = "at least " if self.at_least else ""
        return f"looked at {self.looked_at} of {few}{self.noticed} suspicious calls"
