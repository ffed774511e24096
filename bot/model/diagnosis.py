"""What the doctor says of one call: what happened, to whom, when, on whose side, how surely, on what.

Instants are Unix seconds, shares and losses percent (0 to 100), confidences 0 to 1. Uids are decimal text.
"""

from dataclasses import dataclass
from enum import StrEnum


class CallVerdict(StrEnum):
    """CLEAN: nothing over a warning line. DEGRADED: warning lines only. BAD: a red line was crossed. FAILED:
    somebody could not join, or lost the call for good. INSUFFICIENT_DATA: too little is known to say that.
    """

    CLEAN = "clean"
    DEGRADED = "degraded"
    BAD = "bad"
    FAILED = "failed"
    INSUFFICIENT_DATA = "insufficient_data"


class CauseKind(StrEnum):
    """Where a trouble comes from. Symptoms (freezes, low frame rates) are never causes."""

    UPLINK_LOSS = "uplink_loss"
    UPLINK_BANDWIDTH = "uplink_bandwidth"
    UPLINK_JITTER = "uplink_jitter_latency"
    DOWNLINK_LOSS = "downlink_loss"
    DOWNLINK_BANDWIDTH = "downlink_bandwidth"
    DOWNLINK_JITTER = "downlink_jitter_latency"
    SENDER_CPU = "sender_cpu"
    RECEIVER_CPU = "receiver_cpu"
    CAMERA = "camera_capture"
    RECONNECT = "reconnect"
    JOIN_TOKEN = "join_token"  # noqa: S105 -- the name of a cause
    JOIN_DELAY = "join_delay"
    DUPLICATE_UID = "duplicate_uid"
    SERVICE = "service_or_shared"
    UNDETERMINED = "undetermined"


NOBODYS = frozenset({CauseKind.SERVICE, CauseKind.UNDETERMINED})
"""Kinds that blame no user."""

SENDER_KINDS = (
    CauseKind.UPLINK_LOSS,
    CauseKind.UPLINK_BANDWIDTH,
    CauseKind.UPLINK_JITTER,
    CauseKind.SENDER_CPU,
    CauseKind.CAMERA,
)
RECEIVER_KINDS = (
    CauseKind.DOWNLINK_LOSS,
    CauseKind.DOWNLINK_BANDWIDTH,
    CauseKind.DOWNLINK_JITTER,
    CauseKind.RECEIVER_CPU,
)
SESSION_KINDS = (
    CauseKind.RECONNECT,
    CauseKind.JOIN_TOKEN,
    CauseKind.JOIN_DELAY,
    CauseKind.DUPLICATE_UID,
)


class Scope(StrEnum):
    """Whom the trouble follows: one sender to all, one receiver from all, one pair, or everybody."""

    SENDER = "sender"
    RECEIVER = "receiver"
    PAIR = "pair"
    GLOBAL = "global"
    UNKNOWN = "unknown"


class Media(StrEnum):
    AUDIO = "audio"
    VIDEO = "video"
    BOTH = "both"


class Band(StrEnum):
    """How a confidence is worded."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNDETERMINED = "undetermined"


_BANDS = ((0.85, Band.CONFIRMED), (0.60, Band.LIKELY), (0.35, Band.POSSIBLE))


def band_of(confidence: float) -> Band:
    """Return the band of a confidence."""
    return next((band for least, band in _BANDS if confidence >= least), Band.UNDETERMINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One measured thing that speaks for or against a cause, and the words for it.

    ``mid`` is None where no metric but the structure speaks. ``value`` is of the time of the trouble,
    ``baseline`` of the rest of the call, ``threshold`` the line that it crossed; ``source`` says where that
    line comes from. None is unknown.
    """

    text: str
    mid: int | None = None
    uid: str | None = None
    peer: str | None = None
    value: float | None = None
    baseline: float | None = None
    threshold: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One possible cause. ``uid`` is the user on whose side it lies, None for kinds that blame nobody.

    ``missing`` is what would have told more. ``agora_agrees`` compares with Agora's own diagnosis; None where
    that said nothing about this trouble.
    """

    kind: CauseKind
    uid: str | None
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    against: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    agora_agrees: bool | None = None

    @property
    def band(self) -> Band:
        return band_of(self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One stretch of bad quality with one origin: who suffered (pairs of receiver and sender), and why.

    ``red``: a red line was crossed, else only warning lines. ``worst`` is the worst share of 20 s, percent.
    """

    start: int
    end: int
    media: Media
    scope: Scope
    pairs: tuple[tuple[str, str], ...]
    causes: tuple[Cause, ...]
    next_step: str
    red: bool
    worst: float | None = None

    @property
    def cause(self) -> Cause:
        return self.causes[0]


class EventKind(StrEnum):
    """What people did, and what needs no repair."""

    MUTE = "mute"
    STOP = "stop"
    UNSUBSCRIBE = "unsubscribe"
    LOW_STREAM = "low_stream"
    SCREEN_SHARE = "screen_share"
    LEAVE = "leave"
    REJOIN = "rejoin"
    REMOVAL = "removal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Something that looks like a fault and is none. ``peer`` is whose stream it was, if another's."""

    kind: EventKind
    uid: str
    start: int
    end: int
    peer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """How long one user received badly, of the time in which there was something to receive."""

    uid: str
    media: Media
    bad_s: int
    bad_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality:
    """How much is known. ``coverage`` is the percentage of expected samples that are there."""

    coverage: float
    missing_cpu: tuple[str, ...] = ()
    gaps: tuple[tuple[str, int, int], ...] = ()
    loss_unit: str = "percent"
    freeze_mode: str = "interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that is said of one call. ``incidents`` are ordered worst first."""

    verdict: CallVerdict
    headline: str
    start: int
    end: int
    users: tuple[str, ...]
    incidents: tuple[Trouble, ...]
    affected: tuple[Affected, ...]
    events: tuple[Explained, ...]
    assumptions: tuple[str, ...]
    quality: DataQuality


class Level(StrEnum):
    """How one stretch of a strip was."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"
    OFF = "off"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    start: int
    end: int
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One user over the call: what was received (the worst stream), how what was sent arrived (the mean)."""

    uid: str
    received: tuple[Stretch, ...]
    sent: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One metric of one user around a trouble, a value every ``step_s`` from ``start``; None is a hole."""

    uid: str
    title: str
    unit: str
    start: int
    step_s: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One trouble to look at: bad time in percent by receiver (row) and sender, lines of who was blamed."""

    cells: tuple[tuple[float | None, ...], ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """What a page draws of a call; ``scenes`` are in the order of the incidents."""

    users: tuple[str, ...]
    strips: tuple[Strip, ...]
    scenes: tuple[Scene, ...]
