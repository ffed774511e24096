"""Answers about the past: hours or days in order, and sums by dimension."""

from collections.abc import Iterator

from bot.simulator.agora.endpoints import DAY_S, HOUR_S
from bot.simulator.agora.traffic.draw import draw
from bot.simulator.agora.traffic.traits import country_of, product_of, trait
from bot.simulator.agora.traffic.volumes import Stay, minutes, volume
from bot.simulator.agora.traffic.windows import is_measured, mean_rate
from bot.simulator.agora.values import Answer, Json

from .endpoints import SIZE, USUAL_VALUES_AT_MOST, VALUES_AT_MOST
from .envelopes import data, number
from .questions import Question
from .world import World

_SIZES = ((2, "1-2"), (10, "3-10"), (50, "11-50"), (1 << 30, "51+"))
"""Which scale Agora has set for the size of channels is not documented."""


def usage_by_time(world: World, asked: Question) -> Answer:
    rows = [
        {asked.metric: volume(asked.metric, world.project.stays(start, end), start, end), "ts": start}
        for start, end in _steps(asked)
    ]
    return data(rows)


def quality_by_time(world: World, asked: Question) -> Answer:
    if not is_measured(asked.metric, asked.product):
        return data([])
    rows = [
        {asked.metric: number(_varied(world, asked.metric, mean, asked.product)), "ts": start}
        for start, mean in ((start, _mean(world, asked.metric, start, end)) for start, end in _steps(asked))
    ]
    return data(rows)


def usage_sum(world: World, asked: Question) -> Answer:
    stays = _stays(world, asked)
    if not asked.dimension:
        return data([{asked.metric: volume(asked.metric, stays, asked.start, asked.end)}], "null")
    rows: list[Json] = [
        {_key(asked): name, asked.metric: volume(asked.metric, part, asked.start, asked.end)}
        for name, part in _parts(asked, stays)
    ]
    return data(_largest(asked, rows, asked.metric), "null")


def quality_sum(world: World, asked: Question) -> Answer:
    """Each value of a dimension is a bit better or worse than all of them together."""
    stays, mean = _stays(world, asked), _mean(world, asked.metric, int(asked.start), int(asked.end))
    if not asked.dimension:
        return data([_quality(asked, stays, mean)], "null")
    rows = [
        {_key(asked): name} | _quality(asked, part, _varied(world, asked.metric, mean, name))
        for name, part in _parts(asked, stays)
    ]
    return data(_largest(asked, rows, "refUsage"), "null")


def _steps(asked: Question) -> Iterator[tuple[int, int]]:
    """Yield whole UTC days within the window, or whole hours that begin in it, the last instant included."""
    if asked.texts["aggregateGranularity"] == "1d":
        step, last = DAY_S, asked.end - DAY_S
    else:
        step, last = HOUR_S, asked.end
    first = -(-int(asked.start) // step) * step
    for start in range(first, int(last) + 1, step):
        if start + step <= asked.known_until:
            yield start, start + step


def _stays(world: World, asked: Question) -> list[Stay]:
    stays = world.project.stays(asked.start, asked.end)
    return [
        (call, session)
        for call, session in stays
        if not asked.country or country_of(session.person) == asked.country
    ]


def _parts(asked: Question, stays: list[Stay]) -> list[tuple[str, list[Stay]]]:
    parts: dict[str, list[Stay]] = {}
    for call, session in stays:
        if asked.dimension == SIZE:
            name = next(name for most, name in _SIZES if len(call.people) <= most)
        else:
            name = trait(session.person, asked.dimension)
        if not asked.values or name in asked.values:
            parts.setdefault(name, []).append((call, session))
    return list(parts.items())


def _key(asked: Question) -> str:
    """The examples of the reference answer under sdkVersion whatever the table says."""
    return "sdkVersion" if asked.dimension == "sdk" else asked.dimension


def _largest(asked: Question, rows: list[Json], by: str) -> list[Json]:
    at_most = VALUES_AT_MOST.get(asked.dimension, USUAL_VALUES_AT_MOST)
    return sorted(rows, key=lambda row: -row[by])[:at_most]


def _quality(asked: Question, stays: list[Stay], value: float) -> Json:
    """Return a rate with what weighs it: attempts to join, or minutes."""
    if asked.metric.startswith("join"):
        used = round(len(stays) / value)
    else:
        used = round(minutes(_hearing(asked, stays), asked.start, asked.end))
    return {"refUsage": used, asked.metric: number(value)}


def _hearing(asked: Question, stays: list[Stay]) -> list[Stay]:
    """Return the stays in which the metric is measured."""
    return [
        (call, session) for call, session in stays if is_measured(asked.metric, product_of(session.person))
    ]


def _mean(world: World, metric: str, start: int, end: int) -> float:
    return mean_rate(world.project, metric, range(start // 60 * 60, end, 60))


def _varied(world: World, metric: str, mean: float, name: str) -> float:
    part = draw(world.project.seed, metric, name).uniform(0.8, 1.2)
    return 1 - (1 - mean) * part if metric.startswith("join") else mean * part
