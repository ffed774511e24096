"""A curve as the shapes of an SVG picture: the values, their thresholds, and when an alert fired."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.model.backtest import Curve, Fired, Stretch
from bot.render import axis, words

LEFT, RIGHT, TOP = 58, 92, 10
PLOT_WIDTH, PLOT_HEIGHT = 960, 150
STRIP_HEIGHT, GAP, LANE_HEIGHT = 14, 8, 22
_LEAST_WIDTH, _SLIVER = 2.0, 6.0
_JOINED = "several times"
_LABEL_WIDTH = 58
_LINE_HEIGHT = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle: where, what kind (a class of the page's style), and what it says of itself."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A horizontal line with words at its right end, at ``label_y`` so that they do not cover others."""

    y: float
    label_y: float
    kind: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place on an axis with its words."""

    at: float
    label: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All shapes of one picture, in units of its view box."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    title: str
    gaps: tuple[Box, ...]
    bands: tuple[Box, ...]
    strip: tuple[Box, ...]
    areas: tuple[str, ...]
    limit: tuple[str, ...]
    levels: tuple[Line, ...]
    times: tuple[Mark, ...]
    values: tuple[Mark, ...]
    lanes: tuple[Mark, ...]
    lives: tuple[Box, ...]


def picture(curve: Curve, fired: Sequence[Fired]) -> Picture:
    """Return the picture of what one rule compared in one project, and when it fired."""
    start, end = curve.start, curve.end
    across = _Across(start, end)
    plot_height = len(curve.lanes) * LANE_HEIGHT if curve.lanes else PLOT_HEIGHT
    bottom = TOP + plot_height
    shown = _scale(curve) if not curve.lanes else None
    height = bottom + GAP + STRIP_HEIGHT + 22
    stretches = [s for one in fired for s in one.stretches if s.start < end and s.end > start]
    bands = [s for s in stretches if s.phase == "firing"]
    return Picture(
        width=LEFT + PLOT_WIDTH + RIGHT,
        height=height,
        left=LEFT,
        right=LEFT + PLOT_WIDTH,
        top=TOP,
        bottom=bottom,
        title=words.clean(f"{curve.title} in {curve.project}, {words.utc(start)} to {words.utc(end)} UTC"),
        gaps=tuple(_gaps(curve, plot_height)),
        bands=_merged([across.box(s, TOP, plot_height) for s in bands]),
        strip=_strip(across, stretches, bottom + GAP),
        areas=tuple(_areas(curve, shown)) if shown else (),
        limit=tuple(_limits(curve, shown)) if shown else (),
        levels=tuple(_levels(curve, shown)) if shown else (),
        times=tuple(Mark(at=across.x(t.at), label=t.label, strong=t.strong) for t in axis.times(start, end)),
        values=tuple(Mark(at=_y(shown, t.at), label=t.label) for t in shown.ticks) if shown else (),
        lanes=tuple(
            Mark(at=TOP + n * LANE_HEIGHT + LANE_HEIGHT / 2, label=words.clean(lane.name, 120))
            for n, lane in enumerate(curve.lanes)
        ),
        lives=tuple(
            across.box(stretch, TOP + n * LANE_HEIGHT + 4, LANE_HEIGHT - 8)
            for n, lane in enumerate(curve.lanes)
            for stretch in lane.stretches
            if stretch.start < end and stretch.end > start
        ),
    )


@dataclass(frozen=True, slots=True)
class _Across:
    start: int
    end: int

    def x(self, at: float) -> float:
        return round(LEFT + PLOT_WIDTH * (at - self.start) / (self.end - self.start), 1)

    def box(self, stretch: Stretch, y: float, height: float) -> Box:
        x = self.x(max(stretch.start, self.start))
        width = max(_LEAST_WIDTH, round(self.x(min(stretch.end, self.end)) - x, 1))
        said = f"{stretch.phase} ({stretch.severity.word})" if stretch.phase != "pending" else "pending"
        span = f"{words.utc(stretch.start)} to {words.utc(stretch.end)} UTC"
        label = stretch.severity.word if stretch.phase == "firing" and width >= _LABEL_WIDTH else ""
        return Box(
            x=min(x, LEFT + PLOT_WIDTH - width),
            y=y,
            width=width,
            height=height,
            kind=f"{stretch.phase} {stretch.severity.word}",
            title=f"{said}, {span}, {words.duration(stretch.end - stretch.start)}",
            label=label,
        )


def _strip(across: _Across, stretches: Sequence[Stretch], y: float) -> tuple[Box, ...]:
    """Return the phases as a strip, the worst on top."""
    ordered = sorted(stretches, key=lambda s: (s.phase == "firing", s.severity, s.start))
    return _merged([across.box(stretch, y, STRIP_HEIGHT) for stretch in ordered])


def _merged(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Return the boxes with slivers that touch one of their kind joined to it: no picture holds more than
    its width has room for."""
    found: list[Box] = []
    for kind in dict.fromkeys(box.kind for box in boxes):
        mine: list[Box] = []
        for box in sorted((box for box in boxes if box.kind == kind), key=lambda box: box.x):
            last = mine[-1] if mine else None
            if last and box.width <= _SLIVER and box.x <= last.x + last.width:
                end = max(last.x + last.width, box.x + box.width)
                mine[-1] = replace(last, width=round(end - last.x, 1), title=_JOINED)
            else:
                mine.append(box)
        found += mine
    return tuple(found)


def _scale(curve: Curve) -> axis.Scale:
    shown = [v for part in (curve.low, curve.high, curve.limit) for v in part if v is not None]
    shown += [value for _, value in curve.levels]
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    return axis.scale(low, high, curve.unit, from_zero=not curve.low_is_bad)


def _y(scale: axis.Scale, value: float) -> float:
    return round(TOP + PLOT_HEIGHT * (1 - scale.part(value)), 1)


def _column(curve: Curve, place: float) -> float:
    return round(LEFT + PLOT_WIDTH * place / len(curve.low), 1)


def _areas(curve: Curve, scale: axis.Scale) -> Iterator[str]:
    """Yield the outline of each run of columns with values, along the highest and back along the lowest; of
    a value that stands alone, as that of a call, a stem."""
    for run in _runs([value is not None for value in curve.low]):
        if len(run) == 1:
            x = _column(curve, run[0] + 0.5)
            yield f"M{x:g},{TOP + PLOT_HEIGHT} L{x:g},{_y(scale, curve.high[run[0]] or 0.0):g} Z"
            continue
        above = [(place + 0.5, curve.high[place]) for place in run]
        below = [(place + 0.5, curve.low[place]) for place in reversed(run)]
        yield _path(curve, scale, [*above, *below]) + " Z"


def _limits(curve: Curve, scale: axis.Scale) -> Iterator[str]:
    for run in _runs([value is not None for value in curve.limit]):
        yield _path(curve, scale, [(place + 0.5, curve.limit[place]) for place in run])


def _path(curve: Curve, scale: axis.Scale, points: Sequence[tuple[float, float | None]]) -> str:
    shown = [
        f"{_column(curve, place):g},{_y(scale, value):g}" for place, value in points if value is not None
    ]
    return "M" + " L".join(shown)


def _gaps(curve: Curve, height: float) -> Iterator[Box]:
    for run in _runs(curve.unknown):
        x, end = _column(curve, run[0]), _column(curve, run[-1] + 1)
        yield Box(x=x, y=TOP, width=round(end - x, 1), height=height, kind="gap", title="no data")


def _levels(curve: Curve, scale: axis.Scale) -> Iterator[Line]:
    """Yield the thresholds from the bottom up."""
    lowest = float(TOP + PLOT_HEIGHT + _LINE_HEIGHT)
    for severity, value in sorted(curve.levels, key=lambda level: level[1]):
        y = _y(scale, value)
        lowest = min(y, lowest - _LINE_HEIGHT)
        label = f"{severity.word} {words.amount(value, curve.unit)}"
        yield Line(y=y, label_y=lowest, kind=severity.word, label=label)


def _runs(marks: Sequence[bool]) -> Iterator[list[int]]:
    """Yield the places of each unbroken run of marks."""
    for marked, group in groupby(range(len(marks)), key=marks.__getitem__):
        if marked:
            yield list(group)
