"""When a feed is read next: the day's requests last until 00:00 UTC, and a share of them waits for trouble.

calm:    what is left, less the share that is kept for trouble, spread over what is left of the day; the share
         shrinks with the day, so a calm day reads faster towards its end and spends its quota as well.
trouble: a fixed quick pace, while more is left than the slowest pace needs until midnight.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.agora import Endpoint, Profile, call_fields, feed_metrics
from bot.model.catalog import Feed
from bot.model.project import Dialect, Project
from bot.model.time import DAY_S, MINUTE_S, utc_day
from bot.store import QuotaUse

PERIOD_S = 90
"""The steady pace of one project whose requests are spread evenly; rules wait that long for a feed anyway."""
PLANNED = 0.96
"""The part of a day's requests that is planned; the rest is for answers that fail, and for others who ask."""

CALLS_SHARE, CALLS_STOP = 0.5, 0.8
"""People's commands ask for calls on the same quota: polls take half of it at most, and nothing any more
once this part of it is used, by whomever."""

_MARGIN = 10
"""Requests that trouble never gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How a feed spends its day: the part kept for trouble, and the paces in trouble and at the worst."""

    for_trouble: float
    trouble_s: int
    slowest_s: int


DIAGNOSIS = Share(for_trouble=0.6, trouble_s=45, slowest_s=300)
"""Ten rows an answer: most of the requests go where more than ten suffer."""
METRICS = Share(for_trouble=0.1, trouble_s=MINUTE_S, slowest_s=150)
"""An answer holds every minute, so trouble only makes it come sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is left of one endpoint's day: planned requests, and seconds until 00:00 UTC.

    ``round_cost`` is what one poll of everything that shares them costs, in requests.
    """

    left: int
    limit: int
    day_left_s: float
    round_cost: int

    def spare(self, share: Share) -> int:
        """Return the requests that may go to trouble now: the rest keeps the slowest pace until midnight."""
        kept = self.day_left_s / share.slowest_s * self.round_cost + _MARGIN
        return max(0, int(self.left - kept))

    def calm_s(self, share: Share) -> int:
        """Return the seconds between two rounds while nothing happens."""
        longest_s = max(MINUTE_S, self.day_left_s)
        if not self.spare(share):
            return int(min(longest_s, max(MINUTE_S, self.day_left_s * self.round_cost / max(1, self.left))))
        reserve = self.limit * share.for_trouble * self.day_left_s / DAY_S
        even_s = self.day_left_s / max(1, self.left - reserve)
        return int(max(MINUTE_S, min(even_s, share.slowest_s)) * self.round_cost)

    def even_s(self, quickest_s: int) -> int:
        """Return the seconds between two rounds that make what is left last until midnight."""
        if self.left < 1:
            return int(max(MINUTE_S, self.day_left_s))
        return int(max(quickest_s, min(self.day_left_s, self.day_left_s * self.round_cost / self.left)))

    def trouble_s(self, share: Share) -> int:
        """Return the seconds between two rounds in trouble."""
        quick = share.trouble_s * self.round_cost
        return min(quick, self.calm_s(share)) if self.spare(share) else self.calm_s(share)


def share_of(feed: Feed) -> Share:
    """Return how a feed spends its day."""
    return DIAGNOSIS if feed is Feed.DIAGNOSIS else METRICS


def budget(used: Iterable[QuotaUse], account: str, endpoint: Endpoint, round_cost: int, now: float) -> Budget:
    """Return what today still allows for an endpoint of an account. ``round_cost`` is what one poll of each
    feed that shares its quota costs, in requests."""
    limit = int(endpoint.per_day * PLANNED)
    spent = next((u.used for u in used if (u.account, u.endpoint) == (account, endpoint.family)), 0)
    day_left_s = (utc_day(now) + 1) * DAY_S - now
    return Budget(
        left=max(0, limit - spent), limit=limit, day_left_s=day_left_s, round_cost=max(1, round_cost)
    )


def calls_budget(
    used: Iterable[QuotaUse], account: str, endpoint: Endpoint, *, polled: int, round_cost: int, now: float
) -> Budget:
    """Return what today still allows for the calls of an account, of which ``polled`` requests were polls."""
    limit = int(endpoint.per_day * CALLS_SHARE)
    spent = next((u.used for u in used if (u.account, u.endpoint) == (account, endpoint.family)), 0)
    left = min(limit - polled, int(endpoint.per_day * CALLS_STOP) - spent)
    day_left_s = (utc_day(now) + 1) * DAY_S - now
    return Budget(left=max(0, left), limit=limit, day_left_s=day_left_s, round_cost=max(1, round_cost))


def round_cost(profile: Profile, projects: Iterable[Project], wanted: Collection[str] | None) -> int:
    """Return the requests that one poll of every feed on one quota costs, in all ``projects``.

    The API of 2019 tells all metrics of a feed in one request and counts each feed apart; today's tells one
    metric of one product, and counts all together. ``wanted`` are the metrics asked for, None all.
    """
    if profile.dialect is Dialect.BETA:
        return len(tuple(projects))
    names = [name for other in profile.polled for name in asked_of(profile, other, wanted)]
    return sum(len(names) * len(project.products) for project in projects)


def asked_of(profile: Profile, feed: Feed, wanted: Collection[str] | None) -> tuple[str, ...]:
    """Return the metrics to ask a feed for: in the API of 2019 all, since they cost nothing more."""
    names = feed_metrics(profile.dialect, feed)
    if profile.dialect is Dialect.BETA or wanted is None:
        return names
    return tuple(name for name in names if name in wanted)


def feeds_read(profile: Profile, wanted: Collection[str] | None) -> tuple[Feed, ...]:
    """Return the feeds that are worth a request: the diagnosis, those with a metric to ask for, and the calls
    where ``wanted`` names what the API tells of one."""
    return tuple(feed for feed in profile.polled if _is_read(profile, feed, wanted))


def _is_read(profile: Profile, feed: Feed, wanted: Collection[str] | None) -> bool:
    if feed is Feed.CALLS:
        return wanted is not None and not call_fields(profile.dialect).isdisjoint(wanted)
    return feed is Feed.DIAGNOSIS or bool(asked_of(profile, feed, wanted))
