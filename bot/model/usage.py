"""What was used."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDay:
    """What was used in the day that begins at the instant ``day``. None was not asked or not told.

    Days begin at 00:00 UTC; today's API has answered with other midnights, which are kept as they came.
    ``users`` counts pairs of uid and channel, ``sessions`` joins.
    """

    day: int
    users: int | None = None
    sessions: int | None = None
    channels: int | None = None
