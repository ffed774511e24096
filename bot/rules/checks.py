"""What several keys of a rule must agree on.

These checks read the plain values, not the models, so that one wrong key never hides another problem:
each looks only at values that are what they should be, and leaves the rest to grammar.py.
"""

import re
from collections.abc import Iterator

from bot.rules.compare import RISING
from bot.rules.templates import faults
from bot.rules.thresholds import (
    KEY,
    SEVERITIES,
    Finding,
    Raw,
    below,
    compared_findings,
    levels_in,
    metric_findings,
    op_of,
    part,
)
from bot.rules.wording import one_of, shown

_ENGINE_LABELS = ("alertname", "project", "cname", "user", "experience", "factor")
_KINDS = ("metric", "events", "call", "composite")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_group(group: Raw) -> Iterator[Finding]:
    """Yield what is wrong with a group's own labels."""
    labels = part(group, "labels")
    yield from _label_names(labels)
    if "severity" in labels:
        yield ("labels", "severity", KEY), "severity belongs to a rule; move it into the labels of the rules"


def check_rule(rule: Raw, group_labels: Raw) -> Iterator[Finding]:
    """Yield everything in one rule that does not fit together."""
    yield from _kind(rule)
    yield from _by(rule)
    yield from _label_names(part(rule, "labels"))
    yield from _severity(rule)
    yield from _annotations(rule, group_labels)
    if isinstance(rule.get("metric"), dict):
        yield from below(("metric",), metric_findings(part(rule, "metric")))
    if isinstance(rule.get("events"), dict):
        yield from below(("events",), _events(part(rule, "events")))
        yield from _absence(rule)


def _kind(rule: Raw) -> Iterator[Finding]:
    given = [key for key in _KINDS if key in rule]
    if not given:
        yield (), f"give exactly one of {', '.join(_KINDS)}; none is there"
    for extra in given[1:]:
        yield (extra, KEY), f"give exactly one of {', '.join(_KINDS)}; {given[0]} is there already"


def _by(rule: Raw) -> Iterator[Finding]:
    by = rule.get("by")
    if not isinstance(by, list):
        return
    if by and "project" not in by:
        yield ("by",), "by must hold project; write it first, like [project, cname]"
    if "metric" in rule:
        for place, label in enumerate(by):
            if label != "project":
                yield ("by", place), f"metrics are per project; delete {shown(label)} or count events instead"


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
    holders = (part(rule, "metric"), part(part(rule, "events"), "count"))
    if any("thresholds" in holder for holder in holders):
        yield (
            ("labels", "severity", KEY),
            "thresholds give the severity; delete this label or write threshold",
        )
    elif isinstance(severity, str) and severity not in SEVERITIES:
        yield ("labels", "severity"), f"severity is {one_of(SEVERITIES)}, not {shown(severity)}"


def _annotations(rule: Raw, group_labels: Raw) -> Iterator[Finding]:
    by = rule.get("by")
    names = {"project", *group_labels, *part(rule, "labels")} - {"severity"}
    if isinstance(by, list):
        names |= {label for label in by if isinstance(label, str)}
    for key, template in part(rule, "annotations").items():
        if isinstance(template, str):
            for fault in faults(template, names):
                yield ("annotations", key), fault


def _events(events: Raw) -> Iterator[Finding]:
    count = part(events, "count")
    if isinstance(events.get("count"), dict):
        yield from below(("count",), compared_findings(count))
    for path, value in levels_in(count):
        if value < 0:
            yield ("count", *path), "a count is never below 0; give a threshold from 0 on"
    if events.get("per") == "host":
        yield from _per_host(events)
    together = part(events, "experience").get("all_of")
    if isinstance(together, list) and len(together) > 1 and events.get("per", "event") == "event":
        yield ("experience", "all_of"), "one event has one experience; write per: user, channel or host"
    if "factors" in events and not {"all_of", "any_of", "none_of"} & part(events, "factors").keys():
        yield ("factors", KEY), "give factors at least one of all_of, any_of, none_of"


def _absence(rule: Raw) -> Iterator[Finding]:
    by, op = rule.get("by"), op_of(part(part(rule, "events"), "count"))
    if isinstance(by, list) and len(by) > 1 and op and op not in RISING:
        message = "only series with events are seen, so few can never be found; use > or >=, or by: [project]"
        yield ("events", "count", "op"), message


def _per_host(events: Raw) -> Iterator[Finding]:
    if part(events, "count").get("of") == "hosts":
        yield ("count", "of"), "per: host makes one set per host, so hosts is always 1; count users or events"
    factors = part(events, "factors")
    if factors.get("host") == "local":
        yield ("factors", "host"), "per: host looks at remote causes only; write remote or delete the key"
    for key in ("all_of", "any_of", "none_of"):
        items = factors.get(key)
        for place, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict) and item.get("host") == "local":
                yield ("factors", key, place, "host"), "per: host looks at remote causes only; write remote"
