"""Pictures for Slack as PNG: a call's verdict as strips, matrix and small multiples, and a rule's last hour.

What is bad is also taller, so that no picture is told by colour alone. Times are UTC and say so.
"""

import io
import math
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.model.diagnosis import Diagnosis, Level, Line, Pictures, Stretch, Strip
from bot.model.message import Trend
from bot.model.time import MINUTE_S
from bot.render import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

USERS_MAX = 12
LINES_MAX = 6
_DPI = 110
_WIDTH = 8.0
_ROW = 0.34
_INK, _SOFT, _FAINT = "#1b1f27", "#5b6472", "#e3e6eb"
_LINE, _THRESHOLD, _SPAN = "#2f6690", "#b3261e", "#6b46c1"
_SHAPES = {
    Level.OK: ("#9cc3e6", 0.35),
    Level.WARNING: ("#f0a431", 0.7),
    Level.BAD: ("#b3261e", 1.0),
    Level.OFF: ("#c4cad4", 0.18),
}
"""Colour and height of a stretch; what is absent or unknown is left blank."""
_drawing = threading.Lock()
_known_glyphs: set[int] = set()


def call_figure(found: Diagnosis, drawn: Pictures) -> bytes:
    """Return what happened in a call as a PNG: who was bad when, who suffered from whom, and what was
    measured of the culprit in the first trouble."""
    strips = drawn.strips[:USERS_MAX]
    scene = drawn.scenes[0] if drawn.scenes else None
    users = drawn.users[:USERS_MAX]
    paired = scene is not None and len(users) > 1 and any(c is not None for row in scene.cells for c in row)
    lines = scene.lines[:LINES_MAX] if scene else ()
    below = max(3.0 if paired else 0.0, 1.4 * math.ceil(len(lines) / 2))
    with _drawing:
        top = 1.1 + _ROW * len(strips)
        figure = _figure(top + below)
        grid = figure.add_gridspec(2 if below else 1, 1, height_ratios=[top, below] if below else None)
        _draw_strips(figure.add_subplot(grid[0]), found, strips)
        if scene and below:
            cells = [row[: len(users)] for row in scene.cells[: len(users)]]
            _draw_scene(figure, grid[1], users if paired else (), cells, lines)
        return _png(figure)


def trend_figure(trend: Trend) -> bytes | None:
    """Return a trend with its threshold as a PNG, None where fewer than two values are known."""
    known = [(minute, value) for minute, value in trend.points if math.isfinite(value)]
    if len(known) < 2:
        return None
    with _drawing:
        figure = _figure(2.6)
        axes = figure.add_subplot()
        axes.set_title(_text(trend.title, 80), loc="left", fontsize=11, fontweight="bold", color=_INK)
        parts = _unbroken(known)
        for part in parts:
            axes.plot([_at(at) for at, _ in part], [value for _, value in part], color=_LINE, linewidth=1.8)
        if trend.threshold is not None and math.isfinite(trend.threshold):
            axes.axhline(trend.threshold, color=_THRESHOLD, linestyle="--", linewidth=1.2)
            label = _text(f" threshold {words.amount(trend.threshold, trend.unit)}", 40)
            axes.annotate(label, (1.0, trend.threshold), xycoords=("axes fraction", "data"), color=_THRESHOLD,
                          va="center", fontsize=9)  # fmt: skip
        _plain_axes(axes, _text(trend.unit, 20))
        _clock(axes, known[0][0], known[-1][0])
        return _png(figure)


def _draw_strips(axes: "Axes", found: Diagnosis, strips: Sequence[Strip]) -> None:
    for trouble in found.incidents:
        axes.axvspan(_at(trouble.start), _at(trouble.end), color=_SPAN, alpha=0.10, linewidth=0)
    for n, strip in enumerate(strips):
        if n:
            axes.axhline(n, color=_FAINT, linewidth=0.8)
        for floor, stretches in ((n + 0.48, strip.received), (n + 0.94, strip.sent)):
            _draw_stretches(axes, stretches, floor)
    names = [_text(strip.uid, 16) for strip in strips]
    axes.set_yticks([n + 0.5 for n in range(len(strips))], names, fontsize=9)
    axes.set_ylim(len(strips) + 0.05, -0.05)
    axes.set_title(_text(found.headline, 84), loc="left", fontsize=10, fontweight="bold", color=_INK, pad=22)
    legend = (
        "Above what each user received, below how what it sent arrived. Blue fine, amber a warning, red bad."
    )
    axes.text(0, 1.0, legend, transform=axes.transAxes, fontsize=8.5, color=_SOFT, va="bottom")
    _plain_axes(axes, "")
    axes.grid(visible=False)
    _clock(axes, found.start, found.end)


def _draw_stretches(axes: "Axes", stretches: Sequence[Stretch], floor: float) -> None:
    """Draw stretches upwards from ``floor``, each as high as it is bad."""
    for level, (color, height) in _SHAPES.items():
        spans = [(_at(s.start), _at(s.end) - _at(s.start)) for s in stretches if s.level is level]
        axes.broken_barh(spans, (floor - 0.4 * height, 0.4 * height), facecolors=color, linewidth=0)


def _draw_scene(
    figure: "Figure",
    place: Any,  # noqa: ANN401 - matplotlib's grid
    users: Sequence[str],
    cells: Sequence[Sequence[float | None]],
    lines: Sequence[Line],
) -> None:
    rows = max(1, math.ceil(len(lines) / 2))
    inner = place.subgridspec(rows, 3 if users else 2)
    if users:
        _draw_matrix(figure.add_subplot(inner[:, 0]), users, cells)
    for n, line in enumerate(lines):
        _draw_line(figure.add_subplot(inner[n // 2, n % 2 + (1 if users else 0)]), line)


def _draw_matrix(axes: "Axes", users: Sequence[str], cells: Sequence[Sequence[float | None]]) -> None:
    shown = [[math.nan if cell is None else cell for cell in row] for row in cells]
    axes.imshow(shown, cmap="OrRd", vmin=0, vmax=100, aspect="auto")
    for y, row in enumerate(shown):
        for x, value in enumerate(row):
            if not math.isnan(value):
                axes.text(x, y, f"{value:.0f}", ha="center", va="center", fontsize=8,
                          color="white" if value > 60 else _INK)  # fmt: skip
    names = [_text(uid, 10) for uid in users]
    axes.set_xticks(range(len(users)), names, fontsize=7, rotation=40, ha="right")
    axes.set_yticks(range(len(users)), names, fontsize=7)
    axes.set_title("% bad, to row from column", loc="left", fontsize=9, color=_INK)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=_SOFT)


def _draw_line(axes: "Axes", line: Line) -> None:
    places = [_at(line.start + n * line.step_s) for n in range(len(line.values))]
    axes.plot(
        places, [math.nan if value is None else value for value in line.values], color=_LINE, linewidth=1.2
    )
    title = f"{line.title} of {line.uid}" + (f", {line.unit}" if line.unit else "")
    axes.set_title(_text(title, 36), loc="left", fontsize=8.5, color=_INK)
    _plain_axes(axes, "")
    if all(value is None or value >= 0 for value in line.values):
        axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=7)
    _clock(axes, line.start, line.start + line.step_s * len(line.values), few=True)


def _figure(height: float) -> "Figure":
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    return Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor="white", layout=layout)


def _plain_axes(axes: "Axes", unit: str) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_FAINT)
    axes.tick_params(colors=_SOFT, length=0, labelsize=9)
    axes.grid(axis="y", color=_FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0)
    if unit:
        axes.set_ylabel(unit, color=_SOFT, fontsize=9)


def _clock(axes: "Axes", start: int, end: int, *, few: bool = False) -> None:
    """Write clock times below; UTC at the first."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axes.set_xlim(_at(start), _at(max(end, start + 1)))
    least, most = (2, 4) if few else (4, 9)
    locator = AutoDateLocator(tz=UTC, minticks=least, maxticks=most)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, tz=UTC, show_offset=False)  # type: ignore[no-untyped-call]
    formatter.formats[3:] = ["%H:%M", "%H:%M", "%H:%M:%S"]
    formatter.zero_formats[3:] = ["%-d %b", "%H:%M", "%H:%M"]
    axes.xaxis.set_major_formatter(formatter)
    if not few:
        axes.set_xlabel("UTC", color=_SOFT, fontsize=8.5, loc="right", labelpad=1)


def _unbroken(points: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Return points in runs without a missing minute."""
    runs: list[list[tuple[int, float]]] = []
    for point in points:
        if runs and point[0] - runs[-1][-1][0] <= MINUTE_S:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _at(instant: float) -> Any:  # noqa: ANN401 - matplotlib takes it as a float, its types do not say so
    return datetime.fromtimestamp(instant, UTC)


def _text(text: str, limit: int) -> str:
    """Return other people's text with what the font lacks as question marks, and without formulas."""
    from matplotlib.font_manager import findfont, get_font

    if not _known_glyphs:
        _known_glyphs.update(get_font(findfont("DejaVu Sans")).get_charmap())
    clean = words.clean(text, limit)
    return "".join(c if ord(c) in _known_glyphs else "?" for c in clean).replace("$", r"\$")


def _png(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    out = io.BytesIO()
    FigureCanvasAgg(figure).print_png(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
