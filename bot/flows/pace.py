"""When a feed is read next: the day's requests last until 00:00 UTC, and a share of them waits for trouble.

calm:    what is left, less the share that is kept for trouble, spread over what is left of the day; the share
         shrinks with the day, so a calm day reads faster towards its end and spends its quota as well.
trouble: a fixed quick pace, while more is left than the slowest pace needs until midnight.
longest: no round comes later than Agora keeps what it is to read, whatever is left.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.agora import Endpoint, Profile
from bot.flows.reading import COMPLETE_S, SETTLE_S
from bot.model.catalog import Feed
from bot.model.quota import QuotaUse
from bot.model.time import DAY_S, MINUTE_S, utc_day

PERIOD_S = 90
"""The steady pace of one project whose requests are spread evenly; rules wait that long for a feed anyway."""
SLOW_S = 300
"""Whoever plans to read less often than this should know it."""
CALLS_SHARE = 0.5
"""People's commands ask for calls on the same quota: polls take half of it at most, and nothing any more
once ``Endpoint.own_share`` is used, by whomever."""

FOLLOW_UP_SHARE, FOLLOW_UP_AT_ONCE = 0.3, 0.125
"""Examining suspicious calls takes the first part of the day's requests, what polls and people leave. The
second part of that is open from midnight on, the rest comes evenly until the next one."""

_MARGIN = 10
"""Requests that trouble never gets."""

_AGEING_S = COMPLETE_S + SETTLE_S + 4 * MINUTE_S + 20
"""How old the oldest minute of a round may be beside its pace and its requests: it was not complete when the
round before began, windows begin on whole minutes, and a turn begins some seconds late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How a feed spends its day: the part kept for trouble, and the paces in trouble and at the worst, in
    seconds for each request of a round."""

    for_trouble: float
    trouble_s: int
    slowest_s: int


DIAGNOSIS = Share(for_trouble=0.6, trouble_s=45, slowest_s=300)
"""Ten rows an answer: most of the requests go where more than ten suffer."""
METRICS = Share(for_trouble=0.1, trouble_s=MINUTE_S, slowest_s=150)
"""An answer holds every minute, so trouble only makes it come sooner."""
_FOR_TROUBLE, _TROUBLE_PACE, _SLOWEST_PACE = 0.2, 0.5, 5 / 3
"""Where all metrics share one quota of the plan, their paces are multiples of the even one. Little is kept
for trouble there: to notice it late costs more than to follow it slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is left of one endpoint's day: planned requests, and seconds until 00:00 UTC.

    ``round_cost`` is what one poll of everything that shares them costs, in requests; ``longest_s`` is how
    far apart two rounds may be without losing a minute.
    """

    left: int
    limit: int
    day_left_s: float
    round_cost: int
    longest_s: float = DAY_S

    def spare(self, share: Share) -> int:
        """Return the requests that may go to trouble now: the rest keeps the slowest pace until midnight."""
        kept = self.day_left_s / self._slowest_s(share) * self.round_cost + _MARGIN
        return max(0, int(self.left - kept))

    def calm_s(self, share: Share) -> int:
        """Return the seconds between two rounds while nothing happens."""
        if not self.left:
            return int(max(MINUTE_S, self.day_left_s))
        kept = self.limit * share.for_trouble * self.day_left_s / DAY_S if self.spare(share) else 0
        even_s = self.day_left_s / max(1, self.left - kept) * self.round_cost
        slowest_s = self._slowest_s(share) if self.spare(share) else min(self.day_left_s, self.longest_s)
        return int(max(MINUTE_S, min(even_s, slowest_s)))

    def even_s(self, quickest_s: int) -> int:
        """Return the seconds between two rounds that make what is left last until midnight."""
        if self.left < 1:
            return int(max(MINUTE_S, self.day_left_s))
        return int(max(quickest_s, min(self.day_left_s, self.day_left_s * self.round_cost / self.left)))

    def trouble_s(self, share: Share) -> int:
        """Return the seconds between two rounds in trouble."""
        quick = share.trouble_s * self.round_cost
        return min(quick, self.calm_s(share)) if self.spare(share) else self.calm_s(share)

    def _slowest_s(self, share: Share) -> float:
        return min(share.slowest_s * self.round_cost, self.longest_s)


def share_of(feed: Feed, endpoint: Endpoint) -> Share:
    """Return how a feed spends its day."""
    if feed is Feed.DIAGNOSIS:
        return DIAGNOSIS
    if endpoint.family == endpoint.name:
        return METRICS
    each_s = even_s(endpoint)
    return Share(
        for_trouble=_FOR_TROUBLE,
        trouble_s=round(each_s * _TROUBLE_PACE),
        slowest_s=round(each_s * _SLOWEST_PACE),
    )


def room(endpoint: Endpoint) -> int:
    """Return the requests that a round may cost so that each minute is read before Agora drops it."""
    return int((endpoint.keeps_s - _AGEING_S) / (even_s(endpoint) + endpoint.spacing_s))


def longest_s(endpoint: Endpoint, round_cost: int) -> float:
    """Return how far apart two rounds may begin without losing a minute; the requests of one may take the
    time that Agora prescribes between them."""
    return max(MINUTE_S, endpoint.keeps_s - _AGEING_S - round_cost * endpoint.spacing_s)


def even_s(endpoint: Endpoint) -> float:
    """Return the seconds for each request where a day's are spread evenly."""
    return DAY_S / endpoint.for_polls


def budget(used: Iterable[QuotaUse], account: str, endpoint: Endpoint, round_cost: int, now: float) -> Budget:
    """Return what today still allows for an endpoint of an account. ``round_cost`` is what one poll of each
    feed that shares its quota costs, in requests."""
    limit = endpoint.for_polls
    spent = next((u.used for u in used if (u.account, u.endpoint) == (account, endpoint.family)), 0)
    day_left_s = (utc_day(now) + 1) * DAY_S - now
    cost = max(1, round_cost)
    return Budget(
        left=max(0, limit - spent),
        limit=limit,
        day_left_s=day_left_s,
        round_cost=cost,
        longest_s=longest_s(endpoint, cost),
    )


def calls_budget(
    used: Iterable[QuotaUse], account: str, endpoint: Endpoint, *, polled: int, round_cost: int, now: float
) -> Budget:
    """Return what today still allows for the calls of an account, of which ``polled`` requests were polls."""
    limit = int(endpoint.per_day * CALLS_SHARE)
    spent = next((u.used for u in used if (u.account, u.endpoint) == (account, endpoint.family)), 0)
    left = min(limit - polled, endpoint.for_polls - spent)
    day_left_s = (utc_day(now) + 1) * DAY_S - now
    return Budget(left=max(0, left), limit=limit, day_left_s=day_left_s, round_cost=max(1, round_cost))


def follow_up_left(
    used: Iterable[QuotaUse], account: str, endpoint: Endpoint, *, spent: int, now: float
) -> int:
    """Return the requests that examinations may take now in an account; they took ``spent`` today."""
    asked = next((u.used for u in used if (u.account, u.endpoint) == (account, endpoint.family)), 0)
    passed = (now - utc_day(now) * DAY_S) / DAY_S
    is_open = FOLLOW_UP_AT_ONCE + (1 - FOLLOW_UP_AT_ONCE) * passed
    open_now = int(endpoint.per_day * FOLLOW_UP_SHARE * is_open)
    return max(0, min(open_now - spent, endpoint.for_polls - asked))


def follows_up(profile: Profile) -> bool:
    """Return whether the bot examines calls itself: where Agora tells how they were, but not why."""
    return Feed.CALLS in profile.polled and Feed.DIAGNOSIS not in profile.polled
