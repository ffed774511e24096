"""Diagnoses as one page that needs nothing but itself: verdict, causes, strips, matrix, lines."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from bot.model.diagnosis import Cause, Diagnosis, Explained, Line, Pictures, Stretch, Strip, Trouble
from bot.render import words

WIDTH, ROW, LABEL = 900, 26, 120
_LINE_WIDTH, _LINE_HEIGHT = 420, 60
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle with what it says of itself."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The strip of one user."""

    uid: str
    y: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line as a path, with the highest value for its scale."""

    title: str
    uid: str
    path: str
    highest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleView:
    """One incident in words and shapes; ``cells`` are (text, shade 0 to 10) by receiver."""

    heading: str
    cause: str
    band: str
    others: str
    evidence: tuple[str, ...]
    against: tuple[str, ...]
    next_step: str
    cells: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """One call."""

    name: str
    verdict: str
    headline: str
    span: str
    users: tuple[str, ...]
    rows: tuple[Row, ...]
    brackets: tuple[Box, ...]
    height: int
    troubles: tuple[TroubleView, ...]
    events: tuple[str, ...]
    assumptions: tuple[str, ...]


def page(calls: Iterable[tuple[str, Diagnosis, Pictures | None]]) -> str:
    """Return the page. Other people's names are escaped; its policy allows no script, and nothing from
    elsewhere."""
    style = (_HERE / "diagnosis_page.css").read_text("utf-8")
    policy = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((_HERE / "diagnosis_page.html").read_text("utf-8"))
    views = [view(name, found, drawn) for name, found, drawn in calls]
    return template.render(calls=views, style=style, style_hash=policy, width=WIDTH + LABEL, label=LABEL)


def view(name: str, found: Diagnosis, drawn: Pictures | None) -> CallView:
    """Return what the page says of one call."""
    rows = tuple(_row(n, strip, found) for n, strip in enumerate(drawn.strips)) if drawn else ()
    return CallView(
        name=words.clean(name, 200),
        verdict=found.verdict.value.replace("_", " "),
        headline=words.clean(found.headline),
        span=f"{words.utc(found.start)} to {words.utc(found.end)} UTC" if found.end else "",
        users=tuple(words.clean(uid, 40) for uid in (drawn.users if drawn else found.users)),
        rows=rows,
        brackets=tuple(_bracket(one, found) for one in found.incidents) if rows else (),
        height=20 + ROW * len(rows),
        troubles=tuple(_trouble(n, one, drawn) for n, one in enumerate(found.incidents)),
        events=tuple(map(_event, found.events)),
        assumptions=tuple(words.clean(line) for line in found.assumptions),
    )


def _event(one: Explained) -> str:
    return (
        f"{words.utc(one.start, '%H:%M:%S')} {one.kind.value.replace('_', ' ')} of {words.clean(one.uid, 40)}"
    )


def _x(at: float, found: Diagnosis) -> float:
    return round(LABEL + WIDTH * (at - found.start) / max(found.end - found.start, 1), 1)


def _row(n: int, strip: Strip, found: Diagnosis) -> Row:
    y = 16 + ROW * n
    boxes = [_box(one, y, "received", found) for one in strip.received]
    boxes += [_box(one, y + 11, "sent", found) for one in strip.sent]
    return Row(uid=words.clean(strip.uid, 40), y=y + 14, boxes=tuple(boxes))


def _box(one: Stretch, y: float, what: str, found: Diagnosis) -> Box:
    start, end = words.utc(one.start, "%H:%M:%S"), words.utc(one.end, "%H:%M:%S")
    x = _x(one.start, found)
    return Box(
        x=x,
        y=y,
        width=round(max(_x(one.end, found) - x, 0.5), 1),
        height=10,
        kind=one.level.value,
        title=f"{what} {start} to {end}: {one.level.value}",
    )


def _bracket(one: Trouble, found: Diagnosis) -> Box:
    x = _x(one.start, found)
    width = round(max(_x(one.end, found) - x, 2), 1)
    return Box(x=x, y=4, width=width, height=5, kind="incident", title=_cause(one.cause))


def _trouble(n: int, one: Trouble, drawn: Pictures | None) -> TroubleView:
    start, end = words.utc(one.start, "%H:%M:%S"), words.utc(one.end, "%H:%M:%S")
    first, *others = one.causes
    scene = drawn.scenes[n] if drawn else None
    return TroubleView(
        heading=f"{start} to {end} UTC: {one.media.value}, {one.scope.value}",
        cause=_cause(first),
        band=first.band.value,
        others=", ".join(map(_cause, others)),
        evidence=tuple(words.clean(each.text) for each in first.evidence),
        against=tuple(words.clean(line) for line in (*first.against, *first.missing)),
        next_step=words.clean(one.next_step),
        cells=_cells(scene.cells, drawn.users) if scene and drawn and one.pairs else (),
        curves=tuple(map(_curve, scene.lines)) if scene else (),
    )


def _cells(
    cells: Sequence[Sequence[float | None]], users: Sequence[str]
) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    return tuple(
        (
            words.clean(uid, 40),
            tuple(("-", 0) if cell is None else (f"{cell:.0f} %", min(10, round(cell / 10))) for cell in row),
        )
        for uid, row in zip(users, cells, strict=True)
    )


def _curve(line: Line) -> Curve:
    highest = max((value for value in line.values if value is not None), default=0.0)
    points, pen = [], "M"
    for n, value in enumerate(line.values):
        if value is None:
            pen = "M"
            continue
        x = _LINE_WIDTH * n / max(len(line.values) - 1, 1)
        y = _LINE_HEIGHT * (1 - value / highest) if highest else _LINE_HEIGHT
        points.append(f"{pen}{x:.1f},{y:.1f}")
        pen = "L"
    title = f"{line.title}, {line.unit}"
    return Curve(
        title=title, uid=words.clean(line.uid, 40), path=" ".join(points), highest=words.number(highest)
    )


def _cause(one: Cause) -> str:
    who = f" at {words.clean(one.uid, 40)}" if one.uid else ""
    return f"{one.kind.value.replace('_', ' ')}{who}, {100 * one.confidence:.0f} %"
