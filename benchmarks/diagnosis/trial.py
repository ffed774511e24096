"""Running calls through the doctor and the baselines, in two processes."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from benchmarks.diagnosis import doubts
from benchmarks.diagnosis.baselines import BASELINES
from benchmarks.diagnosis.recording import record
from benchmarks.diagnosis.score import Guess, Outcome, outcomes
from benchmarks.diagnosis.witness import events_of
from benchmarks.diagnosis.world import (
    CLASSES,
    LENGTHS_S,
    SEVERITIES,
    SHARED,
    SIZES,
    Scene,
    Variant,
    draw_scene,
)
from bot.diagnosis import DEFAULT, examine
from bot.model.diagnosis import Diagnosis

VIDEO_ONLY = (
    "camera_capture",
    "sender_cpu",
    "receiver_cpu",
    "uplink_bandwidth",
    "downlink_bandwidth",
    "two_faults",
)


@dataclass(slots=True)
class Result:
    """One call: how the doctor answered, how the baselines did, and what changed with the call."""

    ours: list[Outcome]
    theirs: dict[str, list[Outcome]] = field(default_factory=dict)
    changed: dict[str, list[Outcome]] = field(default_factory=dict)
    held: dict[str, bool] = field(default_factory=dict)


Work = Callable[[Scene], Result]


def scenes(per_class: int, start: int, *, heldout: bool) -> list[Scene]:
    """Return scenes of all classes, with sizes and severities in turn."""
    rng = np.random.default_rng(start)
    found = []
    for label in CLASSES:
        for n in range(per_class):
            users = SIZES[n % len(SIZES)]
            severity = list(SEVERITIES)[n % len(SEVERITIES)]
            audio = label not in VIDEO_ONLY and bool(rng.random() < 0.2)
            found.append(
                draw_scene(
                    int(rng.integers(2**31)),
                    label,
                    severity,
                    3 if label == SHARED and users == 2 else users,
                    int(rng.choice(LENGTHS_S)),
                    audio_only=audio,
                    heldout=heldout,
                )
            )
    return found


def run(scenes: Sequence[Scene], work: Work) -> list[Result]:
    """Return the result of each scene in order."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(work, scenes, chunksize=4))


def guesses(found: Diagnosis) -> list[Guess]:
    """Return the incidents of a diagnosis as guesses."""
    return [
        Guess(one.start, one.end, tuple((c.kind.value, c.uid) for c in one.causes), one.cause.confidence)
        for one in found.incidents
    ]


def plainly(scene: Scene) -> Result:
    """Return the doctor's answer only."""
    return Result(ours=outcomes(scene, guesses(examine(record(scene).details()))))


def with_baselines(scene: Scene) -> Result:
    """Return the doctor's answer and those of the baselines, and answers with events beside them."""
    details = record(scene).details()
    result = Result(ours=outcomes(scene, guesses(examine(details))))
    result.theirs = {name: outcomes(scene, ask(details, scene)) for name, ask in BASELINES.items()}
    for name, right in (("right", 1.0), ("partly wrong", 0.7), ("all wrong", 0.0)):
        told = events_of(scene, right)
        result.changed[f"events {name}"] = outcomes(scene, guesses(examine(details, told)))
    return result


def in_variant(scene: Scene, variant: Variant) -> Result:
    """Return the doctor's answer to the scene told in one way."""
    return plainly(replace(scene, variant=variant))


def variants() -> dict[str, Callable[[Scene], Result]]:
    """Return a way of telling for each thing that the reference leaves open."""
    named = {
        "as the reference reads": Variant(),
        "loss as fraction": Variant(fraction=True),
        "end-to-end loss after repair": Variant(repaired=True),
        "freeze times added up": Variant(cumulative=True),
        "values in the other row": Variant(turned=True),
        "freezes by configured rate": Variant(gated=False),
    }
    return {name: partial(in_variant, variant=variant) for name, variant in named.items()}


def doubted(scene: Scene) -> Result:
    """Return whether answers hold or weaken as they must when the call is changed."""
    details = record(scene).details()
    plain = examine(details)
    result = Result(ours=outcomes(scene, guesses(plain)))
    names = {str(uid): str(4_000_000_000 - n) for n, uid in enumerate(scene.uids)}
    answer = _answer(plain)
    permuted = _answer(examine(doubts.permuted(details, names)))
    result.held["uids permuted"] = permuted == {(k, names.get(u or "", u)) for k, u in answer}
    later = examine(doubts.shifted(details, 86_401 * 2))
    result.held["all times shifted"] = _answer(later) == answer and [
        one.start - 86_401 * 2 for one in later.incidents
    ] == [one.start for one in plain.incidents]
    guilty = {fault.user for fault in scene.faults}
    calm = [n for n in range(scene.users) if n not in guilty]
    if scene.users > 2 and calm and answer and -1 not in guilty:
        more = doubts.with_another(details, str(scene.uids[calm[0]]))
        result.held["a healthy user more"] = _answer(examine(more)) == answer
    for name, mids in (("no freeze metrics", doubts.FREEZES), ("no CPU", doubts.LOADS)):
        less = guesses(examine(doubts.without(details, mids)))
        result.changed[name] = outcomes(scene, less)
    for name, factor in (("lines 20 % stricter", 0.8), ("lines 20 % laxer", 1.2)):
        moved = examine(details, (), DEFAULT.scaled(factor))
        result.changed[name] = outcomes(scene, guesses(moved))
    return result


def swapped(scene: Scene) -> Result:
    """Return the answer to the same scene with the trouble on the other side of the same user."""
    other = {
        "uplink": "downlink",
        "downlink": "uplink",
        "sender_cpu": "receiver_cpu",
        "receiver_cpu": "sender_cpu",
    }
    faults = []
    for fault in scene.faults:
        head, _, tail = fault.kind.partition("_")
        kind = other.get(fault.kind) or f"{other.get(head, head)}_{tail}"
        faults.append(replace(fault, kind=kind))
    return plainly(replace(scene, faults=tuple(faults)))


def _answer(found: Diagnosis) -> set[tuple[str, str | None]]:
    return {(one.cause.kind.value, one.cause.uid) for one in found.incidents}


def flat(results: Iterable[Result]) -> list[Outcome]:
    """Return all outcomes of the doctor."""
    return [one for result in results for one in result.ours]
