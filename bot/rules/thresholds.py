"""What the thresholds of a condition must agree on, read from the plain values as checks.py does."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, TypeGuard

from bot.model.catalog import METRICS
from bot.model.time import MINUTE_S
from bot.model.verdict import Severity
from bot.rules import duration
from bot.rules.compare import HOLDS, RISING
from bot.rules.document import Path
from bot.rules.wording import one_of

Finding = tuple[Path, str]
"""A path below the checked part, and what is wrong there. A path that ends with KEY means its key."""
Coded = tuple[Path, str, str]
"""A finding with the name of its check between the two."""
Raw = dict[str, Any]

KEY = "\0key"
SEVERITIES = tuple(severity.word for severity in Severity)
_STRICT = {">": ">", ">=": ">", "<": "<", "<=": "<"}


def coded(code: str, findings: Iterable[Finding]) -> Iterator[Coded]:
    """Yield findings with the name of the check that found them."""
    for path, message in findings:
        yield path, code, message


def metric_findings(metric: Raw) -> Iterator[Coded]:
    """Yield what is wrong with a metric condition as a whole."""
    if "baseline" not in metric or {"op", "threshold", "thresholds"} & metric.keys():
        yield from compared_findings(metric)
    yield from coded("metric/resolve", _resolve(metric))
    yield from coded("metric/window", _samples(metric))
    known = METRICS.get(str(metric.get("name")))
    if known and known.unit == "%":
        yield from coded("metric/aggregate", _sum(metric))
        yield from coded("rule/impossible", _percent(metric))


def compared_findings(holder: Raw) -> Iterator[Coded]:
    """Yield what is wrong with ``threshold`` or ``thresholds`` of a metric or a count."""
    yield from coded("rule/schema", _given(holder))
    yield from coded("metric/ladder", _ladder(holder))


def _given(holder: Raw) -> Iterator[Finding]:
    given = [key for key in ("threshold", "thresholds") if key in holder]
    if "op" not in holder:
        yield (), 'the key "op" is missing'
    if not given:
        yield (), "give exactly one of threshold, thresholds; neither is there"
    if len(given) == 2:
        yield ("thresholds", KEY), "give exactly one of threshold, thresholds; both are there"
    if isinstance(holder.get("thresholds"), dict) and not holder["thresholds"]:
        yield ("thresholds",), f"give at least one of {one_of(SEVERITIES)}"


def _ladder(holder: Raw) -> Iterator[Finding]:
    op, steps = op_of(holder), [(path, value) for path, value in levels_in(holder) if len(path) == 2]
    if op in ("==", "!=") and len(steps) > 1:
        yield ("op",), f'a ladder needs >, >=, < or <=; with "{op}" write threshold'
    if op not in _STRICT:
        return
    side = "above" if op in RISING else "below"
    for (milder, low), (path, high) in pairwise(steps):
        if not HOLDS[_STRICT[op]](high, low):
            yield path, f'with "{op}" {path[1]} must be {side} {milder[1]}; {high:g} is not {side} {low:g}'


def _resolve(metric: Raw) -> Iterator[Finding]:
    op, resolve, levels = op_of(metric), metric.get("resolve_threshold"), levels_in(metric)
    if resolve is None:
        return
    if op in ("==", "!="):
        yield ("resolve_threshold", KEY), f'resolve_threshold needs >, >=, < or <=; delete it with "{op}"'
    if op in _STRICT and levels and _is_number(resolve) and HOLDS[_STRICT[op]](resolve, levels[0][1]):
        side = "above" if op in RISING else "below"
        message = (
            f'with "{op}" resolve_threshold must not be {side} {levels[0][1]:g}, or nothing ever resolves'
        )
        yield ("resolve_threshold",), message


def _samples(metric: Raw) -> Iterator[Finding]:
    needed = metric.get("min_samples")
    try:
        minutes = duration.window(metric.get("window")) // MINUTE_S
    except ValueError:
        return
    if _is_number(needed) and needed > minutes:
        yield ("min_samples",), f"the window holds {minutes} minutes, so min_samples is {minutes} at most"


def _sum(metric: Raw) -> Iterator[Finding]:
    if metric.get("aggregate") == "sum":
        yield ("aggregate",), "a sum of percentages means nothing; use avg, min, max, last or a percentile"


def _percent(metric: Raw) -> Iterator[Finding]:
    levels = levels_in(metric)
    if _is_number(metric.get("resolve_threshold")):
        levels.append((("resolve_threshold",), metric["resolve_threshold"]))
    for path, value in levels:
        if not 0 <= value <= 100:
            yield path, f"{metric['name']} is a percentage; give a threshold from 0 to 100, not {value:g}"


def op_of(holder: Raw) -> str:
    """Return the operator, empty where it is none."""
    op = holder.get("op")
    return op if isinstance(op, str) and op in HOLDS else ""


def levels_in(holder: Raw) -> list[tuple[tuple[str, ...], float]]:
    """Return the thresholds that are numbers, mildest first, with their paths."""
    ladder = part(holder, "thresholds")
    paths = [("threshold",), *(("thresholds", word) for word in SEVERITIES)]
    values = [holder.get("threshold"), *(ladder.get(word) for word in SEVERITIES)]
    return [(path, value) for path, value in zip(paths, values, strict=True) if _is_number(value)]


def part(raw: Raw, key: str) -> Raw:
    """Return the mapping below a key, empty where there is none."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def below(path: Path, findings: Iterator[Coded]) -> Iterator[Coded]:
    """Yield findings with ``path`` before their own."""
    for rest, code, message in findings:
        yield (*path, *rest), code, message
