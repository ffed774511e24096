"""The judge (pure): YAML text in, rules out; a rule and observations in, verdicts out."""

from bot.rules.composite import States
from bot.rules.evaluate import evaluate
from bot.rules.load import Examined, examine, load
from bot.rules.metrics import spans
from bot.rules.problems import Problem, RulesInvalid, Source
from bot.rules.rule import Rule, RuleSet

__all__ = [
    "Examined",
    "Problem",
    "Rule",
    "RuleSet",
    "RulesInvalid",
    "Source",
    "States",
    "evaluate",
    "examine",
    "load",
    "spans",
]
