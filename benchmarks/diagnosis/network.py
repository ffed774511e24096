"""A fluid network in steps of 0.1 s: links with queues, rate control at senders and server, lost packets.

Nothing here knows what a freeze is: it yields rates, delays and losses, from which frames follow.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.diagnosis.world import Fault, Scene

STEP_S = 0.1
Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Links:
    """By user and step: capacity (kbps), chance of loss, extra delay (s), load of the device (0 to 1.3), and
    of that what its encoder and its screen feel."""

    up_capacity: Floats
    up_loss: Floats
    up_delay: Floats
    down_capacity: Floats
    down_loss: Floats
    down_delay: Floats
    load: Floats
    encoding: Floats
    drawing: Floats
    camera: Floats


@dataclass(slots=True)
class Traffic:
    """By user and step, but ``passed`` by receiver, sender and step: the share of a stream let through."""

    rate: Floats
    up_lost: Floats
    up_queue: Floats
    down_lost: Floats
    down_queue: Floats
    passed: Floats


def draw_links(scene: Scene, rng: np.random.Generator) -> Links:
    """Return the links of all users, with what is wrong with them."""
    users, steps = scene.users, round(scene.duration_s / STEP_S)
    shape = (users, steps)
    wobble = _smooth(rng, shape, 40) * 0.1 + 1
    links = Links(
        up_capacity=rng.uniform(3000, 9000, (users, 1)) * wobble,
        up_loss=np.full(shape, 1.0) * rng.uniform(0.0, 0.004, (users, 1)),
        up_delay=np.abs(rng.normal(0, 0.004, shape)) + rng.uniform(0.01, 0.04, (users, 1)),
        down_capacity=rng.uniform(9000, 30000, (users, 1)) * (2 - wobble) * max(1, users / 6),
        down_loss=np.full(shape, 1.0) * rng.uniform(0.0, 0.004, (users, 1)),
        down_delay=np.abs(rng.normal(0, 0.004, shape)) + rng.uniform(0.01, 0.04, (users, 1)),
        load=np.clip(rng.uniform(0.15, 0.5, (users, 1)) + 0.06 * _smooth(rng, shape, 30), 0.03, 1),
        encoding=np.zeros(shape),
        drawing=np.zeros(shape),
        camera=np.ones(shape),
    )
    for fault in scene.faults:
        _break(links, fault, scene, rng)
    for habit in scene.habits:
        span = _span(habit.start, habit.end, steps)
        if habit.what == "slight_loss":
            links.up_loss[habit.user, span] += rng.uniform(0.018, 0.03)
        elif habit.what == "spike":
            side = links.up_loss if rng.random() < 0.5 else links.down_loss
            side[habit.user, span.start : span.start + 10] += rng.uniform(0.1, 0.3)
        elif habit.what == "busy_device":
            links.load[habit.user, span] = np.clip(
                rng.uniform(0.78, 0.92) + 0.04 * _smooth(rng, (1, steps), 20)[0, span], 0, 0.94
            )
    return links


def _span(start: float, end: float, steps: int) -> slice:
    return slice(max(0, round(start / STEP_S)), min(steps, round(end / STEP_S)))


def _smooth(rng: np.random.Generator, shape: tuple[int, int], width: int) -> Floats:
    """Return slow noise of mean 0 and spread 1."""
    raw = rng.normal(0, 1, (shape[0], shape[1] + width))
    total = np.cumsum(np.pad(raw, ((0, 0), (1, 0))), axis=1)
    return np.asarray((total[:, width:] - total[:, :-width])[:, : shape[1]] / np.sqrt(width))


def _break(links: Links, fault: Fault, scene: Scene, rng: np.random.Generator) -> None:
    steps = links.load.shape[1]
    span, s = _span(fault.start, fault.end, steps), fault.strength
    count = span.stop - span.start
    who = range(scene.users) if fault.user < 0 else [fault.user]
    match fault.kind:
        case "uplink_loss":
            links.up_loss[fault.user, span] += _loss(rng, count, s * rng.uniform(0.12, 0.24), scene)
        case "downlink_loss":
            links.down_loss[fault.user, span] += _loss(rng, count, s * rng.uniform(0.12, 0.24), scene)
        case "uplink_bandwidth":
            links.up_capacity[fault.user, span] = _scarce(rng, count, s, 900.0, scene)
        case "downlink_bandwidth":
            need = 900.0 * (scene.users - 1)
            links.down_capacity[fault.user, span] = _scarce(rng, count, s, need, scene)
        case "uplink_jitter_latency":
            links.up_delay[fault.user, span] += _spikes(rng, count, s)
        case "downlink_jitter_latency":
            links.down_delay[fault.user, span] += _spikes(rng, count, s)
        case "sender_cpu" | "receiver_cpu":
            links.load[fault.user, span] = rng.uniform(0.86, 0.92) + 0.26 * s * rng.uniform(0.8, 1.1)
            links.load[fault.user, span] += 0.03 * rng.normal(0, 1, count)
            felt, spared = links.encoding, links.drawing
            if fault.kind == "receiver_cpu":
                felt, spared = spared, felt
            felt[fault.user, span] = links.load[fault.user, span]
            spared[fault.user, span] = links.load[fault.user, span] - rng.uniform(0.1, 0.3)
        case "camera_capture":
            links.camera[fault.user, span] = 1 - min(0.93, 0.3 + 0.58 * s * rng.uniform(0.9, 1.15))
        case "service_or_shared":
            hurt = rng.random()
            for user in who:
                if hurt < 0.6:
                    links.down_loss[user, span] += _loss(rng, count, s * rng.uniform(0.1, 0.2), scene)
                if hurt > 0.4:
                    links.down_delay[user, span] += _spikes(rng, count, s)


def _loss(rng: np.random.Generator, count: int, mean: float, scene: Scene) -> Floats:
    """Return chances of loss: of two states by a Markov chain, or (held out) of heavy-tailed bursts."""
    if scene.heldout:
        found = np.zeros(count)
        place = 0
        while place < count:
            burst = min(40, 1 + int(rng.pareto(1.6) * 2))
            found[place : place + burst] = min(0.9, mean * rng.uniform(2, 5))
            place += burst + 1 + int(rng.exponential(burst * rng.uniform(1.5, 3)))
        return np.asarray(found * mean / max(float(found.mean()), 1e-6))
    stay = rng.uniform(2, 8)
    high = min(0.9, mean * rng.uniform(2, 3.5))
    share = mean / high
    leave = 1 / stay
    enter = leave * share / max(1 - share, 0.05)
    state, draws, found = rng.random() < share, rng.random(count), np.empty(count)
    for n in range(count):
        state = draws[n] > leave if state else draws[n] < enter
        found[n] = high if state else 0.0
    return found


def _scarce(rng: np.random.Generator, count: int, s: float, need: float, scene: Scene) -> Floats:
    """Return the capacity left: one step down, or (held out) a saw that never rests."""
    level = need * (0.75 - 0.6 * min(s, 1.08)) * rng.uniform(0.85, 1.15)
    if scene.heldout:
        period = rng.uniform(40, 120)
        saw = ((np.arange(count) / period) % 1.0) * 0.7 + 0.6
        return np.asarray(level * saw)
    return np.full(count, level) * (1 + 0.05 * rng.normal(0, 1, count))


def _spikes(rng: np.random.Generator, count: int, s: float) -> Floats:
    """Return delays that jump up and drain away, as behind a radio that stalls."""
    delay = np.zeros(count)
    level, height, often = 0.0, s * rng.uniform(0.8, 1.7), rng.uniform(0.03, 0.07)
    draws, sizes = rng.random(count), rng.gamma(2.0, 0.5, count)
    for n in range(count):
        if draws[n] < often:
            level = max(level, height * sizes[n])
        delay[n] = level
        level = max(0.0, level - STEP_S * rng.uniform(0.7, 1.0))
    return delay + np.abs(rng.normal(0, 0.03 * s, count))


def run_traffic(links: Links, sending: Floats, top: Floats, audio_kbps: float) -> Traffic:
    """Return what flows: senders and the server slow down when queues grow or packets are lost."""
    users, steps = links.load.shape
    t = Traffic(
        rate=np.zeros((users, steps)),
        up_lost=np.zeros((users, steps)),
        up_queue=np.zeros((users, steps)),
        down_lost=np.zeros((users, steps)),
        down_queue=np.zeros((users, steps)),
        passed=np.ones((users, users, steps)),
    )
    rate, held = top[:, 0] * 0.6, np.full(users, 1.0)
    up_queue, down_queue = np.zeros(users), np.zeros(users)
    brake_up, brake_down, memory = np.zeros(users), np.zeros(users), np.zeros(users)
    others = 1 - np.eye(users)
    for n in range(steps):
        rate = np.minimum(rate, top[:, n])
        t.rate[:, n] = rate * sending[:, n]
        t.up_queue[:, n] = up_queue / links.up_capacity[:, n]
        up_queue, t.up_lost[:, n] = _queue(up_queue, t.rate[:, n] + audio_kbps, links.up_capacity[:, n])
        seen = 1 - (1 - links.up_loss[:, n]) * (1 - t.up_lost[:, n])
        memory = 0.9 * memory + 0.1 * seen
        slow = (t.up_queue[:, n] > 0.12) | (memory > 0.1)
        brake_up = np.where(slow & (brake_up <= 0), 5, brake_up - 1)
        factor = np.where(memory > 0.1, 1 - 0.5 * memory, 0.85)
        rate = np.where(slow & (brake_up == 5), np.maximum(rate * factor, 60), rate * (1 if n % 2 else 1.012))
        flow = (others @ (t.rate[:, n] * (1 - seen)) + audio_kbps * (users - 1)) * held
        t.down_queue[:, n] = down_queue / links.down_capacity[:, n]
        down_queue, t.down_lost[:, n] = _queue(down_queue, flow, links.down_capacity[:, n])
        slow = t.down_queue[:, n] > 0.15
        brake_down = np.where(slow & (brake_down <= 0), 6, brake_down - 1)
        held = np.where(slow & (brake_down == 6), np.maximum(held * 0.82, 0.08), np.minimum(1, held + 0.004))
        t.passed[:, :, n] = held[:, None]
    return t


def _queue(queue: Floats, flow: Floats, capacity: Floats) -> tuple[Floats, Floats]:
    """Return a queue a step later, and the share of the flow that found no room in it."""
    longer = queue + (flow - capacity) * STEP_S
    over = np.maximum(longer - 0.5 * capacity, 0)
    lost = np.clip(over / np.maximum(flow * STEP_S, 1), 0, 0.95)
    return np.clip(longer, 0, 0.5 * capacity), lost
