"""What is sent to Slack, and what its buttons say when they come back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Block = dict[str, Any]
"""One Block Kit block, as Slack's JSON has it: the edge of our types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG that goes with a message: ``draw`` makes it, and returns None where there is nothing to draw;
    ``alt`` says it in words. One ``instead_of_chart`` is only for a Slack that refuses the message's chart.
    """

    draw: Callable[[], bytes | None]
    alt: str
    instead_of_chart: bool = False


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
    picture: Picture | None = field(default=None, compare=False)


class Action(StrEnum):
    """``action_id`` of every button."""

    ACKNOWLEDGE = "incident_acknowledge"
    SNOOZE = "incident_silence"
    RESOLVE = "incident_resolve"
    SHOW_CALLS = "incident_show_calls"
    SHOW_INCIDENT = "incident_show"
    OLDER_INCIDENTS = "incidents_older"
    CALL_DETAILS = "call_details"
    SHARE_CALL = "call_share"
    OLDER_CALLS = "older_calls"
    END_SILENCE = "silence_end"
    VERDICT_RIGHT = "verdict_right"
    VERDICT_WRONG = "verdict_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A metric over the last hour, for a chart: ``points`` are (minute, value), oldest first, with gaps."""

    title: str
    unit: str
    points: tuple[tuple[int, float], ...]
    threshold: float | None = None
