"""What a rule on finished calls saw in one minute: which calls it judged, and which it left out."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from bot.flows.look import Look, holding
from bot.flows.rule_words import OP_WORDS, decisive_words, levels_words, value_words
from bot.flows.subject import subject
from bot.model.catalog import CALL_FIELDS
from bot.model.explanation import Check, Holds
from bot.model.observation import FinishedCall
from bot.model.time import MINUTE_S, floor_minute
from bot.render import words
from bot.rules.calls import value_of
from bot.rules.compare import HOLDS
from bot.rules.conditions import CallCondition
from bot.rules.matcher import all_hold

_SHOWN = 10


def call_checks(look: Look, condition: CallCondition) -> Iterator[Check]:
    """Yield what was compared: the worst call of the minute, or the bad calls of the window."""
    rule, verdict = look.rule, look.verdict
    at_least = "at least " if verdict and verdict.at_least else ""
    judged = [call for call, why in _calls(look, condition) if not why]
    yield Check(
        name="calls to judge",
        holds=Holds.TOLD if judged else Holds.NO,
        seen=f"{len(judged):,} that ended {_span(look, condition)}",
    )
    if condition.window_s:
        field = CALL_FIELDS[condition.name]
        limit = words.amount(condition.threshold, field.unit)
        bad = f"{field.title.lower()} {OP_WORDS[condition.op]} {limit}"
        yield Check(name="a call is bad", holds=Holds.TOLD, seen=bad)
    test = rule.thresholds or rule.share_thresholds
    value = verdict.value if verdict and verdict.value is not None else float("nan")
    if not test or (np.isnan(value) and not condition.window_s):
        return
    unit = subject(rule).unit
    value = 0.0 if np.isnan(value) else value
    yield Check(
        name=value_words(rule),
        holds=holding(value, bool(test.severity(np.array([value]))[0])),
        seen=f"{at_least}{words.amount(value, unit)}",
        wanted=levels_words(test, unit),
        least=decisive_words(test, value, unit),
    )
    if condition.count and condition.share and rule.share_thresholds and judged:
        percent = 100 * sum(_is_bad(condition, call) for call in judged) / len(judged)
        yield Check(
            name="bad calls in percent of those to judge",
            holds=holding(percent, bool(rule.share_thresholds.severity(np.array([percent]))[0])),
            seen=f"{at_least}{words.amount(percent, '%')}",
            wanted=levels_words(rule.share_thresholds, "%"),
            least=decisive_words(rule.share_thresholds, percent, "%"),
        )
    if condition.share and condition.share.min_denominator:
        least = condition.share.min_denominator
        yield Check(
            name="calls for a share to mean anything",
            holds=Holds.YES if len(judged) >= least else Holds.NO,
            seen=f"{len(judged):,}",
            wanted=f"at least {words.number(least)}",
        )


def judged_calls(look: Look, condition: CallCondition) -> list[tuple[str, str]]:
    """Return the calls that were judged with their values, the worst first, and why others were not."""
    unit = CALL_FIELDS[condition.name].unit
    every = list(_calls(look, condition))
    worst_first = sorted(
        (call for call, why in every if not why),
        key=lambda call: value_of(condition, call) or 0.0,
        reverse=condition.op in (">", ">="),
    )
    told = [
        f"{call.cname} {words.amount(value_of(condition, call), unit)}"
        f" ({words.utc(call.created_ts, '%H:%M')} to {words.utc(call.destroyed_ts, '%H:%M')})"
        for call in worst_first[:_SHOWN]
    ]
    if len(worst_first) > _SHOWN:
        told.append(f"{len(worst_first) - _SHOWN} more")
    left_out = Counter(why for _, why in every if why)
    reasons = words.listed(f"{count:,} {why}" for why, count in left_out.items())
    return [(name, said) for name, said in (("calls", words.listed(told)), ("not judged", reasons)) if said]


def _calls(look: Look, condition: CallCondition) -> Iterator[tuple[FinishedCall, str]]:
    """Yield the calls of the project whose turn it is in the window, each with why it is left out, or
    nothing."""
    wanted = dict(look.labels)
    for place, call in look.seen.calls:
        judged_at = floor_minute(call.destroyed_ts + condition.settle_s)
        if place == look.place and look.window[0] <= judged_at < look.at + MINUTE_S:
            yield call, _left_out(look, condition, call, wanted.get("cname"))


def _left_out(look: Look, condition: CallCondition, call: FinishedCall, cname: str | None) -> str:
    labels = {"project": look.seen.projects[look.place], "cname": call.cname}
    if "cname" in look.rule.by and call.cname != cname:
        return "of another channel"
    if value_of(condition, call) is None:
        return "without that value"
    if call.duration_s < condition.min_duration_s:
        return "too short"
    if condition.min_pcu is not None and (call.pcu is None or call.pcu < condition.min_pcu):
        return "with too few users"
    return "" if all_hold(condition.where, labels) else "refused by where"


def _is_bad(condition: CallCondition, call: FinishedCall) -> bool:
    return bool(HOLDS[condition.op](value_of(condition, call), condition.threshold))


def _span(look: Look, condition: CallCondition) -> str:
    """Return when the calls ended that are judged now."""
    first, last = look.window[0] - condition.settle_s, look.at + MINUTE_S - condition.settle_s
    return f"from {words.utc(first, '%H:%M')} to {words.utc(last, '%H:%M')}"
