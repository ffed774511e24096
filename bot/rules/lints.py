"""Rules that are read well and are most likely not what somebody meant.

Each check has a name, printed with what it finds; ``# lint disable NAME`` in a rule, or ``# lint file/disable
NAME`` anywhere in a file, switches it off. They look at rules that could be read, beside others or not.
"""

from collections.abc import Collection, Iterator

from bot.model.catalog import METRICS, Feed
from bot.model.time import MINUTE_S
from bot.rules.grammar import GroupSpec, RuleSpec
from bot.rules.lint_conditions import condition_lints
from bot.rules.problems import Weight
from bot.rules.thresholds import Coded
from bot.rules.wording import shown

Lint = Coded
"""A path below the rule, the name of the check, and what it found."""

CHECKS: dict[str, Weight] = {
    "alerts/annotation": "warning",
    "alerts/condition": "warning",
    "alerts/for": "warning",
    "alerts/no_data": "warning",
    "alerts/template": "warning",
    "baseline/history": "warning",
    "baseline/offset": "warning",
    "events/host": "warning",
    "events/id": "info",
    "events/name": "warning",
    "events/saturated": "warning",
    "group/interval": "warning",
    "inhibit/order": "warning",
    "labels/conflict": "warning",
    "lint/comment": "warning",
    "matcher/label": "warning",
    "matcher/regexp": "info",
    "metric/direction": "warning",
    "rule/dependency": "warning",
    "rule/denominator": "warning",
    "rule/duplicate": "warning",
    "rule/fragile": "warning",
    "rule/impossible": "warning",
    "rule/unit": "warning",
    "route/group_by": "warning",
    "route/silent": "warning",
    "route/unreachable": "warning",
    "route/unused": "info",
    "test/missing": "warning",
    "time/detection": "warning",
    "time/offset": "warning",
}
"""Every check, and how much its findings weigh."""

_FRESH_S = 2 * MINUTE_S
"""How late rows may be, as Agora documents it."""
_DETECTED_WITHIN_S = 30 * MINUTE_S
"""An alert that comes later than this is about the past."""


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
    yield from _detection(group, rule)
    if "summary" not in rule.annotations:
        yield (), "alerts/annotation", "no summary: the message says nothing but names and numbers"
    if tested is not None and rule.alert not in tested:
        yield ("alert",), "test/missing", f"no unit test names {rule.alert}"
    yield from _labels(rule.labels)
    for name in sorted(group.labels.keys() & rule.labels.keys()):
        if group.labels[name] != rule.labels[name]:
            message = f"the group says {shown(group.labels[name])}; the rule wins, say it once"
            yield ("labels", name), "labels/conflict", message
    flapping = rule.flapping
    if flapping and flapping.status_change_threshold > flapping.look_back_window:
        message = (
            f"{flapping.look_back_window} minutes have no more changes than that, so it is never reached"
        )
        yield ("flapping",), "rule/impossible", message
    yield from condition_lints(rule)


def _detection(group: GroupSpec, rule: RuleSpec) -> Iterator[Lint]:
    settle_s = rule.call.settle_s if rule.call else 0
    told_s = rule.for_s + MINUTE_S + group.query_offset_s + settle_s
    if told_s > _DETECTED_WITHIN_S:
        message = f"a breach is told after {told_s // MINUTE_S} minutes and a poll at best; over 30 is long"
        yield ("for",) if rule.for_s else (), "time/detection", message


def _labels(labels: dict[str, str]) -> Iterator[Lint]:
    for name, value in labels.items():
        if "{{" in value or "{%" in value:
            message = "labels are the identity of an alert and no templates; say it in an annotation"
            yield ("labels", name), "alerts/template", message


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
