"""What Agora's own diagnosis might say of a call: right, wrong, or a mixture; never the label itself."""

import numpy as np

from benchmarks.diagnosis.world import EPOCH, RECEIVER, SINGLE, Fault, Scene
from bot.model.observation import CauseTag, DiagnosisEvent

FACTORS = {
    "uplink_loss": (21, 22),
    "downlink_loss": (23, 24),
    "uplink_jitter_latency": (42, 44),
    "downlink_jitter_latency": (8, 46),
    "sender_cpu": (10,),
    "receiver_cpu": (10,),
    "reconnect": (37, 41),
    "join_token": (33, 34),
    "join_delay": (36,),
    "duplicate_uid": (1,),
}


def events_of(scene: Scene, right: float) -> list[DiagnosisEvent]:
    """Return events of which the share ``right`` names the true cause, the rest another at another user."""
    rng = np.random.default_rng(scene.seed + 99)
    found = []
    for fault in scene.faults:
        told = fault if rng.random() < right else _wrong(scene, rng, fault)
        if told.kind in FACTORS and told.user >= 0:
            found.append(_event(scene, told, rng))
    return found


def _wrong(scene: Scene, rng: np.random.Generator, fault: Fault) -> Fault:
    kinds = [kind for kind in SINGLE if kind != fault.kind and kind in FACTORS]
    users = [n for n in range(scene.users) if n != fault.user]
    kind, user = str(rng.choice(kinds)), int(rng.choice(users))
    return Fault(kind, user, fault.start, fault.end, fault.strength)


def _event(scene: Scene, told: Fault, rng: np.random.Generator) -> DiagnosisEvent:
    own = told.kind in RECEIVER
    hurt = told.user if own else int((told.user + 1) % scene.users)
    factor = int(rng.choice(FACTORS[told.kind]))
    return DiagnosisEvent(
        ts=EPOCH + int((told.start + told.end) / 2),
        cname=f"room{scene.seed}",
        user=str(scene.uids[hurt]),
        experience_id=4,
        tags=(CauseTag(factor_id=factor, host_user="" if own else str(scene.uids[told.user])),),
    )
