"""Numbers that say that something is wrong, long before a rule has made up its mind.

They decide only where the quota goes. Source of the lines for freezes and joins: the values that Agora's own
console shows in red; a transmission counts as bad where one packet in ten does not travel well.
"""

from collections.abc import Iterable

from bot.model.catalog import METRICS
from bot.model.observation import MetricPoint

FRESH_S = 360
"""How long a bad minute counts: data are up to 180 s old when they come, and two more polls may fail."""

LINES = {
    "videoFreezeRate": 5.0,
    "audioFreezeRate": 3.0,
    "networkDelay": 10.0,
    "joinSuccessRate": 95.0,
    "joinSuccess5SecsRate": 95.0,
    "videoUpstreamExcellentTransRate": 90.0,
    "audioUpstreamExcellentTransRate": 90.0,
    "videoEnd2EndExcellentTransRate": 90.0,
    "audioEnd2EndExcellentTransRate": 90.0,
}


def in_trouble(points: Iterable[MetricPoint], now: float) -> bool:
    """Return whether a metric has crossed its line in the last minutes."""
    return any(_is_bad(point) for point in points if point.minute > now - FRESH_S)


def _is_bad(point: MetricPoint) -> bool:
    line = LINES.get(point.metric)
    if line is None:
        return False
    return point.value < line if METRICS[point.metric].high_is_good else point.value > line
