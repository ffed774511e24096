"""What the keys of routing.yml must agree on, and what in it does nothing or not what it seems.

Findings read the plain values, as checks.py does, so that one wrong key never hides another problem.
"""

from collections.abc import Collection, Iterator

from bot.model.alert import BUILT_IN
from bot.rules.document import Path
from bot.rules.matcher import Matcher, all_hold
from bot.rules.routing_grammar import InhibitRule, Route, RoutingSpec
from bot.rules.rule import Rule
from bot.rules.thresholds import KEY, Coded, Raw, part
from bot.rules.wording import shown, unknown

_INTERVALS = ("mute_time_intervals", "active_time_intervals")


def routing_findings(root: Raw) -> Iterator[Coded]:
    """Yield everything in a file that does not fit together."""
    top = part(root, "route")
    yield from _twice(root, "receivers")
    yield from _twice(root, "time_intervals")
    if isinstance(root.get("route"), dict) and "receiver" not in top:
        yield ("route",), "rule/schema", 'the key "receiver" is missing; the root takes what nobody else does'
    for key in ("matchers", "continue", *_INTERVALS):
        if key in top:
            message = f"the root takes everything; move {key} into a route below"
            yield ("route", key, KEY), "rule/schema", message
    receivers, intervals = _names(root, "receivers"), _names(root, "time_intervals")
    for path, route in _raw_routes(("route",), top):
        yield from _references(path, route, receivers, intervals)
        for key, other in (("escalate_after", "escalate_to"), ("escalate_to", "escalate_after")):
            if key in route and other not in route:
                yield (*path, key, KEY), "rule/schema", f"{key} needs {other} beside it"
    for path, interval in _items((), root, "time_intervals"):
        for below, spec in _items(path, interval, "time_intervals"):
            for place, times in _items(below, spec, "times"):
                start, end = times.get("start_time"), times.get("end_time")
                if isinstance(start, str) and isinstance(end, str) and start >= end:
                    message = f"{shown(end)} is not after {shown(start)}; write two, to 24:00 and from 00:00"
                    yield (*place, "end_time"), "rule/schema", message


def _references(
    path: Path, route: Raw, receivers: Collection[str], intervals: Collection[str]
) -> Iterator[Coded]:
    for key in ("receiver", "escalate_to"):
        name = route.get(key)
        if isinstance(name, str) and name not in receivers:
            yield (*path, key), "route/unreachable", unknown("receiver", name, receivers, "none is there")
    for key in _INTERVALS:
        names = route.get(key)
        for place, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str) and name not in intervals:
                message = unknown("time interval", name, intervals, "none is there")
                yield (*path, key, place), "route/unreachable", message


def _twice(root: Raw, key: str) -> Iterator[Coded]:
    seen = set()
    for path, item in _items((), root, key):
        name = item.get("name")
        if isinstance(name, str) and name in seen:
            message = f"{shown(name)} is there twice; choose another name"
            yield (*path, "name"), "rule/duplicate", message
        if isinstance(name, str):
            seen.add(name)


def _names(root: Raw, key: str) -> dict[str, None]:
    found = [item.get("name") for _, item in _items((), root, key)]
    return dict.fromkeys(name for name in found if isinstance(name, str))


def _raw_routes(path: Path, route: Raw) -> Iterator[tuple[Path, Raw]]:
    yield path, route
    for below, inner in _items(path, route, "routes"):
        yield from _raw_routes(below, inner)


def _items(path: Path, owner: Raw, key: str) -> Iterator[tuple[Path, Raw]]:
    items = owner.get(key)
    for place, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield (*path, key, place), item


def routing_lints(routing: RoutingSpec, rules: Collection[Rule] | None) -> Iterator[Coded]:
    """Yield what is doubtful in a good file, with the rules of the same folder where they are known."""
    for path, route in _routes(("route",), routing.route):
        yield from _route(path, route)
        yield from _split(path, route)
        if rules is not None:
            yield from _unknown_alerts((*path, "matchers"), route.matchers, rules)
    yield from _receivers(routing)
    for number, rule in enumerate(routing.inhibit_rules):
        path = ("inhibit_rules", number)
        if rule.source_matchers == rule.target_matchers:
            yield path, "inhibit/order", "an alert never inhibits itself, so this does nothing"
        elif rules is not None:
            yield from _unknown_alerts((*path, "source_matchers"), rule.source_matchers, rules)
            yield from _unknown_alerts((*path, "target_matchers"), rule.target_matchers, rules)
            yield from _too_late(path, rule, rules)


def _route(path: Path, route: Route) -> Iterator[Coded]:
    if "severity" in (route.group_by or ()):
        message = "severity changes while an alert fires, and with it the group; leave it out"
        yield (*path, "group_by"), "route/group_by", message
    if route.escalate_to is not None and route.escalate_to == route.receiver:
        message = "the receiver that did not act is told again; name another"
        yield (*path, "escalate_to"), "route/silent", message
    taken: list[frozenset[Matcher]] = []
    for number, below in enumerate(route.routes):
        wanted = frozenset(below.matchers)
        if any(matchers <= wanted for matchers in taken):
            message = "a route before it takes all that comes here; move it up, or write continue: true there"
            yield (*path, "routes", number), "route/unreachable", message
        if not below.continue_:
            taken.append(wanted)


def _split(path: Path, route: Route) -> Iterator[Coded]:
    """Yield routes that group an alert otherwise than one before them that lets it through."""
    passed: list[Route] = []
    for number, below in enumerate(route.routes):
        grouped = below.group_by if below.group_by is not None else route.group_by
        for before in passed:
            other = before.group_by if before.group_by is not None else route.group_by
            if set(grouped or ()) != set(other or ()) and _meet(before.matchers, below.matchers):
                message = "an alert of both routes becomes two incidents, each acknowledged by itself"
                yield (*path, "routes", number), "route/group_by", message
                break
        if below.continue_:
            passed.append(below)


def _meet(some: Collection[Matcher], others: Collection[Matcher]) -> bool:
    """Return whether an alert may match both; False only where one label would need two values."""
    return not any(
        a.label == b.label and a.op == "=" and not b.holds({a.label: a.value})
        for these, those in ((some, others), (others, some))
        for a in these
        for b in those
    )


def _routes(path: Path, route: Route) -> Iterator[tuple[Path, Route]]:
    yield path, route
    for number, below in enumerate(route.routes):
        yield from _routes((*path, "routes", number), below)


def _receivers(routing: RoutingSpec) -> Iterator[Coded]:
    routes = [route for _, route in _routes((), routing.route)]
    receivers = {name for route in routes for name in (route.receiver, route.escalate_to)}
    intervals = {n for r in routes for n in (*r.mute_time_intervals, *r.active_time_intervals)}
    for number, receiver in enumerate(routing.receivers):
        if not (receiver.slack_configs or receiver.webhook_configs or receiver.pagerduty_configs):
            message = "this receiver tells nobody; write slack_configs: [{}] for SLACK_CHANNEL"
            yield ("receivers", number, "name"), "route/silent", message
        if receiver.name not in receivers:
            yield ("receivers", number, "name"), "route/unused", "no route names this receiver"
    for number, interval in enumerate(routing.time_intervals):
        if interval.name not in intervals:
            yield ("time_intervals", number, "name"), "route/unused", "no route names this interval"


def _unknown_alerts(path: Path, matchers: tuple[Matcher, ...], rules: Collection[Rule]) -> Iterator[Coded]:
    names = [*(rule.name for rule in rules), *BUILT_IN]
    for place, matcher in enumerate(matchers):
        if matcher.label != "alertname" or matcher.op[0] != "=":
            continue
        if not any(matcher.holds({"alertname": name}) for name in names):
            exact = matcher.op == "="
            message = unknown("alert", matcher.value, names, "no rule has this name")
            yield (*path, place), "rule/dependency", message if exact else "no rule has a name like this"


def _too_late(path: Path, inhibit: InhibitRule, rules: Collection[Rule]) -> Iterator[Coded]:
    sources = [_told_after_s(rule) for rule in _named(inhibit.source_matchers, rules)]
    targets = [_told_after_s(rule) for rule in _named(inhibit.target_matchers, rules)]
    if sources and targets and min(sources) > max(targets):
        message = (
            f"the source waits {min(sources)} s, longer than the target with {max(targets)} s, which is told "
            "before; shorten for of the source"
        )
        yield path, "inhibit/order", message


def _named(matchers: tuple[Matcher, ...], rules: Collection[Rule]) -> list[Rule]:
    """Return the rules that matchers choose by name, none where they choose by something else."""
    by_name = tuple(matcher for matcher in matchers if matcher.label == "alertname")
    return [rule for rule in rules if by_name and all_hold(by_name, {"alertname": rule.name})]


def _told_after_s(rule: Rule) -> int:
    return rule.query_offset_s + rule.for_s
