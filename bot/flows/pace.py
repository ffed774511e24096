"""How often a feed is polled, and how long its minutes are therefore waited for.

The planned pace is 960 requests a day and endpoint, where 1000 are allowed and one each 60 s would need
1440; the projects of an account share it. Where more was spent than planned (repeated requests, another
program on the account), what is left is spread over the rest of the UTC day.
"""

from collections.abc import Iterable

from bot.agora import ENDPOINTS
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.time import DAY_S, utc_day
from bot.store import QuotaUse

PERIOD_S = 90


def endpoint_of(feed: Feed) -> str:
    """Return the name under which the ledger counts a feed's requests."""
    return f"live/{feed.value}"


def period_s(projects_on_account: int) -> int:
    """Return the planned seconds between two polls of one feed of one project."""
    return PERIOD_S * max(1, projects_on_account)


def requests_left(used: Iterable[QuotaUse], account: str, feed: Feed) -> int:
    """Return how many requests of the feed's endpoint today's budget still allows."""
    endpoint = endpoint_of(feed)
    spent = next((u.used for u in used if (u.account, u.endpoint) == (account, endpoint)), 0)
    return max(0, ENDPOINTS[endpoint].per_day - spent)


def pace_s(used: Iterable[QuotaUse], account: str, feed: Feed, period: int, now: float) -> int:
    """Return the seconds between two polls now: the planned ones, or more where less is left than planned."""
    day_left_s = (utc_day(now) + 1) * DAY_S - now
    stretched = day_left_s / max(1, requests_left(used, account, feed)) * period / PERIOD_S
    return int(max(period, min(stretched, day_left_s)))


def slowest_s(used: Iterable[QuotaUse], account: str, period: int, now: float) -> int:
    """Return the pace of the feed that is polled least often."""
    known = tuple(used)
    return max(pace_s(known, account, feed, period, now) for feed in POLLED_FEEDS)
