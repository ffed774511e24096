"""Who is in a pretend call when, as sessions: by choice, thrown out, late, twice, or never."""

from dataclasses import dataclass, field

import numpy as np

from benchmarks.diagnosis.world import STAYS, Fault, Scene

_NETS, _SYSTEMS = ("Wi-Fi", "4G", "LAN"), ("Android", "iOS", "Windows", "macOS")


@dataclass(slots=True)
class Visit:
    """One session. ``heard`` are the spans with reports, ``expected`` those in which others wait for frames
    that do not come."""

    sid: str
    user: int
    joined: float
    left: float
    heard: list[tuple[float, float]]
    network: str
    platform: str
    device: str
    expected: list[tuple[float, float]] = field(default_factory=list)


def visits_of(scene: Scene, rng: np.random.Generator) -> list[Visit]:
    """Return all sessions of a scene."""
    found: list[Visit] = []
    for user in range(scene.users):
        client = _client(rng)
        spans = _spans(scene, user, rng)
        for joined, left, heard, expected, other in spans:
            sid = "".join(rng.choice(list("0123456789ABCDEF"), 32))
            network, platform, device = _client(rng) if other else client
            found.append(Visit(sid, user, joined, left, heard, network, platform, device, expected))
    return found


def _client(rng: np.random.Generator) -> tuple[str, str, str]:
    platform = str(rng.choice(_SYSTEMS))
    return str(rng.choice(_NETS)), platform, f"{platform} ({rng.integers(6, 18)}.{rng.integers(100)})"


Span = tuple[float, float, list[tuple[float, float]], list[tuple[float, float]], bool]


def _spans(scene: Scene, user: int, rng: np.random.Generator) -> list[Span]:
    """Return (joined, left, heard, expected, on another device) of each stay of a user."""
    end = float(scene.duration_s)
    first = float(rng.uniform(0, 4)) if user else 0.0
    lag = float(rng.uniform(0.5, 2.5))
    fault = next((f for f in scene.faults if f.user == user), None)
    if fault is not None and fault.kind in STAYS:
        return _faulty(fault, first, lag, end, rng)
    habit = next((h for h in scene.habits if h.user == user and h.what in ("rejoin", "leave")), None)
    if habit is None or habit.start < first + 10:
        return [(first, end, [(first + lag, end)], [], False)]
    before: Span = (first, habit.start, [(first + lag, habit.start)], [], False)
    if habit.what == "leave" or habit.end > end - 10:
        return [before]
    return [before, (habit.end, end, [(habit.end + lag, end)], [], bool(rng.random() < 0.2))]


def _faulty(fault: Fault, first: float, lag: float, end: float, rng: np.random.Generator) -> list[Span]:
    """Return the stays of a user whose coming or staying went wrong."""
    match fault.kind:
        case "reconnect":
            gap = [(fault.start, min(fault.end, fault.start + 10))]
            if rng.random() < 0.5:
                return [(first, end, [(first + lag, fault.start), (fault.end, end)], gap, False)]
            gone = min(fault.start + rng.uniform(8, 20), fault.end + 5)
            return [
                (first, gone, [(first + lag, fault.start)], gap, False),
                (fault.end - 1, end, [(fault.end, end)], [], False),
            ]
        case "join_delay":
            return [(fault.start, end, [(fault.end, end)], [], False)]
        case "join_token":
            tries = int(rng.integers(1, 5))
            starts = np.linspace(fault.start, fault.end, tries, endpoint=False)
            stays: list[Span] = [(t, min(t + rng.uniform(0.5, 3), fault.end), [], [], False) for t in starts]
            if rng.random() < 0.5:
                stays.append((fault.end, end, [(fault.end + lag, end)], [], False))
            return stays

    return _twice(fault.start, max(fault.end, fault.start + 25), first, lag, end, rng)


def _twice(
    start: float, stop: float, first: float, lag: float, end: float, rng: np.random.Generator
) -> list[Span]:
    """Two clients that throw each other out, or are there at once for a while."""
    if rng.random() < 0.3:
        return [
            (first, end, [(first + lag, end)], [], False),
            (start, stop, [(start + lag, stop)], [], True),
        ]
    spans: list[Span] = []
    at, other = first, False
    switches = [start]
    while switches[-1] < stop:
        switches.append(switches[-1] + float(rng.uniform(6, 15)))
    for switch in switches:
        spans.append((at, switch, [(min(at + lag, switch), switch)], [(switch, switch + 2)], other))
        at, other = switch + float(rng.uniform(0, 2)), not other
    spans.append((at, end, [(at + lag, end)], [], other))
    return spans
