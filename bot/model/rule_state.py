"""How a rule stands."""

from dataclasses import dataclass

from bot.model.pause import Pause
from bot.model.verdict import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """``asks`` is its condition in words, ``blind`` why no poll can feed it (empty: it can), ``judged_until``
    the last minute judged in every project that has one (Unix seconds), ``firing`` how many alerts of it
    fire."""

    name: str
    severity: Severity
    asks: str
    enabled: bool
    pause: Pause | None
    blind: str
    judged_until: int | None
    firing: int
