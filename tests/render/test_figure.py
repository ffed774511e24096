"""Pictures as PNG: of any call, whatever its names, and of any trend."""

import struct
from dataclasses import replace

import pytest

from bot.model.diagnosis import Line
from bot.model.message import Trend
from bot.render import samples
from bot.render.figure import call_figure, trend_figure

NAMES = ["$\\frac{", "课堂", "\u202eevil", "🎧" * 50, "x" * 65_536, "", "<!channel>", "\x00"]


def size(png: bytes) -> tuple[int, int]:
    """Return width and height as the PNG says them, after its signature."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_call_is_drawn_with_its_lines_and_grows_with_its_users() -> None:
    few = size(call_figure(samples.DIAGNOSIS, samples.PICTURES))
    (scene, *rest) = samples.PICTURES.scenes
    line = Line(
        uid="2000", title="CPU", unit="%", start=samples.NOW - 600, step_s=2, values=(40.0, None, 60.0) * 90
    )
    drawn = replace(
        samples.PICTURES,
        strips=samples.PICTURES.strips * 9,
        scenes=(replace(scene, lines=(line,) * 9), *rest),
    )
    many = size(call_figure(samples.DIAGNOSIS, drawn))
    assert few[0] == many[0]
    assert few[1] < many[1] < 1600, "no more users and lines than a picture has room for"


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_drawn(name: str) -> None:
    strips = tuple(replace(strip, uid=name) for strip in samples.PICTURES.strips)
    users = tuple(name for _ in samples.PICTURES.users)
    found = replace(samples.DIAGNOSIS, headline=name)
    assert size(call_figure(found, replace(samples.PICTURES, strips=strips, users=users)))
    assert size(trend_figure(replace(samples.TREND, title=name, unit=name)) or b"")


@pytest.mark.parametrize(
    ("points", "is_drawn"),
    [
        ((), False),
        (((0, 1.0),), False),
        (((0, 1.0), (60, float("nan"))), False),
        (((0, 1.0), (3600, 2.0)), True),
        (tuple((60 * n, 0.0) for n in range(60)), True),
        (((0, 1e300), (60, -1e300)), True),
    ],
)
def test_a_trend_is_drawn_where_two_values_are_known(
    points: tuple[tuple[int, float], ...], is_drawn: bool
) -> None:
    png = trend_figure(Trend(title="t", unit="%", points=points, threshold=1.5))
    assert (png is not None) == is_drawn
