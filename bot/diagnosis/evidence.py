"""The numbers behind a cause, the lines that speak against it, and what was not told."""

import numpy as np

from bot.diagnosis.grid import Grid
from bot.diagnosis.series import HEIGHT, SCHEDULING_MS, VIDEO_RECEIVED, VIDEO_SENT
from bot.diagnosis.signs import Change, Signs
from bot.diagnosis.suspects import Bench, Suspect
from bot.diagnosis.thresholds import Thresholds
from bot.model.diagnosis import CauseKind, Evidence, Scope

SHOWN = 3


def evidence_of(grid: Grid, bench: Bench, suspect: Suspect, lines: Thresholds) -> tuple[Evidence, ...]:
    """Return what speaks for a suspect: the direct sign first, then the structure."""
    found = []
    if suspect.user >= 0:
        direct = _direct(grid, bench.signs[suspect.user], suspect, lines)
        if direct is not None:
            found.append(direct)
    found.append(_structure(grid, bench, suspect))
    return tuple(found[:SHOWN])


def _direct(grid: Grid, signs: Signs, suspect: Suspect, lines: Thresholds) -> Evidence | None:
    uid = grid.users[suspect.user]
    if suspect.kind is CauseKind.UPLINK_LOSS:
        text = _changed("loss on the way up", signs.up, "%")
        return _of(uid, signs.up, lines.loss_bad, "Agora: poor network above 5 %", text)
    if suspect.kind is CauseKind.DOWNLINK_LOSS:
        text = _changed("loss on the way down", signs.down, "%")
        return _of(uid, signs.down, lines.loss_bad, "Agora: poor network above 5 %", text)
    if suspect.kind is CauseKind.UPLINK_BANDWIDTH:
        text = f"sent bitrate at {_pct(signs.sent)} of the usual, camera at {_pct(signs.capture_share)}"
        change = Change(inside=signs.sent * 100, outside=100.0, mid=VIDEO_SENT)
        return _of(uid, change, lines.sent_bad * 100, "ObserveRTC: plateau 0.4 to 0.8", text)
    if suspect.kind is CauseKind.DOWNLINK_BANDWIDTH:
        text = f"received bitrate at {_pct(signs.received)} of what was sent, as compared with usual"
        change = Change(inside=signs.received * 100, outside=100.0, mid=VIDEO_RECEIVED)
        return _of(uid, change, lines.received_bad * 100, "received over sent bitrate", text)
    if suspect.kind is CauseKind.CAMERA:
        text = _changed("captured frame rate", signs.capture, "fps")
        return _of(
            uid, signs.capture, _part(signs.capture.outside, lines.capture_bad), "half of its usual", text
        )
    if (
        suspect.kind in (CauseKind.SENDER_CPU, CauseKind.RECEIVER_CPU)
        and signs.cpu.inside == signs.cpu.inside
    ):
        delay = signs.cpu.mid == SCHEDULING_MS
        text = _changed("task scheduling delay" if delay else "CPU", signs.cpu, "ms" if delay else "%")
        line = lines.scheduling_bad_ms if delay else lines.cpu_bad
        return _of(uid, signs.cpu, line, "Agora's glossary" if delay else "Google Meet: shortage", text)
    return None


def _structure(grid: Grid, bench: Bench, suspect: Suspect) -> Evidence:
    bad = bench.fit.bad
    known = np.isfinite(bad)
    hit = np.nan_to_num(bad) > 0.35 * float(np.nan_to_num(bad).max(initial=0.0))
    if suspect.scope is Scope.SENDER:
        mine, of = grid.sender == suspect.user, "receivers"
    elif suspect.scope is Scope.RECEIVER:
        mine, of = grid.receiver == suspect.user, "streams that it receives"
    else:
        text = f"{int((hit & known).sum())} of {int(known.sum())} streams were bad at the same time"
        return Evidence(text=text, value=_round(100 * suspect.explained))
    here, there = int((hit & mine & known).sum()), int((mine & known).sum())
    elsewhere, rest = int((hit & ~mine & known).sum()), int((~mine & known).sum())
    text = f"{here} of {there} {of} hit, and {elsewhere} of {rest} other streams"
    return Evidence(text=text, uid=grid.users[suspect.user], value=_round(100 * suspect.explained))


def against_of(grid: Grid, bench: Bench, suspect: Suspect, lines: Thresholds) -> tuple[str, ...]:
    """Return what does not fit a suspect."""
    if suspect.user < 0:
        return ()
    signs = bench.signs[suspect.user]
    found = []
    network = suspect.kind not in (CauseKind.SENDER_CPU, CauseKind.RECEIVER_CPU, CauseKind.CAMERA)
    if network and signs.cpu.inside > lines.cpu_bad and signs.cpu.mid != SCHEDULING_MS:
        found.append(f"CPU was high as well ({signs.cpu.inside:.0f} %)")
    if not network and signs.up.inside > lines.loss_bad:
        found.append(f"loss on the way up was high as well ({signs.up.inside:.1f} %)")
    if suspect.explained < 0.6 and suspect.scope is not Scope.UNKNOWN:
        found.append(f"explains only {100 * suspect.explained:.0f} % of what was bad")
    if suspect.kind is CauseKind.UPLINK_BANDWIDTH and signs.late_up > lines.loss_bad:
        found.append(f"loss stayed at {signs.late_up:.1f} %")
    return tuple(found)


def missing_of(grid: Grid, bench: Bench, suspect: Suspect, *, cut: bool) -> tuple[str, ...]:
    """Return what was not told and would have helped."""
    found = ["no round trip or jitter among the metrics"]
    if suspect.user >= 0:
        signs = bench.signs[suspect.user]
        if signs.cpu.inside != signs.cpu.inside:
            found.append(f"no CPU of {grid.users[suspect.user]}")
        if not grid.listed[suspect.user]:
            found.append(f"{grid.users[suspect.user]} is not among the listed users")
    if len(grid.users) == 2:
        found.append("no third party to compare with")
    if HEIGHT not in grid.heard and suspect.kind in (
        CauseKind.UPLINK_BANDWIDTH,
        CauseKind.DOWNLINK_BANDWIDTH,
    ):
        found.append("no picture size")
    if cut:
        found.append("Agora listed only part of the users")
    return tuple(found)


def _of(uid: str, change: Change, threshold: float | None, source: str, text: str) -> Evidence:
    return Evidence(
        text=text,
        mid=change.mid,
        uid=uid,
        value=_round(change.inside),
        baseline=_round(change.outside),
        threshold=_round(threshold) if threshold is not None else None,
        source=source,
    )


def _changed(what: str, change: Change, unit: str) -> str:
    before = f" (before: {change.outside:.1f})" if change.outside == change.outside else ""
    return f"{what} {change.inside:.1f} {unit}{before}"


def _pct(share: float) -> str:
    return f"{100 * share:.0f} %" if share == share else "an unknown share"


def _part(value: float, share: float) -> float | None:
    return value * share if value == value else None


def _round(value: float) -> float | None:
    return round(value, 2) if value == value else None
