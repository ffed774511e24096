"""A headless Chromium for each module, and for each test a simulated Slack with the page open on it."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ConsoleMessage, Page, Route, sync_playwright

from .slack import ACK_S, Json, Slack

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
EXPECTED = ("net::ERR_", "/_sim/click")
"""What the browser itself says of a simulator that has ended, and of a press on what is gone."""


@dataclass(frozen=True)
class Opened:
    """The page in a browser, the Slack that it talks to, and what it logged or threw."""

    page: Page
    slack: Slack
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Opened]:
    """One tab for all tests of a module."""
    if CHROMIUM is None:
        missing = "Debian's chromium is not installed"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"{missing}, and REQUIRE_BROWSER=1 demands it")
        pytest.skip(missing)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = launched.new_page(reduced_motion="reduce", timezone_id="UTC", locale="en-GB")
        page.set_default_timeout(5_000)
        opened = Opened(page, Slack())
        page.on("console", lambda said: _complain(opened, said))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        yield opened
        launched.close()
        opened.slack.close()


@pytest.fixture
def open_page(browser: Opened) -> Iterator[Callable[..., Opened]]:
    """Open the page on a scene. What it logs as an error or throws fails the test.

    ``twist`` changes each state that the page fetches, for what the simulator would refuse to say.
    """
    page, slack, complaints = browser.page, browser.slack, browser.complaints
    complaints.clear()

    def open_(
        scene: list[list[Json]],
        *,
        width: int = 1280,
        height: int = 800,
        dark: bool = False,
        ack_s: float = ACK_S,
        twist: Callable[[Json], None] | None = None,
    ) -> Opened:
        url = slack.reset(scene, ack_s=ack_s)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        if twist:
            page.route("**/_sim/state", lambda route: _twisted(route, twist))
        page.goto(url)
        page.locator(".welcome").wait_for()
        return browser

    yield open_
    page.unroute_all(behavior="ignoreErrors")
    assert [said for said in complaints if not any(one in said for one in EXPECTED)] == []


def _complain(opened: Opened, said: ConsoleMessage) -> None:
    if said.type in ("error", "warning"):
        opened.complaints.append(f"{said.text} ({said.location['url']})")


def _twisted(route: Route, twist: Callable[[Json], None]) -> None:
    response = route.fetch()
    told = response.json()
    twist(told)
    route.fulfill(response=response, json=told)
