"""Simple ways to find a cause, run on the same calls: what a person by the manual, a table of limits, or a
ranking of anomalies would answer. Each gets a call and returns one guess at most."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.diagnosis.score import Guess
from benchmarks.diagnosis.world import RECEIVER, SENDER, SINGLE, Scene
from bot.model.call import CallDetails, Series

Baseline = Callable[[CallDetails, Scene], list[Guess]]

KIND_OF = {
    20001: "sender_cpu",
    20002: "sender_cpu",
    20006: "uplink_bandwidth",
    20007: "camera_capture",
    20008: "sender_cpu",
    20009: "downlink_bandwidth",
    20010: "receiver_cpu",
    20011: "downlink_jitter_latency",
    20005: "downlink_jitter_latency",
    20015: "uplink_loss",
    20016: "downlink_loss",
    20017: "uplink_loss",
    20018: "downlink_loss",
}


def manual(details: CallDetails, _scene: Scene) -> list[Guess]:
    """Agora's manual order: the sender's loss, the receiver's loss, the sender's device, the receiver's."""
    uids = {session.sid: session.uid for session in details.sessions}
    orders = (
        (20017, 5.0, "uplink_loss", 1),
        (20015, 5.0, "uplink_loss", 1),
        (20018, 5.0, "downlink_loss", 1),
        (20016, 5.0, "downlink_loss", 1),
        (20007, 8.0, "camera_capture", -1),
        (20002, 80.0, "sender_cpu", 1),
        (20010, 8.0, "receiver_cpu", -1),
    )
    for mid, limit, kind, sign in orders:
        bad = [(one, sign * one.values > sign * limit) for one in details.series if one.mid == mid]
        worst = max(bad, key=lambda item: int(item[1].sum()), default=None)
        if worst is not None and worst[1].sum() >= 3:
            ts = worst[0].ts[worst[1]]
            return [Guess(float(ts[0]), float(ts[-1]), ((kind, uids[worst[0].sid]),))]
    return []


def limits(details: CallDetails, _scene: Scene) -> list[Guess]:
    """Fixed limits as a call quality dashboard has them: whoever breaks most of them is it."""
    uids = {session.sid: session.uid for session in details.sessions}
    table = {
        20015: (10.0, 1),
        20016: (10.0, 1),
        20017: (10.0, 1),
        20018: (10.0, 1),
        20010: (7.0, -1),
        20002: (90.0, 1),
        20011: (100.0, 1),
    }
    count: Counter[tuple[str, str]] = Counter()
    when: dict[tuple[str, str], list[int]] = {}
    for one in details.series:
        if one.mid in table:
            limit, sign = table[one.mid]
            bad = one.ts[sign * one.values > sign * limit]
            if bad.size:
                key = (KIND_OF[one.mid], uids[one.sid])
                count[key] += int(bad.size)
                when.setdefault(key, []).extend(bad.tolist())
    if not count:
        return []
    key, bad_samples = count.most_common(1)[0]
    return [Guess(min(when[key]), max(when[key]), (key,))] if bad_samples >= 3 else []


def n_sigma(details: CallDetails, _scene: Scene) -> list[Guess]:
    """The series whose values leave their own mean by most standard deviations."""
    return _ranked(details, lambda v: np.abs(v - v.mean()) / (v.std() + 1e-9))


def robust_rank(details: CallDetails, scene: Scene) -> list[Guess]:
    """The series that moves most after the true onset, in units of its spread before (BARO's score)."""
    if not scene.faults:
        return []
    onset = details.call.started_at + scene.faults[0].start
    best: tuple[float, Series] | None = None
    for one in _named(details):
        before, after = one.values[one.ts < onset], one.values[one.ts >= onset]
        if before.size > 5 and after.size > 5:
            low, middle, high = np.quantile(before, [0.25, 0.5, 0.75])
            score = float(np.max(np.abs(after - middle)) / (high - low + 1e-3))
            if best is None or score > best[0]:
                best = score, one
    return _guess(details, best[1], onset, onset + 60) if best else []


def majority(details: CallDetails, _scene: Scene) -> list[Guess]:
    """Always the same kind, at the user who joined first."""
    call, first = details.call, min(details.sessions, key=lambda s: s.joined_at)
    return [Guess(call.started_at, call.ended_at or 0, (("uplink_loss", first.uid),))]


def by_chance(details: CallDetails, scene: Scene) -> list[Guess]:
    """Any kind, at any user."""
    rng = np.random.default_rng(scene.seed + 11)
    kind, who = str(rng.choice(SINGLE)), details.sessions[int(rng.integers(len(details.sessions)))].uid
    uid = who if kind in (*SENDER, *RECEIVER) or kind != "service_or_shared" else None
    return [Guess(details.call.started_at, details.call.ended_at or 0, ((kind, uid),))]


BASELINES: dict[str, Baseline] = {
    "Agora's manual order": manual,
    "fixed limits, most bad samples": limits,
    "BARO's score, true onset given": robust_rank,
    "n-sigma": n_sigma,
    "always uplink loss": majority,
    "by chance": by_chance,
}


def _named(details: CallDetails) -> Iterator[Series]:
    return (one for one in details.series if one.mid in KIND_OF and one.values.size > 10)


def _ranked(details: CallDetails, score: Callable[[np.ndarray], np.ndarray]) -> list[Guess]:
    best = max(_named(details), key=lambda one: float(score(one.values).max()), default=None)
    if best is None:
        return []
    at = float(best.ts[int(np.argmax(score(best.values)))])
    return _guess(details, best, at - 10, at + 10)


def _guess(details: CallDetails, one: Series, start: float, end: float) -> list[Guess]:
    uid = next(session.uid for session in details.sessions if session.sid == one.sid)
    return [Guess(start, end, ((KIND_OF[one.mid], uid),))]
