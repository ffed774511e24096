"""The series of one session: what its device, its sending and its receiving measured every two seconds."""

from collections.abc import Iterator

import numpy as np

from bot.simulator.agora.runs import Floats

from .people import Person
from .strain import Strain

STEP_S = 2
TICK_MS = 2000.0
SERIES = tuple[int, Floats]


def device_series(person: Person, own: Strain, chance: np.random.Generator) -> Iterator[SERIES]:
    """Yield CPU loads; browsers report none."""
    app = _around(chance, own.cpu, 16.0, 6.0)
    system = _around(chance, own.cpu, 14.0, 5.0)
    if person.platform != "Web":
        yield 20001, np.minimum(app + 55 * own.cpu, 90)
        yield 20002, np.minimum(app + system + 70 * own.cpu, 99)


def sender_series(own: Strain, chance: np.random.Generator) -> Iterator[SERIES]:
    """Yield what is captured and sent, and what is lost on the way to Agora's network."""
    online = 1 - own.offline
    rate = float(chance.uniform(850, 1250))
    captured = _around(chance, own.cpu, 24.0, 1.2) * (1 - 0.7 * own.cpu)
    yield 20003, np.rint(_around(chance, own.cpu, 50.0, 8.0) * (1 - 0.3 * own.uplink) * online)
    yield (
        20006,
        np.rint(
            _around(chance, own.cpu, rate, 90.0) * (1 - 0.55 * own.uplink) * (1 - 0.45 * own.cpu) * online
        ),
    )
    yield 20007, np.rint(captured)
    yield 20008, np.rint(captured * (1 - 0.35 * own.uplink) * online)
    yield 20013, np.rint(_around(chance, own.cpu, 27.0, 2.5) + 9 * own.uplink)
    yield 20015, _loss(chance, own.uplink, 6.0, 16.0)
    yield 20017, _loss(chance, own.uplink, 12.0, 30.0)


def receiver_series(
    receiver: Person, own: Strain, peer: Strain, chance: np.random.Generator
) -> Iterator[SERIES]:
    """Yield what arrives of one sender: the sender's uplink and CPU count as much as the own downlink."""
    online = (1 - own.offline) * (1 - peer.offline)
    network = np.maximum(own.downlink, peer.uplink)
    rate = float(chance.uniform(800, 1150))
    sharpness = np.where(network > 0.5, 0.5, 1.0)
    audio_frozen = np.maximum(_frozen(chance, 0.22 * network, 120.0, 700.0), TICK_MS * (1 - online))
    video_frozen = _frozen(chance, np.maximum(0.5 * network, 0.3 * peer.cpu), 600.0, 1900.0)
    yield 20004, np.rint(_around(chance, network, 48.0, 7.0) * (1 - 0.3 * network) * online)
    if receiver.platform != "Web":
        yield 20005, audio_frozen
    yield (
        20009,
        np.rint(_around(chance, network, rate, 90.0) * (1 - 0.6 * network) * (1 - 0.45 * peer.cpu) * online),
    )
    yield (
        20010,
        np.rint(_around(chance, network, 23.0, 1.4) * (1 - 0.6 * network) * (1 - 0.7 * peer.cpu) * online),
    )
    yield 20011, np.maximum(video_frozen, TICK_MS * (1 - online))
    yield 20016, _loss(chance, np.maximum(own.downlink, 0.9 * peer.uplink), 5.0, 15.0)
    yield 20018, _loss(chance, np.maximum(own.downlink, 0.9 * peer.uplink), 10.0, 28.0)
    yield 20019, 640 * sharpness
    yield 20020, 360 * sharpness


def _around(chance: np.random.Generator, like: Floats, middle: float, spread: float) -> Floats:
    return np.maximum(chance.normal(middle, spread, len(like)), 0.0)


def _loss(chance: np.random.Generator, strength: Floats, lowest: float, highest: float) -> Floats:
    """Mostly nothing, seldom a percent; in trouble between the bounds."""
    base = np.maximum(chance.exponential(0.45, len(strength)) - 0.4, 0.0)
    return base + strength * chance.uniform(lowest, highest, len(strength))


def _frozen(chance: np.random.Generator, part: Floats, shortest: float, longest: float) -> Floats:
    """Freeze time per tick: ``part`` of the ticks freeze, and a few even without trouble."""
    freezes = chance.random(len(part)) < 0.008 + part
    return np.where(freezes, chance.uniform(shortest, longest, len(part)), 0.0)
