"""Rows as CSV, JSON Lines or Parquet, written as they come.

CSV is RFC 4180 in UTF-8, lines end with CR LF. Text that a spreadsheet could take for a formula gets a
leading apostrophe (OWASP ASVS 1.2.10), and so does text that begins with one: take one leading apostrophe
off and you have the text, always. JSON Lines and Parquet hold every text as it is.
"""

import csv
import json
from codecs import getwriter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import IO, Any

from bot.flows.export_columns import Column, Kind

GROUP_ROWS = 20_000
"""Rows of a Parquet row group, the most that is held at once."""

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""Beginnings of text that get an apostrophe in CSV. ASVS names the first five; line ends and the full-width
signs, which East Asian spreadsheets may take for the narrow ones, are out of caution."""

Columns = Sequence[Column[Any]]
Rows = Iterable[Sequence[object]]
Writer = Callable[[Columns, Rows, IO[bytes]], int]
"""Writes all rows to a stream and returns how many they were."""


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class FormatUnavailable(Exception):
    """A library is missing; the message says how to install it."""


def writer_of(form: Format) -> Writer:
    """Return what writes this format; raise FormatUnavailable before anything is read or written."""
    if form is Format.PARQUET:
        try:
            import pyarrow  # noqa: F401 - only to know that it is there
        except ImportError:
            raise FormatUnavailable("Parquet needs pyarrow: pip install 'agora-bot[parquet]'") from None
        return _parquet
    return _csv if form is Format.CSV else _jsonl


def _csv(columns: Columns, rows: Rows, stream: IO[bytes]) -> int:
    sheet = csv.writer(getwriter("utf-8")(stream))
    sheet.writerow([column.name for column in columns])
    kinds = [column.kind for column in columns]
    count = 0
    for row in rows:
        sheet.writerow([_cell(kind, value) for kind, value in zip(kinds, row, strict=True)])
        count += 1
    return count


def _cell(kind: Kind, value: object) -> object:
    if kind is Kind.TEXT and isinstance(value, str) and value.startswith(RISKY):
        return "'" + value
    if kind is Kind.FLAG and value is not None:
        return "true" if value else "false"
    return _json_text(value) if kind is Kind.JSON else _dated(kind, value)


def _jsonl(columns: Columns, rows: Rows, stream: IO[bytes]) -> int:
    count = 0
    for row in rows:
        values = {c.name: _dated(c.kind, value) for c, value in zip(columns, row, strict=True)}
        stream.write(_json_text(values).encode("ascii") + b"\n")
        count += 1
    return count


def _json_text(value: object) -> str:
    """Return JSON in ASCII: some readers take U+2028 and its like for the end of a line."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def _dated(kind: Kind, value: object) -> object:
    """Return a TIME like 2026-11-23T10:00:00Z, anything else as it is."""
    if kind is Kind.TIME and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def _parquet(columns: Columns, rows: Rows, stream: IO[bytes]) -> int:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    types = {
        Kind.TEXT: pyarrow.string(),
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.FLAG: pyarrow.bool_(),
        Kind.TIME: pyarrow.timestamp("s", tz="UTC"),
        Kind.JSON: pyarrow.string(),
    }
    schema = pyarrow.schema([(column.name, types[column.kind]) for column in columns])
    count = 0
    with ParquetWriter(stream, schema) as file:
        for group in _groups(rows):
            count += len(group)
            values = [
                _values(c.kind, cells) for c, cells in zip(columns, zip(*group, strict=True), strict=True)
            ]
            file.write_table(pyarrow.table(values, schema=schema))
    return count


def _groups(rows: Rows) -> Iterator[list[Sequence[object]]]:
    left = iter(rows)
    while group := list(islice(left, GROUP_ROWS)):
        yield group


def _values(kind: Kind, cells: Sequence[object]) -> Sequence[object]:
    return [_json_text(cell) for cell in cells] if kind is Kind.JSON else cells
