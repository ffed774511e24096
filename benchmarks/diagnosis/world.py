"""What happens in a pretend call: who is in it, what goes wrong, and what only looks as if it did."""

from dataclasses import dataclass, field

import numpy as np

SENDER = ("uplink_loss", "uplink_bandwidth", "uplink_jitter_latency", "sender_cpu", "camera_capture")
RECEIVER = ("downlink_loss", "downlink_bandwidth", "downlink_jitter_latency", "receiver_cpu")
STAYS = ("reconnect", "join_token", "join_delay", "duplicate_uid")
SHARED = "service_or_shared"
SINGLE = (*SENDER, *RECEIVER, *STAYS, SHARED)
CLASSES = (*SINGLE, "two_faults", "clean")

SEVERITIES = {"mild": 0.35, "medium": 0.65, "severe": 1.0}
SIZES = (2, 3, 5, 10)
LENGTHS_S = (10, 30, 120)
EPOCH = 1_790_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One truth: what, at whose side (-1: nobody's), in seconds of the call."""

    kind: str
    user: int
    start: float
    end: float
    strength: float


@dataclass(frozen=True, slots=True)
class Habit:
    """Something that is no fault: ``what`` somebody does or has, between two seconds of the call."""

    what: str
    user: int
    start: float
    end: float
    peer: int = -1


@dataclass(frozen=True, slots=True)
class Variant:
    """How the values are told; what the reference leaves open."""

    fraction: bool = False
    repaired: bool = False
    cumulative: bool = False
    turned: bool = False
    gated: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is decided before a call is simulated."""

    label: str
    severity: str
    users: int
    length_s: int
    audio_only: bool
    duration_s: int
    faults: tuple[Fault, ...]
    habits: tuple[Habit, ...]
    variant: Variant
    heldout: bool
    seed: int
    dropped: float
    no_cpu: tuple[int, ...]
    skew_s: tuple[float, ...]
    uids: tuple[int, ...] = field(default=())


def draw_scene(
    seed: int,
    label: str,
    severity: str,
    users: int,
    length_s: int,
    *,
    audio_only: bool = False,
    variant: Variant | None = None,
    heldout: bool = False,
) -> Scene:
    """Return a scene; the same numbers give the same scene."""
    rng = np.random.default_rng(seed)
    duration = int(rng.integers(180, 330)) + length_s
    start = float(rng.uniform(45, duration - length_s - 45))
    end = start + length_s
    strength = SEVERITIES[severity] * rng.uniform(0.85, 1.1)
    faults = _faults(rng, label, users, start, end, strength, duration)
    return Scene(
        label=label,
        severity=severity,
        users=users,
        length_s=length_s,
        audio_only=audio_only,
        duration_s=duration,
        faults=faults,
        habits=_habits(rng, users, duration, faults, audio_only=audio_only),
        variant=variant or _variant(rng),
        heldout=heldout,
        seed=seed,
        dropped=float(rng.choice([0.0, 0.02, 0.05, 0.1])),
        no_cpu=tuple(n for n in range(users) if rng.random() < 0.25),
        skew_s=tuple(rng.uniform(-2, 2, users)),
        uids=tuple(int(uid) for uid in rng.choice(2**32 - 10, users, replace=False) + 1),
    )


def _faults(
    rng: np.random.Generator,
    label: str,
    users: int,
    start: float,
    end: float,
    strength: float,
    duration: int,
) -> tuple[Fault, ...]:
    if label == "clean":
        return ()
    who = int(rng.integers(users))
    if label == SHARED:
        return (Fault(label, -1, start, end, strength),)
    if label == "two_faults":
        first, second = rng.choice([*SENDER, *RECEIVER], 2, replace=False)
        other = (who + 1 + int(rng.integers(users - 1))) % users
        shift = float(rng.uniform(-0.3, 0.3)) * (end - start)
        return (
            Fault(str(first), who, start, end, strength),
            Fault(str(second), other, max(30.0, start + shift), min(duration - 20.0, end + shift), strength),
        )
    if label == "reconnect":
        end = start + min(end - start, float(rng.uniform(9, 40)))
    if label == "join_delay":
        start = float(rng.uniform(20, 60))
        end = start + float(rng.uniform(9, 30)) * (0.8 + 0.2 * strength)
    if label == "join_token":
        end = start + float(rng.uniform(6, 25))
    return (Fault(label, who, start, end, strength),)


def _variant(rng: np.random.Generator) -> Variant:
    bits = rng.random(5) < (0.25, 0.5, 0.25, 0.2, 0.5)
    return Variant(*(bool(bit) for bit in bits))


def _habits(
    rng: np.random.Generator, users: int, duration: int, faults: tuple[Fault, ...], *, audio_only: bool
) -> tuple[Habit, ...]:
    """Return what people do; a user whose stay is at fault does not come and go besides."""
    busy = {fault.user for fault in faults if fault.kind in STAYS}
    found = []
    for what, chance, least, most in (
        ("mute_audio", 0.3, 15, 90),
        ("stop_video", 0.25, 15, 90),
        ("rejoin", 0.2, 12, 60),
        ("share", 0.2, 30, 120),
        ("low_stream", 0.25, 20, 120),
        ("spike", 0.4, 2, 3),
        ("busy_device", 0.2, 60, 400),
        ("slight_loss", 0.2, 60, 400),
        ("leave", 0.1, 30, 80),
    ):
        if rng.random() > chance or (audio_only and what in ("stop_video", "share", "low_stream")):
            continue
        user = int(rng.integers(users))
        if user in busy and what in ("rejoin", "leave"):
            continue
        span = float(rng.uniform(least, most))
        start = float(rng.uniform(10, max(11, duration - span - 10)))
        end = min(start + span, duration - 5.0)
        if what == "leave":
            start, end = duration - span, float(duration)
        if what in ("rejoin", "leave", "stop_video", "mute_audio", "share") and any(
            fault.user in (user, -1) and start < fault.end + 15 and end > fault.start - 25 for fault in faults
        ):
            continue
        peer = int((user + 1 + rng.integers(users - 1)) % users)
        found.append(Habit(what, user, start, end, peer))
    return tuple(found)
