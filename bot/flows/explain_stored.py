"""Explain an alert from the history that a running bot has stored."""

from collections.abc import Mapping

from bot.flows.backtest import UnknownRule, chosen
from bot.flows.explain import Question, explain
from bot.flows.stored import Stored, UnknownProject, stored
from bot.model.explanation import Explanation
from bot.model.time import MINUTE_S, floor_minute
from bot.rules import Rule, RuleSet
from bot.store import Database, alerts, observations


class Unexplained(ValueError):
    """The question cannot be answered as it was asked; the text says why."""


def explained(
    database: Database,
    rules: RuleSet,
    name: str,
    *,
    project: str | None,
    labels: Mapping[str, str],
    at: float | None,
) -> Explanation:
    """Return why the rule ``name`` fired or did not, in the minute of ``at`` or the last one that was judged;
    raise Unexplained."""
    try:
        kept = chosen(rules, [name])
        rule = next(rule for rule in kept.rules if rule.name == name)
        _check_labels(rule, labels)
        every = stored(database)
        where = stored(database, [project]).projects[0] if project else _only(every)
        told = at if at is not None else _last_judged(every, rule, where)
        history = every if rule.limit else stored(database, [where])
    except (UnknownProject, UnknownRule) as refused:
        raise Unexplained(str(refused)) from None
    question = Question(rule=rule, project=where, labels=labels, at=floor_minute(told))
    return explain(question, kept, history)


def _check_labels(rule: Rule, wanted: Mapping[str, str]) -> None:
    for name, value in wanted.items():
        if name not in rule.by and rule.labels.get(name) != value:
            raise Unexplained(
                f"label {name}={value}: alerts of {rule.name} are told apart by {', '.join(rule.by)}"
            )


def _only(history: Stored) -> str:
    projects = history.projects
    if len(projects) == 1:
        return projects[0]
    if not projects:
        raise Unexplained("nothing is stored yet; explain needs what a running bot has read")
    shown = ", ".join(projects[:20]) + (" ..." if len(projects) > 20 else "")
    raise Unexplained(f"choose a project: {shown}")


def _last_judged(history: Stored, rule: Rule, project: str) -> int:
    """Return the last minute that the running bot has judged, else the last that its feeds cover."""
    with history.database.reading() as tx:
        judged = alerts.last_judged(tx, project, rule.name)
        states = observations.feed_states(tx, project)
    if judged is not None:
        return judged
    covered = [state.watermark for state in states if state.feed in rule.feeds or not rule.feeds]
    if not covered:
        raise Unexplained(f"no minute of {project} was judged by {rule.name} yet; choose one")
    return min(covered) - MINUTE_S
