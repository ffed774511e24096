"""A headless Chromium for each module, and for each test a stub of Slack with the page open on it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, sync_playwright

from .stub import Json, Stub

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass(frozen=True)
class Opened:
    """The page in a browser, the stub that it talks to, and what it logged or threw."""

    page: Page
    slack: Stub
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Opened]:
    """One tab for all tests of a module: a second load takes a tenth of the first."""
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = launched.new_page(reduced_motion="reduce", timezone_id="UTC", locale="en-GB")
        page.set_default_timeout(5_000)
        opened = Opened(page, Stub())
        page.on(
            "console", lambda said: said.type in ("error", "warning") and opened.complaints.append(said.text)
        )
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        yield opened
        launched.close()
        opened.slack.close()


@pytest.fixture
def open_page(browser: Opened) -> Iterator[Callable[..., Opened]]:
    """Open the page on a state. What it logs as an error or throws fails the test, but for a server's 500."""
    page, slack, complaints = browser.page, browser.slack, browser.complaints
    complaints.clear()

    def open_(state: Json, *, width: int = 1280, height: int = 800, dark: bool = False) -> Opened:
        page.goto("about:blank")
        slack.reset(state)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.goto(slack.url)
        page.locator(".welcome").wait_for()
        return browser

    yield open_
    assert [said for said in complaints if "status of 500" not in said] == []
