"""What several keys of a rule must agree on.

These checks read the plain values, not the models, so that one wrong key never hides another problem:
each looks only at values that are what they should be, and leaves the rest to grammar.py.
"""

import re
from collections.abc import Iterator

from bot.rules.check_conditions import call_findings, composite_findings, events_findings
from bot.rules.fields import TEXT_MAX
from bot.rules.templates import faults
from bot.rules.thresholds import KEY, SEVERITIES, Coded, Finding, Raw, below, coded, metric_findings, part
from bot.rules.wording import one_of, shown

_ENGINE_LABELS = ("alertname", "project", "cname", "user", "experience", "factor")
_KINDS = ("metric", "events", "call", "composite")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BY = {"metric": ("project",), "call": ("project", "cname")}
_ONE_SHOT = ("for", "no_data_state", "no_data_for", "missing_series_evals_to_resolve", "flapping")


def check_group(group: Raw) -> Iterator[Coded]:
    """Yield what is wrong with a group's own labels."""
    labels = part(group, "labels")
    yield from coded("alerts/reserved_labels", _label_names(labels))
    if "severity" in labels:
        yield (
            ("labels", "severity", KEY),
            "labels/conflict",
            "severity belongs to a rule; move it into the labels of the rules",
        )


def check_rule(rule: Raw, group_labels: Raw) -> Iterator[Coded]:
    """Yield everything in one rule that does not fit together."""
    yield from coded("rule/schema", _kind(rule))
    yield from coded("rule/by", _by(rule))
    yield from coded("alerts/reserved_labels", _label_names(part(rule, "labels")))
    yield from coded("labels/conflict", _severity(rule))
    yield from coded("alerts/template", _annotations(rule, group_labels))
    if isinstance(rule.get("metric"), dict):
        yield from below(("metric",), metric_findings(part(rule, "metric")))
    if isinstance(rule.get("events"), dict):
        yield from below(("events",), events_findings(part(rule, "events"), rule.get("by")))
    if isinstance(rule.get("composite"), dict):
        yield from below(("composite",), composite_findings(part(rule, "composite")))
    if isinstance(rule.get("call"), dict):
        yield from below(("call",), call_findings(part(rule, "call")))
        yield from coded("rule/schema", _one_shot(rule))


def labels_of(rule: Raw, group_labels: Raw) -> set[str]:
    """Return the names of the labels that an alert of the rule has, severity aside."""
    names = {"project", *group_labels, *part(rule, "labels")} - {"severity"}
    for holder, key in ((rule, "by"), (part(rule, "composite"), "equal")):
        values = holder.get(key)
        if isinstance(values, list):
            names |= {label for label in values if isinstance(label, str)}
    return names


def _kind(rule: Raw) -> Iterator[Finding]:
    given = [key for key in _KINDS if key in rule]
    if not given:
        yield (), f"give exactly one of {', '.join(_KINDS)}; none is there"
    for extra in given[1:]:
        yield (extra, KEY), f"give exactly one of {', '.join(_KINDS)}; {given[0]} is there already"


def _by(rule: Raw) -> Iterator[Finding]:
    by = rule.get("by")
    if "composite" in rule and "by" in rule:
        yield ("by", KEY), "a composite has the labels of equal; move them there"
        return
    if not isinstance(by, list):
        return
    if by and "project" not in by:
        yield ("by",), "by must hold project; write it first, like [project, cname]"
    for kind, known in _BY.items():
        for place, label in enumerate(by if kind in rule else ()):
            if label not in _ENGINE_LABELS or label in known:
                continue
            if kind == "metric":
                yield ("by", place), f"metrics are per project; delete {shown(label)} or count events instead"
            else:
                yield ("by", place), f"a call has the labels {one_of(known)}; delete {shown(label)}"


def _label_names(labels: Raw) -> Iterator[Finding]:
    for name in labels:
        if name in _ENGINE_LABELS:
            yield ("labels", name, KEY), f"the bot sets the label {name} itself; choose another name"
        elif not _LABEL.fullmatch(name):
            yield ("labels", name, KEY), f"{shown(name)} is not a label name; use letters, digits and _ only"


def _severity(rule: Raw) -> Iterator[Finding]:
    severity = part(rule, "labels").get("severity")
    if severity is None:
        return
    holders = [part(rule, "metric"), part(rule, "call")]
    holders += [part(part(rule, kind), key) for kind in ("events", "call") for key in ("count", "share")]
    if any("thresholds" in holder for holder in holders):
        yield (
            ("labels", "severity", KEY),
            "thresholds give the severity; delete this label or write threshold",
        )
    elif isinstance(severity, str) and severity not in SEVERITIES:
        yield ("labels", "severity"), f"severity is {one_of(SEVERITIES)}, not {shown(severity)}"


def _annotations(rule: Raw, group_labels: Raw) -> Iterator[Finding]:
    names = labels_of(rule, group_labels)
    for key, template in part(rule, "annotations").items():
        if isinstance(template, str) and len(template) <= TEXT_MAX:
            for fault in faults(template, names):
                yield ("annotations", key), fault


def _one_shot(rule: Raw) -> Iterator[Finding]:
    if "window" in part(rule, "call"):
        return
    for key in _ONE_SHOT:
        if key in rule:
            message = f"without a window each bad call is an alert of its own, which has no {key}; delete it"
            yield (key, KEY), message
