"""What went wrong in one call, for whom, when, on whose side, through what, and how surely. Pure.

details ─> grid ─> activity ─> symptoms ─> troubles: where ─> whose side ─> through what ─> how surely
           │
           └─> stays ─> who came late, was lost, was there twice, never came
"""

from collections.abc import Sequence

import numpy as np

from bot.diagnosis.activity import Activity, find_activity
from bot.diagnosis.explained import explained_events
from bot.diagnosis.find import Case, find_troubles
from bot.diagnosis.grid import Grid, Unusable, make_grid
from bot.diagnosis.measure import Flags, Floats
from bot.diagnosis.segments import Segment
from bot.diagnosis.semantics import Meaning, understood, with_intervals
from bot.diagnosis.series import APP_CPU, SCHEDULING_MS, SYSTEM_CPU
from bot.diagnosis.signs import Reader
from bot.diagnosis.stays import StayTrouble, stay_troubles, stays_of
from bot.diagnosis.symptoms import Symptoms, find_symptoms
from bot.diagnosis.thresholds import DEFAULT, Thresholds
from bot.diagnosis.witnesses import TRUE_RATE, Witnesses
from bot.diagnosis.wording import headline, next_step
from bot.model.call import CallDetails
from bot.model.diagnosis import (
    Affected,
    CallVerdict,
    Cause,
    DataQuality,
    Diagnosis,
    Evidence,
    Media,
    Scope,
    Trouble,
)
from bot.model.observation import DiagnosisEvent

_BESIDE_S = 120
_AROUND_S = 20
_GAPS_AT_MOST = 50


def examine(
    details: CallDetails, events: Sequence[DiagnosisEvent] = (), lines: Thresholds = DEFAULT
) -> Diagnosis:
    """Return the diagnosis of a call; of too little data, one that says so. The same input, the same answer.

    ``events`` of other channels and times are left out.
    """
    try:
        plain, cumulative = with_intervals(details)
        grid, meaning = understood(make_grid(plain), cumulative=cumulative)
    except Unusable as unusable:
        return _insufficient(details, str(unusable))
    heard = _of_call(details, grid, events)
    activity = find_activity(grid, lines)
    coverage = _coverage(grid)
    stays = stays_of(details)
    quality = _quality(grid, activity, meaning, coverage, lines.silent_s)
    reason = _too_little(grid, coverage, lines)
    if reason:
        return _insufficient(details, reason, grid=grid, quality=quality, assumptions=meaning.assumptions)
    kept = stay_troubles(grid, activity, stays, lines)
    symptoms = _without(find_symptoms(grid, activity, lines), grid, kept)
    reader = Reader(grid, activity, symptoms, _hot(symptoms.total))
    said = Witnesses(grid, heard)
    case = Case(grid=grid, symptoms=symptoms, reader=reader, witnesses=said, lines=lines, cut=details.cut)
    troubles = [*(_of_stay(one, grid, said) for one in kept), *find_troubles(case)]
    troubles.sort(key=lambda one: (-_weight(one), one.start))
    verdict = _verdict(troubles, kept)
    return Diagnosis(
        verdict=verdict,
        headline=headline(verdict, troubles),
        start=grid.start,
        end=grid.at(grid.ticks),
        users=grid.users,
        incidents=tuple(troubles),
        affected=_affected(grid, symptoms),
        events=explained_events(grid, activity, stays, kept, heard),
        assumptions=_assumptions(meaning, details),
        quality=quality,
    )


def _too_little(grid: Grid, coverage: float, lines: Thresholds) -> str:
    span = grid.ticks * grid.tick_s
    if span < lines.least_span_s:
        return f"{span} s of data, at least {lines.least_span_s} s are needed"
    if coverage < lines.least_coverage:
        return f"{coverage:.0f} % of the samples are there, at least {lines.least_coverage:.0f} % are needed"
    return ""


def _insufficient(
    details: CallDetails,
    reason: str,
    *,
    grid: Grid | None = None,
    quality: DataQuality | None = None,
    assumptions: tuple[str, ...] = (),
) -> Diagnosis:
    start = grid.start if grid else details.call.started_at
    return Diagnosis(
        verdict=CallVerdict.INSUFFICIENT_DATA,
        headline=headline(CallVerdict.INSUFFICIENT_DATA, (), reason),
        start=start,
        end=grid.at(grid.ticks) if grid else details.call.ended_at or start,
        users=grid.users if grid else tuple(sorted({s.uid for s in details.sessions})),
        incidents=(),
        affected=(),
        events=(),
        assumptions=(*assumptions, reason),
        quality=quality or DataQuality(coverage=0.0),
    )


def _of_call(details: CallDetails, grid: Grid, events: Sequence[DiagnosisEvent]) -> list[DiagnosisEvent]:
    first, last = grid.start - _BESIDE_S, grid.at(grid.ticks) + _BESIDE_S
    cname = details.call.cname
    return [one for one in events if first <= one.ts <= last and (not cname or one.cname in ("", cname))]


def _coverage(grid: Grid) -> float:
    """Return the percentage of ticks between the first and the last sample of each user that have one."""
    shares = []
    for user in np.flatnonzero(grid.listed & grid.alive.any(axis=1)):
        known = np.flatnonzero(grid.alive[user])
        shares.append((known.size, int(known[-1] - known[0]) + 1))
    whole = sum(span for _, span in shares)
    return round(100.0 * sum(known for known, _ in shares) / whole, 1) if whole else 0.0


def _quality(grid: Grid, activity: Activity, meaning: Meaning, coverage: float, silent_s: int) -> DataQuality:
    told: Flags = np.zeros(len(grid.users), dtype=np.bool_)
    for mid in (APP_CPU, SYSTEM_CPU, SCHEDULING_MS):
        told |= np.isfinite(grid.mine(mid)).any(axis=1)
    gaps = [
        (grid.users[int(user)], grid.at(int(edges[0])), grid.at(int(edges[-1]) + 1))
        for user in np.flatnonzero(activity.gone.any(axis=1))
        for edges in _stretches(activity.gone[user])
        if edges.size * grid.tick_s >= silent_s
    ]
    return DataQuality(
        coverage=coverage,
        missing_cpu=tuple(
            u for u, known, listed in zip(grid.users, told, grid.listed, strict=True) if listed and not known
        ),
        gaps=tuple(gaps[:_GAPS_AT_MOST]),
        loss_unit=meaning.loss_unit,
        freeze_mode=meaning.freeze_mode,
    )


def _stretches(marks: Flags) -> list["np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    places = np.flatnonzero(marks)
    return np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if places.size else []


def _without(symptoms: Symptoms, grid: Grid, kept: Sequence[StayTrouble]) -> Symptoms:
    """Return the symptoms without those that a stay explains: its user's, around it."""
    total: Floats = symptoms.total.copy()
    around = grid.in_ticks(_AROUND_S)
    for one in kept:
        if one.uid in grid.users:
            user = grid.users.index(one.uid)
            involved = (grid.sender == user) | (grid.receiver == user)
            first, last = grid.tick(one.start), grid.tick(one.end)
            total[involved, max(0, first - around // 2) : last + around] = np.nan
    return Symptoms(
        video=symptoms.video, audio=symptoms.audio, total=total, rate=symptoms.rate, share=symptoms.share
    )


def _hot(total: Floats) -> Flags:
    """Return the ticks in which anything was clearly bad."""
    bad = np.nan_to_num(total) > 0.5
    return np.asarray(bad.any(axis=0) if len(bad) else np.zeros(total.shape[1], dtype=np.bool_))


def _of_stay(one: StayTrouble, grid: Grid, witnesses: Witnesses) -> Trouble:
    segment = Segment(start=grid.tick(one.start), end=grid.tick(one.end) + 1, mass=0.0)
    agrees = witnesses.agrees(one.kind, one.uid, segment)
    confidence = one.confidence + (1 - one.confidence) * TRUE_RATE * bool(agrees)
    cause = Cause(
        kind=one.kind,
        uid=one.uid,
        confidence=round(min(confidence, 0.97), 3),
        evidence=(Evidence(text=one.text, uid=one.uid),),
        against=(one.against,),
        agora_agrees=agrees,
    )
    return Trouble(
        start=one.start,
        end=max(one.end, one.start),
        media=Media.BOTH,
        scope=Scope.SENDER if one.uid in grid.users else Scope.UNKNOWN,
        pairs=(),
        causes=(cause,),
        next_step=next_step(cause),
        red=True,
    )


def _weight(trouble: Trouble) -> float:
    """Return how much a trouble matters: its length, by how bad it was."""
    share = 1.0 if trouble.worst is None else trouble.worst / 100
    return (trouble.end - trouble.start + 10) * (share + 0.1) * max(1, len(trouble.pairs))


def _verdict(troubles: Sequence[Trouble], kept: Sequence[StayTrouble]) -> CallVerdict:
    if any(one.lasting for one in kept):
        return CallVerdict.FAILED
    if any(trouble.red for trouble in troubles):
        return CallVerdict.BAD
    return CallVerdict.DEGRADED if troubles else CallVerdict.CLEAN


def _affected(grid: Grid, symptoms: Symptoms) -> tuple[Affected, ...]:
    found = []
    for user, uid in enumerate(grid.users):
        row = grid.receiver == user
        for media, values in ((Media.VIDEO, symptoms.video), (Media.AUDIO, symptoms.audio)):
            judged = np.isfinite(values[row]).any(axis=0)
            bad = (np.nan_to_num(values[row]) > 0.5).any(axis=0)
            if bad.any():
                share = 100 * float(bad.sum()) / float(judged.sum())
                seconds = int(bad.sum()) * grid.tick_s
                found.append(Affected(uid=uid, media=media, bad_s=seconds, bad_share=round(share, 1)))
    return tuple(sorted(found, key=lambda one: (-one.bad_s, one.uid, one.media)))


def _assumptions(meaning: Meaning, details: CallDetails) -> tuple[str, ...]:
    cut = ("Agora lists at most ten users: others may have been in the call",) if details.cut else ()
    return (*meaning.assumptions, *cut)
