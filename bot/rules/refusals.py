"""Why the events of a window do not count for a rule (pure)."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from bot.model.catalog import experience_name
from bot.model.observation import DiagnosisEvent, Observations
from bot.model.verdict import Labels
from bot.rules.columns import holds, of_experience
from bot.rules.conditions import EventsCondition
from bot.rules.rule import Rule
from bot.rules.select import Seen, label_sets, passes, views
from bot.rules.series import series_labels
from bot.rules.tally import sets


class Refusal(StrEnum):
    """The first test that an event failed."""

    EXPERIENCE = "of another experience"
    MATCHER = "refused by where"
    NO_HOST = "blaming no other user"
    OTHER_SERIES = "counting for another alert of the rule"
    MISSING = "lacking a cause that is asked for"
    REFUSED = "with a cause that is refused"


def refusals(
    rule: Rule, condition: EventsCondition, seen: Observations, start: int, end: int, labels: Labels
) -> Mapping[Refusal, int]:
    """Return how many events of the project in ``[start, end)`` do not count for the series, by reason."""
    project = dict(labels).get("project", "")
    events = seen.events
    mine = (events.ts >= start) & (events.ts < end)
    mine &= events.project == seen.projects.index(project)
    found: Counter[Refusal] = Counter()
    right = of_experience(condition, events)
    found[Refusal.EXPERIENCE] = int((mine & ~right).sum())
    mine &= right
    for matcher in condition.where:
        passed = holds(matcher, seen)
        found[Refusal.MATCHER] += int((mine & ~passed).sum())
        mine &= passed
    found += _by_causes(rule, condition, [events.at(int(n)) for n in np.flatnonzero(mine)], project, labels)
    return +found


def _by_causes(
    rule: Rule, condition: EventsCondition, events: list[DiagnosisEvent], project: str, labels: Labels
) -> Counter[Refusal]:
    found: Counter[Refusal] = Counter()
    window: list[Seen] = []
    for event in events:
        looks = list(views(condition, event))
        mine = [look for look in looks if _belongs(rule, project, look, labels)]
        window += mine
        if not looks:
            found[Refusal.NO_HOST] += 1
        elif not mine:
            found[_elsewhere(rule, event, labels)] += 1
    without = condition.factors.model_copy(update={"none_of": ()})
    lenient = condition.model_copy(update={"factors": without})
    verdicts: dict[int, Refusal | None] = {}
    for group in sets(condition, window):
        why = None if passes(condition, group) else Refusal.MISSING
        if why and passes(lenient, group):
            why = Refusal.REFUSED
        for seen in group:
            verdicts[id(seen.event)] = why if verdicts.get(id(seen.event), why) else None
    found.update(why for why in verdicts.values() if why)
    return found


def _elsewhere(rule: Rule, event: DiagnosisEvent, labels: Labels) -> Refusal:
    """Return why an event is of no set of the series: of another one, or of none for lack of a cause."""
    own = {
        "cname": event.cname,
        "user": event.user,
        "experience": experience_name(event.experience_id),
    }
    wanted = dict(labels)
    other = any(name in rule.by and wanted.get(name) != value for name, value in own.items())
    return Refusal.OTHER_SERIES if other else Refusal.MISSING


def _belongs(rule: Rule, project: str, seen: Seen, labels: Labels) -> bool:
    return any(series_labels(rule, values) == labels for values in label_sets(rule.by, project, seen))
