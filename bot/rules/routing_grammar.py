"""What may stand in routing.yml, as pydantic models with Alertmanager's words."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema

from bot.rules.fields import Duration, Matchers, Part, Pause, SomeText, Text, Version, Whole, filled
from bot.rules.wording import shown, unknown

_CHANNEL = re.compile(r"#\S+|[CG][A-Z0-9]+")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s]*)?")
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


def _variable(value: object) -> str:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise ValueError(f"{shown(value)} is no name of an environment variable; write it like WEBHOOK_URL")
    return value


def _address(value: object) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise ValueError(
            f"{shown(value)} is no address; write it like https://events.pagerduty.com/v2/enqueue"
        )
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
    if numbers[0] < 0 < numbers[-1]:
        raise ValueError(f"{shown(value)} begins at the end of a month and ends at its beginning; write two")
    if (numbers[0] > 0) == (numbers[-1] > 0) and numbers[0] > numbers[-1]:
        raise ValueError(f"{shown(value)} ends before it begins")
    return numbers[0], numbers[-1]


def _month(value: object) -> Span:
    if all(part.isdigit() for part in str(value).split(":")):
        return _numbers(1, 12, value)
    first, last = _named(MONTHS, "month", value)
    return first + 1, last + 1


def _text_like(pattern: str, *examples: str) -> WithJsonSchema:
    """Return what an editor is told of a text."""
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$", "examples": list(examples)})


def _range_of(pattern: str, *examples: str | int) -> WithJsonSchema:
    """Return what an editor is told of a number or a range."""
    ranges: dict[str, Any] = {"type": "string", "pattern": f"^({pattern})(:({pattern}))?$"}
    return WithJsonSchema({"anyOf": [{"type": "integer"}, ranges], "examples": list(examples)})


Channel = Annotated[str, BeforeValidator(_channel), _text_like(_CHANNEL.pattern, "#rtc-quality")]
Variable = Annotated[str, BeforeValidator(_variable), _text_like(_VARIABLE.pattern, "WEBHOOK_URL")]
PageAddress = Annotated[
    str, BeforeValidator(_address), _text_like(_ADDRESS.pattern, "https://events.pagerduty.com/v2/enqueue")
]
Clock = Annotated[int, BeforeValidator(_clock), _text_like(_CLOCK.pattern, "09:00", "24:00")]
_WEEKDAY, _MONTH = "|".join(WEEKDAYS), "|".join(MONTHS)
Weekdays = Annotated[
    Span,
    BeforeValidator(lambda v: _named(WEEKDAYS, "weekday", v)),
    _text_like(f"({_WEEKDAY})(:({_WEEKDAY}))?", "monday:friday", *WEEKDAYS),
]
Months = Annotated[Span, BeforeValidator(_month), _range_of(f"[0-9]+|{_MONTH}", *MONTHS)]
Days = Annotated[Span, BeforeValidator(lambda v: _numbers(-31, 31, v)), _range_of("-?[0-9]+", 1, "-3:-1")]
Years = Annotated[Span, BeforeValidator(lambda v: _numbers(1970, 9999, v)), _range_of("[0-9]+", 2027)]
Zone = Annotated[str, BeforeValidator(_zone), _text_like(".+", "Asia/Shanghai", "UTC")]


class SlackConfig(Part):
    """One channel of a receiver, and what of an incident is seen in it."""

    channel: Channel = ""
    """Its name like #rtc-quality, or its id; SLACK_CHANNEL if absent."""
    send_resolved: StrictBool = True
    """Whether the end of an incident is told as a reply."""
    update_message: StrictBool = True
    """Whether the first message is kept up to date."""
    post_updates_to_thread: StrictBool = True
    """Whether what happens goes into the thread below it."""
    reply_broadcast: Literal["never", "critical", "resolved", "always"] = "critical"
    """Which replies are shown in the channel as well."""
    mention: Text = ""
    """Whom to call in the first message, like @here or <!subteam^S123>."""


class WebhookConfig(Part):
    """A program that is told by HTTP, with Alertmanager's JSON. Addresses and secrets stay out of the file:
    they are read from the environment."""

    url_env: Variable
    """The environment variable that holds its address, http or https."""
    secret_env: Variable | None = None
    """The environment variable that holds the secret with which each body is signed (HMAC-SHA256)."""
    send_resolved: StrictBool = True
    """Whether the end of an incident is told."""
    max_alerts: Whole | None = None
    """How many alerts one message may list; the first of them if there are more."""


class PagerDutyConfig(Part):
    """A service of PagerDuty, told by its Events API v2."""

    routing_key_env: Variable
    """The environment variable that holds the integration key of the service."""
    url: PageAddress = "https://events.pagerduty.com/v2/enqueue"
    """Where the events go; another one for PagerDuty's region EU."""
    send_resolved: StrictBool = True
    """Whether the end of an incident is told."""


class Receiver(Part):
    """A name for routes to point at; without a config it takes alerts in silence."""

    name: SomeText
    slack_configs: tuple[SlackConfig, ...] = ()
    """The channels that it stands for."""
    webhook_configs: tuple[WebhookConfig, ...] = ()
    """The programs that it stands for."""
    pagerduty_configs: tuple[PagerDutyConfig, ...] = ()
    """The services of PagerDuty that it stands for."""


class Route(Part):
    """A node of the tree: which alerts go down here, to whom, and how they are put together.

    What a route does not say it has from the one above. The root takes everything.
    """

    receiver: SomeText | None = None
    """Who gets the alerts of this route."""
    matchers: Matchers = ()
    """Which alerts come here: all must hold."""
    continue_: StrictBool = Field(default=False, alias="continue")
    """Whether the routes after this one are asked as well."""
    group_by: tuple[Text, ...] | None = None
    """Alerts that share the values of these labels are one incident."""
    group_wait_s: Duration | None = Field(default=None, alias="group_wait")
    """How long the first message waits for more alerts of the group; 30s if absent."""
    group_interval_s: Pause | None = Field(default=None, alias="group_interval")
    """How long until more alerts of the group are told; 5m if absent."""
    repeat_interval_s: Pause | None = Field(default=None, alias="repeat_interval")
    """After how long an open incident is recalled; 4h if absent."""
    reopen_within_s: Duration | None = Field(default=None, alias="reopen_within")
    """How long a resolved incident is taken up again; 30m if absent."""
    acknowledgement_timeout_s: Duration | None = Field(default=None, alias="acknowledgement_timeout")
    """How long an acknowledgement holds."""
    escalate_after_s: Duration | None = Field(default=None, alias="escalate_after")
    """After how long without an acknowledgement escalate_to is told."""
    escalate_to: SomeText | None = None
    """The receiver that is told then."""
    mute_time_intervals: tuple[Text, ...] = ()
    """Times at which nothing is told."""
    active_time_intervals: tuple[Text, ...] = ()
    """Times outside of which nothing is told."""
    routes: "tuple[Route, ...]" = ()
    """Routes below, asked in order; the first that matches takes the alert."""


class InhibitRule(Part):
    """While an alert of the first kind fires, those of the second kind with equal labels are not told."""

    name: Text = ""
    source_matchers: Annotated[Matchers, BeforeValidator(filled)]
    """What hides, such as alertname="QualityOutage"."""
    target_matchers: Annotated[Matchers, BeforeValidator(filled)]
    """What is hidden."""
    equal: tuple[Text, ...] = ()
    """Labels that both must share."""


class TimeRange(Part):
    """A part of the day, the end excluded."""

    start_time: Clock
    end_time: Clock


class TimeSpec(Part):
    """A calendar: every key that is there must hold; of its list, one entry."""

    times: tuple[TimeRange, ...] = ()
    """Parts of the day."""
    weekdays: tuple[Weekdays, ...] = ()
    """Days or ranges like monday:friday."""
    days_of_month: tuple[Days, ...] = ()
    """Days or ranges like 1:5; negative ones count from the end of the month."""
    months: tuple[Months, ...] = ()
    """Months by name or number, or ranges like january:march."""
    years: tuple[Years, ...] = ()
    """Years or ranges like 2026:2027."""
    location: Zone = "UTC"
    """The time zone of all this."""


class TimeInterval(Part):
    """A name for times, active while one of them is."""

    name: SomeText
    time_intervals: Annotated[tuple[TimeSpec, ...], BeforeValidator(filled)]


class RoutingSpec(Part):
    """routing.yml: who gets which alert."""

    version: Version
    """The version of this language."""
    route: Route
    """The root: it takes every alert, and hands it down."""
    receivers: Annotated[tuple[Receiver, ...], BeforeValidator(filled)]
    """Who can be told."""
    inhibit_rules: tuple[InhibitRule, ...] = ()
    """Which alerts hide which."""
    time_intervals: tuple[TimeInterval, ...] = ()
    """Times with names."""
    storm_incidents_per_minute: Whole = 5
    """More new incidents than this in a minute at one channel become one summary; 5 if absent."""
