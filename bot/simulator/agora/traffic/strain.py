"""How strongly each user of a call is troubled, second by second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.simulator.agora.runs import Floats, Run

from .cast import Hurt

OFFLINE_S = 12
"""Users who lose their network do so for the first seconds of every minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strain:
    """Strength, 0 to 1, of each kind of trouble of one user, along some times."""

    uplink: Floats
    downlink: Floats
    cpu: Floats
    offline: Floats


def strain_of(uid: int, cname: str, casts: Mapping[Run, Sequence[Hurt]], times: Floats) -> Strain:
    """Return the troubles of a user in a channel; where runs overlay, the stronger one counts."""
    kinds = {kind: np.zeros(len(times)) for kind in ("uplink", "downlink", "cpu", "offline")}
    for run, hurts in casts.items():
        for hurt in hurts:
            if (hurt.uid, hurt.cname) == (uid, cname):
                kinds[hurt.kind] = np.maximum(kinds[hurt.kind], hurt.strength * run.ramp(times))
    kinds["offline"] *= times % 60 < OFFLINE_S
    return Strain(**kinds)
