"""Rules that are read well and are most likely not what somebody meant.

Each check has a name, printed with what it finds; ``# lint disable NAME`` in a rule, or ``# lint file/disable
NAME`` anywhere in a file, switches it off. They look at rules that were read, so only good files have lints.
"""

from collections.abc import Collection, Iterator

from bot.model.catalog import EXPERIENCES, FACTORS, METRICS, Feed
from bot.model.time import DAY_S, MINUTE_S
from bot.rules.compare import FALLING, RISING
from bot.rules.conditions import EventsCondition, MetricCondition, Share
from bot.rules.document import Path
from bot.rules.fields import Ladder, Number
from bot.rules.grammar import GroupSpec, RuleSpec
from bot.rules.problems import Weight
from bot.rules.wording import shown

Lint = tuple[Path, str, str]
"""A path below the rule, the name of the check, and what it found."""

CHECKS: dict[str, Weight] = {
    "alerts/annotation": "warning",
    "alerts/condition": "warning",
    "alerts/for": "warning",
    "alerts/no_data": "warning",
    "alerts/template": "warning",
    "baseline/offset": "warning",
    "events/host": "warning",
    "events/id": "info",
    "events/saturated": "warning",
    "group/interval": "warning",
    "lint/comment": "warning",
    "metric/direction": "warning",
    "rule/dependency": "warning",
    "rule/denominator": "warning",
    "rule/duplicate": "warning",
    "rule/impossible": "warning",
    "rule/unit": "warning",
    "test/missing": "warning",
    "time/offset": "warning",
}
"""Every check, and how much its findings weigh."""

_SEEN_A_MINUTE = 400
"""Diagnosis rows that the bot can read of one minute at best: 40 requests of ten rows."""
_FRESH_S = 2 * MINUTE_S
"""How late rows may be, as Agora documents it."""


def lint_group(group: GroupSpec) -> Iterator[Lint]:
    """Yield what is doubtful about a group itself."""
    if group.interval_s > 5 * MINUTE_S:
        yield ("interval",), "group/interval", "alerts come up to this much late; 5m is long already"
    if group.query_offset_s < _FRESH_S and any(_polled(rule) for rule in group.rules):
        message = "Agora's rows come 60 to 120 s after their minute; with less than 2m late ones are missed"
        yield ("query_offset",), "time/offset", message
    yield from _labels(group.labels)


def _polled(rule: RuleSpec) -> bool:
    if rule.metric:
        return METRICS[rule.metric.name].feed is not Feed.BOT
    return bool(rule.call or (rule.events and rule.events.feed is Feed.DIAGNOSIS))


def lint_rule(group: GroupSpec, rule: RuleSpec, tested: Collection[str] | None) -> Iterator[Lint]:
    """Yield what is doubtful about a rule; ``tested`` are the alerts of unit tests, None for unknown."""
    if 0 < rule.for_s < MINUTE_S:
        yield ("for",), "alerts/for", "below a minute is a second minute in practice; write 1m, or 0"
    if rule.no_data_for_s is not None and rule.no_data_for_s < group.query_offset_s + 2 * MINUTE_S:
        message = f"late rows look like none for {group.query_offset_s + 2 * MINUTE_S} s; wait longer"
        yield ("no_data_for",), "alerts/no_data", message
    if "summary" not in rule.annotations:
        yield (), "alerts/annotation", "no summary: the message says nothing but names and numbers"
    if tested is not None and rule.alert not in tested:
        yield ("alert",), "test/missing", f"no unit test names {rule.alert}"
    yield from _labels(rule.labels)
    if rule.metric:
        yield from _below("metric", _metric(rule.metric))
    if rule.events:
        yield from _below("events", _events(rule.events))


def _below(key: str, lints: Iterator[Lint]) -> Iterator[Lint]:
    for path, check, message in lints:
        yield (key, *path), check, message


def _labels(labels: dict[str, str]) -> Iterator[Lint]:
    for name, value in labels.items():
        if "{{" in value or "{%" in value:
            message = "labels are the identity of an alert and no templates; say it in an annotation"
            yield ("labels", name), "alerts/template", message


def _metric(metric: MetricCondition) -> Iterator[Lint]:
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
        for place, offset in enumerate(metric.baseline.offsets_s):
            if offset % DAY_S:
                message = "no whole days: the clock time differs, and with it what is usual"
                yield ("baseline", "offsets", place), "baseline/offset", message
        if metric.baseline.method == "robust_zscore" and metric.baseline.min_scale is None:
            message = "without min_scale a value that hardly ever changes makes any change infinite"
            yield ("baseline",), "rule/denominator", message


def _percent(op: str, path: Path, value: float) -> Iterator[Lint]:
    if (op, value) in ((">", 100), ("<", 0)):
        yield path, "rule/impossible", f"a percentage is never {op} {value:g}, so this never fires"
    if (op, value) in ((">=", 0), ("<=", 100)):
        yield path, "alerts/condition", f"a percentage is always {op} {value:g}, so this fires all the time"


def _events(events: EventsCondition) -> Iterator[Lint]:
    yield from _contradictions(events)
    yield from _ids(events)
    if events.per == "host" and events.factors.host == "any":
        message = "per: host looks at other users' causes; write host: remote so that readers see it"
        yield ("factors",) if events.factors.any_of else (), "events/host", message
    if events.count:
        count = events.count
        most = events.window_s // MINUTE_S * _SEEN_A_MINUTE
        for path, value in _levels(count.threshold, count.thresholds):
            if count.op in RISING and value > most:
                message = f"the bot reads {most} rows of such a window at most, so {value:g} is never reached"
                yield ("count", *path), "events/saturated", message
            if (count.op, value) in ((">=", 0), ("<", 0)):
                always = "always" if count.op == ">=" else "never"
                yield ("count", *path), "alerts/condition", f"a count is {always} {count.op} {value:g}"
        if count.op in FALLING:
            message = "a full answer holds at least ten rows, so few are never certain while many suffer"
            yield ("count", "op"), "events/saturated", message
    if events.share:
        yield from _share(events.share)


def _share(share: Share) -> Iterator[Lint]:
    if share.min_denominator is None:
        message = "without min_denominator one user of one is 100 %"
        yield ("share",), "rule/denominator", message
    for path, value in _levels(share.threshold, share.thresholds):
        for below, check, message in _percent(share.op, path, value):
            yield ("share", *below), check, message


def _contradictions(events: EventsCondition) -> Iterator[Lint]:
    experience, factors = events.experience, events.factors
    refused = set(experience.none_of)
    if refused & set(experience.all_of) or (experience.any_of and set(experience.any_of) <= refused):
        yield ("experience", "none_of"), "rule/impossible", "what is asked for is refused, so nothing matches"
    hosts = {(item.factor, item.host or factors.host) for item in factors.none_of}
    everywhere = {factor for factor, host in hosts if host == "any"}

    def gone(factor: int, host: str) -> bool:
        return factor in everywhere or (factor, host) in hosts

    any_of = [gone(item.factor, item.host or factors.host) for item in factors.any_of]
    all_of = [gone(item.factor, item.host or factors.host) for item in factors.all_of]
    if any(all_of) or (any_of and all(any_of)):
        yield ("factors", "none_of"), "rule/impossible", "what is asked for is refused, so nothing matches"


def _ids(events: EventsCondition) -> Iterator[Lint]:
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


def lint_set(rules: Collection[tuple[str, RuleSpec]]) -> Iterator[tuple[str, Lint]]:
    """Yield, with the name of its alert, what is doubtful between rules; they come with where they stand."""
    first: dict[object, tuple[str, str]] = {}
    disabled = {rule.alert for _, rule in rules if not rule.enabled}
    for where, rule in rules:
        same = first.setdefault(_without_thresholds(rule), (where, rule.alert))
        if same[1] != rule.alert:
            message = f"the same condition as {same[1]} in {same[0]}; with a ladder both are one message"
            yield rule.alert, (("alert",), "rule/duplicate", message)
        for key, place, name in _references(rule):
            if name in disabled:
                message = f"{shown(name)} is switched off, so this reference never holds"
                yield rule.alert, (("composite", key, place), "rule/dependency", message)


def _references(rule: RuleSpec) -> Iterator[tuple[str, int, str]]:
    for key in ("all_of", "any_of", "none_of") if rule.composite else ():
        for place, reference in enumerate(getattr(rule.composite, key)):
            yield key, place, reference.alert


def _without_thresholds(rule: RuleSpec) -> object:
    """Return what makes two rules the same but for how bad they call it."""
    condition = rule.condition.model_dump(exclude={"threshold", "thresholds", "resolve_threshold"})
    for key in ("count", "share"):
        if isinstance(condition.get(key), dict):
            condition[key] = {k: v for k, v in condition[key].items() if k not in ("threshold", "thresholds")}
    labels = sorted((name, value) for name, value in rule.labels.items() if name != "severity")
    return repr((type(rule.condition).__name__, condition, rule.by, labels))
