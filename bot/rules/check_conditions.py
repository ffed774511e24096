"""What the keys of events, calls and composites must agree on; reads plain values, as checks.py does."""

from collections.abc import Iterator

from bot.rules.compare import RISING
from bot.rules.thresholds import KEY, Finding, Raw, below, compared_findings, levels_in, op_of, part


def events_findings(events: Raw, by: object) -> Iterator[Finding]:
    """Yield what is wrong with a condition on diagnosis events, in a rule with these labels in ``by``."""
    yield from _numbers(events)
    if events.get("per") == "host":
        yield from _per_host(events)
    together = part(events, "experience").get("all_of")
    if isinstance(together, list) and len(together) > 1 and events.get("per", "event") == "event":
        yield ("experience", "all_of"), "one event has one experience; write per: user, channel or host"
    if "factors" in events and not {"all_of", "any_of", "none_of"} & part(events, "factors").keys():
        yield ("factors", KEY), "give factors at least one of all_of, any_of, none_of"
    for key in ("count", "share"):
        op = op_of(part(events, key))
        if isinstance(by, list) and len(by) > 1 and op and op not in RISING:
            message = "only series with events are seen, so few can never be found;"
            yield (key, "op"), f"{message} use > or >=, or by: [project]"


def call_findings(call: Raw) -> Iterator[Finding]:
    """Yield what is wrong with a condition on finished calls."""
    if "window" not in call:
        yield from compared_findings(call)
        for key in ("count", "share"):
            if key in call:
                yield (key, KEY), f"without a window each call is judged alone; delete {key} or give a window"
        return
    yield from _numbers(call)
    if "thresholds" in call:
        message = "with a window this says which calls are bad; write threshold, and the ladder below count"
        yield ("thresholds", KEY), message
    elif "threshold" not in call:
        yield (), "give threshold, from which on a call is bad"


def composite_findings(composite: Raw) -> Iterator[Finding]:
    """Yield what is wrong with a composite by itself."""
    any_of, wanted = composite.get("any_of"), composite.get("at_least")
    if "all_of" not in composite and "any_of" not in composite:
        yield (), "give at least one of all_of, any_of; none_of alone holds whenever nothing is wrong"
    if wanted is not None and not isinstance(any_of, list):
        yield ("at_least", KEY), "at_least counts within any_of, which is not there"
    elif isinstance(any_of, list) and isinstance(wanted, int) and wanted > len(any_of):
        yield ("at_least",), f"any_of names {len(any_of)}, so at_least is {len(any_of)} at most"
    equal = composite.get("equal")
    if isinstance(equal, list) and "project" not in equal:
        yield ("equal",), "equal must hold project; write it first, like [project, cname]"


def _numbers(condition: Raw) -> Iterator[Finding]:
    """Yield what is wrong with ``count`` and ``share`` of events and calls alike."""
    if "count" not in condition and "share" not in condition:
        yield (), "give at least one of count, share"
    for key in ("count", "share"):
        compared = part(condition, key)
        if isinstance(condition.get(key), dict):
            yield from below((key,), compared_findings(compared))
        for path, value in levels_in(compared):
            if key == "count" and value < 0:
                yield (key, *path), "a count is never below 0; give a threshold from 0 on"
            if key == "share" and not 0 <= value <= 100:
                yield (key, *path), f"a share is a percentage; give a threshold from 0 to 100, not {value:g}"


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
