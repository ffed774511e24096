"""Direct signs of a cause at one user: what was measured while it was bad, against the rest of the call."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bot.diagnosis.activity import Activity
from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Flags, Floats, average, grown, mean
from bot.diagnosis.segments import Segment
from bot.diagnosis.series import (
    APP_CPU,
    AUDIO_END_LOSS,
    AUDIO_UP_LOSS,
    CAPTURED_FPS,
    SCHEDULING_MS,
    SENT_FPS,
    SYSTEM_CPU,
    VIDEO_END_LOSS,
    VIDEO_UP_LOSS,
)
from bot.diagnosis.symptoms import Symptoms, capture_shares, sent_shares

NAN = float("nan")
_LATE_S, _ONSET_S = 4, 10
_BESIDE_S = 20
_REST_TICKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value in the time of the trouble and in the rest of the call; NaN is unknown."""

    inside: float
    outside: float
    mid: int

    @property
    def rise(self) -> float:
        """Return by how much it rose; the value itself where the rest is unknown."""
        return self.inside - (self.outside if self.outside == self.outside else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Of one user. Losses are percent, shares are ratios to what is usual for the user, 1 when all is well.

    ``late_up`` and ``late_down`` are losses after the first ten seconds: a queue that overflows loses packets
    until the senders adapt, a bad radio goes on losing them.
    """

    settled: bool
    """Whether the segment is long enough to tell its onset from the rest."""
    up: Change
    late_up: float
    down: Change
    late_down: float
    sent: float
    received: float
    capture: Change
    capture_share: float
    encoded: Change
    cpu: Change
    silence: float
    """How bad audio was beside video on what the user receives, 0 to 1; NaN where either is unknown."""


class Reader:
    """Reads the signs of a call; ``hot`` marks the ticks in which anything is bad."""

    def __init__(self, grid: Grid, activity: Activity, symptoms: Symptoms, hot: Flags) -> None:
        self.grid, self.activity, self.symptoms = grid, activity, symptoms
        self._calm = ~grown(hot, grid.in_ticks(_BESIDE_S), grid.in_ticks(_BESIDE_S))
        self._hot = hot

    @cached_property
    def sent_share(self) -> Floats:
        return sent_shares(self.grid, self.activity)

    @cached_property
    def capture_share(self) -> Floats:
        return capture_shares(self.grid, self.activity)

    @cached_property
    def encoded(self) -> Floats:
        """Sent over captured frame rate."""
        captured = self.grid.mine(CAPTURED_FPS)
        return np.where(captured > 0, self.grid.mine(SENT_FPS) / np.maximum(captured, 1), np.nan)

    @cached_property
    def cpu(self) -> tuple[Floats, int]:
        """The load of each user's device; where it is not told, that of the app."""
        system, app = self.grid.mine(SYSTEM_CPU), self.grid.mine(APP_CPU)
        return np.fmax(system, app), SYSTEM_CPU

    @cached_property
    def up_loss(self) -> Floats:
        """Loss on each user's way up: of video, which is more packets, where there is any."""
        video, audio = self.grid.mine(VIDEO_UP_LOSS), self.grid.mine(AUDIO_UP_LOSS)
        return np.where(np.isfinite(video), video, audio)

    @cached_property
    def down_loss(self) -> Floats:
        """Loss of each pair beyond that on the sender's way up, percent; below 0 where packets were repaired.

        Only means over many ticks mean something: the two losses are counted at different instants.
        """
        found = np.full((len(self.grid.receiver), self.grid.ticks), np.nan)
        for up, end in ((VIDEO_UP_LOSS, VIDEO_END_LOSS), (AUDIO_UP_LOSS, AUDIO_END_LOSS)):
            lost = np.nan_to_num(self.grid.mine(up))[self.grid.sender]
            down = (self.grid.of_pairs(end) - lost) / np.maximum(1 - lost / 100, 0.05)
            found = np.where(np.isfinite(found), found, down)
        return found

    def signs(self, user: int, segment: Segment) -> Signs:
        """Return what speaks for causes at a user's side in a segment."""
        grid = self.grid
        inside = self._inside(segment)
        late = self._late(segment)
        rest = self._rest(segment)
        row = grid.receiver == user
        down = self.down_loss[row]
        cpu, mid = self.cpu
        video = VIDEO_UP_LOSS if VIDEO_UP_LOSS in grid.own else AUDIO_UP_LOSS
        return Signs(
            settled=segment.ticks >= 2 * grid.in_ticks(_ONSET_S),
            up=_change(self.up_loss[user], inside, rest, video),
            late_up=average(self.up_loss[user], late),
            down=Change(inside=_row(down, inside), outside=max(0.0, _row(down, rest)), mid=VIDEO_END_LOSS),
            late_down=_row(down, late),
            sent=average(self.sent_share[user], inside),
            received=_row(self.symptoms.share[row], inside),
            capture=_change(grid.mine(CAPTURED_FPS)[user], inside, rest, CAPTURED_FPS),
            capture_share=average(self.capture_share[user], inside),
            encoded=_change(self.encoded[user], inside, rest, SENT_FPS),
            cpu=self._load(user, cpu[user], inside, rest, mid),
            silence=self._silence(row, inside),
        )

    def _silence(self, row: Flags, inside: Flags) -> float:
        video, audio = (
            average(values[row][:, inside]) for values in (self.symptoms.video, self.symptoms.audio)
        )
        return min(audio / max(video, 0.05), 1.0)

    def _load(self, user: int, cpu: Floats, inside: Flags, rest: Flags, mid: int) -> Change:
        if np.isfinite(cpu).any():
            return _change(cpu, inside, rest, mid)
        return _change(self.grid.mine(SCHEDULING_MS)[user], inside, rest, SCHEDULING_MS)

    def _inside(self, segment: Segment) -> Flags:
        marks = np.zeros(self.grid.ticks, dtype=np.bool_)
        marks[segment.start : segment.end] = True
        return marks

    def _late(self, segment: Segment) -> Flags:
        """Return the marks without the onset, where the segment is long enough to tell."""
        marks = np.zeros(self.grid.ticks, dtype=np.bool_)
        onset = self.grid.in_ticks(_ONSET_S)
        first = segment.start + onset if segment.ticks >= 2 * onset else segment.start
        marks[first : segment.end + self.grid.in_ticks(_LATE_S)] = True
        return marks

    def _rest(self, segment: Segment) -> Flags:
        """Return the ticks to compare with: calm ones, else all but those of the segment."""
        if self._calm.sum() >= _REST_TICKS:
            return self._calm
        beside = self.grid.in_ticks(_ONSET_S)
        return ~grown(self._inside(segment), beside, beside)


def _change(values: Floats, inside: Flags, rest: Flags, mid: int) -> Change:
    return Change(inside=average(values, inside), outside=average(values, rest), mid=mid)


def _row(values: Floats, where: Flags) -> float:
    """Return what most of a receiver's streams show: the median of their means."""
    if not len(values):
        return NAN
    means = mean(values, where)
    known = means[np.isfinite(means)]
    return float(np.median(known)) if known.size else NAN
