"""Shares with their intervals, and what is counted in the tables."""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from benchmarks.diagnosis.score import Outcome
from benchmarks.diagnosis.world import SHARED

Test = Callable[[Outcome], bool]
_Z = 1.959964


def share(values: Iterable[bool]) -> str:
    """Return a share with its 95 % interval (Wilson) and its number of cases."""
    found = [bool(value) for value in values]
    count = len(found)
    if not count:
        return "-"
    p = sum(found) / count
    middle = (p + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    reach = _Z * math.sqrt(p * (1 - p) / count + _Z**2 / (4 * count**2)) / (1 + _Z**2 / count)
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return f"{p:.2f} ({low:.2f} to {high:.2f}, n={count})"


def quantiles(values: Sequence[float], of: Sequence[float]) -> list[float]:
    """Return quantiles, NaN without values."""
    return [float(np.quantile(values, q)) if len(values) else float("nan") for q in of]


def faulty(one: Outcome) -> bool:
    """One fault only: two at once are told apart in a row of their own."""
    return one.fault is not None and one.scene.label != "two_faults"


def many(one: Outcome) -> bool:
    return faulty(one) and one.scene.users > 2 and one.scene.severity != "mild"


def two(one: Outcome) -> bool:
    return faulty(one) and one.scene.users == 2


def mild(one: Outcome) -> bool:
    return faulty(one) and one.scene.users > 2 and one.scene.severity == "mild"


def top1(one: Outcome) -> bool:
    return one.top1


def top3(one: Outcome) -> bool:
    return one.top3


def person(one: Outcome) -> bool:
    return one.person


def wrong(one: Outcome) -> bool:
    return one.accused_wrongly


def confirmed(one: Outcome) -> bool:
    return one.found and one.confidence >= 0.85


def of(found: Iterable[Outcome], where: Test, what: Test) -> str:
    """Return the share of ``what`` among the outcomes ``where``."""
    return share(what(one) for one in found if where(one))


def blames_somebody(one: Outcome) -> bool:
    return one.fault is None or one.fault.kind != SHARED


def calibration_error(found: Sequence[Outcome], bins: int = 10) -> float:
    """Return how far confidences lie from what was right, weighted over ten bins (ECE)."""
    answered = [one for one in found if one.found and one.fault is not None]
    if not answered:
        return float("nan")
    gap = 0.0
    for n in range(bins):
        mine = [one for one in answered if n / bins <= one.confidence < (n + 1) / bins]
        if mine:
            right = sum(one.top1 for one in mine) / len(mine)
            gap += abs(right - sum(one.confidence for one in mine) / len(mine)) * len(mine)
    return gap / len(answered)
