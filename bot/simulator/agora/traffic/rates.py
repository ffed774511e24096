"""The live numbers of a project, minute by minute: a healthy base, bent by what runs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from bot.simulator.agora.endpoints import DAY_S
from bot.simulator.agora.runs import Run
from bot.simulator.agora.values import Json

from .draw import draw

Range = tuple[float, float]

HEALTHY: Mapping[str, Range] = {
    "joinSuccessRate": (98.8, 99.9),
    "joinSuccess5SecsRate": (97.0, 99.3),
    "videoFreezeRate": (0.6, 1.8),
    "audioFreezeRate": (0.3, 0.9),
    "videoUpstreamExcellentTransRate": (97.5, 99.7),
    "audioUpstreamExcellentTransRate": (97.5, 99.7),
    "videoEnd2EndExcellentTransRate": (97.5, 99.7),
    "audioEnd2EndExcellentTransRate": (97.5, 99.7),
}

# What cannot leave a sender well cannot arrive well either: end to end is never better than upstream.
TROUBLED: Mapping[str, Mapping[str, Range]] = {
    "uplink_loss": {
        "videoFreezeRate": (9.0, 14.0),
        "audioFreezeRate": (1.2, 2.2),
        "videoUpstreamExcellentTransRate": (78.0, 85.0),
        "audioUpstreamExcellentTransRate": (93.0, 95.5),
        "videoEnd2EndExcellentTransRate": (74.0, 78.0),
        "audioEnd2EndExcellentTransRate": (92.0, 93.0),
    },
    "downlink_loss": {
        "videoFreezeRate": (6.5, 10.0),
        "audioFreezeRate": (1.2, 2.2),
        "videoEnd2EndExcellentTransRate": (74.0, 84.0),
        "audioEnd2EndExcellentTransRate": (91.5, 94.5),
    },
    "cpu": {"videoFreezeRate": (6.0, 8.0)},
    "join_failures": {"joinSuccessRate": (70.0, 80.0), "joinSuccess5SecsRate": (57.0, 63.0)},
    "storm": {
        "videoFreezeRate": (12.0, 18.0),
        "audioFreezeRate": (3.5, 6.0),
        "videoEnd2EndExcellentTransRate": (70.0, 80.0),
        "audioEnd2EndExcellentTransRate": (80.0, 88.0),
    },
    "reconnects": {"videoFreezeRate": (2.4, 3.8), "audioFreezeRate": (1.1, 2.0)},
}

_DIGITS = (1, 2, 4, 15)


def point(seed: int, app_id: str, minute: int, runs: Iterable[Run], metrics: Iterable[str]) -> Json:
    """Return the numbers of the minute that begins at ``minute``, with its ``ts``."""
    drawn = _drawn(seed, app_id, minute)
    numbers = _crowd(minute, drawn.users, drawn.channels)
    values = _bent(drawn, seed, minute, runs, minute, minute + 60)
    numbers |= {name: _as_sent(value, drawn.digits[name]) for name, value in values.items()}
    return {name: numbers[name] for name in metrics} | {"ts": minute}


def rates(seed: int, app_id: str, start: float, end: float, runs: Iterable[Run]) -> dict[str, float]:
    """Return the rates, 0 to 100, of a part of one minute: those of ``point``, before they are rounded."""
    minute = int(start) // 60 * 60
    return _bent(_drawn(seed, app_id, minute), seed, minute, runs, start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    users: float
    channels: float
    healthy: dict[str, float]
    digits: dict[str, int]


def _drawn(seed: int, app_id: str, minute: int) -> _Drawn:
    chance = draw(seed, app_id, "minute", minute)
    return _Drawn(
        users=chance.random(),
        channels=chance.random(),
        healthy={name: _between(healthy, chance.random()) for name, healthy in HEALTHY.items()},
        digits={name: chance.choice(_DIGITS) for name in HEALTHY},
    )


def _bent(
    drawn: _Drawn, seed: int, minute: int, runs: Iterable[Run], start: float, end: float
) -> dict[str, float]:
    values = dict(drawn.healthy)
    for run in runs:
        _bend(values, run, draw(seed, run.run_id, "bend", minute), run.share(start, end))
    return values


def _crowd(minute: int, users: float, channels: float) -> Json:
    """Few at three in the morning UTC, many in the afternoon."""
    level = 0.5 - 0.5 * math.cos(2 * math.pi * (minute / DAY_S - 3 / 24))
    return {"pcu": round(42 + 34 * level + 4 * (users - 0.5)), "pcc": round(8.5 + 5 * level + channels - 0.5)}


def _bend(values: dict[str, float], run: Run, chance: Random, share: float) -> None:
    for name, troubled in TROUBLED.get(run.scenario, {}).items():
        healthy = HEALTHY[name]
        value = _between(healthy, 0.5) + share * (
            _between(troubled, chance.random()) - _between(healthy, 0.5)
        )
        worse = max if troubled[0] > healthy[0] else min
        values[name] = worse(values[name], value)


def _between(span: Range, part: float) -> float:
    return span[0] + (span[1] - span[0]) * part


def _as_sent(value: float, digits: int) -> float | int:
    rounded = round(value, digits)
    return int(rounded) if rounded.is_integer() else rounded
