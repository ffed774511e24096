"""What the doctor found, in the words of Agora's retired diagnosis: who suffered from what, and through whom.

Agora's list has no factor for a narrow line: its packets queue, which is latency. It has none either for a
camera that captures too little, for a join that failed without saying why, or for a trouble that is nobody's:
those are experiences without a cause.
"""

from collections.abc import Iterator

from bot.model.diagnosis import Band, Cause, CauseKind, Diagnosis, Media, Trouble
from bot.model.observation import CauseTag, DiagnosisEvent

SOURCE = "doctor"
TAGS_AT_MOST = 3
ENDING_S = 60
"""What ends so soon after an examination was told by it: a recovery takes up to 50 s."""
_VIDEO, _AUDIO, _JOIN = 4, 5, 6
_SURE = (Band.CONFIRMED, Band.LIKELY)
_EXPERIENCES = {Media.VIDEO: (_VIDEO,), Media.AUDIO: (_AUDIO,), Media.BOTH: (_VIDEO, _AUDIO)}
_OF_STAYS = {
    CauseKind.JOIN_TOKEN: _JOIN,
    CauseKind.JOIN_DELAY: _JOIN,
    CauseKind.RECONNECT: _AUDIO,
    CauseKind.DUPLICATE_UID: _AUDIO,
}
"""Troubles of single stays are one event each: whoever lost the call heard nothing."""
_FACTORS = {
    CauseKind.UPLINK_LOSS: (21, 22),
    CauseKind.UPLINK_BANDWIDTH: (42, 43),
    CauseKind.UPLINK_JITTER: (44, 45),
    CauseKind.DOWNLINK_LOSS: (23, 24),
    CauseKind.DOWNLINK_BANDWIDTH: (8, 9),
    CauseKind.DOWNLINK_JITTER: (46, 47),
    CauseKind.SENDER_CPU: (10, 10),
    CauseKind.RECEIVER_CPU: (10, 10),
    CauseKind.RECONNECT: (37, 37),
    CauseKind.DUPLICATE_UID: (1, 1),
}
"""The factor of a cause for video and for audio."""

EXPERIENCES_FOUND = frozenset({_VIDEO, _AUDIO, _JOIN})
FACTORS_FOUND = frozenset(factor for pair in _FACTORS.values() for factor in pair)
"""What the doctor can ever find, in Agora's ids."""


def as_events(found: Diagnosis, cname: str, since: int | None = None) -> tuple[DiagnosisEvent, ...]:
    """Return the events of a diagnosis, each user, experience and time once.

    ``since`` is up to when the call was examined before: what ended by then, or soon after, is left
    out, and what went on counts from then on.
    """
    events: dict[tuple[int, str, int], DiagnosisEvent] = {}
    for trouble in found.incidents:
        start = trouble.start if since is None else max(trouble.start, since)
        if start > trouble.start and trouble.end < start + ENDING_S:
            continue
        for user, experience in _sufferers(trouble):
            tags = tuple(dict.fromkeys(_tags(trouble, user, experience)))[:TAGS_AT_MOST]
            event = DiagnosisEvent(
                ts=start, cname=cname, user=user, experience_id=experience, tags=tags, source=SOURCE
            )
            events.setdefault((start, user, experience), event)
    return tuple(events.values())


def _sufferers(trouble: Trouble) -> Iterator[tuple[str, int]]:
    cause = trouble.cause
    if cause.kind in _OF_STAYS:
        if cause.uid:
            yield cause.uid, _OF_STAYS[cause.kind]
        return
    for receiver in dict.fromkeys(receiver for receiver, _ in trouble.pairs):
        for experience in _EXPERIENCES[trouble.media]:
            yield receiver, experience


def _tags(trouble: Trouble, user: str, experience: int) -> Iterator[CauseTag]:
    """Yield the causes that are at least likely; one at the sufferer itself has no host."""
    for cause in trouble.causes:
        if cause.band in _SURE and cause.kind in _FACTORS:
            yield CauseTag(factor_id=_factor(cause, experience), host_user=_host(cause, user))


def _factor(cause: Cause, experience: int) -> int:
    video, audio = _FACTORS[cause.kind]
    return audio if experience == _AUDIO else video


def _host(cause: Cause, user: str) -> str:
    return cause.uid if cause.uid and cause.uid != user else ""
