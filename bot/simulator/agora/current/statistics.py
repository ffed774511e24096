"""Answers about the freezes of one call: by dimension, by how bad, and minute by minute."""

from bot.simulator.agora.traffic.calls import Call
from bot.simulator.agora.traffic.draw import draw
from bot.simulator.agora.traffic.playback import AUDIO, VIDEO, Played, rate
from bot.simulator.agora.traffic.traits import trait
from bot.simulator.agora.values import Answer, Json

from .endpoints import FREEZES, FREEZING_USERS
from .envelopes import call_head, number
from .questions import Question
from .world import World

_KINDS = dict(zip((*FREEZES, *FREEZING_USERS), (AUDIO, VIDEO) * 2, strict=True))
_BUCKETS = ((0.03, "[0%,3%)"), (0.05, "[3%,5%)"), (0.1, "[5%,10%)"), (2.0, "[10%,100%)"))
_FREEZING_FROM = {AUDIO: 0.03, VIDEO: 0.05}
"""From this rate on Agora's console says that a user freezes."""
_GAP_CHANCE = 0.1


def statistics(world: World, asked: Question) -> Answer:
    by_value: dict[str, list[float]] = {}
    for played, value in _user_rates(world, asked):
        by_value.setdefault(trait(played[0].session.person, asked.dimension), []).append(value)
    rows: list[Json] = [
        {"dimension_value": name, "user_count": len(rates), "value": number(sum(rates) / len(rates))}
        for name, rates in by_value.items()
    ]
    return _answer(asked, rows)


def freeze_buckets(world: World, asked: Question) -> Answer:
    """Buckets without a user are absent."""
    counts: dict[str, int] = {}
    for _, value in _user_rates(world, asked):
        bucket = next(name for below, name in _BUCKETS if value < below)
        counts[bucket] = counts.get(bucket, 0) + 1
    return _answer(asked, [{"bucket": name, "user_count": count} for name, count in counts.items()])


def over_time(world: World, asked: Question) -> Answer:
    """Here and there a minute is missing."""
    call = world.call_of(asked)
    users = _users(world, call) if call is not None else []
    first = int(asked.start) // 60 * 60
    rows: list[Json] = []
    for minute in range(first, int(asked.end) - 59, 60):
        present = [played for played in users if any(_is_there(one, minute) for one in played)]
        value = _value(asked.metric, present, minute)
        if present and value is not None and draw(asked.texts["call_id"], minute).random() >= _GAP_CHANCE:
            rows.append({"ts": minute, "value": number(value)})
    return _answer(asked, rows)


def _value(metric: str, present: list[list[Played]], minute: int) -> float | None:
    if metric == "user_count":
        return len(present)
    kind = _KINDS[metric]
    if metric in FREEZES:
        return rate([one for played in present for one in played], kind, minute, minute + 60)
    rates = [rate(played, kind, minute, minute + 60) or 0 for played in present]
    return sum(value > _FREEZING_FROM[kind] for value in rates)


def _users(world: World, call: Call) -> list[list[Played]]:
    """Return the sessions of a call user by user."""
    by_uid: dict[int, list[Played]] = {}
    for played in world.playback.of(call):
        by_uid.setdefault(played.session.person.uid, []).append(played)
    return list(by_uid.values())


def _user_rates(world: World, asked: Question) -> list[tuple[list[Played], float]]:
    """Return the sessions and the rate of every user who measured freezes in the window."""
    call = world.call_of(asked)
    users = _users(world, call) if call is not None else []
    rates = [(played, rate(played, _KINDS[asked.metric], asked.start, asked.end)) for played in users]
    return [(played, value) for played, value in rates if value is not None]


def _is_there(played: Played, minute: int) -> bool:
    return played.session.join < minute + 60 and played.session.leave >= minute


def _answer(asked: Question, rows: list[Json]) -> Answer:
    draw("order", asked.endpoint.path, asked.start, asked.end, len(rows)).shuffle(rows)
    message = f"Success request: {asked.endpoint.path}"
    return Answer(body=call_head(asked, message) | {"data": rows})
