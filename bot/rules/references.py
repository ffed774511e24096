"""What composites refer to: alerts that exist, that have the labels, and that do not refer back."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence

from bot.model.alert import BUILT_IN
from bot.rules.thresholds import Coded, Finding, Raw, coded, part
from bot.rules.wording import one_of, shown, unknown

_LISTS = ("all_of", "any_of", "none_of")
_SHOWN = 8


def reference_findings(rules: Sequence[tuple[Raw, Collection[str]]]) -> Iterator[list[Coded]]:
    """Yield for each rule, given with the names of its labels, what is wrong with its references.

    A circle is told once, at the first of its rules.
    """
    labels = {**{str(rule.get("alert")): names for rule, names in rules}, **BUILT_IN}
    refers = {str(rule.get("alert")): {name for _, _, name in _references(rule)} for rule, _ in rules}
    told = _outside_circles(refers)
    for rule, _ in rules:
        yield [
            *coded("rule/dependency", _unknown(rule, labels)),
            *coded("composite/equal", _unequal(rule, labels)),
            *coded("rule/dependency", _circle(rule, refers, told)),
        ]


def _references(rule: Raw) -> Iterator[tuple[str, int, str]]:
    composite = part(rule, "composite")
    for key in _LISTS:
        items = composite.get(key)
        for place, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict) and isinstance(item.get("alert"), str):
                yield key, place, item["alert"]


def _unknown(rule: Raw, labels: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    for key, place, name in _references(rule):
        if name not in labels:
            yield ("composite", key, place, "alert"), unknown("alert", name, labels, "no rule has this name")


def _unequal(rule: Raw, labels: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    equal = part(rule, "composite").get("equal")
    for place, label in enumerate(equal if isinstance(equal, list) else []):
        if not isinstance(label, str):
            continue
        lacking = sorted({n for _, _, n in _references(rule) if n in labels and label not in labels[n]})
        if lacking:
            verb = "has" if len(lacking) == 1 else "have"
            message = f"{one_of(lacking, 'and')} {verb} no label {shown(label)}, so they never agree on it"
            yield ("composite", "equal", place), message


def _circle(rule: Raw, refers: Mapping[str, Collection[str]], told: set[str]) -> Iterator[Finding]:
    name = str(rule.get("alert"))
    for key, place, start in _references(rule):
        if name in told and start in told:
            continue
        way = _way(start, name, refers, told)
        told.update(way)
        if way:
            head, tail = [name, *way][:_SHOWN], [name, *way][_SHOWN:]
            circle = " -> ".join([*head, *(["...", tail[-1]] if len(tail) > 1 else tail)])
            yield ("composite", key, place, "alert"), f"references go in a circle: {circle}"


def _outside_circles(refers: Mapping[str, Collection[str]]) -> set[str]:
    """Return alerts that are in no circle: those that refer to nothing, to such ones only, and so on."""
    ways = {name: len(set(names)) for name, names in refers.items()}
    users: dict[str, list[str]] = {}
    for name, names in refers.items():
        for used in names:
            users.setdefault(used, []).append(name)
    outside = {name for name in {*users, *refers} if not ways.get(name)}
    open_ends = list(outside)
    while open_ends:
        for user in users.get(open_ends.pop(), ()):
            ways[user] -= 1
            if not ways[user]:
                outside.add(user)
                open_ends.append(user)
    return outside


def _way(start: str, goal: str, refers: Mapping[str, Collection[str]], closed: set[str]) -> list[str]:
    """Return the shortest way along references that are not closed, empty where there is none."""
    came_from: dict[str, str] = {start: ""}
    ways = deque([start])
    while ways:
        here = ways.popleft()
        if here == goal:
            way = [here]
            while came_from[way[-1]]:
                way.append(came_from[way[-1]])
            return way[::-1]
        for following in sorted(refers.get(here, ())):
            if following not in came_from and (following == goal or following not in closed):
                came_from[following] = here
                ways.append(following)
    return []
