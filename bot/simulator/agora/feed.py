"""What the live feeds say of a minute, with the scenarios at work, and when it becomes visible."""

from collections.abc import Iterator, Sequence

from .scenarios import SCENARIOS, Victims
from .values import Json, Run
from .world import CHANNELS, World

BACKGROUND_FACTORS = (8, 12, 18, 23, 24, 29, 37)


def ready_at(world: World, kind: str, minute: int, runs: Sequence[Run]) -> float:
    """Return when the minute's data can be read: 60 to 120 s after its end, more while data are late."""
    chance = world.rng("late", kind, minute)
    late_s = chance.uniform(60, 120)
    for run in runs:
        if run.share_of_minute(minute):
            late_s += SCENARIOS[run.scenario].late_s * chance.uniform(1, 1.5)
    return minute + 60 + late_s


def point(world: World, minute: int, names: Sequence[str], runs: Sequence[Run]) -> Json:
    """Return the values of a minute: healthy ones, moved towards a scenario's by the share it covers."""
    values: dict[str, float] = {**world.scale(minute), **world.rates(minute)}
    chance = world.rng("noise", minute)
    for run in runs:
        share = run.share_of_minute(minute)
        for name, bad in SCENARIOS[run.scenario].metrics.items():
            if share:
                target = bad * chance.uniform(0.94, 1.06)
                values[name] = round(values[name] + share * (min(target, 100.0) - values[name]), 3)
    return {"ts": minute, **{name: values[name] for name in names}}


def rows(world: World, minute: int, runs: Sequence[Run]) -> list[Json]:
    """Return all diagnosis rows of a minute, in order of time."""
    found = list(_background(world, minute))
    for run in runs:
        victims = SCENARIOS[run.scenario].victims
        if victims is not None and run.share_of_minute(minute) > 0.2:
            found += _suffer(world, minute, run, victims)
    return sorted(found, key=lambda row: (row["ts"], row["user"]))


def _background(world: World, minute: int) -> Iterator[Json]:
    chance = world.rng("background", minute)
    if chance.random() < 0.25:
        cname = chance.choice(CHANNELS)
        user, host = chance.sample(world.members(cname), 2)
        factor = chance.choice(BACKGROUND_FACTORS)
        tags = [{"factor_id": factor, "host_user": ""}]
        if chance.random() < 0.2:
            tags.insert(0, {"factor_id": factor, "host_user": str(host)})
        yield _row(minute + chance.randrange(60), user, chance.choice((4, 5, 6)), cname, tags)


def _suffer(world: World, minute: int, run: Run, victims: Victims) -> Iterator[Json]:
    chance = world.rng("suffer", run.id, minute)
    seats = [(user, cname) for cname in CHANNELS[: victims.channels] for user in world.members(cname)[1:9]]
    for user, cname in chance.sample(seats, min(victims.per_minute, len(seats))):
        host = str(world.members(cname)[0])
        tags = [{"factor_id": f, "host_user": host if by_host else ""} for f, by_host in victims.tags]
        if chance.random() < 0.15 and len(tags) < 3:
            tags.append({"factor_id": 23, "host_user": ""})
        yield _row(minute + chance.randrange(60), user, chance.choice(victims.experiences), cname, tags)


def _row(ts: int, user: int, experience: int, cname: str, tags: list[Json]) -> Json:
    return {"ts": ts, "user": str(user), "exp_id": experience, "cname": cname, "cause_tags": tags}
