"""What is read of a call's series: the metric ids by what they measure.

Agora's reference leaves open whether loss is percent or fraction, whether freeze times add up, and in whose
row a value about a pair stands; ``semantics.py`` finds that out per call.
"""

APP_CPU, SYSTEM_CPU, SCHEDULING_MS = 20001, 20002, 20021
AUDIO_SENT, AUDIO_RECEIVED = 20003, 20004
VIDEO_SENT, VIDEO_SENT_HIGH, VIDEO_RECEIVED = 20006, 20024, 20009
CAPTURED_FPS, SENT_FPS, RECEIVED_FPS = 20007, 20008, 20010
AUDIO_FREEZE, VIDEO_FREEZE = 20005, 20011
QP = 20013
AUDIO_UP_LOSS, AUDIO_END_LOSS, VIDEO_UP_LOSS, VIDEO_END_LOSS = 20015, 20016, 20017, 20018
WIDTH, HEIGHT = 20019, 20020
ROUTER_MS = 20022
SENT_WIDTH, SENT_HEIGHT = 20027, 20028
LOW_RECEIVED, LOW_RECEIVED_FPS = 20030, 20031

OWN = (
    APP_CPU,
    SYSTEM_CPU,
    AUDIO_SENT,
    VIDEO_SENT,
    CAPTURED_FPS,
    SENT_FPS,
    QP,
    AUDIO_UP_LOSS,
    VIDEO_UP_LOSS,
    SCHEDULING_MS,
    ROUTER_MS,
    VIDEO_SENT_HIGH,
    SENT_WIDTH,
    SENT_HEIGHT,
)
"""What a user measures of its own device and of what it sends."""

STREAM = (AUDIO_RECEIVED, VIDEO_RECEIVED, RECEIVED_FPS, WIDTH, HEIGHT, LOW_RECEIVED, LOW_RECEIVED_FPS)
"""What a receiver measures of one sender's stream: whose row it is, nobody doubts."""

QUALITY = (AUDIO_FREEZE, VIDEO_FREEZE, AUDIO_END_LOSS, VIDEO_END_LOSS)
"""What the reference words as "of the sent" stream, so that it may stand in either's row."""

FREEZES = (AUDIO_FREEZE, VIDEO_FREEZE)
LOSSES = (AUDIO_UP_LOSS, AUDIO_END_LOSS, VIDEO_UP_LOSS, VIDEO_END_LOSS)
MATCHING = ((VIDEO_RECEIVED, VIDEO_SENT), (RECEIVED_FPS, SENT_FPS), (AUDIO_RECEIVED, AUDIO_SENT))
"""Received and sent of the same stream."""
