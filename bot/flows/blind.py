"""Which rules no poll can ever feed, because the dialect or plan of an account does not deliver it."""

from bot.agora import Profile, call_fields, deliverable
from bot.model.catalog import Feed
from bot.rules import Rule, RuleSet


def blind_rules(rules: RuleSet, profile: Profile, *, alerts: bool) -> dict[str, str]:
    """Return the name of each enabled rule that stays blind, with what it lacks.

    ``alerts``: Agora's own alerts are taken, of which rules on the diagnosis see some.
    """
    found = {rule.name: _lacking(rule, profile, alerts=alerts) for rule in rules.rules if rule.enabled}
    return {name: what for name, what in found.items() if what}


def fed_by_alerts(rules: RuleSet) -> list[str]:
    """Return the names of the enabled rules that see nothing but Agora's own alerts."""
    return [rule.name for rule in rules.rules if rule.enabled and rule.feeds == {Feed.ALERT}]


def said(profile: Profile) -> str:
    """Return the dialect and the plan in words."""
    return f"{profile.dialect} API" + (f", plan {profile.plan}" if profile.plan else "")


def _lacking(rule: Rule, profile: Profile, *, alerts: bool) -> str:
    if Feed.DIAGNOSIS in rule.feeds and Feed.DIAGNOSIS not in profile.polled:
        return "live diagnosis" + (", only Agora's own alerts" if alerts else "")
    delivered = deliverable(profile.dialect, profile.plan) | call_fields(profile.dialect)
    return ", ".join(sorted((rule.metrics | rule.call_fields) - delivered))
