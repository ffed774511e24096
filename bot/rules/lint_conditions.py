"""What is doubtful in a condition by itself."""

from collections.abc import Iterator, Sequence

from bot.model.catalog import EXPERIENCES, FACTORS, METRICS
from bot.model.time import DAY_S, MINUTE_S
from bot.rules.check_conditions import RATES
from bot.rules.compare import FALLING, RISING
from bot.rules.conditions import (
    Baseline,
    CallCondition,
    CallCount,
    CallShare,
    CompositeCondition,
    Count,
    EventsCondition,
    MetricCondition,
    Share,
)
from bot.rules.document import Path
from bot.rules.fields import Ladder, Number
from bot.rules.grammar import RuleSpec
from bot.rules.matcher import Matcher
from bot.rules.thresholds import Coded, Raw, below, part
from bot.rules.wording import one_of, shown

_SEEN_A_MINUTE = 400
"""Diagnosis rows that the bot can read of one minute at best: 40 requests of ten rows."""
_EVENT_LABELS = ("project", "cname", "user", "experience")
_CALL_LABELS = ("project", "cname")
_LISTS = ("all_of", "any_of", "none_of")


def condition_lints(rule: RuleSpec) -> Iterator[Coded]:
    """Yield what is doubtful about the condition of a rule."""
    if rule.metric:
        yield from below(("metric",), _metric(rule.metric))
    if rule.events:
        yield from below(("events",), _events(rule.events))
    if rule.call:
        yield from below(("call",), _call(rule.call))
    if rule.composite:
        yield from below(("composite",), _composite(rule.composite))


def named_ids(rule: Raw) -> Iterator[Coded]:
    """Yield the numbers in a rule, as it is written, that have names."""
    events = part(rule, "events")
    names = {"experience": EXPERIENCES, "factors": {id_: factor.name for id_, factor in FACTORS.items()}}
    for key, known in names.items():
        for which in _LISTS:
            items = part(events, key).get(which)
            for place, item in enumerate(items if isinstance(items, list) else []):
                inside = isinstance(item, dict)
                number = item.get("factor") if isinstance(item, dict) else item
                if isinstance(number, int) and number in known:
                    path = ("events", key, which, place, *(("factor",) if inside else ()))
                    yield path, "events/name", f"{number} has a name; write {known[number]}"


def _metric(metric: MetricCondition) -> Iterator[Coded]:
    known = METRICS[metric.name]
    levels = _levels(metric.threshold, metric.thresholds)
    if metric.op in RISING and known.high_is_good is True:
        yield ("op",), "metric/direction", f"high is good for {metric.name}; did you mean <?"
    if metric.op in FALLING and known.high_is_good is False:
        yield ("op",), "metric/direction", f"low is good for {metric.name}; did you mean >?"
    for path, value in levels if known.unit == "%" else ():
        yield from _percent(metric.op or "", path, value)
        if 0 < value < 1 and known.high_is_good is not None:
            yield path, "rule/unit", f"{metric.name} is a percentage from 0 to 100; {value:g} is below 1 %"
    if metric.baseline:
        yield from below(("baseline",), _baseline(metric, metric.baseline))


def _baseline(metric: MetricCondition, baseline: Baseline) -> Iterator[Coded]:
    for place, offset in enumerate(baseline.offsets_s):
        if offset % DAY_S:
            message = "no whole days: the clock time differs, and with it what is usual"
            yield ("offsets", place), "baseline/offset", message
    if baseline.method == "robust_zscore" and baseline.min_scale is None:
        message = "without min_scale a value that hardly ever changes makes any change infinite"
        yield (), "rule/denominator", message
    width = baseline.window_s or metric.window_s
    most = len(baseline.offsets_s) * (2 * (width // 2 // MINUTE_S) + 1)
    if baseline.min_history > most:
        message = f"these offsets have {most} minutes at most, so the history is always short"
        yield ("min_history",), "baseline/history", message
    if (
        baseline.on_short_history == "threshold_only"
        and metric.threshold is None
        and metric.thresholds is None
    ):
        message = "no threshold stands beside the baseline, so a short history decides nothing; write ok"
        yield ("on_short_history",), "baseline/history", message


def _percent(op: str, path: Path, value: float) -> Iterator[Coded]:
    if (op, value) in ((">", 100), ("<", 0)):
        yield path, "rule/impossible", f"a percentage is never {op} {value:g}, so this never fires"
    if (op, value) in ((">=", 0), ("<=", 100)):
        yield path, "alerts/condition", f"a percentage is always {op} {value:g}, so this fires all the time"


def _events(events: EventsCondition) -> Iterator[Coded]:
    yield from _contradictions(events)
    yield from _ids(events)
    yield from _matchers("where", events.where, _EVENT_LABELS)
    if events.per == "host" and events.factors.host == "any":
        message = "per: host looks at other users' causes; write host: remote so that readers see it"
        yield ("factors",) if events.factors.any_of else (), "events/host", message
    if events.count:
        yield from below(("count",), _saturated(events.count, events.window_s // MINUTE_S * _SEEN_A_MINUTE))
        yield from below(("count",), _count(events.count))
    if events.share:
        yield from below(("share",), _share(events.share, "user"))
        if events.share.over_aggregate == "last" and events.window_s > MINUTE_S:
            over = events.share.over
            message = f"the last {over} comes by another feed and may lack; take max or avg of the window"
            yield ("share", "over_aggregate"), "rule/fragile", message


def _saturated(count: Count, most: int) -> Iterator[Coded]:
    for path, value in _levels(count.threshold, count.thresholds):
        if count.op in RISING and value > most:
            message = f"the bot reads {most} rows of such a window at most, so {value:g} is never reached"
            yield path, "events/saturated", message
    if count.op in FALLING:
        message = "a full answer holds at least ten rows, so few are never certain while many suffer"
        yield ("op",), "events/saturated", message


def _count(count: Count | CallCount) -> Iterator[Coded]:
    for path, value in _levels(count.threshold, count.thresholds):
        if (count.op, value) == (">=", 0):
            yield path, "alerts/condition", "a count is always >= 0, so this fires all the time"
        if (count.op, value) == ("<", 0):
            yield path, "rule/impossible", "a count is never < 0, so this never fires"


def _call(call: CallCondition) -> Iterator[Coded]:
    yield from _matchers("where", call.where, _CALL_LABELS)
    if call.name in RATES and call.op in FALLING:
        yield ("op",), "metric/direction", f"low is good for {call.name}; did you mean >?"
    for path, value in _levels(call.threshold, call.thresholds) if call.name in RATES else ():
        yield from _percent(call.op, path, value)
        if 0 < value < 1:
            yield path, "rule/unit", f"{call.name} is a percentage from 0 to 100; {value:g} is below 1 %"
    if call.count:
        yield from below(("count",), _count(call.count))
    if call.share:
        yield from below(("share",), _share(call.share, "call"))


def _composite(composite: CompositeCondition) -> Iterator[Coded]:
    refused = {(reference.alert, reference.matchers) for reference in composite.none_of}
    wanted = [(reference.alert, reference.matchers) for reference in composite.any_of]
    if any((r.alert, r.matchers) in refused for r in composite.all_of) or (
        wanted and refused.issuperset(wanted)
    ):
        yield ("none_of",), "rule/impossible", "what is asked for is refused, so this never fires"
    for key in _LISTS:
        for place, reference in enumerate(getattr(composite, key)):
            yield from below((key, place), _anchors("matchers", reference.matchers))


def _matchers(key: str, matchers: Sequence[Matcher], known: Sequence[str]) -> Iterator[Coded]:
    for place, matcher in enumerate(matchers):
        if matcher.label not in known:
            message = f"always empty: the labels here are {one_of(known, 'and')}, not {shown(matcher.label)}"
            yield (key, place), "matcher/label", message
    yield from _anchors(key, matchers)


def _anchors(key: str, matchers: Sequence[Matcher]) -> Iterator[Coded]:
    for place, matcher in enumerate(matchers):
        if matcher.op.endswith("~") and (matcher.value.startswith("^") or matcher.value.endswith("$")):
            yield (key, place), "matcher/regexp", "matches the whole value anyway; leave out ^ and $"


def _share(share: Share | CallShare, one: str) -> Iterator[Coded]:
    if share.min_denominator is None:
        message = f"without min_denominator one {one} of one is 100 %"
        yield (), "rule/denominator", message
    for path, value in _levels(share.threshold, share.thresholds):
        yield from _percent(share.op, path, value)


def _contradictions(events: EventsCondition) -> Iterator[Coded]:
    experience, factors = events.experience, events.factors
    refused = set(experience.none_of)
    if refused & set(experience.all_of) or (experience.any_of and set(experience.any_of) <= refused):
        yield ("experience", "none_of"), "rule/impossible", "what is asked for is refused, so nothing matches"
    hosts = {(item.factor, item.host or factors.host) for item in factors.none_of}
    everywhere = {factor for factor, host in hosts if host == "any"}

    def gone(factor: int, host: str) -> bool:
        sides = {(factor, host)} if host != "any" else {(factor, "local"), (factor, "remote")}
        return factor in everywhere or sides <= hosts

    any_of = [gone(item.factor, item.host or factors.host) for item in factors.any_of]
    all_of = [gone(item.factor, item.host or factors.host) for item in factors.all_of]
    if any(all_of) or (any_of and all(any_of)):
        yield ("factors", "none_of"), "rule/impossible", "what is asked for is refused, so nothing matches"


def _ids(events: EventsCondition) -> Iterator[Coded]:
    for key in ("all_of", "any_of", "none_of"):
        for place, id_ in enumerate(getattr(events.experience, key)):
            if id_ not in EXPERIENCES:
                message = f"experience {id_} has no published meaning; it is matched by its number"
                yield ("experience", key, place), "events/id", message
        for place, item in enumerate(getattr(events.factors, key)):
            if item.factor not in FACTORS:
                message = f"factor {item.factor} has no published meaning; it is matched by its number"
                yield ("factors", key, place), "events/id", message


def _levels(threshold: Number | None, ladder: Ladder | None) -> list[tuple[Path, float]]:
    if threshold is not None:
        return [(("threshold",), threshold)]
    steps = ladder.model_dump() if ladder else {}
    return [(("thresholds", name), value) for name, value in steps.items() if value is not None]
