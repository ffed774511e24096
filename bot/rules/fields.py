"""The values of rule files: how each is written, and what is said of one that is not."""

import math
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from bot.model.catalog import EXPERIENCES, FACTORS, METRICS
from bot.model.time import DAY_S, MINUTE_S
from bot.rules import duration
from bot.rules.matcher import Matcher
from bot.rules.wording import shown, unknown

ALERT_NAME_MAX = 120
TEXT_MAX = 3000
"""Characters of a text: as many as a section of a Slack message holds."""
COUNT_MAX = 1_000_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST_S = 90 * DAY_S
"""The longest span of time: as long as history is kept by default."""
_FACTOR_IDS = {factor.name: factor.id for factor in FACTORS.values()}
_EXPERIENCE_IDS = {name: id_ for id_, name in EXPERIENCES.items()}
_T = TypeVar("_T")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not text; put it in quotes")
    if len(value) > TEXT_MAX:
        raise ValueError(f"this text has {len(value)} characters; {TEXT_MAX} are the most")
    return value


def _some_text(value: object) -> str:
    if not _text(value).strip():
        raise ValueError("empty text; give it a name")
    return _text(value)


def _alert_name(value: object) -> str:
    if not _NAME.fullmatch(_text(value)):
        raise ValueError(
            f"{shown(value)} is not a name; use letters, digits and _ only, like VideoFreezeHigh"
        )
    if len(_text(value)) > ALERT_NAME_MAX:
        raise ValueError(f"this name has {len(_text(value))} characters; {ALERT_NAME_MAX} are enough")
    return _text(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{shown(value)} is not a number; write it bare, like 5 or 0.5")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a threshold is a finite number, like 5 or 0.5")
    return float(value)


def _above_zero(value: object) -> float:
    if _number(value) <= 0:
        raise ValueError(f"{shown(value)} is not above 0")
    return _number(value)


def _from_zero(value: object) -> float:
    if _number(value) < 0:
        raise ValueError(f"{shown(value)} is below 0; a count never is")
    return _number(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{shown(value)} is not a whole number from 1 on")
    if value > COUNT_MAX:
        raise ValueError(f"{shown(value)} is too large; {COUNT_MAX} is the most")
    return value


def _changes(value: object) -> int:
    if not 2 <= _whole(value) <= DAY_S // MINUTE_S:
        raise ValueError(f"give 2 to {DAY_S // MINUTE_S} (a day of minutes), not {shown(value)}")
    return _whole(value)


def _span_s(value: object) -> int:
    span_s = duration.seconds(value)
    if span_s > LONGEST_S:
        raise ValueError(f"90d is the longest, not {shown(value)}")
    return span_s


def _pause_s(value: object) -> int:
    span_s = _span_s(value)
    if not span_s:
        raise ValueError(f"{shown(value)} would tell without end; write 1m or more")
    return span_s


def _version(value: object) -> int:
    if value != 1 or isinstance(value, bool):
        raise ValueError(f"version {shown(value)} is unknown; this bot reads version: 1")
    return 1


def _metric_name(value: object) -> str:
    if not isinstance(value, str) or value not in METRICS:
        raise ValueError(unknown("metric", value, METRICS))
    return value


def _id_in(kind: str, ids: dict[str, int], value: object) -> int:
    if isinstance(value, int):
        return _whole(value)
    if not isinstance(value, str) or value not in ids:
        raise ValueError(unknown(kind, value, ids, f"write a name such as {next(iter(ids))}, or its number"))
    return ids[value]


def factor_id(value: object) -> int:
    """Return the id of a factor that is written by its name or number."""
    return _id_in("factor", _FACTOR_IDS, value)


def filled(value: object) -> object:
    """Refuse an empty list."""
    if isinstance(value, list) and not value:
        raise ValueError("the list is empty; give at least one item")
    return value


def _distinct(values: tuple[_T, ...]) -> tuple[_T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("the same item is there twice; delete one")
    return values


def _matcher(value: object) -> Matcher:
    return value if isinstance(value, Matcher) else Matcher.parse(_text(value))


def _offset(value: object) -> int:
    span_s = duration.seconds(value)
    if not DAY_S <= span_s <= LONGEST_S:
        raise ValueError(f"an offset is 1d to 90d, not {shown(value)}")
    return span_s


def _no_data_for(value: object) -> int | None:
    if value == "never":
        return None
    try:
        return _span_s(value)
    except ValueError as error:
        raise ValueError(f"{error}, or never") from None


def _span(example: str) -> WithJsonSchema:
    """Return what an editor is told of a span of time."""
    pattern = "^(?=[0-9])([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"
    zero: dict[str, Any] = {"const": 0}
    return WithJsonSchema({"anyOf": [{"type": "string", "pattern": pattern}, zero], "examples": [example]})


def _names(names: Iterable[str]) -> WithJsonSchema:
    """Return what an editor is told of an id: a name, or a number where Agora publishes none."""
    return WithJsonSchema({"anyOf": [{"enum": sorted(names)}, {"type": "integer", "minimum": 1}]})


AlertName = Annotated[
    str,
    BeforeValidator(_alert_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$", "maxLength": ALERT_NAME_MAX}),
]
MetricName = Annotated[str, BeforeValidator(_metric_name), WithJsonSchema({"enum": sorted(METRICS)})]
SomeText = Annotated[str, BeforeValidator(_some_text), WithJsonSchema({"type": "string", "pattern": "[^ ]"})]
Version = Annotated[int, BeforeValidator(_version), WithJsonSchema({"const": 1})]
Duration = Annotated[int, BeforeValidator(_span_s), _span("5m")]
Pause = Annotated[int, BeforeValidator(_pause_s), _span("5m")]
"""A duration of at least a second."""
Offset = Annotated[int, BeforeValidator(_offset), _span("7d")]
NoDataFor = Annotated[
    int | None,
    BeforeValidator(_no_data_for),
    WithJsonSchema({"anyOf": [{"const": "never"}, {"type": "string", "pattern": "^[0-9]+[0-9wdhms]*$"}]}),
]
"""How long data may be missing before that is told, None for never."""
Window = Annotated[int, BeforeValidator(duration.window), _span("5m")]
Number = Annotated[float, BeforeValidator(_number)]
AboveZero = Annotated[float, BeforeValidator(_above_zero), Field(json_schema_extra={"exclusiveMinimum": 0})]
FromZero = Annotated[float, BeforeValidator(_from_zero), Field(json_schema_extra={"minimum": 0})]
Changes = Annotated[int, BeforeValidator(_changes), WithJsonSchema({"type": "integer", "minimum": 2})]
Text = Annotated[str, BeforeValidator(_text)]
Whole = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer", "minimum": 1})]
Op = Literal[">", ">=", "<", "<=", "==", "!="]
Host = Literal["any", "local", "remote"]
ByLabel = Literal["project", "cname", "user", "experience", "factor"]
Experience = Annotated[
    int, BeforeValidator(lambda v: _id_in("experience", _EXPERIENCE_IDS, v)), _names(_EXPERIENCE_IDS)
]
FactorId = Annotated[int, BeforeValidator(factor_id), _names(_FACTOR_IDS)]
_MATCHER = {"type": "string", "pattern": "^ *[A-Za-z_][A-Za-z0-9_]* *(=~|!~|!=|=)"}
Matchers = tuple[Annotated[Matcher, BeforeValidator(_matcher), WithJsonSchema(_MATCHER)], ...]
"""All of them must hold, written like ``cname=~"lesson-.*"``."""
Some = Annotated[
    tuple[_T, ...],
    BeforeValidator(filled),
    AfterValidator(_distinct),
    Field(json_schema_extra={"minItems": 1, "uniqueItems": True}),
]
"""A list of at least one item, none of them twice."""


class Part(BaseModel):
    """A mapping of a rule file: no key beside the ones it knows."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True
    )


class Ladder(Part):
    """One threshold per severity, each worse than the one before."""

    info: Number | None = None
    warning: Number | None = None
    critical: Number | None = None
