"""Rows of metrics, events and calls out of the files of an export, read one by one: JSON Lines, or CSV."""

import csv
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

_CELL_MAX = 10_000_000
Id = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


class NoHistory(Exception):
    """A file cannot be used; the message names the file, the line, and what to do."""


class Cause(msgspec.Struct, frozen=True):
    """One cause of an event."""

    factor_id: Id
    host_user: str = ""


class MetricRow(msgspec.Struct, frozen=True):
    """One value of one minute."""

    project: str
    metric: str
    ts: int
    value: float


class EventRow(msgspec.Struct, frozen=True):
    """One event; ``ts`` of an alert is Agora's time for it, ``fetched_at`` when it came."""

    project: str
    ts: int
    cname: str
    user: str
    experience_id: Id
    causes: tuple[Cause, ...] = ()
    source: str = "agora"
    said: tuple[str, ...] = ()
    at_least: bool | None = None
    fetched_at: int = 0


class CallRow(msgspec.Struct, frozen=True):
    """One finished call."""

    project: str
    call_id: str
    cname: str
    created_ts: int
    destroyed_ts: int
    video_freeze_rate: float | None = None
    audio_freeze_rate: float | None = None
    pcu: Id | None = None
    acu: float | None = None


AnyRow = MetricRow | EventRow | CallRow
_MADE_BY = "write it with agora-bot data export --what metrics (events, calls) --format jsonl (or csv)"


def read_rows(path: Path) -> Iterator[AnyRow]:
    """Yield the rows of a file, whichever kind it is; raise NoHistory at the first that is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            is_json = stream.read(1) in ("{", "[", "")
            stream.seek(0)
            rows = _json_rows(stream) if is_json else _csv_rows(stream)
            for number, values in rows:
                yield _row(number, values)
    except OSError as error:
        raise NoHistory(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise NoHistory(f"{path}: is no text in UTF-8; {_MADE_BY}") from None
    except _Broken as broken:
        raise NoHistory(f"{path}:{broken.line}: {broken}; {_MADE_BY}") from None


class _Broken(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def _json_rows(stream: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:  # noqa: ANN401 - TextIO's own typing
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            values = msgspec.json.decode(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise _Broken(number, _said(error)) from None
        if not isinstance(values, dict):
            raise _Broken(number, "is no JSON object")
        yield number, values


def _csv_rows(stream: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:  # noqa: ANN401 - TextIO's own typing
    csv.field_size_limit(_CELL_MAX)
    sheet = csv.DictReader(stream, strict=True)
    try:
        for values in sheet:
            yield sheet.line_num, {name: _cell(name, cell) for name, cell in values.items() if cell != ""}
    except (csv.Error, ValueError, RecursionError, TypeError) as error:
        raise _Broken(sheet.line_num, _said(error)) from None


_LISTS = ("causes", "said")
_TEXTS = ("project", "metric", "cname", "user", "source", "call_id")


def _cell(name: str, cell: Any) -> Any:  # noqa: ANN401 - the edge: whatever a cell holds
    if name in _LISTS:
        return json.loads(cell)
    return cell[1:] if name in _TEXTS and cell.startswith("'") else cell


def _row(number: int, values: Mapping[str, Any]) -> AnyRow:
    try:
        if "metric" in values:
            point = msgspec.convert(values, MetricRow, strict=False)
            if math.isfinite(point.value):
                return point
            raise _Broken(number, f"the value {point.value} is no number")
        if "call_id" in values:
            return msgspec.convert({"cname": "", **values}, CallRow, strict=False)
        if "experience_id" in values:
            return msgspec.convert({"cname": "", "user": "", **values}, EventRow, strict=False)
    except msgspec.MsgspecError as error:
        raise _Broken(number, _said(error)) from None
    raise _Broken(number, "is neither a metric (project, metric, ts, value) nor an event nor a call")


def _said(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
