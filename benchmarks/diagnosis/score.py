"""What counts as right. One answer of a call against what was put into it."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.diagnosis.world import EPOCH, RECEIVER, SENDER, Fault, Scene


@dataclass(frozen=True, slots=True)
class Guess:
    """One incident of an answer, whoever gave it: causes as (kind, uid), the likeliest first."""

    start: float
    end: float
    causes: tuple[tuple[str, str | None], ...]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one truth was answered. ``person`` counts the side as well where a side has an owner."""

    scene: Scene
    fault: Fault | None
    found: bool
    top1: bool
    top3: bool
    person: bool
    accused_wrongly: bool
    confidence: float
    onset_s: float
    end_s: float
    iou: float
    said: str
    incidents: int


def side(kind: str) -> str:
    """Return on which side a cause lies."""
    return "sender" if kind in SENDER else "receiver" if kind in RECEIVER else kind


def outcomes(scene: Scene, guesses: Sequence[Guess]) -> list[Outcome]:
    """Return one outcome for each fault, one for a clean call; the incident that overlaps most answers it."""
    if not scene.faults:
        worst = max(guesses, key=lambda g: g.confidence, default=None)
        accused = any(g.causes[0][1] is not None for g in guesses)
        said = f"{worst.causes[0]}" if worst else ""
        return [
            Outcome(scene, None, bool(guesses), not guesses, not guesses, not guesses, accused,
                    worst.confidence if worst else 0.0, 0, 0, 0, said, len(guesses))
        ]  # fmt: skip
    return [_one(scene, fault, guesses) for fault in scene.faults]


def _one(scene: Scene, fault: Fault, guesses: Sequence[Guess]) -> Outcome:
    uid = str(scene.uids[fault.user]) if fault.user >= 0 else None
    truth = (fault.kind, uid)
    near = [g for g in guesses if _overlap(g, fault) > 0]
    if not near:
        return Outcome(scene, fault, False, False, False, False, False, 0, 0, 0, 0, "", len(guesses))
    if len(scene.faults) > 1:
        mine = [g for g in near if truth in g.causes[:3]]
        near = mine or near
    best = max(near, key=lambda g: (_overlap(g, fault) / max(_union(g, fault), 1), g.confidence))
    kind, who = best.causes[0]
    others = {str(scene.uids[f.user]) for f in scene.faults if f.user >= 0}
    return Outcome(
        scene,
        fault,
        True,
        best.causes[0] == truth,
        truth in best.causes[:3],
        who == uid and (who is not None or kind == fault.kind),
        who is not None and who not in others,
        best.confidence,
        abs(best.start - EPOCH - fault.start),
        abs(best.end - EPOCH - fault.end),
        _overlap(best, fault) / max(_union(best, fault), 1),
        kind,
        len(guesses),
    )


def _overlap(guess: Guess, fault: Fault) -> float:
    """Return the seconds in common; one that begins within 20 s of the end still counts a little."""
    shared = min(guess.end - EPOCH, fault.end) - max(guess.start - EPOCH, fault.start)
    return shared if shared > 0 else 0.01 if shared > -20 else 0.0


def _union(guess: Guess, fault: Fault) -> float:
    return max(guess.end - EPOCH, fault.end) - min(guess.start - EPOCH, fault.start)
