"""What becomes of minutes of which too little is known: ``no_data_state`` and its relatives."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from bot.model.observation import Flags, Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import Outcome
from bot.rules.rule import ROW_SPAN, Rule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """The minutes to look at: those asked for, and before them as many as a count of missing ones needs.

    ``asked`` are the places of the former among ``minutes``; ``known`` tells for each project and minute
    whether every feed of the rule is complete.
    """

    minutes: range
    asked: slice
    known: Flags

    @classmethod
    def of(cls, rule: Rule, seen: Observations, minutes: range) -> Self:
        """Return the ground of a rule for ``minutes``."""
        before = (rule.lookback_s - rule.window_s) // MINUTE_S
        extended = range(minutes[0] - before * MINUTE_S, minutes[-1] + MINUTE_S, MINUTE_S)
        known = np.ones((len(seen.projects), len(extended)), dtype=np.bool_)
        for feed in rule.feeds:
            known &= seen.known(feed, extended[0], len(extended))
        return cls(minutes=extended, asked=slice(before, None), known=known)


def outcomes(
    rule: Rule, ground: Ground, plain: npt.NDArray[Any], *, unknown: Flags, quiet: Flags
) -> npt.NDArray[Any]:
    """Return the outcomes with what the rule says of missing minutes.

    A minute is missing where the feed is complete and the series is not in it: an empty project, say. While
    the feed itself is late, minutes are UNKNOWN and no more, because that is told by the feed's own alert.
    """
    missing = unknown & ~quiet & ground.known
    outcome = np.where(quiet, Outcome.QUIET, np.where(unknown, Outcome.UNKNOWN, plain))
    if rule.no_data_state == "alerting":
        outcome[missing] = Outcome.MATCH
    elif rule.no_data_state == "ok":
        outcome[missing] = Outcome.MISS
    elif rule.no_data_state == "no_data":
        outcome[missing] = Outcome.NO_DATA
    elif rule.no_data_for_s is not None:
        outcome[_missing_for(missing, unknown, rule.no_data_for_s // MINUTE_S)] = Outcome.NO_DATA
    if rule.missing_evals is not None:
        outcome[_missing_for(missing, unknown, rule.missing_evals)] = Outcome.GONE
    return outcome


def _missing_for(missing: Flags, unknown: Flags, minutes: int) -> Flags:
    """Return where that many minutes were missing in a row; UNKNOWN ones neither count nor break the row.

    A row is looked for in the last ``ROW_SPAN`` times as many minutes and no further back, so that a minute
    is judged alike by itself and among many.
    """
    minutes = max(1, minutes)
    counted = np.cumsum(missing, axis=1)
    before = np.maximum.accumulate(np.where(unknown, 0, counted), axis=1)
    span = minutes * ROW_SPAN
    before[:, span:] = np.maximum(before[:, span:], counted[:, :-span])
    return missing & (counted - before >= minutes)
