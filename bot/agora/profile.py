"""What an account can ask: the endpoints of its dialect and plan, and what they deliver."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.agora.errors import PlanLacksEndpoint
from bot.agora.plan import Endpoint
from bot.agora.plan_beta import ENDPOINTS
from bot.agora.plan_current import PLANS
from bot.model.catalog import CALL_FIELDS, METRICS, POLLED_FEEDS, Feed
from bot.model.project import Dialect, Plan

BETA_ONLY = frozenset(
    name for name, metric in METRICS.items() if metric.feed is Feed.NET and name != "networkDelay"
)
"""Shares of good transmission: today's API has no successor; its network delay is another quantity."""
CURRENT_ONLY = frozenset({"networkDelay"})
CALL_LISTS = "call/lists"
_SILENT = frozenset({("WebRTC", "audioFreezeRate")})
"""Agora measures no audio freezes in browsers, so that a request would be wasted."""
_CURRENT_FEEDS = {
    Feed.CALLS: CALL_LISTS,
    Feed.EXPERIENCE: "realtime/quality",
    Feed.NET: "realtime/quality",
    Feed.SCALE: "realtime/usage",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The endpoints by name; ``polled`` names the endpoint that serves a feed."""

    dialect: Dialect
    plan: Plan | None
    endpoints: Mapping[str, Endpoint]
    polled: Mapping[Feed, str]

    def endpoint(self, name: str, *, account: str) -> Endpoint:
        """Return an endpoint; raise PlanLacksEndpoint for one that the plan does not have."""
        found = self.endpoints.get(name)
        if found is None:
            detail = f"the plan is said to be {self.plan}" if self.plan else "the dialect is beta"
            raise PlanLacksEndpoint(account=account, endpoint=name, detail=detail)
        return found


def profile(dialect: str, plan: str | None = None) -> Profile:
    """Return the profile of a dialect, and of a plan where the dialect is ``current``.

    Raise ValueError for other names, and for ``current`` without a plan.
    """
    spoken = Dialect(dialect)
    if spoken is Dialect.BETA:
        polled = {feed: CALL_LISTS if feed is Feed.CALLS else f"live/{feed.value}" for feed in POLLED_FEEDS}
        return Profile(dialect=spoken, plan=None, endpoints=MappingProxyType(ENDPOINTS), polled=polled)
    if plan is None:
        raise ValueError("the dialect current needs a plan: standard, premium or enterprise")
    endpoints = PLANS[Plan(plan)]
    polled = {feed: name for feed, name in _CURRENT_FEEDS.items() if name in endpoints}
    return Profile(dialect=spoken, plan=Plan(plan), endpoints=MappingProxyType(endpoints), polled=polled)


def feeds(dialect: str, plan: str | None = None) -> tuple[Feed, ...]:
    """Return the feeds that can be polled, in the order of POLLED_FEEDS; only calls on the plan standard."""
    polled = profile(dialect, plan).polled
    return tuple(feed for feed in POLLED_FEEDS if feed in polled)


def feed_metrics(dialect: str, feed: Feed) -> tuple[str, ...]:
    """Return the names of a polled feed's metrics in this dialect, in the order of the catalog."""
    foreign = CURRENT_ONLY if Dialect(dialect) is Dialect.BETA else BETA_ONLY
    return tuple(name for name, metric in METRICS.items() if metric.feed is feed and name not in foreign)


def told_products(products: Collection[str], metric: str) -> tuple[str, ...]:
    """Return those of ``products`` that today's API tells a metric of."""
    return tuple(product for product in products if (product, metric) not in _SILENT)


def call_fields(dialect: str) -> frozenset[str]:
    """Return what call rules can look at: the API of 2019 tells of a call only when it was."""
    return frozenset(CALL_FIELDS if Dialect(dialect) is Dialect.CURRENT else {"call_duration"})


def asked_metrics(dialect: str, feed: Feed, metrics: Collection[str] | None) -> tuple[str, ...]:
    """Return the names of a live feed's metrics, or those of ``metrics``; raise ValueError for any other."""
    if feed not in (Feed.SCALE, Feed.EXPERIENCE, Feed.NET):
        raise ValueError(f"{feed} is no live feed of metrics")
    known = feed_metrics(dialect, feed)
    unknown = set(metrics or ()).difference(known)
    if unknown:
        raise ValueError(f"metrics of {feed} are {', '.join(known)}, not {sorted(unknown)}")
    return known if metrics is None else tuple(name for name in known if name in metrics)


def deliverable(dialect: str, plan: str | None = None) -> frozenset[str]:
    """Return the project metrics that can have values: those of its feeds, and what the bot tells itself."""
    polled = (*feeds(dialect, plan), Feed.BOT)
    return frozenset(name for feed in polled for name in feed_metrics(dialect, feed))
