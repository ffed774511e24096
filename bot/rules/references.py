"""What composites refer to: alerts that exist, that have the labels, and that do not refer back."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from bot.rules.thresholds import Finding, Raw, part
from bot.rules.wording import one_of, shown, unknown

_LISTS = ("all_of", "any_of", "none_of")


def reference_findings(rules: Sequence[tuple[Raw, Collection[str]]]) -> Iterator[list[Finding]]:
    """Yield for each rule, given with the names of its labels, what is wrong with its references."""
    labels = {str(rule.get("alert")): names for rule, names in rules}
    refers = {str(rule.get("alert")): {name for _, _, name in _references(rule)} for rule, _ in rules}
    for rule, _ in rules:
        yield [*_unknown(rule, labels), *_unequal(rule, labels), *_circle(rule, refers)]


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
        lacking = sorted({n for _, _, n in _references(rule) if n in labels and label not in labels[n]})
        if lacking and isinstance(label, str):
            verb = "has" if len(lacking) == 1 else "have"
            message = f"{one_of(lacking, 'and')} {verb} no label {shown(label)}, so they never agree on it"
            yield ("composite", "equal", place), message


def _circle(rule: Raw, refers: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    name = str(rule.get("alert"))
    for key, place, first in _references(rule):
        way = _way(first, name, refers)
        if way:
            circle = " -> ".join([name, *way])
            yield ("composite", key, place, "alert"), f"references go in a circle: {circle}"


def _way(start: str, goal: str, refers: Mapping[str, Collection[str]]) -> list[str]:
    """Return the shortest way from one alert to another along references, empty where there is none."""
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop(0)
        if way[-1] == goal:
            return way
        for following in sorted(refers.get(way[-1], ())):
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []
