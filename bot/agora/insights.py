"""The history of a project, from today's Data Insights: usage and quality per day or hour, and in parts."""

from collections.abc import Sequence

from bot.agora import current
from bot.agora.answers import Share, TimedValue
from bot.agora.asking import Asker
from bot.agora.realtime import rate_name
from bot.agora.wire import Envelope
from bot.agora.wire_current import CHANNEL_SIZE, DIMENSIONS, RATES, USAGE_NAMES
from bot.model.project import Project
from bot.model.time import DAY_S, HOUR_S, Window
from bot.model.usage import UsageDay

STEPS = {"1d": DAY_S, "1h": HOUR_S}
_FIELDS = {"userCount": "users", "sessionCount": "sessions", "channelCount": "channels"}


def read_usage(
    asker: Asker, project: Project, window: Window, metrics: Sequence[str]
) -> tuple[UsageDay, ...]:
    """Return one value per day, oldest first; each metric takes requests of its own."""
    days: dict[int, dict[str, int]] = {}
    for metric in metrics:
        for point in read_series(asker, project, window, metric, "1d", None):
            days.setdefault(point.ts, {})[_FIELDS[metric]] = int(point.value)
    return tuple(UsageDay(day=day, **counts) for day, counts in sorted(days.items()))


def read_series(
    asker: Asker, project: Project, window: Window, metric: str, granularity: str, product: str | None
) -> tuple[TimedValue, ...]:
    """Return a usage metric (by Agora's name), or a rate (by ours) of one product, oldest first."""
    if granularity not in STEPS:
        raise ValueError(f"granularities are {', '.join(STEPS)}, not {granularity}")
    what, name = _named(metric)
    endpoint = asker.endpoint(f"insight/{what}", step_s=STEPS[granularity])

    def parse(answer: Envelope) -> tuple[TimedValue, ...]:
        return current.points(answer, name, counts=what == "usage")

    known: dict[int, float] = {}
    for piece in reversed(asker.pieces(endpoint, window)):
        extra = {"metric": name, "aggregateGranularity": granularity, "productType": product}
        points, _ = asker.ask(endpoint, project, piece, parse, extra)
        known |= {point.ts: point.value for point in points}
    return tuple(TimedValue(ts=ts, value=value) for ts, value in sorted(known.items()))


def read_aggregation(
    asker: Asker,
    project: Project,
    window: Window,
    metric: str,
    dimension: str | None,
    values: Sequence[str],
    country: str | None,
) -> tuple[Share, ...]:
    """Return the newest whole days of ``window`` as one value, or as one for each part by ``dimension``."""
    what, name = _named(metric)
    _check_dimension(name, what, dimension, values, country)

    def parse(answer: Envelope) -> tuple[Share, ...]:
        return current.shares(answer, name, counts=what == "usage")

    extra = {
        "metric": name,
        "dimension": dimension,
        "dimensionValues": list(values) or None,
        "filters": [{"name": "country", "value": country}] if country else None,
    }
    return asker.ask(asker.endpoint(f"insight/{what}/aggregation"), project, window, parse, extra)[0]


def _named(metric: str) -> tuple[str, str]:
    """Return "usage" or "quality", and the name on the wire."""
    if metric in USAGE_NAMES:
        return "usage", metric
    if metric in RATES:
        return "quality", rate_name(metric)
    raise ValueError(f"metrics are {', '.join((*USAGE_NAMES, *RATES))}, not {metric}")


def _check_dimension(
    name: str, what: str, dimension: str | None, values: Sequence[str], country: str | None
) -> None:
    known = DIMENSIONS if what == "usage" else (*DIMENSIONS, CHANNEL_SIZE)
    if dimension is not None and dimension not in known:
        raise ValueError(f"dimensions of {what} are {', '.join(known)}, not {dimension}")
    if dimension is not None and name.startswith("peak"):
        raise ValueError(f"{name} is told for the whole project only")
    if values and dimension in (None, CHANNEL_SIZE):
        raise ValueError("values need a dimension that takes them")
    if country is not None and dimension != "region":
        raise ValueError("a country narrows the dimension region only")
