"""Who asks the bot for something, and what is kept of what they did."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A person: ids of Slack's user, of the channel in which they are, and of their workspace. At the
    keyboard ``user`` is their name there, and the others are empty."""

    user: str
    channel: str = ""
    team: str = ""


class Outcome(StrEnum):
    """DONE: it was done. REFUSED: this person may not."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What somebody did or wanted to: ``deed`` is the verb or command, ``about`` its words. ``at`` is Unix
    seconds; ``id`` is 0 until it is stored."""

    id: int = 0
    at: int
    asker: Asker
    deed: str
    outcome: Outcome = Outcome.DONE
    incident_id: int | None = None
    about: str = ""
