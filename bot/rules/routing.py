"""Who gets an alert: the way of its labels through the tree of routes, as Alertmanager goes it."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.model.time import HOUR_S, MINUTE_S
from bot.rules.document import Document, Path, read
from bot.rules.matcher import all_hold
from bot.rules.problems import Problem, RulesInvalid, Source
from bot.rules.routing_grammar import Route, RoutingSpec, Span, TimeInterval, TimeSpec
from bot.rules.schema import first, parse
from bot.rules.wording import shown, unknown

ROUTING = "routing.yml"
GROUP_BY = ("project", "alertname")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One receiver of an alert, with everything that its route says or has from above.

    ``path`` is the way to the route by numbers, empty for the root.
    """

    receiver: str
    path: tuple[int, ...] = ()
    group_by: tuple[str, ...] = GROUP_BY
    group_wait_s: int = 30
    group_interval_s: int = 5 * MINUTE_S
    repeat_interval_s: int = 4 * HOUR_S
    reopen_within_s: int = 30 * MINUTE_S
    acknowledgement_timeout_s: int | None = None
    escalate_after_s: int | None = None
    escalate_to: str | None = None
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()


_INHERITED = (
    "receiver",
    "group_by",
    "group_wait_s",
    "group_interval_s",
    "repeat_interval_s",
    "reopen_within_s",
    "acknowledgement_timeout_s",
    "escalate_after_s",
    "escalate_to",
)


def load_routing(source: Source) -> RoutingSpec:
    """Return the routing of a file; raise RulesInvalid with all that is wrong in it."""
    routing, problems = examine_routing(source)
    if routing is None:
        raise RulesInvalid(problem for problem in problems if problem.weight == "error")
    return routing


def examine_routing(source: Source) -> tuple[RoutingSpec | None, tuple[Problem, ...]]:
    """Return the routing of a file, or None, and everything that is wrong or doubtful in it."""
    document = read(source)
    routing, complaints = parse(document, RoutingSpec)
    problems = [*document.problems, *complaints]
    if routing is not None:
        problems += first(_wrong(document, routing))
    good = not any(problem.weight == "error" for problem in problems)
    return (routing if good else None), tuple(sorted(set(problems)))


def receivers_for(routing: RoutingSpec, labels: Mapping[str, str]) -> tuple[Match, ...]:
    """Return who gets an alert with these labels, in order of the tree.

    The deepest routes that match take it; the one above takes it where none below does. After the first match
    among neighbours only those after ``continue`` are asked.
    """
    return tuple(_ways(routing.route, labels, _under(Match(receiver=""), routing.route, ())))


def is_active(interval: TimeInterval, instant: float) -> bool:
    """Return whether an instant (Unix seconds) lies in the interval."""
    return any(_holds(spec, instant) for spec in interval.time_intervals)


def _ways(route: Route, labels: Mapping[str, str], here: Match) -> Iterator[Match]:
    taken = False
    for number, below in enumerate(route.routes):
        if all_hold(below.matchers, labels):
            taken = True
            yield from _ways(below, labels, _under(here, below, (*here.path, number)))
            if not below.continue_:
                break
    if not taken:
        yield here


def _under(above: Match, route: Route, path: tuple[int, ...]) -> Match:
    said = {name: getattr(route, name) for name in _INHERITED}
    inherited = {name: getattr(above, name) if value is None else value for name, value in said.items()}
    return Match(
        **inherited,
        path=path,
        mute_time_intervals=route.mute_time_intervals,
        active_time_intervals=route.active_time_intervals,
    )


def _holds(spec: TimeSpec, instant: float) -> bool:
    local = datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(spec.location))
    minute = local.hour * 60 + local.minute
    length = monthrange(local.year, local.month)[1]
    return (
        (not spec.times or any(t.start_time <= minute < t.end_time for t in spec.times))
        and _within(spec.weekdays, local.weekday())
        and _within([_of_month(span, length) for span in spec.days_of_month], local.day)
        and _within(spec.months, local.month)
        and _within(spec.years, local.year)
    )


def _within(spans: Sequence[Span], value: int) -> bool:
    return not spans or any(first <= value <= last for first, last in spans)


def _of_month(span: Span, length: int) -> Span:
    """Return days as numbers from 1 on; negative ones count from the end of the month."""
    first, last = (day if day > 0 else length + 1 + day for day in span)
    return max(first, 1), min(last, length)


def _wrong(document: Document, routing: RoutingSpec) -> Iterator[Problem]:
    receivers = [receiver.name for receiver in routing.receivers]
    intervals = [interval.name for interval in routing.time_intervals]
    yield from _twice(document, "receivers", receivers)
    yield from _twice(document, "time_intervals", intervals)
    root = routing.route
    if root.receiver is None:
        message = 'the key "receiver" is missing; the root takes what nobody else does'
        yield document.problem(("route",), message)
    for key in ("matchers", "mute_time_intervals", "active_time_intervals"):
        if getattr(root, key):
            message = f"the root takes everything; move {key} into a route below"
            yield document.problem(("route", key), message, on_key=True)
    for path, route in _routes(("route",), root):
        for key in ("receiver", "escalate_to"):
            name = getattr(route, key)
            if name is not None and name not in receivers:
                yield document.problem((*path, key), unknown("receiver", name, receivers))
        for key in ("mute_time_intervals", "active_time_intervals"):
            for place, name in enumerate(getattr(route, key)):
                if name not in intervals:
                    message = unknown("time interval", name, intervals, "none is there")
                    yield document.problem((*path, key, place), message)
        if (route.escalate_after_s is None) != (route.escalate_to is None):
            yield document.problem(path, "escalate_after and escalate_to need one another")
        yield from _doubtful(document, path, route)
    for number, rule in enumerate(routing.inhibit_rules):
        if rule.source_matchers == rule.target_matchers:
            message = "an alert never inhibits itself, so this does nothing"
            yield document.problem(("inhibit_rules", number), message, code="inhibit/order", weight="warning")


def _doubtful(document: Document, path: Path, route: Route) -> Iterator[Problem]:
    if "severity" in (route.group_by or ()):
        message = "severity changes while an alert fires, and with it the group; leave it out"
        yield document.problem((*path, "group_by"), message, code="route/group_by", weight="warning")
    everything = False
    for number, below in enumerate(route.routes):
        if everything:
            message = "the route before it takes everything, so nothing comes here"
            where = (*path, "routes", number)
            yield document.problem(where, message, code="route/unreachable", weight="warning")
        everything = everything or not (below.matchers or below.continue_)


def _routes(path: Path, route: Route) -> Iterator[tuple[Path, Route]]:
    yield path, route
    for number, below in enumerate(route.routes):
        yield from _routes((*path, "routes", number), below)


def _twice(document: Document, key: str, names: Sequence[str]) -> Iterator[Problem]:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield document.problem((key, place, "name"), f"{shown(name)} is there twice; choose another name")
