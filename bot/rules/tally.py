"""Counting what matching events name."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.model.observation import DiagnosisEvent
from bot.model.verdict import Affected
from bot.rules.conditions import EventsCondition
from bot.rules.select import Seen, passes

_MOST_NAMED = 20
_K = TypeVar("_K", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many, and who."""

    value: int = 0
    affected: Affected = field(default_factory=Affected)


def tally(condition: EventsCondition, of: str, window: Sequence[Seen]) -> Tally:
    """Return the number of ``of`` (events, users, channels or hosts) over the events of one window.

    With ``per: host`` the largest group alone counts; the other hosts are named after its own.
    """
    if not window:
        return Tally()
    groups = [group for group in sets(condition, window) if passes(condition, group)]
    if condition.per != "host":
        together = [seen for group in groups for seen in group]
        return Tally(value=_count(of, together), affected=_affected(together))
    asked = [matching for group in groups if (matching := [seen for seen in group if seen.matching])]
    largest_first = sorted(asked, key=lambda g: (-_count(of, g), -len(g), g[0].host))
    if not largest_first:
        return Tally()
    largest = largest_first[0]
    hosts = tuple(group[0].host for group in largest_first[:_MOST_NAMED])
    return Tally(value=_count(of, largest), affected=replace(_affected(largest), hosts=hosts))


def sets(condition: EventsCondition, window: Sequence[Seen]) -> list[list[Seen]]:
    """Return the events of a window in the sets whose causes are tested together."""
    groups: dict[tuple[str, ...], list[Seen]] = {}
    for number, seen in enumerate(window):
        groups.setdefault(_group_key(condition.per, number, seen), []).append(seen)
    return list(groups.values())


def _group_key(per: str, number: int, seen: Seen) -> tuple[str, ...]:
    if per == "event":
        return (str(number),)
    if per == "user":
        return (seen.event.cname, seen.event.user)
    return (seen.event.cname,) if per == "channel" else (seen.host,)


def _identity(event: DiagnosisEvent) -> tuple[int, str, str, int]:
    return event.ts, event.cname, event.user, event.experience_id


def _count(of: str, group: Sequence[Seen]) -> int:
    if of == "events":
        return len({_identity(seen.event) for seen in group})
    if of == "users":
        return len({(seen.event.cname, seen.event.user) for seen in group})
    if of == "channels":
        return len({seen.event.cname for seen in group})
    return len({tag.host_user for seen in group for tag in seen.matching} - {""})


def _affected(group: Sequence[Seen]) -> Affected:
    unique = {_identity(seen.event): seen for seen in group}.values()
    return Affected(
        events=len(unique),
        users=_names(seen.event.user for seen in unique if seen.event.user),
        channels=_names(seen.event.cname for seen in unique),
        hosts=_names(host for seen in unique for host in {tag.host_user for tag in seen.matching} - {""}),
        factors=_most(factor for seen in unique for factor in {tag.factor_id for tag in seen.matching}),
        experiences=_most(seen.event.experience_id for seen in unique),
        said=_names(text for seen in unique for text in seen.event.said),
    )


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in _most(values))


def _most(values: Iterable[_K]) -> tuple[tuple[_K, int], ...]:
    """Return values with their numbers, the most frequent first, equals in their own order."""
    counted = Counter(values)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_MOST_NAMED])
