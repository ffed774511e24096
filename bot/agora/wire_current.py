"""Today's JSON as types, where it differs from that of 2019. Rates are fractions here, 0 to 1.

Names of project metrics differ from the model's: ``WIRE_NAMES`` translates them.
"""

from typing import Annotated, Any

import msgspec

from bot.agora.wire import ABSENT, CallRow, Count, Envelope, Instant, SessionRow, Text, Value

Fraction = Annotated[float, msgspec.Meta(ge=-1e13, le=1e13)]

WIRE_NAMES = {
    "pcu": "userCount",
    "pcc": "channelCount",
    "joinSuccessRate": "joinSuccessRate",
    "joinSuccess5SecsRate": "joinSuccessIn5sRate",
    "videoFreezeRate": "videoFreezeRate",
    "audioFreezeRate": "audioFreezeRate",
    "networkDelay": "networkDelay",
}
COUNTS = frozenset({"pcu", "pcc"})
RATES = tuple(name for name in WIRE_NAMES if name not in COUNTS)
"""The model's names of what today's API tells as a fraction."""

USAGE_NAMES = (
    "userCount",
    "sessionCount",
    "channelCount",
    "peakCurrentChannels",
    "peakCurrentUsers",
    "totalDuration",
    "totalVideoDuration",
    "totalAudioDuration",
)
DIMENSIONS = ("country", "region", "net", "sdk", "os", "device")
CHANNEL_SIZE = "channelSize"
"""A dimension of the aggregated quality only."""
SDK_IN_EXAMPLES = "sdkVersion"
"""What the vendor's examples call the dimension ``sdk`` of the reference."""


class CurrentCallRow(CallRow, kw_only=True):
    call_pcu: Count | None = None
    call_acu: Count | None = None
    call_audio_freeze_rate: Fraction | None = None
    call_video_freeze_rate: Fraction | None = None


class CurrentSessionRow(SessionRow, kw_only=True):
    """``roles`` is text in the table of the reference and an array in its example."""

    account: Text = None
    roles: list[Text] | str | None = None
    user_audio_freeze_rate: Fraction | None = None
    user_video_freeze_rate: Fraction | None = None


class StatisticRow(msgspec.Struct, kw_only=True):
    dimension_value: Text = None
    user_count: Count | None = None
    value: Value | None = None


class BucketRow(msgspec.Struct, kw_only=True):
    bucket: str
    user_count: Count


class TimeRow(msgspec.Struct, kw_only=True):
    ts: Instant
    value: Value | None = None


_VALUES = [(name, Value | None, None) for name in dict.fromkeys((*USAGE_NAMES, *WIRE_NAMES.values()))]
_KEYS = [(name, Text, None) for name in (*DIMENSIONS, SDK_IN_EXAMPLES, CHANNEL_SIZE)]
PointRow: Any = msgspec.defstruct("PointRow", [("ts", Instant), *_VALUES])
ShareRow: Any = msgspec.defstruct("ShareRow", [*_KEYS, ("refUsage", Value | None, None), *_VALUES])


class UserRow(msgspec.Struct, kw_only=True):
    uid: Text = None
    values: list[PointRow] | None = None


class _Top(msgspec.Struct):
    shares: msgspec.Raw = msgspec.field(default=ABSENT, name="list")


def share_rows(answer: Envelope) -> list[Any]:
    """Return rows from under ``list``, as top-20 answers have them, or from an array as their table says.

    Raise one of UNREADABLE.
    """
    found = msgspec.json.decode(answer.data, type=_Top | list[msgspec.Raw] | None)
    return answer.rows(found.shares if isinstance(found, _Top) else answer.data, ShareRow)


def percent(fraction: float | None) -> float | None:
    """Return percent; ten digits are kept, which hides what binary fractions add."""
    return None if fraction is None else round(fraction * 100, 10)
