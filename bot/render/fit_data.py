"""Charts and data tables against Slack's limits."""

import math

from bot.model.message import Block
from bot.render import limits, words
from bot.render.fit_text import Json, need, need_list


def fit_table(block: Block, at: str) -> None:
    """Cut a ``data_table`` in place: rows beyond the limits go, the last first."""
    need(_text(block.get("caption")), f"{at}/caption", "a data_table needs a caption")
    rows = need_list(block.get("rows"), f"{at}/rows", 2, 100_000)
    need(isinstance(rows[0], list), f"{at}/rows/0", "a row is a list of cells")
    columns = len(rows[0])
    need(1 <= columns <= limits.TABLE_COLUMNS_MAX, f"{at}/rows/0", f"1 to {limits.TABLE_COLUMNS_MAX} columns")
    for i, row in enumerate(rows):
        need(
            isinstance(row, list) and len(row) == columns, f"{at}/rows/{i}", f"every row has {columns} cells"
        )
        for j, cell in enumerate(row):
            _cell(cell, f"{at}/rows/{i}/{j}")
    pages = range(1, limits.TABLE_PAGE_MAX + 1)
    need(block.get("page_size", 5) in pages, f"{at}/page_size", f"1 to {limits.TABLE_PAGE_MAX}")
    del rows[limits.TABLE_ROWS_MAX :]
    while len(rows) > 2 and _characters(rows) > limits.TABLE_TEXT_MAX:
        rows.pop()


def _cell(cell: Json, at: str) -> None:
    need(
        isinstance(cell, dict) and cell.get("type") in ("raw_text", "raw_number"),
        at,
        "raw_text or raw_number",
    )
    need(_text(cell.get("text")), at, "a cell needs a text; write - where there is nothing to say")
    need(cell["type"] == "raw_text" or _finite(cell.get("value")), at, "a raw_number needs a number as value")


def _characters(rows: list[list[Block]]) -> int:
    return sum(len(cell["text"]) for row in rows for cell in row)


def fit_chart(block: Block, at: str) -> None:
    """Cut the words of a ``data_visualization`` in place; we draw lines, areas and bars."""
    need(_text(block.get("title")), f"{at}/title", "a chart needs a title")
    block["title"] = words.cut(block["title"], limits.CHART_TITLE_MAX)
    chart = block.get("chart")
    if not isinstance(chart, dict) or chart.get("type") not in ("line", "bar", "area"):
        need(False, f"{at}/chart", "a chart of type line, bar or area is needed")
        return
    categories = _axis(chart.get("axis_config"), f"{at}/chart/axis_config")
    series = need_list(chart.get("series"), f"{at}/chart/series", 1, limits.CHART_SERIES_MAX)
    for i, one in enumerate(series):
        _series(one, f"{at}/chart/series/{i}", categories)
    names = {one["name"] for one in series}
    need(len(names) == len(series), f"{at}/chart/series", "each series needs a name of its own")


def _axis(axis: Json, at: str) -> list[str]:
    need(isinstance(axis, dict), at, "axis_config with categories is needed")
    categories = need_list(axis.get("categories"), f"{at}/categories", 1, limits.CHART_POINTS_MAX)
    for i, label in enumerate(categories):
        short = _text(label) and len(label) <= limits.CHART_LABEL_MAX
        need(short, f"{at}/categories/{i}", f"a text of at most {limits.CHART_LABEL_MAX} characters")
    need(len(set(categories)) == len(categories), f"{at}/categories", "each category may stand once")
    for key in ("x_label", "y_label"):
        if key in axis:
            axis[key] = words.cut(str(axis[key]), limits.CHART_AXIS_LABEL_MAX)
    return categories


def _series(series: Json, at: str, categories: list[str]) -> None:
    need(isinstance(series, dict) and _text(series.get("name")), at, "a series needs a name and data")
    series["name"] = words.cut(series["name"], limits.CHART_LABEL_MAX)
    data = need_list(series.get("data"), f"{at}/data", 1, limits.CHART_POINTS_MAX)
    good = all(isinstance(p, dict) and _finite(p.get("value")) for p in data)
    need(good, f"{at}/data", "every point has a label and a number as value")
    need([p.get("label") for p in data] == categories, f"{at}/data", "one point for each category, in order")


def _text(value: Json) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _finite(value: Json) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
