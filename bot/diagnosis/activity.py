"""When a stream runs, so that its numbers mean something: not muted, not coming or going, not unwanted."""

from dataclasses import dataclass

import numpy as np

from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Flags, Floats, grown, held, runs, usual_high
from bot.diagnosis.series import (
    AUDIO_FREEZE,
    AUDIO_RECEIVED,
    AUDIO_SENT,
    CAPTURED_FPS,
    HEIGHT,
    LOW_RECEIVED,
    RECEIVED_FPS,
    SENT_FPS,
    SENT_HEIGHT,
    SENT_WIDTH,
    VIDEO_FREEZE,
    VIDEO_RECEIVED,
    VIDEO_SENT,
    VIDEO_SENT_HIGH,
    WIDTH,
)
from bot.diagnosis.thresholds import Thresholds

BLOCK_S = 600
"""Settings are taken as unchanged for so long."""
OFF_S = 4
_LOW_HEIGHT, _LARGER = 0.7, 1.15
_OTHER_SHAPE = 0.1
_SHARE_RATE = 0.6
_SHARE_FPS = 16.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Activity:
    """Marks by user and tick (``video_off``, ``audio_off``: told to be silent; ``sharing``: a screen) and by
    pair and tick (``video``, ``audio``: running and settled; ``low_stream``: a smaller picture than others
    get; ``unwanted``: the receiver takes nothing of a running video)."""

    video_off: Flags
    audio_off: Flags
    gone: Flags
    sharing: Flags
    video: Flags
    audio: Flags
    low_stream: Flags
    unwanted: Flags


def sent_video(grid: Grid) -> Floats:
    """Return the sent video bitrate: that of the high-quality stream where today's API tells it apart."""
    if VIDEO_SENT_HIGH in grid.own:
        high = grid.own[VIDEO_SENT_HIGH]
        return np.where(np.isfinite(high).any(axis=1, keepdims=True), high, grid.mine(VIDEO_SENT))
    return grid.mine(VIDEO_SENT)


def received_video(grid: Grid) -> Floats:
    """Return the received video bitrate, of whichever stream it is."""
    high = grid.of_pairs(VIDEO_RECEIVED)
    if LOW_RECEIVED not in grid.heard:
        return high
    low = grid.heard[LOW_RECEIVED]
    return np.where(np.nan_to_num(low) > np.nan_to_num(high), low, high)


def find_activity(grid: Grid, lines: Thresholds) -> Activity:
    """Return when which stream ran."""
    gone = _gone(grid, lines)
    video_off = _off([sent_video(grid), grid.mine(SENT_FPS)], grid)
    video_off |= _off([grid.mine(CAPTURED_FPS)], grid) & _never([sent_video(grid), grid.mine(SENT_FPS)])
    audio_off = _off([grid.mine(AUDIO_SENT)], grid)
    frozen = np.asarray(np.nan_to_num(grid.of_pairs(VIDEO_FREEZE)) > 0)
    stuck = grid.of_pairs(AUDIO_FREEZE)
    received = received_video(grid)
    none = _off([received, grid.of_pairs(RECEIVED_FPS)], grid) & ~grown(frozen, 1, 1)
    no_audio = _off([grid.of_pairs(AUDIO_RECEIVED)], grid) & ~grown(np.nan_to_num(stuck) > 0, 1, 1)
    away = gone[grid.receiver] | gone[grid.sender]
    running = np.isfinite(received) | np.isfinite(grid.of_pairs(VIDEO_FREEZE)) | frozen
    heard = np.isfinite(grid.of_pairs(AUDIO_RECEIVED)) | np.isfinite(stuck)
    unwanted = none & ~video_off[grid.sender] & ~away & np.isfinite(sent_video(grid))[grid.sender]
    return Activity(
        video_off=video_off & ~gone,
        audio_off=audio_off & ~gone,
        gone=gone,
        sharing=_sharing(grid),
        video=_settled(running, none | video_off[grid.sender] | away, grid, lines),
        audio=_settled(heard, no_audio | audio_off[grid.sender] | away, grid, lines),
        low_stream=_low_stream(grid),
        unwanted=unwanted,
    )


def _gone(grid: Grid, lines: Thresholds) -> Flags:
    """Return when a listed user was silent altogether for long; before the first sample too."""
    gone = np.zeros_like(grid.alive)
    least = grid.in_ticks(lines.silent_s)
    for user in np.flatnonzero(grid.listed):
        for start, end in runs(~grid.alive[user]):
            if end - start >= least or start == 0 or end == grid.ticks:
                gone[user, start:end] = True
    return gone


def _never(series: list[Floats]) -> Flags:
    """Return which users never told any of these, as a column."""
    told = np.zeros(len(series[0]), dtype=np.bool_)
    for one in series:
        told |= np.isfinite(one).any(axis=1)
    return np.asarray(~told[:, None])


def _off(series: list[Floats], grid: Grid) -> Flags:
    """Return when what is known is 0 for longer than a sample or two; a hole ends nothing."""
    positive, zero = np.zeros_like(series[0], dtype=np.bool_), np.zeros_like(series[0], dtype=np.bool_)
    for one in series:
        positive |= one > 0
        zero |= one == 0
    zero &= ~positive
    least = grid.in_ticks(OFF_S)
    off = np.zeros_like(zero)
    for row in np.flatnonzero(zero.any(axis=1)):
        for start, end in runs(~positive[row]):
            if end - start >= least and zero[row, start:end].sum() >= least - 1:
                off[row, start:end] = True
    return off


def _settled(known: Flags, broken: Flags, grid: Grid, lines: Thresholds) -> Flags:
    """Return where a stream is known to run, but for a while after each break and shortly before it."""
    ever = known.any(axis=1)
    first = np.where(ever, known.argmax(axis=1), 0)
    broken = broken | (np.arange(grid.ticks) < first[:, None])
    at_start = np.zeros_like(broken)
    at_start[:, 0] = first == 0  # a call that is seen from its first tick has just begun for somebody
    before, after = grid.in_ticks(lines.farewell_s), grid.in_ticks(lines.settle_s)
    return known & ~grown(broken | at_start, before, after)


def _low_stream(grid: Grid) -> Flags:
    """Return when a receiver gets a smaller picture than is usual for it, while another of the same sender
    does not, or while the sender sends no smaller one."""
    height = held(grid.of_pairs(HEIGHT))
    small = height < _LOW_HEIGHT * usual_high(height, grid.in_ticks(BLOCK_S))
    if LOW_RECEIVED in grid.heard:
        small |= np.nan_to_num(grid.heard[LOW_RECEIVED]) > np.nan_to_num(grid.of_pairs(VIDEO_RECEIVED))
    for sender in np.unique(grid.sender):
        of_sender = grid.sender == sender
        sizes = small[of_sender]
        if len(sizes) > 1:
            small[of_sender] &= ~sizes.all(axis=0)
    return small


def _sharing(grid: Grid) -> Flags:
    """Return when a user shares a screen: few pictures a second, and larger ones or of another shape."""
    sharing = np.zeros((len(grid.users), grid.ticks), dtype=np.bool_)
    for session in grid.sessions:
        if any("SCREEN" in role.upper() for role in session.roles) and session.uid in grid.users:
            sharing[grid.users.index(session.uid)] = True
    rate = grid.mine(CAPTURED_FPS)
    rate = np.where(np.isfinite(rate), rate, grid.mine(SENT_FPS))
    block = grid.in_ticks(BLOCK_S)
    slow = (rate < _SHARE_RATE * usual_high(rate, block)) & (rate <= _SHARE_FPS)
    for user in np.flatnonzero(slow.any(axis=1)):
        width, height = _picture(grid, int(user))
        if not np.isfinite(height).any():
            continue
        fast = ~slow[user] & (np.nan_to_num(rate[user]) > 0)
        if not fast.any():
            continue
        area, shape = width * height, width / np.maximum(height, 1)
        usual_area, usual_shape = _middle(area[fast]), _middle(shape[fast])
        larger = (area > _LARGER * usual_area) | (np.abs(shape / usual_shape - 1) > _OTHER_SHAPE)
        sharing[user] |= slow[user] & grown(larger, 2, 2)
    return grown(sharing, grid.in_ticks(2), grid.in_ticks(2))


def _middle(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _picture(grid: Grid, user: int) -> tuple[Floats, Floats]:
    """Return width and height of what a user sends, as told by itself, else the largest that anybody gets."""
    if SENT_HEIGHT in grid.own and np.isfinite(grid.own[SENT_HEIGHT][user]).any():
        return grid.mine(SENT_WIDTH)[user], grid.own[SENT_HEIGHT][user]
    of_user = grid.sender == user
    if not of_user.any():
        nothing = np.full(grid.ticks, np.nan)
        return nothing, nothing
    width, height = (
        np.max(np.where(np.isfinite(v := grid.of_pairs(mid)[of_user]), v, -np.inf), axis=0)
        for mid in (WIDTH, HEIGHT)
    )
    return np.where(width > 0, width, np.nan), np.where(height > 0, height, np.nan)
