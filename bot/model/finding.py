"""What a check-up found: one line a person can act on."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``what`` was looked at, what it said, and what to do next where it is not well."""

    health: Health
    what: str
    said: str
    next_step: str = ""


def well(what: str, said: str) -> Finding:
    return Finding(health=Health.OK, what=what, said=said)


def doubtful(what: str, said: str, next_step: str) -> Finding:
    return Finding(health=Health.WARNING, what=what, said=said, next_step=next_step)


def ill(what: str, said: str, next_step: str) -> Finding:
    return Finding(health=Health.FAILED, what=what, said=said, next_step=next_step)
