"""The page of a backtest: whole by itself, other people's names harmless, pictures inside their frames."""

import base64
import hashlib
import os
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.alert import Reason
from bot.model.backtest import Backtest, Comparison, Curve, Difference, Fired, Judged, Lane, Stretch, Told
from bot.model.incident import MessageKind
from bot.model.verdict import Severity
from bot.render import axis
from bot.render.backtest_page import page
from bot.render.picture import LEFT, PLOT_HEIGHT, PLOT_WIDTH, TOP, picture

START = 1_793_512_800
END = START + 36_000
EVIL = "<script>alert('1')</script>\"&\u202e"


def stretch(start: int, end: int, severity: Severity = Severity.WARNING, phase: str = "firing") -> Stretch:
    return Stretch(start=START + start * 60, end=START + end * 60, severity=severity, phase=phase)


TOLD = Told(
    kind=MessageKind.OPENING,
    at=START,
    sent_at=START + 180,
    channel="#rtc",
    severity=Severity.WARNING,
    text="[WARNING] Freeze",
    summary=EVIL,
)
LIFE = Fired(
    alert="VideoFreezeHigh",
    project=EVIL,
    labels=(("cname", EVIL), ("project", EVIL)),
    place=(("cname", EVIL),),
    severity=Severity.CRITICAL,
    active_at=START + 600,
    fired_at=START + 780,
    resolved_at=START + 3000,
    reason=Reason.CONDITION,
    peak=12.5,
    threshold=5.0,
    unit="%",
    at_least=False,
    low_is_bad=False,
    from_start=False,
    stretches=(stretch(10, 13, phase="pending"), stretch(13, 20), stretch(20, 50, Severity.CRITICAL)),
    messages=(TOLD,),
)
CURVE = Curve(
    alert="VideoFreezeHigh",
    project=EVIL,
    start=START,
    end=END,
    title="Video freeze",
    unit="%",
    low_is_bad=False,
    low=(1.0, None, 2.0, 3.0),
    high=(1.5, None, 12.5, 4.0),
    unknown=(False, True, False, False),
    limit=(),
    levels=((Severity.WARNING, 5.0), (Severity.CRITICAL, 10.0)),
)
FOUND = Backtest(
    folder=EVIL,
    start=START,
    end=END,
    projects=(EVIL,),
    rules=2,
    fired=(LIFE, replace(LIFE, resolved_at=None, from_start=True)),
    judged=(Judged(alert="VideoFreezeHigh", minutes=600, known=599), Judged(alert="X", minutes=600, known=0)),
    notes=(EVIL,),
    comparison=Comparison(
        folder=EVIL, same=1, differences=(Difference(here=LIFE, there=None),), only_here=(EVIL,)
    ),
)


class Tags(HTMLParser):
    """Collects tags with their attributes, and complains of those that do not match."""

    VOID = frozenset({"meta", "br", "rect", "line", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_by_itself_and_runs_nothing() -> None:
    written = page(FOUND, [CURVE])
    tags = Tags(written)
    assert tags.open == []
    names = {tag for tag, _ in tags.seen}
    assert names & {"script", "img", "iframe", "link", "object", "form", "base"} == set()
    assert not any(
        name.startswith("on") or name == "style" for _, attributes in tags.seen for name in attributes
    )
    links = [
        value for _, attributes in tags.seen for name, value in attributes.items() if name in ("href", "src")
    ]
    assert links
    assert all((link or "").startswith("#") for link in links)
    assert "\u202e" not in written


def test_its_policy_allows_its_own_style_alone() -> None:
    written = page(FOUND, [CURVE])
    (style,) = re.findall(r"<style>(.*?)</style>", written, re.DOTALL)
    policy = next(a["content"] for tag, a in Tags(written).seen if tag == "meta" and "http-equiv" in a)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style.replace("url(#gaps)", "")


def test_a_quiet_history_makes_a_page_too() -> None:
    quiet = replace(FOUND, fired=(), comparison=None, notes=())
    assert "Nothing would have fired: 2 rules over 10 h of 1 project." in page(quiet, [])


def test_lives_beyond_what_a_card_lists_are_counted() -> None:
    lives = [
        replace(
            LIFE,
            fired_at=START + n * 7,
            stretches=(
                Stretch(start=START + n * 7, end=START + n * 7 + 5, severity=Severity.INFO, phase="firing"),
            ),
        )
        for n in range(5000)
    ]
    written = page(replace(FOUND, fired=tuple(lives[:130])), [CURVE])
    assert written.count("and 30 more; --format json lists all") == 2
    assert len(page(replace(FOUND, fired=tuple(lives)), [CURVE])) < len(written) * 1.5


Values = st.lists(st.none() | st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=1, max_size=40)


@given(values=Values, low_is_bad=st.booleans(), unit=st.sampled_from(["%", "", "s"]))
def test_every_shape_lies_inside_the_picture(values: list[float | None], low_is_bad: bool, unit: str) -> None:
    curve = replace(
        CURVE,
        low=tuple(values),
        high=tuple(values),
        unknown=tuple(value is None for value in values),
        limit=tuple(values),
        low_is_bad=low_is_bad,
        unit=unit,
    )
    drawn = picture(curve, FOUND.fired)
    places = [
        tuple(map(float, xy.split(",")))
        for path in drawn.areas
        for xy in re.findall(r"-?[\d.e+]+,-?[\d.e+]+", path)
    ]
    assert all(
        LEFT <= x <= LEFT + PLOT_WIDTH and TOP - 0.2 <= y <= TOP + PLOT_HEIGHT + 0.2 for x, y in places
    )
    for box in (*drawn.bands, *drawn.strip, *drawn.gaps):
        assert LEFT <= box.x <= box.x + box.width <= LEFT + PLOT_WIDTH + 0.2
        assert box.width > 0
    assert all(TOP - 0.2 <= line.y <= TOP + PLOT_HEIGHT + 0.2 for line in drawn.levels)
    assert all(LEFT <= mark.at <= LEFT + PLOT_WIDTH for mark in drawn.times)
    assert sorted(m.at for m in drawn.values) == [m.at for m in reversed(drawn.values)]


def test_a_composite_is_drawn_as_the_lanes_of_its_alerts() -> None:
    lanes = (Lane(name="Freeze", stretches=(stretch(5, 30),)), Lane(name="Sender", stretches=()))
    drawn = picture(replace(CURVE, low=(), high=(), unknown=(), levels=(), lanes=lanes), FOUND.fired)
    assert [mark.label for mark in drawn.lanes] == ["Freeze", "Sender"]
    assert (len(drawn.lives), drawn.areas, drawn.values) == (1, (), ())


def test_thresholds_that_lie_close_have_labels_apart() -> None:
    close = replace(CURVE, levels=((Severity.WARNING, 5.0), (Severity.CRITICAL, 5.1)))
    first, second = picture(close, FOUND.fired).levels
    assert (first.label, second.label) == ("warning 5 %", "critical 5.1 %")
    assert first.label_y - second.label_y >= 13


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (1, ["06:00", "06:10", "06:20", "06:30", "06:40", "06:50"]),
        (10, ["06:00", "08:00", "10:00", "12:00", "14:00"]),
        (24, ["06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "2 Nov", "03:00"]),
        (24 * 9, ["2 Nov", "3 Nov", "4 Nov", "5 Nov", "6 Nov", "7 Nov", "8 Nov", "9 Nov", "10 Nov"]),
    ],
)
def test_times_are_round_and_name_new_days(hours: int, expected: list[str]) -> None:
    assert [tick.label for tick in axis.times(START, START + hours * 3600)] == expected


@pytest.mark.parametrize(
    ("low", "high", "unit", "from_zero", "expected"),
    [
        (1.0, 15.6, "%", True, ["0 %", "5 %", "10 %", "15 %", "20 %"]),
        (76.0, 99.9, "%", False, ["70 %", "80 %", "90 %", "100 %"]),
        (0.0, 0.0, "", True, ["0", "0.5", "1"]),
        (2.0, 7.0, "", True, ["0", "2", "4", "6", "8"]),
        (95.0, 99.0, "%", True, ["0 %", "50 %", "100 %"]),
    ],
)
def test_values_are_round(low: float, high: float, unit: str, from_zero: bool, expected: list[str]) -> None:
    assert [tick.label for tick in axis.scale(low, high, unit, from_zero=from_zero).ticks] == expected


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_without_a_complaint_and_without_scrolling_sideways(
    tmp_path: Path, scheme: str
) -> None:
    if (chromium := shutil.which("chromium")) is None:
        missing = "Debian's chromium is not installed"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"{missing}, and REQUIRE_BROWSER=1 demands it")
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    file = tmp_path / "page.html"
    file.write_text(page(FOUND, [CURVE, replace(CURVE, end=START + 7200)]), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        complaints: list[str] = []
        for width in (1280, 400):
            context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})  # type: ignore[arg-type]
            shown = context.new_page()
            shown.on("console", lambda said: complaints.append(said.text))
            shown.on("pageerror", lambda error: complaints.append(str(error)))
            shown.goto(file.as_uri())
            wide = shown.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0
            box = shown.locator(".picture").first.bounding_box()
            assert box is not None
            assert box["height"] > 100
            context.close()
        browser.close()
    assert complaints == []


def test_the_pictures_are_well_formed() -> None:
    for found in re.findall(r'<svg class="picture".*?</svg>', page(FOUND, [CURVE]), re.DOTALL):
        ElementTree.fromstring(found)  # noqa: S314 - our own text
