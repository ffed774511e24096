"""What is sent to Slack, and what its buttons say when they come back."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Block = dict[str, Any]
"""One Block Kit block, as Slack's JSON has it: the edge of our types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in Slack's words.

    ``text`` stands alone in push notifications and for screen readers. ``blocks`` may use Slack's newest
    blocks (charts, data tables); ``simple_blocks`` say the same with blocks of 2019 only, for the case that
    Slack refuses the first; empty where ``blocks`` are simple already.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    attachments: tuple[Block, ...] = ()
    simple_blocks: tuple[Block, ...] = ()


class Action(StrEnum):
    """``action_id`` of every button."""

    ACKNOWLEDGE = "incident_acknowledge"
    SNOOZE = "incident_silence"
    SHOW_CALLS = "incident_show_calls"
    CALL_DETAILS = "call_details"
    OLDER_CALLS = "older_calls"
    END_SILENCE = "silence_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A metric over the last hour, for a chart: ``points`` are (minute, value), oldest first, with gaps."""

    title: str
    unit: str
    points: tuple[tuple[int, float], ...]
    threshold: float | None = None
