"""What Agora's own diagnosis said of a call: noisy witnesses, never the truth."""

import math
from collections.abc import Sequence

from bot.diagnosis.grid import Grid
from bot.diagnosis.segments import Segment
from bot.model.diagnosis import CauseKind
from bot.model.observation import DiagnosisEvent

SUPPORTS: dict[int, tuple[CauseKind, ...]] = {
    1: (CauseKind.DUPLICATE_UID,),
    3: (CauseKind.JOIN_DELAY,),
    8: (CauseKind.DOWNLINK_JITTER,),
    9: (CauseKind.DOWNLINK_JITTER,),
    10: (CauseKind.SENDER_CPU, CauseKind.RECEIVER_CPU),
    11: (CauseKind.SENDER_CPU, CauseKind.RECEIVER_CPU),
    21: (CauseKind.UPLINK_LOSS,),
    22: (CauseKind.UPLINK_LOSS,),
    23: (CauseKind.DOWNLINK_LOSS,),
    24: (CauseKind.DOWNLINK_LOSS,),
    25: (CauseKind.SENDER_CPU, CauseKind.RECEIVER_CPU),
    36: (CauseKind.JOIN_DELAY,),
    **dict.fromkeys(range(31, 36), (CauseKind.JOIN_TOKEN,)),
    **dict.fromkeys(range(37, 42), (CauseKind.RECONNECT,)),
    **dict.fromkeys(range(42, 46), (CauseKind.UPLINK_JITTER,)),
    46: (CauseKind.DOWNLINK_JITTER,),
    47: (CauseKind.DOWNLINK_JITTER,),
}
"""Factor ids to the kinds that they speak for; ids that nobody published speak for none."""

TRUE_RATE, FALSE_RATE = 0.7, 0.1
_TRUST = 0.6
_BESIDE_S = 60
"""Events are told by the minute."""


class Witnesses:
    """The events of one call, looked up by cause, user and time."""

    def __init__(self, grid: Grid, events: Sequence[DiagnosisEvent]) -> None:
        self._grid = grid
        self._told = [
            (event.ts, kind, tag.host_user or event.user)
            for event in events
            for tag in event.tags
            for kind in SUPPORTS.get(tag.factor_id, ())
        ]

    def weight(self, kind: CauseKind, uid: str, segment: Segment) -> float:
        """Return how many times likelier an event makes a cause; 1 without one, which proves nothing."""
        if (kind, uid) not in self._near(segment):
            return 1.0
        return math.exp(_TRUST * math.log(TRUE_RATE / FALSE_RATE))

    def agrees(self, kind: CauseKind, uid: str | None, segment: Segment) -> bool | None:
        """Return whether Agora named the same; None where it named nothing at that time."""
        near = self._near(segment)
        return ((kind, uid) in near) if near else None

    def _near(self, segment: Segment) -> set[tuple[CauseKind, str | None]]:
        first = self._grid.at(segment.start) - _BESIDE_S
        last = self._grid.at(segment.end) + _BESIDE_S
        return {(kind, uid) for ts, kind, uid in self._told if first <= ts <= last}
