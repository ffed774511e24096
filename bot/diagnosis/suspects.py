"""All who may be the cause of one segment, ranked: structure says whose side, direct signs say what."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.diagnosis.mechanisms import Strengths, receiver_strengths, sender_strengths
from bot.diagnosis.segments import Segment
from bot.diagnosis.signs import Reader, Signs
from bot.diagnosis.structure import Fit
from bot.diagnosis.thresholds import Thresholds
from bot.diagnosis.witnesses import Witnesses
from bot.model.diagnosis import CauseKind, Scope

STRUCTURE = 6.0
"""How much the log odds of an origin grow from explaining nothing to explaining all."""
_SLIGHT = 0.04
"""The strength of a cause without any sign."""
_NOBODY = 0.12
_COMMON = 0.8
_HIT = 0.35
"""From this share of the worst pair's badness on a pair counts as hit."""
_DIRECT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A kind at a user's side (-1: nobody's). ``share`` is its part of all scores; ``direct`` says whether a
    metric shows the cause itself; ``others`` counts the parties at which its effect shows."""

    kind: CauseKind
    user: int
    scope: Scope
    share: float
    strength: float
    explained: float
    direct: bool
    others: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bench:
    """Everybody's signs in one segment, for the words of the evidence."""

    segment: Segment
    fit: Fit
    signs: dict[int, Signs]
    sending: dict[int, Strengths]
    receiving: dict[int, Strengths]


def question(reader: Reader, fit: Fit, segment: Segment, lines: Thresholds) -> Bench:
    """Return the signs of all users in a segment."""
    signs = {user: reader.signs(user, segment) for user in range(len(reader.grid.users))}
    return Bench(
        segment=segment,
        fit=fit,
        signs=signs,
        sending={user: sender_strengths(found, lines) for user, found in signs.items()},
        receiving={user: receiver_strengths(found, lines) for user, found in signs.items()},
    )


def ranked(reader: Reader, bench: Bench, witnesses: Witnesses) -> list[Suspect]:
    """Return all suspects, the likeliest first."""
    grid, fit = reader.grid, bench.fit
    scored: list[tuple[float, Suspect]] = []
    bad = np.nan_to_num(fit.bad)
    hit = bad > _HIT * max(float(bad.max(initial=0.0)), 1e-9)
    for scope, ends, far, strengths in (
        (Scope.SENDER, grid.sender, grid.receiver, bench.sending),
        (Scope.RECEIVER, grid.receiver, grid.sender, bench.receiving),
    ):
        for user in np.unique(ends).tolist():
            others = len(set(far[(ends == user) & hit].tolist()))
            explained = max(fit.of(scope, user), 0.85 * fit.of(Scope.UNKNOWN, user))
            if not others:
                continue
            for kind, alone in strengths[user].of.items():
                strength = alone * (1 - _COMMON * _common(kind, user, strengths))
                score = _score(explained, strength) * witnesses.weight(kind, grid.users[user], bench.segment)
                suspect = Suspect(
                    kind=kind,
                    user=user,
                    scope=scope,
                    share=0.0,
                    strength=strength,
                    explained=explained,
                    direct=strength >= _DIRECT,
                    others=others,
                )
                scored.append((score, suspect))
    scored += _nobodys(fit, hit, bad, len(grid.users))
    return _shared(scored)


def _common(kind: CauseKind, user: int, strengths: dict[int, Strengths]) -> float:
    """Return how much most others show the same sign: then it is not this user's own."""
    others = sorted(found.of[kind] for other, found in strengths.items() if other != user)
    if len(others) < 2 or kind in (CauseKind.UPLINK_JITTER, CauseKind.DOWNLINK_JITTER):
        return 0.0
    return others[len(others) // 4]


def _score(explained: float, strength: float) -> float:
    return math.exp(STRUCTURE * explained) * (strength + _SLIGHT)


def _nobodys(
    fit: Fit,
    hit: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    bad: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    users: int,
) -> list[tuple[float, Suspect]]:
    """Return the suspects that blame nobody: a shared cause, and none that could be told."""
    everybody = fit.of(Scope.GLOBAL, -1)
    known = np.isfinite(fit.bad)
    share = float(hit[known].mean()) if known.any() else 0.0
    single = max((v for (scope, _), v in fit.explained.items() if scope is Scope.PAIR), default=0.0)
    shared = Suspect(
        kind=CauseKind.SERVICE,
        user=-1,
        scope=Scope.GLOBAL,
        share=0.0,
        strength=share,
        explained=everybody,
        direct=share > 0.8 and users >= 3,
        others=users,
    )
    unknown = Suspect(
        kind=CauseKind.UNDETERMINED,
        user=-1,
        scope=Scope.PAIR if single > 0.8 else Scope.UNKNOWN,
        share=0.0,
        strength=_NOBODY,
        explained=0.6,
        direct=False,
        others=0,
    )
    found = [(math.exp(STRUCTURE * 0.6) * _NOBODY, unknown)]
    if int(hit.sum()) >= 2:
        found.append((math.exp(STRUCTURE * everybody) * (share**2 * 0.8 + _SLIGHT), shared))
    return found


def _shared(scored: Sequence[tuple[float, Suspect]]) -> list[Suspect]:
    whole = sum(score for score, _ in scored)
    found = [
        Suspect(
            kind=one.kind,
            user=one.user,
            scope=one.scope,
            share=score / whole,
            strength=one.strength,
            explained=one.explained,
            direct=one.direct,
            others=one.others,
        )
        for score, one in scored
    ]
    return sorted(found, key=lambda one: (-one.share, one.kind, one.user))
