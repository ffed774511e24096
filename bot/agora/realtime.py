"""The last hour of a project, from today's windows of 20 s: one metric and one product a request."""

from collections.abc import Sequence

from bot.agora import current
from bot.agora.answers import Share, TimedValue, UserValue
from bot.agora.asking import Asker
from bot.agora.minutes import Audience, Reading, counts_by_minute, rates_by_minute
from bot.agora.profile import told_products
from bot.agora.retry import NEXT_POLL_READS_AGAIN
from bot.agora.wire import Envelope
from bot.agora.wire_current import COUNTS, DIMENSIONS, RATES, WIRE_NAMES
from bot.model.observation import MetricPoint
from bot.model.project import Project
from bot.model.time import Window

UIDS_AT_ONCE = 10


def read_minutes(
    asker: Asker, audience: Audience, project: Project, name: str, window: Window
) -> tuple[MetricPoint, ...]:
    """Return one metric of the project per minute, oldest first; ``audience`` weighs and learns."""
    endpoint = asker.endpoint("realtime/usage" if name in COUNTS else "realtime/quality")
    counts, wire_name = name in COUNTS, WIRE_NAMES[name]

    def parse(answer: Envelope) -> tuple[TimedValue, ...]:
        return current.points(answer, wire_name, counts=counts)

    readings = []
    for product in told_products(project.products, name):
        values, part = asker.ask(
            endpoint,
            project,
            window,
            parse,
            {"productType": product, "metric": wire_name},
            NEXT_POLL_READS_AGAIN,
        )
        if name == "pcu":
            audience.learn(project.app_id, product, values, asker.exchange.now())
        users = audience.of(project.app_id, product)
        readings.append(Reading(part=part, values=values, users=users))
    by_minute = (counts_by_minute if counts else rates_by_minute)(readings)
    return tuple(MetricPoint(metric=name, minute=minute, value=value) for minute, value in by_minute.items())


def read_people(
    asker: Asker,
    project: Project,
    window: Window,
    cname: str,
    uids: Sequence[str],
    metric: str,
    product: str,
) -> tuple[UserValue, ...]:
    """Return a rate of single users of a channel, ten users a request, sorted by user and time."""
    name = rate_name(metric)

    def parse(answer: Envelope) -> tuple[UserValue, ...]:
        return current.user_values(answer, name)

    found: list[UserValue] = []
    for n in range(0, len(uids), UIDS_AT_ONCE):
        extra = {"productType": product, "metric": name, "cname": cname}
        some, _ = asker.ask(
            asker.endpoint("realtime/quality"),
            project,
            window,
            parse,
            extra | {"uids": ",".join(uids[n : n + UIDS_AT_ONCE])},
        )
        found += some
    return tuple(sorted(found, key=lambda value: (value.uid, value.ts)))


def read_top(
    asker: Asker, project: Project, window: Window, metric: str, product: str, dimension: str
) -> tuple[Share, ...]:
    """Return the largest parts by ``dimension`` in the newest 20 s of ``window``."""
    if dimension not in DIMENSIONS:
        raise ValueError(f"dimensions are {', '.join(DIMENSIONS)}, not {dimension}")
    usage = metric == "pcu"
    name = WIRE_NAMES["pcu"] if usage else rate_name(metric)

    def parse(answer: Envelope) -> tuple[Share, ...]:
        return current.shares(answer, name, counts=usage)

    endpoint = asker.endpoint("realtime/usage/top20" if usage else "realtime/quality/top20")
    extra = {"productType": product, "metric": name, "dimension": dimension}
    if not usage:
        extra["extraMetrics"] = WIRE_NAMES["pcu"]
    found, _ = asker.ask(endpoint, project, window, parse, extra)
    return found


def rate_name(metric: str) -> str:
    """Return a rate's name on the wire; raise ValueError for what is none."""
    if metric not in RATES:
        raise ValueError(f"rates are {', '.join(RATES)}, not {metric}")
    return WIRE_NAMES[metric]
