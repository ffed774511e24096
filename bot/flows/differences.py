"""What fires in one rule set and not, or otherwise, in another (pure)."""

from collections import defaultdict
from collections.abc import Sequence

from bot.model.backtest import Difference, Fired


def differences(here: Sequence[Fired], there: Sequence[Fired], end: int) -> tuple[int, list[Difference]]:
    """Return how many lives are the same in both, and those that are not, in order of time.

    Two lives of one alert (name and labels) that overlap are one life, told differently.
    """
    waiting: dict[object, list[Fired]] = defaultdict(list)
    for one in there:
        waiting[one.alert, one.labels].append(one)
    same, found = 0, []
    for one in here:
        others = waiting[one.alert, one.labels]
        other = next((o for o in others if _overlap(one, o, end)), None)
        if other is not None:
            others.remove(other)
        if other is not None and _alike(one, other):
            same += 1
        else:
            found.append(Difference(here=one, there=other))
    found += [Difference(here=None, there=one) for others in waiting.values() for one in others]
    return same, sorted(found, key=_when)


def _overlap(one: Fired, other: Fired, end: int) -> bool:
    last, other_last = one.fired_at + one.lasted_s(end), other.fired_at + other.lasted_s(end)
    return one.active_at <= other_last and other.active_at <= last


def _alike(one: Fired, other: Fired) -> bool:
    return one.stretches == other.stretches and one.resolved_at == other.resolved_at


def _when(difference: Difference) -> tuple[int, str, object]:
    one = difference.here or difference.there
    return (one.fired_at, one.alert, one.labels) if one else (0, "", ())
