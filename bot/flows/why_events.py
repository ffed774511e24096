"""What an events rule saw in one minute: who counts, and why others do not."""

from collections.abc import Iterator

import numpy as np

from bot.flows.look import Look, holding, number
from bot.flows.rule_words import decisive_words, levels_words, value_words
from bot.model.catalog import METRICS, factor_title
from bot.model.explanation import Check, Holds
from bot.model.time import MINUTE_S
from bot.render import words
from bot.rules.conditions import EventsCondition
from bot.rules.groups import anything, groups_of
from bot.rules.metrics import aggregate, stretch
from bot.rules.refusals import refusals


def event_checks(look: Look, condition: EventsCondition) -> Iterator[Check]:
    """Yield what was counted, and what it is a share of."""
    rule = look.rule
    at_least = "at least " if look.verdict and look.verdict.at_least else ""
    if condition.count and rule.thresholds:
        value = counted(look, condition, condition.count.of)
        crossed = bool(rule.thresholds.severity(np.array([value]))[0])
        yield Check(
            name=f"{value_words(rule)}{_per(condition)}",
            holds=Holds.YES if crossed else Holds.NO,
            seen=f"{at_least}{words.number(value)}",
            wanted=levels_words(rule.thresholds, ""),
            least=decisive_words(rule.thresholds, value, ""),
        )
    if condition.share:
        share = condition.share
        row = stretch(look.seen, share.over, look.minutes, condition.window_s)[look.place]
        base = float(aggregate(share.over_aggregate, row, len(row))[0])
        least = share.min_denominator or 0.0
        yield Check(
            name=METRICS[share.over].title.lower(),
            holds=holding(base, base >= least),
            seen=words.number(base),
            wanted=f"at least {words.number(least)}" if least else "",
        )
        if rule.share_thresholds:
            percent = 100 * counted(look, condition, share.of) / max(base, 1.0)
            crossed = bool(rule.share_thresholds.severity(np.array([percent]))[0])
            yield Check(
                name=f"affected {share.of} in percent of that",
                holds=holding(percent, crossed),
                seen=f"{at_least}{words.amount(number(percent), '%')}",
                wanted=levels_words(rule.share_thresholds, "%"),
                least=decisive_words(rule.share_thresholds, percent, "%"),
            )


def counted(look: Look, condition: EventsCondition, of: str) -> float:
    """Return how many of the window count."""
    for group in groups_of(look.rule, condition, look.seen, look.minutes, {look.labels}, anything):
        if group.labels == look.labels:
            return float(group.pieces(of).at(np.zeros(1, dtype=np.int64))[0])
    return 0.0


def _per(condition: EventsCondition) -> str:
    return ", by the user blamed most" if condition.per == "host" else ""


def matched(look: Look) -> list[tuple[str, str]]:
    """Return who and what the counted events name, and why others do not count."""
    rule, condition = look.rule, look.rule.events
    if condition is None:
        return []
    found: list[tuple[str, str]] = []
    if look.verdict is not None:
        who = look.verdict.affected
        causes = [f"{factor_title(factor)} ×{times}" for factor, times in who.factors]
        named = {"users": who.users, "channels": who.channels, "blamed users": who.hosts, "causes": causes}
        found += [(name, words.listed(values)) for name, values in named.items() if values]
    why = refusals(rule, condition, look.seen, look.window[0], look.at + MINUTE_S, look.labels)
    if why:
        said = (f"{count:,} {reason.value}" for reason, count in why.items())
        found.append(("not counted", words.listed(said)))
    return found
