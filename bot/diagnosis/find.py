"""From symptoms to troubles: take the heaviest stretch, explain it, set it aside, look again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.diagnosis.calibration import BLIND, calibrated, part_of_rest
from bot.diagnosis.evidence import against_of, evidence_of, missing_of
from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Flags, Floats, mean
from bot.diagnosis.segments import Segment, stretched
from bot.diagnosis.signs import Reader
from bot.diagnosis.structure import Origin, fit, heaviest, origins
from bot.diagnosis.suspects import Bench, Suspect, question, ranked
from bot.diagnosis.symptoms import Symptoms
from bot.diagnosis.thresholds import FROZEN, Thresholds
from bot.diagnosis.witnesses import Witnesses
from bot.diagnosis.wording import next_step
from bot.model.diagnosis import Cause, CauseKind, Media, Scope, Trouble

TROUBLES_AT_MOST = 12
CAUSES_AT_MOST = 3
_BEFORE_S, _AFTER_S = 10, 50
"""What is set aside around a stretch: quality takes up to 50 s to recover."""
_STRETCH_S = 20
_WORST_S = 20
_BLAME = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is looked at for one call."""

    grid: Grid
    symptoms: Symptoms
    reader: Reader
    witnesses: Witnesses
    lines: Thresholds
    cut: bool


def find_troubles(case: Case) -> list[Trouble]:
    """Return the troubles of media, heaviest first."""
    badness = case.symptoms.total.copy()
    places = origins(case.grid)
    found: list[Trouble] = []
    while len(found) < TROUBLES_AT_MOST:
        best = heaviest(case.grid, places, badness, case.lines.background)
        if best is None:
            break
        trouble, origin, segment = _explained(case, places, badness, *best)
        found.append(trouble)
        before, after = case.grid.in_ticks(_BEFORE_S), case.grid.in_ticks(_AFTER_S)
        pairs = origin.pairs
        if trouble.cause.kind in (CauseKind.SENDER_CPU, CauseKind.RECEIVER_CPU):  # one device, both ways
            pairs = (case.grid.sender == origin.user) | (case.grid.receiver == origin.user)
        badness[pairs, max(0, segment.start - before) : segment.end + after] = np.nan
    return _joined(found)


def _explained(
    case: Case, places: list[Origin], badness: Floats, place: Origin, segment: Segment
) -> tuple[Trouble, Origin, Segment]:
    """Return a stretch with its causes, the origin that was blamed, and the stretch as the cause shows it."""
    grid = case.grid
    found = fit(grid, places, badness, segment, case.lines.background)
    bench = question(case.reader, found, segment, case.lines)
    suspects = ranked(case.reader, bench, case.witnesses)
    first = suspects[0]
    origin = next((o for o in places if (o.scope, o.user) == (first.scope, first.user)), place)
    causes = _causes(case, bench, suspects)
    segment = stretched(segment, _sign(case, first), grid.in_ticks(_STRETCH_S))
    hit = origin.pairs & (np.nan_to_num(found.bad) > case.lines.background)
    worst = _worst(case.symptoms.total, hit, grid.in_ticks(_WORST_S), segment)
    trouble = Trouble(
        start=grid.at(segment.start),
        end=grid.at(segment.end),
        media=_media(case.symptoms, hit, segment),
        scope=_scope(first, causes[0], two=len(grid.users) == 2),
        pairs=tuple(
            (grid.users[int(r)], grid.users[int(s)])
            for r, s in zip(grid.receiver[hit], grid.sender[hit], strict=True)
        ),
        causes=causes,
        next_step=next_step(causes[0]),
        red=worst * FROZEN * 100 >= case.lines.video_freeze_bad,
        worst=round(100 * worst, 1),
    )
    return trouble, origin, segment


def _causes(case: Case, bench: Bench, suspects: Sequence[Suspect]) -> tuple[Cause, ...]:
    two = len(case.grid.users) == 2
    made: list[Cause] = []
    for suspect in suspects[: CAUSES_AT_MOST + 1]:
        nobodys = suspect.kind in (CauseKind.SERVICE, CauseKind.UNDETERMINED)
        blind = not nobodys and not suspect.direct and (two or suspect.others < 2)
        first = made[0].confidence if made else calibrated(suspect.share, bench.segment.ticks)
        confidence = first if not made else part_of_rest(suspect.share, suspects[0].share, first)
        if blind or suspect.kind is CauseKind.UNDETERMINED:
            confidence = min(confidence, BLIND)
        uid = None if nobodys else case.grid.users[suspect.user]
        made.append(
            Cause(
                kind=suspect.kind,
                uid=uid,
                confidence=confidence,
                evidence=evidence_of(case.grid, bench, suspect, case.lines),
                against=against_of(case.grid, bench, suspect, case.lines),
                missing=missing_of(case.grid, bench, suspect, cut=case.cut),
                agora_agrees=case.witnesses.agrees(suspect.kind, uid, bench.segment),
            )
        )
    made.sort(key=lambda cause: -cause.confidence)
    if made[0].kind is not CauseKind.UNDETERMINED and made[0].confidence < _BLAME:
        unknown = replace(made[0], kind=CauseKind.UNDETERMINED, uid=None, evidence=made[0].evidence[-1:])
        made = [unknown, *(one for one in made if one.kind is not CauseKind.UNDETERMINED)]
    return tuple(made[:CAUSES_AT_MOST])


def _scope(first: Suspect, cause: Cause, *, two: bool) -> Scope:
    if cause.kind is CauseKind.SERVICE:
        return Scope.GLOBAL
    if cause.kind is CauseKind.UNDETERMINED:
        return first.scope if first.scope is Scope.PAIR else Scope.UNKNOWN
    unclear = not first.direct and (two or first.explained < 0.5)
    return Scope.UNKNOWN if unclear else first.scope


def _sign(case: Case, suspect: Suspect) -> Flags:
    """Return when the direct sign of a cause was there, by tick."""
    reader, user = case.reader, suspect.user
    nothing = np.zeros(case.grid.ticks, dtype=np.bool_)
    if user < 0:
        return nothing
    row = case.grid.receiver == user
    middle = (case.lines.loss_ok + case.lines.loss_bad) / 2
    if suspect.kind is CauseKind.UPLINK_LOSS:
        return np.asarray(reader.up_loss[user] > middle)
    if suspect.kind is CauseKind.DOWNLINK_LOSS:
        return np.asarray(mean(reader.down_loss[row], axis=0) > middle)
    if suspect.kind is CauseKind.UPLINK_BANDWIDTH:
        return np.asarray(reader.sent_share[user] < case.lines.sent_ok)
    if suspect.kind is CauseKind.DOWNLINK_BANDWIDTH:
        return np.asarray(mean(case.symptoms.share[row], axis=0) < case.lines.received_ok)
    if suspect.kind in (CauseKind.SENDER_CPU, CauseKind.RECEIVER_CPU):
        return np.asarray(reader.cpu[0][user] > case.lines.cpu_bad)
    if suspect.kind is CauseKind.CAMERA:
        return np.asarray(reader.capture_share[user] < case.lines.capture_ok)
    return nothing


def _media(symptoms: Symptoms, hit: Flags, segment: Segment) -> Media:
    video = np.nan_to_num(mean(symptoms.video[hit][:, segment.slice()].ravel()))
    audio = np.nan_to_num(mean(symptoms.audio[hit][:, segment.slice()].ravel()))
    if audio < 0.25 * video:
        return Media.VIDEO
    return Media.AUDIO if video < 0.25 * audio else Media.BOTH


def _worst(badness: Floats, hit: Flags, window: int, segment: Segment) -> float:
    """Return the mean badness of the worst 20 s of the pairs that were hit."""
    if not hit.any():
        return 0.0
    curve = np.nan_to_num(mean(badness[hit][:, segment.slice()], axis=0))
    width = min(window, curve.size)
    total = np.concatenate(([0.0], np.cumsum(curve)))
    return float(((total[width:] - total[:-width]) / width).max()) if width else 0.0


def _joined(found: Sequence[Trouble]) -> list[Trouble]:
    """Return the troubles with those of one cause that lie close together joined."""
    joined: list[Trouble] = []
    for trouble in sorted(found, key=lambda one: (one.start, one.end)):
        same = next(
            (
                n
                for n, one in enumerate(joined)
                if (one.cause.kind, one.cause.uid) == (trouble.cause.kind, trouble.cause.uid)
                and trouble.start - one.end <= _AFTER_S
            ),
            None,
        )
        if same is None:
            joined.append(trouble)
            continue
        one = joined[same]
        surer = max(one, trouble, key=lambda each: each.cause.confidence)
        joined[same] = replace(
            surer,
            start=min(one.start, trouble.start),
            end=max(one.end, trouble.end),
            media=one.media if one.media is trouble.media else Media.BOTH,
            pairs=tuple(dict.fromkeys((*one.pairs, *trouble.pairs))),
            red=one.red or trouble.red,
            worst=max(one.worst or 0.0, trouble.worst or 0.0),
        )
    return joined
