"""Diagnosis rows: who suffers in a minute, how, and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from bot.simulator.agora.runs import Run
from bot.simulator.agora.values import Json

from .calls import Call, Calls
from .cast import Hurt
from .channels import CHANNELS
from .draw import draw
from .people import UIDS

VIDEO_FREEZE, AUDIO_FREEZE, JOIN_DELAY = 4, 5, 6
BACKGROUND_CHANCE = 0.35
_LOCAL = ""
# 18 is in no table of Agora's, yet in an answer that Agora printed.
_BACKGROUND = {
    VIDEO_FREEZE: (8, 10, 18, 21, 23, 29, 46),
    AUDIO_FREEZE: (9, 11, 12, 18, 24, 47),
    JOIN_DELAY: (18, 29, 36, 38),
}

Tags = list[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One minute of one run; ``at`` is a second of it at which the run is on."""

    at: float
    chance: Random
    calls: Calls
    hurts: tuple[Hurt, ...]


def rows_of(
    seed: int, app_id: str, minute: int, casts: Mapping[Run, tuple[Hurt, ...]], calls: Calls
) -> list[Json]:
    """Return the rows of the minute that begins at ``minute``, all of them, in no order."""
    chance = draw(seed, app_id, "rows", minute)
    rows = list(_background(chance, minute, calls)) if chance.random() < BACKGROUND_CHANCE else []
    for run, hurts in casts.items():
        rows += _of_run(seed, minute, run, hurts, calls)
    return rows


def _of_run(seed: int, minute: int, run: Run, hurts: tuple[Hurt, ...], calls: Calls) -> Iterator[Json]:
    recipe = _RECIPES.get(run.scenario)
    if recipe is None:
        return
    chance = draw(seed, run.run_id, "rows", minute)
    at = (max(minute, run.start) + min(minute + 60, run.end)) / 2
    for row in recipe(Scene(at=at, chance=chance, calls=calls, hurts=hurts)):
        row["ts"] = minute + chance.randrange(60)
        if run.start <= row["ts"] < run.end:
            yield row


def _row(user: int, exp_id: int, cname: str, tags: Tags) -> Json:
    causes = [{"factor_id": factor, "host_user": host} for factor, host in tags]
    return {"user": str(user), "exp_id": exp_id, "cname": cname, "cause_tags": causes, "ts": 0}


def _background(chance: Random, minute: int, calls: Calls) -> Iterator[Json]:
    running = calls.running(minute)
    if not running:
        return
    call = chance.choice(running)
    exp_id = chance.choice(tuple(_BACKGROUND))
    hosts = [_LOCAL] if exp_id == JOIN_DELAY else [_LOCAL, _LOCAL, str(call.senders[-1])]
    factors = chance.sample(_BACKGROUND[exp_id], chance.randint(1, 3))
    user = chance.choice([person.uid for person in call.people if not person.is_server])
    tags = [(factor, chance.choice(hosts)) for factor in factors]
    if tags[0] == (18, str(call.senders[-1])) and len(tags) < 3:
        tags.append((18, _LOCAL))
    row = _row(user, exp_id, call.cname, tags)
    row["ts"] = minute + chance.randrange(60)
    yield row


def _call_of(scene: Scene, hurt: Hurt) -> Call | None:
    return next(iter(scene.calls.running(scene.at, hurt.cname)), None)


def _others(scene: Scene, hurt: Hurt) -> list[int]:
    call = _call_of(scene, hurt)
    present = scene.calls.present(call, scene.at) if call else []
    return [person.uid for person in present if person.uid != hurt.uid]


def _uplink(scene: Scene) -> Iterator[Json]:
    for hurt in scene.hurts:
        host, others = str(hurt.uid), _others(scene, hurt)
        for user in scene.chance.sample(others, min(len(others), scene.chance.randint(6, 7))):
            own: Tags = [(23, _LOCAL)] if scene.chance.random() < 0.25 else []
            yield _row(user, VIDEO_FREEZE, hurt.cname, [(21, host), (29, host), *own])


def _downlink(scene: Scene) -> Iterator[Json]:
    for hurt in scene.hurts:
        if scene.chance.random() < 0.8:
            yield _row(hurt.uid, VIDEO_FREEZE, hurt.cname, [(23, _LOCAL), (8, _LOCAL)])


def _cpu(scene: Scene) -> Iterator[Json]:
    for hurt in scene.hurts:
        if scene.chance.random() < 0.5:
            yield _row(hurt.uid, VIDEO_FREEZE, hurt.cname, [(10, _LOCAL)])
        others = _others(scene, hurt)
        if others and scene.chance.random() < 0.7:
            yield _row(scene.chance.choice(others), VIDEO_FREEZE, hurt.cname, [(10, str(hurt.uid))])


def _join_failures(scene: Scene) -> Iterator[Json]:
    for _ in range(scene.chance.randint(6, 8)):
        cname = scene.chance.choice(CHANNELS).name
        factor = 34 if scene.chance.random() < 0.8 else 33
        yield _row(scene.chance.randrange(1000, UIDS), JOIN_DELAY, cname, [(factor, _LOCAL)])


def _storm(scene: Scene) -> Iterator[Json]:
    for hurt in scene.chance.sample(scene.hurts, min(len(scene.hurts), 30)):
        is_video = scene.chance.random() < 0.75
        factors = scene.chance.sample((23, 8, 46) if is_video else (24, 9, 47), scene.chance.randint(1, 3))
        exp_id = VIDEO_FREEZE if is_video else AUDIO_FREEZE
        yield _row(hurt.uid, exp_id, hurt.cname, [(factor, _LOCAL) for factor in factors])


def _same_uid(scene: Scene) -> Iterator[Json]:
    for hurt in scene.hurts:
        if scene.chance.random() < 0.8:
            exp_id = scene.chance.choice((VIDEO_FREEZE, AUDIO_FREEZE))
            yield _row(hurt.uid, exp_id, hurt.cname, [(1, _LOCAL)])


def _reconnects(scene: Scene) -> Iterator[Json]:
    for hurt in scene.hurts:
        if scene.chance.random() < 0.5:
            exp_id = scene.chance.choice((VIDEO_FREEZE, AUDIO_FREEZE))
            tags = scene.chance.choice(([(37, _LOCAL)], [(41, _LOCAL)], [(37, _LOCAL), (41, _LOCAL)]))
            yield _row(hurt.uid, exp_id, hurt.cname, tags)


_RECIPES: Mapping[str, Callable[[Scene], Iterator[Json]]] = {
    "uplink_loss": _uplink,
    "downlink_loss": _downlink,
    "cpu": _cpu,
    "join_failures": _join_failures,
    "storm": _storm,
    "same_uid": _same_uid,
    "reconnects": _reconnects,
}
