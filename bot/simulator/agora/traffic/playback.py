"""How much of what people received froze or came late: the freeze series of calls, summed by 20 seconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bot.simulator.agora.runs import Floats, Mask, Run

from .calls import Call, Session
from .details import Part, part_of, peers, received
from .draw import draw_arrays
from .project import Project
from .series import TICK_MS
from .traits import WEBRTC, product_of

WINDOW_S = 20
KEPT_CALLS = 1024
AUDIO_FREEZE_MID, VIDEO_FREEZE_MID = 20005, 20011
_LATE_SHARE, _LATE_IN_TROUBLE = (0.004, 0.03), 0.35
AUDIO, VIDEO, DELAY = "audio", "video", "delay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One session in steps of 20 seconds from ``first`` on: milliseconds played, and those that were bad.

    Browsers do not measure frozen audio, so ``bad`` lacks it there.
    """

    session: Session
    first: int
    played: Floats
    bad: dict[str, Floats]

    def sums(self, kind: str, start: float, end: float) -> tuple[float, float]:
        """Return the bad and all milliseconds of the steps that touch a window."""
        if kind not in self.bad:
            return 0.0, 0.0
        since = max(0, int((start - self.first) // WINDOW_S))
        until = max(0, -int(-(end - self.first) // WINDOW_S))
        return float(self.bad[kind][since:until].sum()), float(self.played[since:until].sum())


def rate(sessions: Iterable[Played], kind: str, start: float, end: float) -> float | None:
    """Return the bad part, 0 to 1, of what some sessions played in a window; None where nothing played."""
    sums = [session.sums(kind, start, end) for session in sessions]
    played = sum(all_ms for _, all_ms in sums)
    return min(1.0, sum(bad_ms for bad_ms, _ in sums) / played) if played else None


class Playback:
    """Remembers the sums of calls, which follow from the calls and the runs in them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sums = lru_cache(maxsize=KEPT_CALLS)(self._summed)

    def of(self, call: Call) -> tuple[Played, ...]:
        """Return what everybody in a call played; servers play nothing."""
        return self._sums(call, tuple(self._project.runs(call.start, call.end)))

    def _summed(self, call: Call, _runs: tuple[Run, ...]) -> tuple[Played, ...]:
        sessions = self._project.calls.sessions(call)
        people = [session for session in sessions if not session.person.is_server]
        return tuple(_played(part_of(self._project, call, session)) for session in people)


def _played(part: Part) -> Played:
    first = part.session.join // WINDOW_S * WINDOW_S
    steps = ((part.times - first) // WINDOW_S).astype(np.int64)
    length = (part.session.leave - first) // WINDOW_S + 1
    played, kinds = np.zeros(length), [VIDEO, DELAY]
    if product_of(part.session.person) != WEBRTC:
        kinds.append(AUDIO)
    bad = {kind: np.zeros(length) for kind in kinds}
    for peer_uid in peers(part):
        heard = part.hears(peer_uid)
        played += np.bincount(steps, heard * TICK_MS, length)
        for kind, values in _bad_ms(part, peer_uid, heard).items():
            bad[kind] += np.bincount(steps, values * heard, length)
    return Played(session=part.session, first=first, played=played, bad=bad)


def _bad_ms(part: Part, peer_uid: int, heard: Mask) -> dict[str, Floats]:
    """Return the bad milliseconds of each tick of one received stream."""
    series = dict(received(part, peer_uid)) if heard.any() else {}
    kinds = {AUDIO: AUDIO_FREEZE_MID, VIDEO: VIDEO_FREEZE_MID}
    frozen = {kind: series[mid] for kind, mid in kinds.items() if mid in series}
    return frozen | {DELAY: _late_ms(part, peer_uid)}


def _late_ms(part: Part, peer_uid: int) -> Floats:
    chance = draw_arrays(part.seed, part.session.sid, peer_uid, "late")
    network = np.maximum(part.strain(part.session.person.uid).downlink, part.strain(peer_uid).uplink)
    late: Floats = TICK_MS * (chance.uniform(*_LATE_SHARE, len(network)) + _LATE_IN_TROUBLE * network)
    return late
