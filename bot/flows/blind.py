"""Which rules can never see anything, because the dialect or plan of an account does not deliver it."""

from bot.agora import Profile, deliverable
from bot.model.catalog import Feed
from bot.rules import Rule, RuleSet


def blind_rules(rules: RuleSet, profile: Profile) -> dict[str, str]:
    """Return the name of each enabled rule that stays blind, with what it lacks."""
    found = {rule.name: _lacking(rule, profile) for rule in rules.rules if rule.enabled}
    return {name: what for name, what in found.items() if what}


def said(profile: Profile) -> str:
    """Return the dialect and the plan in words."""
    return f"{profile.dialect} API" + (f", plan {profile.plan}" if profile.plan else "")


def _lacking(rule: Rule, profile: Profile) -> str:
    if not rule.metrics:
        return "" if Feed.DIAGNOSIS in profile.polled else "live diagnosis"
    return ", ".join(sorted(rule.metrics - deliverable(profile.dialect, profile.plan)))
