"""The identity of a series: the values of ``by``, and the rule's own labels."""

from collections.abc import Mapping

from bot.model.verdict import Labels
from bot.rules.rule import Rule


def series_labels(rule: Rule, values: Mapping[str, str]) -> Labels:
    """Return the labels of the series with these values of ``by``."""
    return tuple(sorted({**rule.labels, **values}.items()))


def own_labels(rule: Rule, project: str) -> Labels:
    """Return the labels of the series that is a whole project."""
    return series_labels(rule, {"project": project})
