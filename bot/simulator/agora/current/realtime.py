"""Answers about now: windows of 20 seconds, of the project, a channel, its users or a dimension."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.simulator.agora.traffic.calls import Call
from bot.simulator.agora.traffic.playback import AUDIO, DELAY, VIDEO, Played, rate
from bot.simulator.agora.traffic.traits import product_of, trait
from bot.simulator.agora.traffic.windows import is_measured, window_rate
from bot.simulator.agora.values import Answer, Json

from .endpoints import USUAL_VALUES_AT_MOST, VALUES_AT_MOST
from .envelopes import data, number
from .questions import WINDOW_S, Question
from .world import World

_KINDS: Mapping[str, str] = {"audioFreezeRate": AUDIO, "videoFreezeRate": VIDEO, "networkDelay": DELAY}


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """One user of one call in a window."""

    call: Call
    played: Played


def usage_now(world: World, asked: Question) -> Answer:
    """Windows in which nobody is there have no row."""
    counted = ((ts, _there(world, asked, ts)) for ts in _windows(world, asked))
    if asked.dimension:
        rows = [
            {asked.metric: _count(asked, part), asked.dimension: name, "ts": ts}
            for ts, there in counted
            for name, part in _parts(asked, there)
        ]
        return data(rows, None)
    return data([{asked.metric: _count(asked, there), "ts": ts} for ts, there in counted if there])


def quality_now(world: World, asked: Question) -> Answer:
    """Browsers do not measure frozen audio, and nothing is measured where nobody receives anything."""
    if asked.uids:
        return data([{"uid": uid, "values": _of_user(world, asked, uid)} for uid in asked.uids])
    rows = [
        {asked.metric: number(value), **named, "ts": ts}
        for ts in _windows(world, asked)
        for named, value in _rates(world, asked, ts)
        if value is not None
    ]
    return data(rows)


def _rates(world: World, asked: Question, ts: int) -> list[tuple[dict[str, str], float | None]]:
    """Return the rates of a window, each with the value of the dimension that it belongs to."""
    if asked.dimension:
        parts = _parts(asked, _there(world, asked, ts))
        return [({asked.dimension: name}, _narrow(world, asked, ts, there)) for name, there in parts]
    if "cname" in asked.texts:
        return [({}, _narrow(world, asked, ts, _there(world, asked, ts)))]
    return [({}, _whole(world, asked, ts))]


def usage_top(world: World, asked: Question) -> Answer:
    rows = [
        {asked.dimension: name, "userCount": count, **_span(asked)} for name, count, _ in _top(world, asked)
    ]
    return data({"list": rows}, None)


def quality_top(world: World, asked: Question) -> Answer:
    rows: list[Json] = []
    for name, count, there in _top(world, asked):
        value = _narrow(world, asked, int(asked.start) // WINDOW_S * WINDOW_S, there)
        counted = {"userCount": count} if "extraMetrics" in asked.texts else {}
        if value is not None:
            rows.append({asked.metric: number(value), **counted, asked.dimension: name, **_span(asked)})
    return data({"list": rows}, None)


def _windows(world: World, asked: Question) -> Iterator[int]:
    """Yield the windows from the one that holds the start to before the one that holds the end."""
    first, last = (int(at) // WINDOW_S * WINDOW_S for at in (asked.start, asked.end))
    return (ts for ts in range(first, last, WINDOW_S) if _has_arrived(world, asked, ts))


def _has_arrived(world: World, asked: Question, ts: int) -> bool:
    """While data come late, they come as late as the minutes of 2019."""
    is_late = any(run.scenario == "late_data" for run in world.project.runs(ts, ts + WINDOW_S))
    return not is_late or world.project.arrives_at(ts // 60 * 60) <= asked.now


def _there(world: World, asked: Question, ts: int) -> list[There]:
    """Return who of the product is in a call at some time of a window."""
    return [
        There(call=call, played=played)
        for call in world.project.calls.overlapping(ts, ts + WINDOW_S, asked.texts.get("cname"))
        for played in world.playback.of(call)
        if played.session.join < ts + WINDOW_S
        and played.session.leave > ts
        and product_of(played.session.person) == asked.product
    ]


def _count(asked: Question, there: list[There]) -> int:
    if asked.metric == "channelCount":
        return len({one.call for one in there})
    return _users(there)


def _parts(asked: Question, there: list[There]) -> list[tuple[str, list[There]]]:
    parts: dict[str, list[There]] = {}
    for one in there:
        name = trait(one.played.session.person, asked.dimension)
        if not asked.values or name in asked.values:
            parts.setdefault(name, []).append(one)
    largest = sorted(parts.items(), key=lambda part: -len(part[1]))
    return largest[: VALUES_AT_MOST.get(asked.dimension, USUAL_VALUES_AT_MOST)]


def _whole(world: World, asked: Question, ts: int) -> float | None:
    if not is_measured(asked.metric, asked.product):
        return None
    return window_rate(world.project, asked.metric, asked.product, ts)


def _narrow(world: World, asked: Question, ts: int, there: list[There]) -> float | None:
    """Return a rate of some users; how they joined is known of the whole project only."""
    if asked.metric not in _KINDS:
        return window_rate(world.project, asked.metric, asked.product, ts) if there else None
    return rate([one.played for one in there], _KINDS[asked.metric], ts, ts + WINDOW_S)


def _of_user(world: World, asked: Question, uid: int) -> list[Json]:
    values: list[Json] = []
    for ts in _windows(world, asked):
        there = [one for one in _there(world, asked, ts) if one.played.session.person.uid == uid]
        value = _narrow(world, asked, ts, there)
        if value is not None:
            values.append({"ts": ts, asked.metric: number(value)})
    return values


def _top(world: World, asked: Question) -> list[tuple[str, int, list[There]]]:
    there = _there(world, asked, int(asked.start) // WINDOW_S * WINDOW_S)
    return [(name, _users(part), part) for name, part in _parts(asked, there)]


def _users(there: list[There]) -> int:
    return len({(one.call.cname, one.played.session.person.uid) for one in there})


def _span(asked: Question) -> Json:
    return {"windowStartTs": int(asked.start), "windowEndTs": int(asked.start) + WINDOW_S}
