"""What a rule saw in one minute, part by part of its condition, in words."""

from collections.abc import Iterator, Sequence

import numpy as np

from bot.flows.look import Look, holding, number
from bot.flows.replay import Replay
from bot.flows.rule_words import OP_WORDS, decisive_words, levels_words, value_words
from bot.flows.subject import subject
from bot.flows.why_calls import call_checks
from bot.flows.why_events import event_checks
from bot.model.catalog import METRICS
from bot.model.explanation import Check, Holds
from bot.model.time import MINUTE_S
from bot.render import words
from bot.rules.baseline import reference as usual_of
from bot.rules.compare import HOLDS
from bot.rules.conditions import Baseline, CompositeCondition, MetricCondition, Reference
from bot.rules.matcher import all_hold
from bot.rules.metrics import aggregate, stretch

SAMPLES, FEED, STAYS = "minutes with data", "feed ", "firing already"
"""Names of checks."""


def checks(look: Look, replay: Replay) -> Iterator[Check]:
    """Yield every part of the condition with what was seen of it."""
    rule = look.rule
    if rule.metric:
        yield from _metric(look, rule.metric)
    if rule.events:
        yield from event_checks(look, rule.events)
    if rule.call:
        yield from call_checks(look, rule.call)
    if rule.composite:
        yield from _composite(look, rule.composite, replay)
    yield from _coverage(look)


def _metric(look: Look, metric: MetricCondition) -> Iterator[Check]:
    rule, unit = look.rule, subject(look.rule).unit
    span = metric.window_s // MINUTE_S
    row = stretch(look.seen, metric.name, look.minutes, metric.window_s)[look.place]
    value = float(aggregate(metric.aggregate, row, span)[0])
    shown = words.amount(None if np.isnan(value) else value, unit)
    if rule.thresholds:
        crossed = bool(rule.thresholds.severity(np.array([value]))[0])
        yield Check(
            name=value_words(rule),
            holds=holding(value, crossed),
            seen=shown,
            wanted=levels_words(rule.thresholds, unit),
            least=decisive_words(rule.thresholds, value, unit),
        )
    if metric.baseline:
        yield from _baseline(look, metric, metric.baseline, value)
    if look.firing and metric.resolve_threshold is not None:
        stays = bool(HOLDS[rule.op](value, metric.resolve_threshold))
        wanted = f"stays while {OP_WORDS[rule.op]} {words.amount(metric.resolve_threshold, unit)}"
        yield Check(name=STAYS, holds=holding(value, stays), seen=shown, wanted=wanted)
    count = int(np.isfinite(row).sum())
    yield Check(
        name=SAMPLES,
        holds=Holds.YES if count >= metric.needed_samples else Holds.UNKNOWN,
        seen=f"{count} of {metric.window_s // MINUTE_S}",
        wanted=f"at least {metric.needed_samples}",
    )
    if metric.min_denominator:
        guard = metric.min_denominator
        row = stretch(look.seen, guard.metric, look.minutes, metric.window_s)[look.place]
        size = float(aggregate("avg", row, span)[0])
        yield Check(
            name=METRICS[guard.metric].title.lower(),
            holds=holding(size, size >= guard.value),
            seen=words.number(size),
            wanted=f"at least {words.number(guard.value)}",
        )


def _baseline(look: Look, metric: MetricCondition, baseline: Baseline, value: float) -> Iterator[Check]:
    unit = subject(look.rule).unit
    usual = usual_of(metric, baseline, look.seen, look.minutes)
    median, scale = float(usual.median[look.place, 0]), float(usual.scale[look.place, 0])
    points, limit = int(usual.points[look.place, 0]), float(usual.threshold[look.place, 0])
    offsets = words.listed(words.duration(offset) for offset in baseline.offsets_s)
    limit_words = f"{OP_WORDS[baseline.op]} {words.amount(number(limit), unit)}"
    yield Check(
        name=f"{value_words(look.rule)} against what is usual",
        holds=holding(limit + value, bool(HOLDS[baseline.op](value, limit))),
        seen=words.amount(number(value), unit),
        wanted=f"{limit_words} ({baseline.method.replace('_', ' ')} {words.number(baseline.threshold)})",
        least=limit_words,
    )
    yield Check(
        name="points of earlier days",
        holds=Holds.YES if points >= baseline.min_history else Holds.UNKNOWN,
        seen=f"{points} ({offsets} before)",
        wanted=f"at least {baseline.min_history}",
    )
    yield Check(
        name="usual then",
        holds=Holds.TOLD,
        seen=f"median {words.amount(number(median), unit)}, scale {words.amount(number(scale), unit)}",
    )


def _composite(look: Look, condition: CompositeCondition, replay: Replay) -> Iterator[Check]:
    kinds: tuple[tuple[str, Sequence[Reference]], ...] = (
        ("must hold", condition.all_of),
        (f"{condition.at_least} of these must hold", condition.any_of),
        ("must not hold", condition.none_of),
    )
    for kind, references in kinds:
        for reference in references:
            yield _reference(look, condition, reference, kind, replay)


def _reference(
    look: Look, condition: CompositeCondition, reference: Reference, kind: str, replay: Replay
) -> Check:
    """Return whether an alert was in the state within the window, and since when it is what it is."""
    values = {name: dict(look.labels).get(name, "") for name in condition.equal}
    lives = [
        life
        for life in replay.lives.get(reference.alert, ())
        if all(dict(life.labels).get(name, "") == value for name, value in values.items())
        and all_hold(reference.matchers, dict(life.labels))
        and (life.ended_at is None or life.ended_at > look.window[0])
    ]
    since = [life.pending_at if reference.state == "pending" else life.fired_at for life in lives]
    held = any(at is not None and at <= look.at for at in since)
    wanted_not = kind == "must not hold"
    seen = "not active"
    for life in lives:
        if life.ended_at is not None:
            seen = f"ended at {words.utc(life.ended_at, '%H:%M')}"
        elif life.fired_at is not None:
            seen = f"firing since {words.utc(life.fired_at, '%H:%M')}"
        else:
            seen = f"pending since {words.utc(life.pending_at, '%H:%M')}"
    return Check(
        name=reference.alert,
        holds=Holds.YES if held is not wanted_not else Holds.NO,
        seen=seen,
        wanted=f"{kind}: {'pending or ' if reference.state == 'pending' else ''}firing"
        f" within {words.duration(condition.within_s)}",
    )


def _coverage(look: Look) -> Iterator[Check]:
    minutes = look.window
    for feed in sorted(look.rule.feeds):
        known = look.seen.known(feed, minutes[0], len(minutes))[look.place]
        cut = look.seen.cut(feed, minutes[0], len(minutes))[look.place]
        more = f", {int(cut.sum())} of them cut by Agora" if cut.any() else ""
        yield Check(
            name=f"{FEED}{feed.value}",
            holds=Holds.YES if known[-1] else Holds.UNKNOWN,
            seen=f"{int(known.sum())} of {words.count(len(minutes), 'minute')} known{more}",
            wanted="this minute known",
        )
