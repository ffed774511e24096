"""What one project's observations hold, as plain values."""

from bot.model.catalog import Feed
from bot.model.observation import Observations


def values(seen: Observations, metric: str) -> dict[int, float]:
    """Return the values of a metric by minute."""
    points = seen.metrics[metric]
    return dict(sorted(zip(points.minute.tolist(), points.value.tolist(), strict=True)))


def known(seen: Observations, feed: Feed) -> frozenset[int]:
    """Return the known minutes of a feed."""
    coverage = seen.coverage.get(feed)
    return frozenset(coverage.minute.tolist()) if coverage else frozenset()


def cut(seen: Observations, feed: Feed) -> frozenset[int]:
    """Return the minutes of a feed whose answer was cut."""
    coverage = seen.coverage.get(feed)
    return frozenset(coverage.minute[coverage.cut].tolist()) if coverage else frozenset()
