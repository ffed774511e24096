"""Unit tests of rules: promtool's file format, with events, calls, messages and restarts added."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bot.model.observation import CauseTag
from bot.model.time import MINUTE_S
from bot.rules import duration, notation
from bot.rules.document import Document, read
from bot.rules.fields import (
    AlertName,
    Duration,
    Experience,
    Number,
    Part,
    SomeText,
    Text,
    Whole,
    factor_id,
    filled,
)
from bot.rules.problems import Problem, Source
from bot.rules.schema import parse
from bot.rules.wording import shown


def _interval(value: object) -> int:
    span_s = duration.seconds(value)
    if span_s < MINUTE_S or span_s % MINUTE_S:
        raise ValueError(f"an interval is whole minutes, not {shown(value)}: Agora's data come by the minute")
    return span_s


def _tag(value: object) -> CauseTag:
    """Return the tag of ``weak_wifi`` (the user's own) or ``upstream_loss_video@host9``."""
    factor, _, host = str(value).partition("@")
    return CauseTag(factor_id=factor_id(int(factor) if factor.isdigit() else factor), host_user=host)


def _minutes(value: object) -> tuple[int, int]:
    """Return first and last second of ``3m``, or of ``5m-8m``."""
    first, _, last = str(value).partition("-")
    return duration.seconds(first), duration.seconds(last or first)


Interval = Annotated[int, BeforeValidator(_interval)]
Tag = Annotated[CauseTag, BeforeValidator(_tag)]
Minutes = Annotated[tuple[int, int], BeforeValidator(_minutes)]


class SeriesInput(Part):
    """Values of a metric, one an interval from time 0 on."""

    series: Annotated[tuple[str, dict[str, str]], BeforeValidator(lambda v: notation.series(str(v)))]
    values: Annotated[tuple[float | None, ...], BeforeValidator(lambda v: tuple(notation.values(str(v))))]


class EventsInput(Part):
    """Diagnosis rows at one time: of one user, or with ``count`` of so many, a number after the name."""

    at_s: Duration = Field(alias="at")
    project: Text = "p"
    cname: Text = "c"
    user: Text = "u"
    experience: Experience = 4
    tags: tuple[Tag, ...] = ()
    count: Whole = 1


class CallInput(Part):
    """A call that is over."""

    ended_s: Duration = Field(alias="ended")
    lasted_s: Duration = Field(default=600, alias="lasted")
    project: Text = "p"
    cname: Text = "c"
    video_freeze_rate: Number | None = None
    audio_freeze_rate: Number | None = None
    pcu: Whole | None = None
    acu: Number | None = None


class ExpectedAlert(Part):
    """One alert: all its labels (severity only where it is written), and the annotations that are written."""

    exp_labels: dict[str, Text] = Field(default_factory=dict)
    exp_annotations: dict[str, Text] = Field(default_factory=dict)


class AlertTest(Part):
    """Which alerts of a name fire, or wait, once the minute at ``eval_time`` is judged."""

    eval_time_s: Duration = Field(alias="eval_time")
    alertname: AlertName
    exp_alerts: tuple[ExpectedAlert, ...] = ()
    exp_pending: tuple[ExpectedAlert, ...] | None = None


class ExpectedMessage(Part):
    """A message that is seen in Slack: what it tells, and a piece of its text."""

    at_s: Duration = Field(alias="at")
    alertname: AlertName
    kind: Literal["opening", "reopening", "escalation", "rose", "members", "reminder", "flapping", "resolved"]
    receiver: Text = ""
    text: Text = ""


class UnitTest(Part):
    """One story in minutes. Every minute counts as polled but those of ``unknown``."""

    name: Text = ""
    interval_s: Interval = Field(default=MINUTE_S, alias="interval")
    input_series: tuple[SeriesInput, ...] = ()
    input_events: tuple[EventsInput, ...] = ()
    input_calls: tuple[CallInput, ...] = ()
    unknown: tuple[Minutes, ...] = ()
    restart_at_s: Duration | None = Field(default=None, alias="restart_at")
    alert_rule_test: tuple[AlertTest, ...] = ()
    exp_messages: tuple[ExpectedMessage, ...] | None = None


class RuleTests(Part):
    """A file of tests; ``rule_files`` are looked for beside it."""

    rule_files: Annotated[tuple[SomeText, ...], BeforeValidator(filled)]
    evaluation_interval: Duration = MINUTE_S
    tests: Annotated[tuple[UnitTest, ...], BeforeValidator(filled)]


def read_tests(source: Source) -> tuple[RuleTests | None, Document, tuple[Problem, ...]]:
    """Return the tests of a file, or None, with where everything stands and what is wrong with it."""
    document = read(source)
    tests, complaints = parse(document, RuleTests)
    problems = (*document.problems, *complaints)
    return (None if problems else tests), document, problems
