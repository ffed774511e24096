"""Which events a rule looks at, and whether a set of them has the causes it asks for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.model.catalog import experience_name, factor_name
from bot.model.observation import CauseTag, DiagnosisEvent
from bot.model.time import floor_minute
from bot.rules.conditions import EventsCondition, FactorItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One event as one rule sees it.

    ``tags`` are those it looks at, with an empty ``host_user`` on the affected user's own causes;
    ``matching`` those of them that it asks for. With ``per: host`` there is one Seen per remote ``host``.
    """

    minute: int
    event: DiagnosisEvent
    tags: tuple[CauseTag, ...]
    matching: tuple[CauseTag, ...]
    host: str = ""


def passes(condition: EventsCondition, group: Sequence[Seen]) -> bool:
    """Return whether all events of a set together have the experiences and causes, and none refused."""
    wanted = condition.experience
    experiences = {seen.event.experience_id for seen in group}
    if not experiences.issuperset(wanted.all_of) or (wanted.any_of and experiences.isdisjoint(wanted.any_of)):
        return False
    tags = {tag for seen in group for tag in seen.tags}
    factors, host = condition.factors, condition.factors.host
    return (
        all(_has(item, host, tags) for item in factors.all_of)
        and (not factors.any_of or any(_has(item, host, tags) for item in factors.any_of))
        and not any(_has(item, host, tags) for item in factors.none_of)
    )


def label_sets(by: Sequence[str], project: str, seen: Seen) -> Iterator[dict[str, str]]:
    """Yield the labels of every series that an event belongs to: one, or one per matching factor."""
    event = seen.event
    values = {
        "project": project,
        "cname": event.cname,
        "user": event.user,
        "experience": experience_name(event.experience_id),
    }
    if "factor" not in by:
        yield {name: values[name] for name in by}
        return
    for factor_id in sorted({tag.factor_id for tag in seen.matching}):
        values["factor"] = factor_name(factor_id)
        yield {name: values[name] for name in by}


def views(condition: EventsCondition, event: DiagnosisEvent) -> Iterator[Seen]:
    """Yield an event as the rule sees it: once, or once for each remote host."""
    looked_at = event.tags[:1] if condition.factor_position == "primary" else event.tags
    tags = tuple(_from_the_users_side(tag, event.user) for tag in looked_at)
    if condition.per != "host":
        yield _seen(condition, event, tags)
        return
    for host in sorted({tag.host_user for tag in tags} - {""}):
        yield _seen(condition, event, tuple(tag for tag in tags if tag.host_user == host), host)


def _seen(
    condition: EventsCondition, event: DiagnosisEvent, tags: tuple[CauseTag, ...], host: str = ""
) -> Seen:
    items = (*condition.factors.all_of, *condition.factors.any_of)
    asked = tuple(t for t in tags if any(_has(item, condition.factors.host, [t]) for item in items))
    return Seen(
        minute=floor_minute(event.ts), event=event, tags=tags, matching=asked if items else tags, host=host
    )


def _from_the_users_side(tag: CauseTag, user: str) -> CauseTag:
    return CauseTag(factor_id=tag.factor_id) if tag.host_user == user else tag


def _has(item: FactorItem, default_host: str, tags: Iterable[CauseTag]) -> bool:
    host = item.host or default_host
    return any(
        tag.factor_id == item.factor and (host == "any" or (host == "remote") == bool(tag.host_user))
        for tag in tags
    )
