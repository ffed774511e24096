"""How strongly the signs at a user's side speak for each cause: 0 not at all, 1 clearly.

Each strength is a soft step over one or two signs. Jitter and latency have no metric of their own: they are
what is left when a side must be it and nothing else shows. Where the load of a device is not told, audio
helps: a late network breaks both media, an overloaded device draws pictures too late first.
"""

from dataclasses import dataclass

from bot.diagnosis.measure import soft
from bot.diagnosis.signs import Signs
from bot.diagnosis.thresholds import Thresholds
from bot.model.diagnosis import CauseKind

UNSEEN = 0.5
"""What a cause without a metric of its own can reach."""
_REPAIRED = 0.3
"""End-to-end loss may be told after repair: what is left of it is a third, or less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strengths:
    """By kind. ``load`` is how surely the device was overloaded, whatever that did."""

    of: dict[CauseKind, float]
    load: float

    @property
    def direct(self) -> float:
        """Return the strength of the strongest cause that was measured, not concluded."""
        unseen = (CauseKind.UPLINK_JITTER, CauseKind.DOWNLINK_JITTER)
        return max((value for kind, value in self.of.items() if kind not in unseen), default=0.0)


def load_of(signs: Signs, lines: Thresholds) -> float:
    """Return how surely the device was overloaded in the segment, and more than before."""
    cpu = signs.cpu
    middle = (lines.cpu_ok + lines.cpu_bad) / 2 + 5
    high = soft(cpu.inside, middle, 4.0)
    risen = soft(cpu.rise, 8.0, 3.0) if cpu.outside == cpu.outside else 0.7
    return high * risen


def knows_load(signs: Signs) -> bool:
    """Return whether the load of the device was told."""
    return signs.cpu.inside == signs.cpu.inside


def sender_strengths(signs: Signs, lines: Thresholds) -> Strengths:
    """Return what speaks for causes on the way from a user to Agora, and on its device."""
    load, known = load_of(signs, lines), knows_load(signs)
    lasting = signs.late_up - _zero(signs.up.outside)
    loss = soft(max(_zero(signs.up.rise), _zero(lasting)), (lines.loss_ok + lines.loss_bad) / 2 - 0.8, 0.6)
    camera = soft(1 - signs.capture_share, 0.75 * (1 - lines.capture_ok), 0.04)
    skipped = soft(1 - _ratio(signs.encoded.inside, signs.encoded.outside), 0.22, 0.04)
    less = soft(1 - signs.sent, 1 - (lines.sent_ok + lines.sent_bad) / 2, 0.06)
    less *= (1 - camera) * (1 - _reaction(signs, lasting, lines)) * (1 - 0.8 * load)
    loss *= 1 - 0.5 * soft(less, 0.6, 0.1) * (1 - soft(lasting, lines.loss_bad, 1.0))
    slow = max(skipped, camera)
    cpu = (load * max(slow, 0.1)) ** 0.5 if known else 0.6 * skipped * (1 - 0.8 * less) + 0.25 * camera
    picture = camera * (1 - load) * (1.0 if known else 0.75)
    return Strengths(
        load=load,
        of={
            CauseKind.UPLINK_LOSS: loss,
            CauseKind.UPLINK_BANDWIDTH: less,
            CauseKind.SENDER_CPU: cpu,
            CauseKind.CAMERA: picture,
            CauseKind.UPLINK_JITTER: UNSEEN * _none(loss, less, cpu, picture),
        },
    )


def receiver_strengths(signs: Signs, lines: Thresholds) -> Strengths:
    """Return what speaks for causes on the way from Agora to a user, and on its device."""
    load, known = load_of(signs, lines), knows_load(signs)
    lasting = signs.late_down - _zero(signs.down.outside)
    lost = max(_zero(signs.down.rise), _zero(lasting))
    loss = soft(lost, (lines.loss_ok + lines.loss_bad) / 2 * _REPAIRED, 0.3)
    arrived = signs.received / max(0.2, 1 - max(0.0, _zero(signs.down.inside)) / 100)
    starved = soft(1 - arrived, 1 - (lines.received_ok + lines.received_bad) / 2, 0.05)
    starved *= 1 - (_reaction(signs, lasting, lines) if signs.settled else 0.0)
    loss *= 1 - 0.75 * soft(starved, 0.5, 0.1)
    device = 0.7 - 0.6 * signs.silence if signs.silence == signs.silence else 0.4
    busy = load * (1 - 0.7 * loss) * (1 - 0.8 * starved)
    return Strengths(
        load=load,
        of={
            CauseKind.DOWNLINK_LOSS: loss,
            CauseKind.DOWNLINK_BANDWIDTH: starved,
            CauseKind.RECEIVER_CPU: busy if known else UNSEEN * _none(loss, starved) * device,
            CauseKind.DOWNLINK_JITTER: UNSEEN * _none(loss, starved, busy) * (1 if known else 1 - device),
        },
    )


def _reaction(signs: Signs, lasting: float, lines: Thresholds) -> float:
    """Return how surely a lower bitrate is only the reaction to loss: where capacity is short, loss marks the
    onset and ends when the senders have adapted; where it lasts, it is the cause."""
    return (0.85 if signs.settled else 0.7) * soft(lasting, lines.loss_bad + 1, 1.0)


def _none(*strengths: float) -> float:
    left = 1.0
    for strength in strengths:
        left *= 1 - min(strength, 0.97)
    return left


def _zero(value: float) -> float:
    return value if value == value else 0.0


def _ratio(inside: float, outside: float) -> float:
    if inside != inside:
        return 1.0
    return inside / outside if outside == outside and outside > 0.2 else inside
