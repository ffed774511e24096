"""Which rules no poll can ever feed: the account's dialect or plan does not deliver what they look at, the
products of a project do not tell it, or the day's requests have no room for it."""

from collections.abc import Collection, Iterable, Sequence

from bot.agora import Profile, call_fields, deliverable, told_products
from bot.diagnosis import EXPERIENCES_FOUND, FACTORS_FOUND
from bot.flows.pace import follows_up
from bot.flows.selection import Selection, needs_of, select
from bot.model.catalog import Feed
from bot.model.project import Dialect, Project
from bot.rules import Rule, RuleSet


def blind_rules(
    rules: RuleSet, profile: Profile, projects: Sequence[Project], *, alerts: bool
) -> dict[str, str]:
    """Return the name of each enabled rule that stays blind in some project of the account, with the reason.

    ``alerts``: Agora's own alerts are taken, of which rules on the diagnosis see some.
    """
    selection = select(profile, projects, needs_of(rules))
    found = {
        rule.name: _lacking(rule, profile, alerts=alerts) or _for_some(rule, profile, projects, selection)
        for rule in rules.rules
        if rule.enabled
    }
    return {name: why for name, why in found.items() if why}


def crowded(profile: Profile, projects: Sequence[Project], selection: Selection) -> str:
    """Return what finds no room in the day's requests, and what to do; empty where all is read."""
    missed = [f"{', '.join(sorted(names))} of {p}" for p, names in selection.left_out.items() if names]
    if not missed:
        return ""
    full = ", ".join(f"{cost} requests a round of {name}" for name, cost in sorted(selection.costs.items()))
    return (
        f"the {said(profile)} has no room for all of its {len(projects)} project(s), so that minutes would be"
        f" lost; read: {full}; not read: {'; '.join(missed)}"
    )


def fed_by_alerts(rules: RuleSet) -> list[str]:
    """Return the names of the enabled rules that see nothing but Agora's own alerts."""
    return [rule.name for rule in rules.rules if rule.enabled and rule.feeds == {Feed.ALERT}]


def said(profile: Profile) -> str:
    """Return the dialect and the plan in words."""
    return f"{profile.dialect} API" + (f", plan {profile.plan}" if profile.plan else "")


def _lacking(rule: Rule, profile: Profile, *, alerts: bool) -> str:
    if Feed.DIAGNOSIS in rule.feeds and Feed.DIAGNOSIS not in profile.polled and not _found(rule, profile):
        heard = ", only Agora's own alerts" if alerts else ""
        return f"the {said(profile)} has no live diagnosis{heard}"
    delivered = deliverable(profile.dialect, profile.plan) | call_fields(profile.dialect)
    missing = ", ".join(sorted((rule.metrics | rule.call_fields) - delivered))
    return f"the {said(profile)} has no {missing}" if missing else ""


def _for_some(rule: Rule, profile: Profile, projects: Iterable[Project], selection: Selection) -> str:
    """Return what single projects do not tell, or have no room for."""
    reasons: dict[str, list[str]] = {}
    apart = profile.dialect is Dialect.CURRENT
    for project in projects:
        untold = [n for n in sorted(rule.metrics) if apart and not told_products(project.products, n)]
        missed = sorted(rule.metrics & selection.left_out[project.name])
        if untold:
            reason = f"{' and '.join(project.products)} tells no {', '.join(untold)}"
        elif missed:
            reason = f"the day's requests have no room for {', '.join(missed)}"
        else:
            continue
        reasons.setdefault(reason, []).append(project.name)
    return "; ".join(f"{why} (project {', '.join(names)})" for why, names in reasons.items())


def _found(rule: Rule, profile: Profile) -> bool:
    """Return whether examining suspicious calls can find what the rule looks for."""
    if rule.events is None or not follows_up(profile):
        return False
    wanted, why = rule.events.experience, rule.events.factors
    return _satisfiable(wanted.all_of, wanted.any_of, EXPERIENCES_FOUND) and _satisfiable(
        [item.factor for item in why.all_of], [item.factor for item in why.any_of], FACTORS_FOUND
    )


def _satisfiable(all_of: Iterable[int], any_of: Collection[int], found: frozenset[int]) -> bool:
    return found.issuperset(all_of) and (not any_of or not found.isdisjoint(any_of))
