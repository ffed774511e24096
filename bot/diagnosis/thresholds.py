"""Every line that the doctor draws, with where it comes from."""

from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Lines between fine, worth a warning, and bad. Shares and losses are percent, spans seconds.

    Sources: "XLA" is Agora's experience level agreement (2020), also the red marks of its console;
    "ObserveRTC" the detectors of that project; "Meet" Google's troubleshooting pages; "glossary" the terms of
    Agora's Call Inspector. The others are choices of ours.
    """

    video_freeze_ok: float = 2.0
    video_freeze_bad: float = 5.0
    """XLA: a minute fails above 5 %."""
    audio_freeze_ok: float = 1.0
    audio_freeze_bad: float = 3.0
    """XLA: a minute fails above 3 %."""
    loss_ok: float = 2.0
    loss_bad: float = 5.0
    """Glossary: poor network above 5 %, slight loss usually does not matter."""
    frame_rate_ok: float = 0.85
    frame_rate_bad: float = 0.70
    """ObserveRTC: received over sent, or over what is usual for the stream."""
    received_ok: float = 0.80
    received_bad: float = 0.60
    """Received over sent bitrate."""
    sent_ok: float = 0.60
    sent_bad: float = 0.40
    """ObserveRTC: sent bitrate over the sender's own usual."""
    capture_ok: float = 0.70
    capture_bad: float = 0.50
    """ObserveRTC: captured frame rate over the camera's own usual."""
    cpu_ok: float = 60.0
    cpu_bad: float = 80.0
    """Meet: delays from 60 %, shortage from 80 to 90 %."""
    scheduling_bad_ms: float = 80.0
    """Glossary: task scheduling delay that deserves attention."""
    silent_s: int = 8
    """A user without any sample for so long is disconnected."""
    slow_join_s: int = 8
    """XLA: 5 s; samples come every 2 s and clocks differ by up to 2 s, hence 3 s more."""
    settle_s: int = 10
    """After a join or an unmute, numbers are not yet those of a running stream."""
    farewell_s: int = 4
    """Before a leave or a mute, streams end at different instants for different users."""
    least_span_s: int = 30
    least_coverage: float = 60.0
    """Below these nothing is judged."""

    @property
    def background(self) -> float:
        """Return the badness of a stream that freezes just as much as is fine."""
        return self.video_freeze_ok / 100 / FROZEN

    def scaled(self, factor: float) -> Self:
        """Return lines that all lie ``factor`` times as far out: how much does an answer hang on them?"""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        fractions = {name: value for name, value in values.items() if isinstance(value, float)}
        moved = {
            name: 1 - (1 - value) * factor if value < 1 else value * factor
            for name, value in fractions.items()
            if name not in ("least_coverage", "cpu_ok", "cpu_bad")
        }
        cpu = {name: 100 - (100 - fractions[name]) / factor for name in ("cpu_ok", "cpu_bad")}
        return type(self)(**{**values, **moved, **cpu})


FROZEN = 0.25
"""The share of a tick from which on it is as bad as can be: a freeze is 0.6 s or more, a tick about 2 s."""

DEFAULT = Thresholds()
