"""What may stand in routing.yml, as pydantic models with Alertmanager's words."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, StrictBool

from bot.rules.fields import Duration, Matchers, Part, SomeText, Text, Version, filled
from bot.rules.wording import shown, unknown

_CHANNEL = re.compile(r"#\S+|[CG][A-Z0-9]+")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

Span = tuple[int, int]
"""First and last of a range, both included."""


def _channel(value: object) -> str:
    if not isinstance(value, str) or not _CHANNEL.fullmatch(value):
        raise ValueError(f"{shown(value)} is no channel; write its name like #rtc-quality, or its id")
    return value


def _clock(value: object) -> int:
    """Return a time of day in minutes."""
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError(f"{shown(value)} is no time of day; write 09:00, in quotes")
    hours, minutes = value.split(":")
    return int(hours) * 60 + int(minutes)


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{shown(value)} is no time zone; write one like Asia/Shanghai") from None


def _named(names: tuple[str, ...], kind: str, value: object) -> Span:
    """Return a range of names such as ``monday:friday``, as numbers from 0 on."""
    parts = str(value).lower().split(":")
    for part in parts:
        if part not in names:
            raise ValueError(unknown(kind, part, names))
    first, last = names.index(parts[0]), names.index(parts[-1])
    if len(parts) > 2 or first > last:
        raise ValueError(f"{shown(value)} is no range; write it like {names[0]}:{names[1]}")
    return first, last


def _numbers(lowest: int, highest: int, value: object) -> Span:
    parts = str(value).split(":")
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(lowest <= n <= highest and n for n in numbers):
        raise ValueError(f"{shown(value)} is no number or range like 1:5, from {lowest} to {highest}")
    if (numbers[0] > 0) == (numbers[-1] > 0) and numbers[0] > numbers[-1]:
        raise ValueError(f"{shown(value)} ends before it begins")
    return numbers[0], numbers[-1]


def _month(value: object) -> Span:
    if all(part.isdigit() for part in str(value).split(":")):
        return _numbers(1, 12, value)
    first, last = _named(MONTHS, "month", value)
    return first + 1, last + 1


Channel = Annotated[str, BeforeValidator(_channel)]
Clock = Annotated[int, BeforeValidator(_clock)]
Weekdays = Annotated[Span, BeforeValidator(lambda v: _named(WEEKDAYS, "weekday", v))]
Months = Annotated[Span, BeforeValidator(_month)]
Days = Annotated[Span, BeforeValidator(lambda v: _numbers(-31, 31, v))]
Years = Annotated[Span, BeforeValidator(lambda v: _numbers(1970, 9999, v))]
Zone = Annotated[str, BeforeValidator(_zone)]


class SlackConfig(Part):
    """One channel of a receiver, and what of an incident is seen in it."""

    channel: Channel
    send_resolved: StrictBool = True
    update_message: StrictBool = True
    post_updates_to_thread: StrictBool = True
    reply_broadcast: Literal["never", "critical", "resolved", "always"] = "critical"
    mention: Text = ""


class Receiver(Part):
    """A name for routes to point at; without channels it takes alerts in silence."""

    name: SomeText
    slack_configs: tuple[SlackConfig, ...] = ()


class Route(Part):
    """A node of the tree: which alerts go down here, to whom, and how they are put together.

    What a route does not say it has from the one above. The root takes everything.
    """

    receiver: SomeText | None = None
    matchers: Matchers = ()
    continue_: StrictBool = Field(default=False, alias="continue")
    group_by: tuple[Text, ...] | None = None
    group_wait_s: Duration | None = Field(default=None, alias="group_wait")
    group_interval_s: Duration | None = Field(default=None, alias="group_interval")
    repeat_interval_s: Duration | None = Field(default=None, alias="repeat_interval")
    reopen_within_s: Duration | None = Field(default=None, alias="reopen_within")
    acknowledgement_timeout_s: Duration | None = Field(default=None, alias="acknowledgement_timeout")
    escalate_after_s: Duration | None = Field(default=None, alias="escalate_after")
    escalate_to: SomeText | None = None
    mute_time_intervals: tuple[Text, ...] = ()
    active_time_intervals: tuple[Text, ...] = ()
    routes: "tuple[Route, ...]" = ()


class InhibitRule(Part):
    """While an alert of the first kind fires, those of the second kind with equal labels are not told."""

    name: Text = ""
    source_matchers: Annotated[Matchers, BeforeValidator(filled)]
    target_matchers: Annotated[Matchers, BeforeValidator(filled)]
    equal: tuple[Text, ...] = ()


class TimeRange(Part):
    """A part of the day, the end excluded."""

    start_time: Clock
    end_time: Clock


class TimeSpec(Part):
    """A calendar: every key that is there must hold; of its list, one entry."""

    times: tuple[TimeRange, ...] = ()
    weekdays: tuple[Weekdays, ...] = ()
    days_of_month: tuple[Days, ...] = ()
    months: tuple[Months, ...] = ()
    years: tuple[Years, ...] = ()
    location: Zone = "UTC"


class TimeInterval(Part):
    """A name for times, active while one of them is."""

    name: SomeText
    time_intervals: Annotated[tuple[TimeSpec, ...], BeforeValidator(filled)]


class RoutingSpec(Part):
    """routing.yml: who gets which alert."""

    version: Version
    route: Route
    receivers: Annotated[tuple[Receiver, ...], BeforeValidator(filled)]
    inhibit_rules: tuple[InhibitRule, ...] = ()
    time_intervals: tuple[TimeInterval, ...] = ()
