"""How bad each stream was for each receiver, tick by tick: 0 fine, 1 as bad as can be, NaN nothing to judge.

Freezes alone do not tell: none is counted once a sender sends few pictures, so received frame rate, bitrate
and loss are watched as well.
"""

from dataclasses import dataclass

import numpy as np

from bot.diagnosis.activity import BLOCK_S, Activity, received_video, sent_video
from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Flags, Floats, held, ramp, third_of_five, usual_high
from bot.diagnosis.series import (
    APP_CPU,
    AUDIO_END_LOSS,
    AUDIO_FREEZE,
    AUDIO_RECEIVED,
    AUDIO_SENT,
    AUDIO_UP_LOSS,
    CAPTURED_FPS,
    HEIGHT,
    QP,
    RECEIVED_FPS,
    SENT_FPS,
    SYSTEM_CPU,
    VIDEO_END_LOSS,
    VIDEO_FREEZE,
    VIDEO_UP_LOSS,
)
from bot.diagnosis.thresholds import FROZEN, Thresholds

_TALK_KBPS = 8.0
"""Below this, silence is sent: its bitrate says nothing."""
_QP_WORSE = 6.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symptoms:
    """By pair and tick. ``total`` is the worse of both media; ``rate`` and ``share`` are ratios: received
    frame rate over the usual, received over sent bitrate (over the usual of that)."""

    video: Floats
    audio: Floats
    total: Floats
    rate: Floats
    share: Floats


def find_symptoms(grid: Grid, activity: Activity, lines: Thresholds) -> Symptoms:
    """Return how bad each stream was."""
    rate, share = frame_rates(grid, activity), _received_shares(grid, activity)
    video = np.fmax(
        _frozen(grid.of_pairs(VIDEO_FREEZE), activity.video, 1.0),
        _slow(rate, activity, grid, lines),
    )
    video = np.fmax(video, _starved(share, rate, activity, grid, lines))
    video = np.fmax(video, _lossy(grid, activity.video, VIDEO_UP_LOSS, VIDEO_END_LOSS, lines))
    for of_sender in (_throttled(grid, activity, lines), _laboured(grid, activity, lines)):
        video = np.fmax(video, np.where(activity.video, of_sender[grid.sender], np.nan))
    stricter = lines.audio_freeze_ok / lines.video_freeze_ok
    audio = np.fmax(
        _frozen(grid.of_pairs(AUDIO_FREEZE), activity.audio, stricter),
        _lossy(grid, activity.audio, AUDIO_UP_LOSS, AUDIO_END_LOSS, lines),
    )
    audio = np.fmax(audio, _thin(grid, activity, lines))
    return Symptoms(video=video, audio=audio, total=np.fmax(video, audio), rate=rate, share=share)


def frame_rates(grid: Grid, activity: Activity) -> Floats:
    """Return received frame rates over what is usual for each pair, smoothed."""
    received = np.where(activity.video, grid.of_pairs(RECEIVED_FPS), np.nan)
    plain = np.where(activity.sharing[grid.sender] | activity.low_stream, np.nan, received)
    usual = usual_high(plain, grid.in_ticks(BLOCK_S))
    return third_of_five(received / np.maximum(usual, 1.0))


def _received_shares(grid: Grid, activity: Activity) -> Floats:
    sent = sent_video(grid)[grid.sender]
    share = np.where(activity.video & (sent > 0), received_video(grid) / np.maximum(sent, 1.0), np.nan)
    share[_chosen(grid, activity)] = np.nan
    usual = usual_high(np.where(activity.low_stream, np.nan, share), grid.in_ticks(BLOCK_S), 0.6)
    return third_of_five(share / np.clip(usual, 0.2, None))


def _chosen(grid: Grid, activity: Activity) -> Flags:
    """Return where a receiver took the smaller stream of one sender only: a bad way down shrinks them all."""
    chosen = activity.low_stream.copy()
    for receiver in np.unique(grid.receiver):
        row = grid.receiver == receiver
        chosen[row] &= ~(activity.low_stream[row] | ~activity.video[row]).all(axis=0)
    return chosen


def _frozen(freeze: Floats, active: Flags, scale: float) -> Floats:
    return np.where(active, np.minimum(freeze / (FROZEN * scale), 1.0), np.nan)


def _slow(rate: Floats, activity: Activity, grid: Grid, lines: Thresholds) -> Floats:
    """A dip of the frame rate is none where a screen is shared or the smaller stream was chosen."""
    middle = (lines.frame_rate_ok + lines.frame_rate_bad) / 2
    slow = ramp(rate, middle, middle - 2 * (lines.frame_rate_ok - lines.frame_rate_bad))
    return np.where(activity.sharing[grid.sender] | activity.low_stream, np.nan, slow)


def _starved(share: Floats, rate: Floats, activity: Activity, grid: Grid, lines: Thresholds) -> Floats:
    """A smaller picture takes fewer bits: that alone starves nobody."""
    starved = ramp(share, (lines.received_ok + lines.received_bad) / 2, lines.received_bad / 2)
    return np.where(activity.low_stream, 0.0, starved)


def _lossy(grid: Grid, active: Flags, up: int, end: int, lines: Thresholds) -> Floats:
    """Loss is a symptom where it lasts: single spikes are not."""
    lost = np.fmax(third_of_five(grid.of_pairs(end)), third_of_five(grid.mine(up))[grid.sender])
    return np.where(active, ramp(lost, 0.9 * lines.loss_bad, 2 * lines.loss_bad), np.nan)


def sent_shares(grid: Grid, activity: Activity) -> Floats:
    """Return each sender's video bitrate over its own usual, smoothed."""
    sent = np.where(activity.video_off | activity.gone, np.nan, sent_video(grid))
    usual = usual_high(np.where(activity.sharing, np.nan, sent), grid.in_ticks(BLOCK_S), 0.6)
    return third_of_five(np.where(activity.sharing, np.nan, sent / np.maximum(usual, 1.0)))


def capture_shares(grid: Grid, activity: Activity) -> Floats:
    """Return each camera's frame rate over its own usual, smoothed."""
    rate = np.where(activity.video_off | activity.gone | activity.sharing, np.nan, grid.mine(CAPTURED_FPS))
    return third_of_five(rate / np.maximum(usual_high(rate, grid.in_ticks(BLOCK_S)), 1.0))


def worse_picture(grid: Grid, activity: Activity) -> Flags:
    """Return when a sender's picture is coarser or smaller than usual, for all who get it."""
    block = grid.in_ticks(BLOCK_S)
    qp = grid.mine(QP)
    coarse = qp > usual_high(qp, block, 0.4) + _QP_WORSE
    height = held(grid.of_pairs(HEIGHT))
    small = height < 0.8 * usual_high(height, block)
    smaller = np.zeros_like(coarse)
    for sender in np.unique(grid.sender):
        of_sender = grid.sender == sender
        known = np.isfinite(height[of_sender])
        smaller[sender] = (small[of_sender] | ~known).all(axis=0) & known.any(axis=0)
    return coarse | smaller


def _throttled(grid: Grid, activity: Activity, lines: Thresholds) -> Floats:
    """A sender that sends far less than usual with a worse picture, while its camera runs on."""
    share = sent_shares(grid, activity)
    steady = ~(capture_shares(grid, activity) < lines.capture_ok)
    throttled = ramp(share, (lines.sent_ok + lines.sent_bad) / 2, lines.sent_bad / 2)
    return np.where(steady & worse_picture(grid, activity), throttled, 0.0)


def _laboured(grid: Grid, activity: Activity, lines: Thresholds) -> Floats:
    """A sender whose device is overloaded and sends fewer pictures than its camera takes: both must move."""
    captured = grid.mine(CAPTURED_FPS)
    skipped = 1 - third_of_five(grid.mine(SENT_FPS) / np.maximum(captured, 1.0))
    load = third_of_five(np.fmax(grid.mine(SYSTEM_CPU), grid.mine(APP_CPU)))
    both = ramp(load, lines.cpu_bad - 5, 100.0) * ramp(skipped, 0.5 * (1 - lines.frame_rate_ok), 0.4)
    return np.where(np.isfinite(both) & ~activity.sharing, np.sqrt(np.nan_to_num(both)), 0.0)


def _thin(grid: Grid, activity: Activity, lines: Thresholds) -> Floats:
    """Audio of which much less arrives than is sent."""
    sent = grid.mine(AUDIO_SENT)[grid.sender]
    share = grid.of_pairs(AUDIO_RECEIVED) / np.maximum(sent, 1.0)
    share = third_of_five(np.where(activity.audio & (sent > _TALK_KBPS), share, np.nan))
    usual = usual_high(share, grid.in_ticks(BLOCK_S), 0.6)
    return ramp(share / np.clip(usual, 0.2, None), lines.received_bad, lines.received_bad / 2)
