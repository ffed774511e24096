"""What a rule asks for, in words."""

import numpy as np

from bot.flows.subject import subject
from bot.render import words
from bot.rules import Rule
from bot.rules.compare import Thresholds

OP_WORDS = {">": "above", ">=": "at least", "<": "below", "<=": "at most", "==": "equal to", "!=": "not"}
_AGGREGATES = {"avg": "average", "min": "lowest", "max": "highest", "sum": "sum of", "last": "last"}


def condition_words(rule: Rule) -> str:
    """Return what the rule asks for."""
    parts = [f"{value_words(rule)} {limit_words(rule)}".strip()]
    if rule.composite:
        parts = ["other alerts hold together"]
    if rule.for_s:
        parts.append(f"for {words.duration(rule.for_s)}")
    if rule.keep_firing_for_s:
        parts.append(f"and until {words.duration(rule.keep_firing_for_s)} after it is healthy again")
    return ", ".join(parts)


def value_words(rule: Rule) -> str:
    """Return what is compared, over which window."""
    title = subject(rule).title
    if rule.call and rule.call.window_s is None:
        return f"{title[0].lower()}{title[1:]}"
    if rule.metric is None:
        return f"{title[0].lower()}{title[1:]} within {words.duration(rule.window_s)}"
    kind = _AGGREGATES.get(rule.metric.aggregate, rule.metric.aggregate)
    over = f" over {words.duration(rule.window_s)}" if rule.metric.aggregate != "last" else ""
    return f"{kind} {title[0].lower()}{title[1:]}{over}"


def limit_words(rule: Rule) -> str:
    """Return the thresholds."""
    unit = subject(rule).unit
    if rule.thresholds:
        return levels_words(rule.thresholds, unit)
    if rule.share_thresholds:
        return levels_words(rule.share_thresholds, "%")
    baseline = rule.metric.baseline if rule.metric else None
    return f"{OP_WORDS[baseline.op]} what is usual" if baseline else ""


def decisive_words(test: Thresholds, value: float, unit: str) -> str:
    """Return the level of a test that decides on a value: the highest crossed, else the mildest."""
    threshold = float(test.threshold(test.severity(np.array([value])))[0])
    return f"{OP_WORDS[test.op]} {words.amount(threshold, unit)}"


def levels_words(test: Thresholds, unit: str) -> str:
    """Return the levels of a test, the mildest first."""
    op = OP_WORDS[test.op]
    return ", ".join(f"{op} {words.amount(value, unit)} ({severity.word})" for severity, value in test.levels)
