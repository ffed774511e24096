"""The metric series of a session: about one value each 2 s, bad where a scenario is at work."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .scenarios import SCENARIOS
from .values import Json, Run
from .world import DEMO_CHANNEL, Stay, World, WorldCall

Values = npt.NDArray[np.float64]
TICK_S = 2
PEERS = 3


def series(
    world: World, call: WorldCall, stay: Stay, start: int, end: int, runs: Sequence[Run]
) -> list[Json]:
    """Return the ``data`` of a session in ``[start, end)``: its own values, and those about each sender."""
    ts = np.arange(max(start, stay.join), min(end, stay.leave), TICK_S)
    if len(ts) == 0:
        return []
    noise = np.random.default_rng(int(stay.sid[:12], 16))
    is_host = stay.uid == call.uids[0]
    bad = _bad(call, ts, runs)
    own = _device(ts, noise, bad["host_cpu"] if is_host else None)
    if stay.sends:
        own |= _sent(ts, noise, is_host, bad)
    data = [_entry(mid, 0, ts, values) for mid, values in own.items()]
    victim = stay.uid in call.uids[1:3]
    for peer in [uid for uid in call.uids[:PEERS] if uid != stay.uid]:
        hurt = np.zeros(len(ts), dtype=bool)
        if peer == call.uids[0]:
            hurt = bad["host_uplink"] | bad["host_cpu"]
        if victim:
            hurt = hurt | bad["viewer_downlink"]
        data += [_entry(mid, peer, ts, v) for mid, v in _received(ts, noise, hurt, bad["host_cpu"]).items()]
    return data


def _bad(call: WorldCall, ts: npt.NDArray[np.int64], runs: Sequence[Run]) -> dict[str, npt.NDArray[np.bool_]]:
    found = {kind: np.zeros(len(ts), dtype=bool) for kind in ("host_uplink", "host_cpu", "viewer_downlink")}
    for run in runs:
        kind = SCENARIOS[run.scenario].series
        if kind and (call.cname == DEMO_CHANNEL or kind == "viewer_downlink"):
            found[kind] |= (ts >= run.start) & (ts < run.end)
    return found


def _device(
    ts: npt.NDArray[np.int64], noise: np.random.Generator, busy: npt.NDArray[np.bool_] | None
) -> dict[int, Values]:
    app, system = noise.normal(14, 2, len(ts)), noise.normal(32, 4, len(ts))
    if busy is not None:
        app, system = np.where(busy, app + 46, app), np.where(busy, system + 62, system)
    return {20001: np.clip(app, 1, 100), 20002: np.clip(system, 1, 100)}


def _sent(
    ts: npt.NDArray[np.int64],
    noise: np.random.Generator,
    is_host: bool,
    bad: dict[str, npt.NDArray[np.bool_]],
) -> dict[int, Values]:
    lossy = bad["host_uplink"] if is_host else np.zeros(len(ts), dtype=bool)
    slow = bad["host_cpu"] if is_host else np.zeros(len(ts), dtype=bool)
    calm = np.abs(noise.normal(0.3, 0.3, len(ts)))
    loss = np.where(lossy, noise.normal(18, 4, len(ts)), calm)
    fps = np.where(slow, noise.normal(5, 1, len(ts)), noise.normal(15, 0.6, len(ts)))
    return {
        20003: noise.normal(48, 3, len(ts)),
        20006: np.where(lossy, noise.normal(260, 40, len(ts)), noise.normal(620, 40, len(ts))),
        20007: fps,
        20008: np.clip(fps - 0.3, 0, None),
        20015: np.clip(loss * 0.8, 0, 100),
        20017: np.clip(loss, 0, 100),
    }


def _received(
    ts: npt.NDArray[np.int64],
    noise: np.random.Generator,
    hurt: npt.NDArray[np.bool_],
    slow: npt.NDArray[np.bool_],
) -> dict[int, Values]:
    size = len(ts)
    lossy = hurt & ~slow
    freeze = np.where(hurt & (noise.random(size) < 0.4), noise.uniform(600, 1800, size), 0)
    loss = np.where(lossy, noise.normal(14, 3, size), np.abs(noise.normal(0.5, 0.4, size)))
    return {
        20004: np.clip(noise.normal(46, 3, size), 0, None),
        20005: np.where(lossy & (noise.random(size) < 0.15), noise.uniform(200, 500, size), 0),
        20009: np.where(hurt, noise.normal(220, 50, size), noise.normal(600, 45, size)),
        20010: np.where(hurt, noise.normal(6, 1.5, size), noise.normal(14.6, 0.6, size)),
        20011: freeze,
        20016: np.clip(loss * 0.7, 0, 100),
        20018: np.clip(loss, 0, 100),
        20019: np.full(size, 640.0),
        20020: np.full(size, 360.0),
    }


def _entry(mid: int, peer: int, ts: npt.NDArray[np.int64], values: Values) -> Json:
    rounded = np.round(np.clip(values, 0, None), 1)
    return {
        "mid": mid,
        "kvs": [list(pair) for pair in zip(ts.tolist(), rounded.tolist(), strict=True)],
        "peer_uid": peer,
    }
