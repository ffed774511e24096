"""Troubles of coming and staying: who was thrown out, came back, came late, never came, or was there twice.

join ──lag──> samples ... last sample ──> leave            a leave by choice: samples end with the stay
              samples ... last ──silence──> leave | join   a lost connection: silence first
              A samples / B samples / A samples            two clients with one uid, in turns or at once
join ─> leave, no sample                                   an attempt that failed
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bot.diagnosis.activity import Activity, received_video, sent_video
from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Flags, runs
from bot.diagnosis.series import AUDIO_FREEZE, AUDIO_RECEIVED, AUDIO_SENT, OWN, VIDEO_FREEZE
from bot.diagnosis.thresholds import Thresholds
from bot.model.call import CallDetails, Session
from bot.model.diagnosis import CauseKind

POLITE_S = 5
"""Samples of a stay that ends by choice end at most so long before it."""
RETURN_S = 120
ATTEMPT_S = 30
_TURN_S = 6
_FROZEN_SHARE = 0.2
_STUCK = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A session with the instants of its first and last sample, None without any."""

    session: Session
    first: int | None
    last: int | None

    @property
    def client(self) -> tuple[str, ...]:
        return self.session.platform, self.session.device, self.session.sdk


@dataclass(frozen=True, slots=True, kw_only=True)
class StayTrouble:
    """``confidence`` before events; ``lasting``: the user did not come (back)."""

    kind: CauseKind
    uid: str
    start: int
    end: int
    confidence: float
    text: str
    against: str
    lasting: bool = False


def stays_of(details: CallDetails) -> dict[str, list[Stay]]:
    """Return the stays of each user in order of joining."""
    spans: dict[str, tuple[int, int]] = {}
    telling = {one.sid for one in details.series if one.mid in OWN}
    for one in details.series:
        if one.ts.size and (one.mid in OWN or one.sid not in telling):
            first, last = spans.get(one.sid, (int(one.ts[0]), int(one.ts[-1])))
            spans[one.sid] = min(first, int(one.ts[0])), max(last, int(one.ts[-1]))
    found: defaultdict[str, list[Stay]] = defaultdict(list)
    for session in sorted(details.sessions, key=lambda one: (one.joined_at, one.sid)):
        first_last = spans.get(session.sid, (None, None))
        found[session.uid].append(Stay(session=session, first=first_last[0], last=first_last[1]))
    return dict(found)


def stay_troubles(
    grid: Grid, activity: Activity, stays: dict[str, list[Stay]], lines: Thresholds
) -> list[StayTrouble]:
    """Return what went wrong with coming and staying, each user's in order of time."""
    usual = _usual_lag(stays)
    found: list[StayTrouble] = []
    for uid, listed in stays.items():
        if uid not in grid.users:
            found += _attempts(uid, listed, grid)
            continue
        doubled = list(_doubled(uid, listed))
        found += doubled
        found += _attempts(uid, listed, grid)
        found += _late(uid, listed, usual, grid, lines)
        if not doubled:
            found += _lost(uid, listed, grid, activity, lines)
    return sorted(found, key=lambda one: (one.start, one.uid, one.kind))


def _doubled(uid: str, listed: Sequence[Stay]) -> Iterator[StayTrouble]:
    """Two clients at once, or by turns that are too quick for a person."""
    seen = [stay for stay in listed if stay.first is not None and stay.last is not None]
    turns, at_once, others = [], [], 0
    for before, after in pairwise(seen):
        assert before.last is not None  # noqa: S101 -- chosen above
        assert after.first is not None  # noqa: S101
        gap = after.first - before.last
        other = before.client != after.client
        others += other
        if gap < -2 * _TURN_S or (gap < -2 and other):
            at_once.append((before, after))
        elif gap <= 2 * _TURN_S:
            turns.append((before, after))
    pairs = at_once or (turns if len(turns) >= 2 else turns if turns and others and len(seen) > 2 else [])
    if not pairs:
        return
    both = at_once + turns
    start = min(after.session.joined_at for _, after in both)
    end = max(
        min(x for x in (before.last, after.last) if x is not None)
        if (before, after) in at_once
        else after.session.joined_at
        for before, after in both
    )
    yield StayTrouble(
        kind=CauseKind.DUPLICATE_UID,
        uid=uid,
        start=start,
        end=max(end, start),
        confidence=0.9 if at_once or others else 0.75,
        text=f"{len(both) + 1} stays of the same uid "
        + ("at the same time" if at_once else "in turns within seconds")
        + (", on different devices" if others else ""),
        against="one person may have changed devices" if others else "all stays name the same device",
    )


def _attempts(uid: str, listed: Sequence[Stay], grid: Grid) -> Iterator[StayTrouble]:
    """Stays without a sample that ended soon."""
    end = grid.at(grid.ticks)
    failed = [
        stay.session
        for stay in listed
        if stay.first is None
        and grid.start <= stay.session.joined_at < end - 2 * POLITE_S
        and (stay.session.left_at is None or stay.session.left_at - stay.session.joined_at <= ATTEMPT_S)
    ]
    if not failed:
        return
    last = max(session.left_at or session.joined_at for session in failed)
    came = [stay.first for stay in listed if stay.first is not None and stay.first >= failed[0].joined_at]
    number = "1 attempt" if len(failed) == 1 else f"{len(failed)} attempts"
    yield StayTrouble(
        kind=CauseKind.JOIN_TOKEN,
        uid=uid,
        start=failed[0].joined_at,
        end=min([last, *came])
        if came and min(came) > failed[0].joined_at
        else max(last, failed[0].joined_at),
        confidence=0.85 if len(failed) > 1 else 0.72,
        text=f"{number} to join without a single sample" + ("" if came else ", and never came"),
        against="the metrics do not say why an attempt failed",
        lasting=not came,
    )


def _usual_lag(stays: dict[str, list[Stay]]) -> float:
    """Return how long after a join samples begin in this call, as a rule."""
    lags = [
        stay.first - stay.session.joined_at
        for listed in stays.values()
        for stay in listed
        if stay.first is not None
    ]
    return float(np.median(lags)) if len(lags) > 2 else float(min(lags, default=0))


def _late(
    uid: str, listed: Sequence[Stay], usual: float, grid: Grid, lines: Thresholds
) -> Iterator[StayTrouble]:
    """Stays whose samples begin much later than those of others do."""
    for stay in listed:
        if stay.first is None or stay.session.joined_at < grid.start - 1:
            continue
        lag = stay.first - stay.session.joined_at
        if lag >= max(lines.slow_join_s, usual + lines.slow_join_s - 3) and usual < lines.slow_join_s:
            yield StayTrouble(
                kind=CauseKind.JOIN_DELAY,
                uid=uid,
                start=stay.session.joined_at,
                end=stay.first,
                confidence=0.88 if lag >= 1.5 * lines.slow_join_s else 0.75,
                text=f"nothing was measured for {lag} s after the join; {usual:.0f} s is usual in this call",
                against="the details do not tell the time to join itself",
            )


def _lost(
    uid: str, listed: Sequence[Stay], grid: Grid, activity: Activity, lines: Thresholds
) -> Iterator[StayTrouble]:
    """Silences of a user that were not chosen."""
    user = grid.users.index(uid)
    others = [n for n in np.flatnonzero(grid.listed).tolist() if n != user]
    around = ~activity.gone[others] if others else np.zeros((0, grid.ticks), dtype=np.bool_)
    for start, end in runs(activity.gone[user] | _dead(grid, activity, user)):
        stays = [stay for stay in listed if stay.last is not None and stay.last <= grid.at(end)]
        before = stays[-1] if stays else None
        silence = (end - start) * grid.tick_s
        if not grid.alive[user, :start].any() or silence < lines.silent_s:
            continue
        if not len(around) or float(around[:, start:end].mean()) < 0.4:
            continue  # nobody was measured: a hole in the data
        ended = end == grid.ticks
        chosen = _chosen(listed, grid, start, end)
        frozen = _frozen_at_others(grid, user, start)
        same = before is None or _within_stay(listed, grid, start, end)
        if chosen and not frozen:
            continue
        if silence > RETURN_S and not same:
            continue
        if ended and (chosen or silence < 2 * lines.silent_s):
            continue
        yield StayTrouble(
            kind=CauseKind.RECONNECT,
            uid=uid,
            start=grid.at(start),
            end=grid.at(end),
            confidence=min(0.93, 0.72 + 0.13 * same + 0.1 * frozen + 0.05 * (not chosen)),
            text=f"all values of the user stop for {silence} s"
            + (" within one stay" if same else ", then a new stay begins" if not ended else " for good")
            + (", and its picture froze for others" if frozen else ""),
            against="a device that sleeps looks the same" if same else "the user may have left by choice",
            lasting=ended,
        )


def _dead(grid: Grid, activity: Activity, user: int) -> Flags:
    """Return when everything a user sends and gets is 0, though others send: measured silence."""
    row = grid.receiver == user
    if not row.any():
        return np.zeros(grid.ticks, dtype=np.bool_)
    sent = np.nan_to_num(sent_video(grid)[user]) + np.nan_to_num(grid.mine(AUDIO_SENT)[user])
    got = np.nan_to_num(received_video(grid)[row]).sum(axis=0)
    got += np.nan_to_num(grid.of_pairs(AUDIO_RECEIVED)[row]).sum(axis=0)
    peers = grid.sender[row]
    offered = (np.nan_to_num(sent_video(grid)[peers]) + np.nan_to_num(grid.mine(AUDIO_SENT)[peers])).sum(
        axis=0
    )
    stuck = np.nan_to_num(np.fmax(grid.of_pairs(VIDEO_FREEZE)[row], grid.of_pairs(AUDIO_FREEZE)[row]))
    speaks = bool((sent > 0).any())
    silent = (sent == 0) & (got == 0) & (offered > 0) & grid.alive[user]
    return np.asarray(silent & (speaks | (stuck.max(axis=0) > _STUCK)))


def _chosen(listed: Sequence[Stay], grid: Grid, start: int, end: int) -> bool:
    """Return whether a stay ended in time with its samples where a silence begins."""
    began, ends = grid.at(start), grid.at(end)
    for stay in listed:
        left = stay.session.left_at
        if (
            left is None
            or stay.last is None
            or not began - 3 * grid.tick_s <= stay.last <= began + grid.tick_s
        ):
            continue
        if left <= ends + grid.tick_s and left - stay.last <= POLITE_S:
            return True
    return False


def _within_stay(listed: Sequence[Stay], grid: Grid, start: int, end: int) -> bool:
    began, ends = grid.at(start), grid.at(end)
    return any(
        stay.first is not None
        and stay.last is not None
        and stay.first < began
        and stay.last >= ends - grid.tick_s
        for stay in listed
    )


def _frozen_at_others(grid: Grid, user: int, tick: int) -> bool:
    """Return whether most others saw the user's stream freeze when its silence began."""
    column = grid.sender == user
    near = slice(max(0, tick - 2), tick + grid.in_ticks(12))
    frozen = np.fmax(grid.of_pairs(VIDEO_FREEZE), grid.of_pairs(AUDIO_FREEZE))[column][:, near]
    if not frozen.size:
        return False
    worst = np.nan_to_num(frozen).max(axis=1)
    return bool((worst >= _FROZEN_SHARE).mean() >= 0.5)
