"""What the keys of events, calls and composites must agree on; reads plain values, as checks.py does."""

from collections.abc import Iterator

from bot.model.catalog import CALL_FIELDS
from bot.rules.compare import RISING
from bot.rules.thresholds import (
    KEY,
    Coded,
    Finding,
    Raw,
    below,
    coded,
    compared_findings,
    levels_in,
    op_of,
    part,
)

RATES = tuple(name for name, field in CALL_FIELDS.items() if field.unit == "%")
"""What of a call is measured in percent."""


def events_findings(events: Raw, by: object) -> Iterator[Coded]:
    """Yield what is wrong with a condition on diagnosis events, in a rule with these labels in ``by``."""
    yield from _numbers(events)
    if events.get("per") == "host":
        yield from coded("events/host", _per_host(events))
    yield from coded("rule/impossible", _never(events, by))
    if "factors" in events and not {"all_of", "any_of", "none_of"} & part(events, "factors").keys():
        yield ("factors", KEY), "rule/schema", "give factors at least one of all_of, any_of, none_of"


def _never(events: Raw, by: object) -> Iterator[Finding]:
    together = part(events, "experience").get("all_of")
    if isinstance(together, list) and len(together) > 1 and events.get("per", "event") == "event":
        yield ("experience", "all_of"), "one event has one experience; write per: user, channel or host"
    for key in ("count", "share"):
        op = op_of(part(events, key))
        if isinstance(by, list) and len(by) > 1 and op and op not in RISING:
            message = "only series with events are seen, so few can never be found;"
            yield (key, "op"), f"{message} use > or >=, or by: [project]"


def call_findings(call: Raw) -> Iterator[Coded]:
    """Yield what is wrong with a condition on finished calls."""
    if "window" in call:
        yield from _numbers(call)
    else:
        yield from compared_findings(call)
    yield from coded("rule/schema", _call_keys(call))
    if call.get("name") in RATES:
        for path, value in levels_in(call):
            if not 0 <= value <= 100:
                message = f"{call['name']} is a percentage; give a threshold from 0 to 100, not {value:g}"
                yield path, "rule/impossible", message


def _call_keys(call: Raw) -> Iterator[Finding]:
    if "window" not in call:
        for key in ("count", "share"):
            if key in call:
                yield (key, KEY), f"without a window each call is judged alone; delete {key} or give a window"
        return
    if "thresholds" in call:
        message = "with a window this says which calls are bad; write threshold, and the ladder below count"
        yield ("thresholds", KEY), message
    elif "threshold" not in call:
        yield (), "give threshold, from which on a call is bad"


def composite_findings(composite: Raw) -> Iterator[Coded]:
    """Yield what is wrong with a composite by itself."""
    yield from coded("rule/schema", _lists(composite))
    equal = composite.get("equal")
    if isinstance(equal, list) and "project" not in equal:
        yield ("equal",), "composite/equal", "equal must hold project; write it first, like [project, cname]"


def _lists(composite: Raw) -> Iterator[Finding]:
    any_of, wanted = composite.get("any_of"), composite.get("at_least")
    if "all_of" not in composite and "any_of" not in composite:
        yield (), "give at least one of all_of, any_of; none_of alone holds whenever nothing is wrong"
    if wanted is not None and not isinstance(any_of, list):
        yield ("at_least", KEY), "at_least counts within any_of, which is not there"
    elif isinstance(any_of, list) and isinstance(wanted, int) and wanted > len(any_of):
        yield ("at_least",), f"any_of names {len(any_of)}, so at_least is {len(any_of)} at most"


def _numbers(condition: Raw) -> Iterator[Coded]:
    """Yield what is wrong with ``count`` and ``share`` of events and calls alike."""
    if "count" not in condition and "share" not in condition:
        yield (), "rule/schema", "give at least one of count, share"
    for key in ("count", "share"):
        compared = part(condition, key)
        if isinstance(condition.get(key), dict):
            yield from below((key,), compared_findings(compared))
        for path, value in levels_in(compared):
            if key == "count" and value < 0:
                message = "a count is never below 0; give a threshold from 0 on"
                yield (key, *path), "rule/impossible", message
            if key == "share" and not 0 <= value <= 100:
                message = f"a share is a percentage; give a threshold from 0 to 100, not {value:g}"
                yield (key, *path), "rule/impossible", message


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
