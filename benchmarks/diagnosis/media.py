"""From a network to frames on screens: which frames arrive, when, and how long a picture stood still."""

import numpy as np

from benchmarks.diagnosis.network import STEP_S, Floats, Links, Traffic

KEYFRAME_S = 0.9
"""How long a broken picture waits for one that can be decoded, at most."""


def capture_times(links: Links, fps: Floats, user: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return when a camera took pictures, and when those that the encoder kept were sent."""
    wanted = fps[user] * links.camera[user]
    progress = np.cumsum(wanted * STEP_S)
    count = int(progress[-1])
    if count < 2:
        return np.empty(0), np.empty(0)
    taken = np.interp(np.arange(1, count + 1), progress, np.arange(1, len(progress) + 1) * STEP_S)
    load = links.encoding[user][np.minimum((taken / STEP_S).astype(int), len(progress) - 1)]
    keep = rng.random(count) > np.clip((load - 0.93) * 3.2, 0, 0.9)
    stalled = np.zeros(count, dtype=bool)
    for start in np.flatnonzero(rng.random(count) < np.clip(load - 0.98, 0, 1) * 0.12):
        stalled[start : start + int(rng.uniform(5, 16))] = True
    return taken, taken[keep & ~stalled]


def arrivals(
    sent: Floats,
    rates: Floats,
    path_loss: Floats,
    delay: Floats,
    fps: float,
    repair: float,
    rng: np.random.Generator,
) -> Floats:
    """Return when frames are complete at the receiver and can be decoded."""
    steps = np.minimum((sent / STEP_S).astype(int), len(delay) - 1)
    packets = np.clip(rates[steps] / max(fps, 1) / 8.8, 1, 40)
    chance = path_loss[steps]
    lost = rng.binomial(np.ceil(packets).astype(int), np.clip(chance, 0, 0.95))
    missing = rng.binomial(lost, unrepaired(chance, repair))
    late = np.where(lost > 0, rng.uniform(0.06, 0.2, len(sent)), 0.0)
    at = sent + delay[steps] + late
    broken = missing > 0
    whole = ~broken
    places = np.flatnonzero(broken)
    waits = np.where(rng.random(len(places)) < 0.5, rng.uniform(0.15, KEYFRAME_S, len(places)), 0.0)
    for start, wait in zip(places.tolist(), waits.tolist(), strict=True):
        whole[start : start + int(wait * fps)] = False
    return np.asarray(np.maximum.accumulate(at)[whole])


def unrepaired(chance: Floats, repair: float) -> Floats:
    """Return the chance that a lost packet is not sent again in time: its repetitions are lost as well."""
    return np.asarray(np.clip(chance * 1.5, 0, 0.95) ** (2 * repair))


def rendered(at: Floats, load: Floats, streams: int, rng: np.random.Generator) -> Floats:
    """Return the frames that a device gets onto its screen: one that is overloaded stalls."""
    steps = np.minimum((at / STEP_S).astype(int), len(load) - 1)
    busy = np.clip((load[steps] - 0.95) * (2.2 + 0.1 * streams), 0, 0.8)
    shown = rng.random(len(at)) > busy * 0.5
    keep = shown.copy()
    for start in np.flatnonzero(rng.random(len(at)) < busy * 0.1):
        keep &= (at < at[start]) | (at > at[start] + rng.uniform(0.4, 1.4))
    return np.asarray(at[keep])


def frozen_ms(shown: Floats, wanted: Floats, limit_s: float, edges: Floats) -> Floats:
    """Return the frozen milliseconds of each interval: gaps above the limit while frames were due."""
    if len(shown) < 2:
        return np.zeros(len(edges) - 1)
    gaps = np.diff(shown)
    place = np.flatnonzero(gaps > limit_s)
    due = wanted[np.minimum((shown[place] / STEP_S + 2).astype(int), len(wanted) - 1)] > 0
    ends = np.minimum((shown[place + 1] / STEP_S - 2).astype(int), len(wanted) - 1)
    place = place[due & (wanted[np.maximum(ends, 0)] > 0)]
    found = np.zeros(len(edges) - 1)
    for start, end in zip(shown[place], shown[place + 1], strict=True):
        overlap = np.minimum(edges[1:], end) - np.maximum(edges[:-1], start)
        found += np.clip(overlap, 0, None) * 1000
    return found


def audio_frozen_ms(
    loss: Floats, delay: Floats, repair: float, edges: Floats, rng: np.random.Generator
) -> Floats:
    """Return the milliseconds of unmeant silence: packets lost in a row, or later than the buffer."""
    missing = rng.binomial(5, np.clip(loss * (1 - repair), 0, 0.95))
    late = delay > np.median(delay) + 0.25
    gone = (missing >= 3) | late
    long = gone & (np.roll(gone, 1) | np.roll(gone, -1))
    held = np.add.reduceat(
        np.append(long, False).astype(float), np.minimum((edges[:-1] / STEP_S).astype(int), len(long))
    )
    return np.asarray(held * STEP_S * 1000)


def mean_over(values: Floats, edges: Floats) -> Floats:
    """Return the mean of a curve in each reporting interval."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    a = np.clip((edges[:-1] / STEP_S).astype(int), 0, len(values))
    b = np.clip((edges[1:] / STEP_S).astype(int), 0, len(values))
    return np.asarray((total[b] - total[a]) / np.maximum(b - a, 1))


def count_in(times: Floats, edges: Floats) -> Floats:
    """Return how many instants fall into each reporting interval."""
    return np.histogram(times, edges)[0].astype(float)


def path_loss(links: Links, traffic: Traffic, user: int) -> Floats:
    """Return the chance of loss on a user's way up."""
    return np.asarray(1 - (1 - links.up_loss[user]) * (1 - traffic.up_lost[user]))
