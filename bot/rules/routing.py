"""Who gets an alert: the way of its labels through the tree of routes, as Alertmanager goes it."""

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.model.time import HOUR_S, MINUTE_S
from bot.rules.comments import comments_of
from bot.rules.document import read
from bot.rules.lints import CHECKS
from bot.rules.matcher import all_hold
from bot.rules.problems import Problem, RulesInvalid, Source
from bot.rules.routing_checks import routing_findings, routing_lints
from bot.rules.routing_grammar import Route, RoutingSpec, Span, TimeInterval, TimeSpec
from bot.rules.rule import Rule
from bot.rules.schema import first, parse, placed

ROUTING = "routing.yml"
GROUP_BY = ("project", "alertname")

DEFAULT = """\
version: 1
route:
  receiver: slack
  group_by: [project, alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  reopen_within: 30m
receivers:
  - {name: slack, slack_configs: [{}]}
inhibit_rules:
  - name: blind
    source_matchers: ['alertname="FeedStale"']
    target_matchers: ['alertname!~"FeedStale|QuotaNearlyUsed|RuleError"']
    equal: [project]
"""
"""What holds in a folder without routing.yml: all alerts go to SLACK_CHANNEL, and while the data of a project
are stale nobody is told of what they would say."""


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


def default_routing() -> RoutingSpec:
    """Return the routing of a folder that has no routing.yml."""
    return load_routing(Source(name=ROUTING, text=DEFAULT))


def examine_routing(
    source: Source, rules: Collection[Rule] | None = None, today: str = ""
) -> tuple[RoutingSpec | None, tuple[Problem, ...]]:
    """Return the routing of a file, or None, and everything that is wrong or doubtful in it.

    ``rules`` are those of the same folder, None where nobody knows; ``today`` as for ``examine``.
    """
    document = read(source)
    routing, complaints = parse(document, RoutingSpec)
    root = document.root.value if document.root else None
    findings = routing_findings(root) if isinstance(root, dict) else iter(())
    problems = {*document.problems, *complaints, *first(placed(document, (), findings))}
    if routing is None or problems:
        return None, tuple(sorted(problems))
    comments = comments_of(document, [], today)
    doubts = (
        document.problem(path, message, code=check, weight=CHECKS[check])
        for path, check, message in routing_lints(routing, rules)
    )
    told = [*comments.problems, *filter(comments.keep, doubts)]
    return routing, tuple(sorted(first(iter(told))))


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
