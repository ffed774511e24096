"""The blocks that show data: ``table``, ``data_table`` and ``data_visualization``."""

from collections.abc import Iterator

from .checks import (
    Check,
    Problem,
    boolean,
    by_type,
    every,
    integer,
    items,
    number,
    one_of,
    shape,
    string,
    unique,
)
from .rich_text import RICH_TEXT

CELL_CHARACTERS = 20_000
_ID = {"block_id": string(255)}
_RAW = {
    "raw_text": shape({"text": string(CELL_CHARACTERS, 0)}),
    "raw_number": shape({"value": number}, {"text": string(255)}),
}
_CELL = by_type({**_RAW, "rich_text": RICH_TEXT})
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _column(value: object, at: str) -> Iterator[Problem]:
    if value is not None:
        yield from _COLUMN(value, at)


def _even_rows(value: object, at: str) -> Iterator[Problem]:
    rows = value.get("rows") if isinstance(value, dict) else None
    widths = [len(row) for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
    for index, width in enumerate(widths):
        if width != widths[0]:
            yield Problem(
                pointer=f"{at}/rows/{index}", message=f"must have {widths[0]} cells like the header"
            )


def _plain_header(value: object, at: str) -> Iterator[Problem]:
    rows = value.get("rows") if isinstance(value, dict) else None
    header = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else []
    for index, cell in enumerate(header):
        yield from by_type(_RAW)(cell, f"{at}/rows/0/{index}")


def cell_characters(block: object) -> int:
    """Return the characters in the cells of a table, a number counting as long as it is shown."""
    if isinstance(block, dict):
        shown = block.get("text", block.get("value", ""))
        own = len(str(shown)) if isinstance(shown, str | int | float) else 0
        return own + sum(cell_characters(block[name]) for name in ("rows", "elements") if name in block)
    return sum(cell_characters(item) for item in block) if isinstance(block, list) else 0


TABLE = shape({"rows": items(items(_CELL, 20), 100)}, {**_ID, "column_settings": items(_column, 20, 0)})
DATA_TABLE = every(
    shape(
        {"rows": items(items(_CELL, 20), 201, 2), "caption": string(2000)},
        {**_ID, "page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
    ),
    _even_rows,
    _plain_header,
)

_LABEL = string(20)
_POINTS = items(shape({"label": _LABEL, "value": number}), 20)
_SERIES = every(items(shape({"name": _LABEL, "data": _POINTS}), 12), unique("name"))
_AXES = shape(
    {"categories": items(_LABEL, 20)},
    {"x_label": string(50), "y_label": string(50)},
)


def _points_match(value: object, at: str) -> Iterator[Problem]:
    match value:
        case {"series": list() as series, "axis_config": {"categories": list() as categories}}:
            for index, one in enumerate(series):
                points = one.get("data") if isinstance(one, dict) else None
                if [p.get("label") for p in points or [] if isinstance(p, dict)] != categories:
                    yield Problem(
                        pointer=f"{at}/series/{index}/data", message="must have one point for each category"
                    )


def _positive(value: object, at: str) -> Iterator[Problem]:
    yield from number(value, at)
    if isinstance(value, int | float) and value <= 0:
        yield Problem(pointer=at, message="must be more than 0")


_LINES: Check = every(shape({"series": _SERIES, "axis_config": _AXES}), _points_match)
_PIE = shape({"segments": items(shape({"label": _LABEL, "value": _positive}), 12)})
DATA_VISUALIZATION = shape(
    {
        "title": string(50),
        "chart": by_type({"line": _LINES, "bar": _LINES, "area": _LINES, "pie": _PIE}),
    },
    _ID,
)
