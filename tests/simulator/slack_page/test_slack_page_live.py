"""How the page follows what happens, what it keeps meanwhile, and whether everybody can use it."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from slack_sdk.errors import SlackApiError

from .conftest import Opened
from .scenes import (
    ALICE,
    BOB,
    actions,
    button,
    data_table,
    demo,
    firing,
    gallery,
    message,
    replies,
    section,
    state,
)

pytestmark = pytest.mark.browser
Open = Callable[..., Opened]


def test_a_thread_opens_and_closes_by_keyboard_and_gives_the_focus_back(open_page: Open) -> None:
    root = firing()
    opened = open_page(state(root, *replies(root)))
    page, thread = opened.page, opened.page.get_by_role("complementary", name="Thread")
    summary = page.get_by_role("button", name="3 replies")
    expect(page.locator("#messages article")).to_have_count(1)
    summary.press("Enter")
    expect(thread.get_by_role("article")).to_have_count(4)
    expect(page.get_by_role("button", name="Close thread")).to_be_focused()
    opened.slack.say(message(-1, "one more", thread_ts=root["ts"]))
    expect(thread.get_by_text("one more")).to_be_visible()
    page.keyboard.press("Escape")
    expect(thread).to_have_count(0)
    expect(page.locator(".replies")).to_be_focused()


def test_a_reply_goes_into_its_thread(open_page: Open) -> None:
    root = message(-60, "who is in?", user=BOB)
    opened = open_page(state(root))
    opened.page.get_by_role("button", name="Reply").press("Enter")
    field = opened.page.get_by_role("combobox", name="Reply in thread")
    field.fill("me")
    field.press("Enter")
    expect(opened.page.locator("#thread article")).to_have_count(2)
    reply = opened.slack.sim.messages("rtc-quality")[-1]
    assert (reply["thread_ts"], reply["user"], reply["text"]) == (root["ts"], ALICE, "me")


def test_a_live_update_keeps_typed_text_focus_and_open_details(open_page: Open) -> None:
    def alert(value: str) -> dict:
        details = {
            "type": "container",
            "title": {"type": "plain_text", "text": "Details"},
            "is_collapsible": True,
            "default_collapsed": True,
            "child_blocks": [section("inside")],
        }
        return message(-60, "", section(value), details, actions(button("Acknowledge")))

    opened = open_page(state(alert("12 %")))
    page, field = opened.page, opened.page.get_by_role("combobox", name="Message")
    page.get_by_text("Details").click()
    field.press_sequentially("half a sent")
    opened.slack.say(alert("14 %"))
    expect(page.get_by_text("14 %")).to_be_visible()
    expect(page.locator("article")).to_have_class(re.compile("updated"))
    expect(page.get_by_text("inside")).to_be_visible()
    expect(field).to_have_value("half a sent")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Acknowledge").focus()
    opened.slack.say(alert("15 %"))
    expect(page.get_by_text("15 %")).to_be_visible()
    expect(page.get_by_role("button", name="Acknowledge")).to_be_focused()


def test_an_edited_text_is_marked(open_page: Open) -> None:
    opened = open_page(state(message(-60, "old")))
    expect(opened.page.locator(".edited")).to_have_count(0)
    opened.slack.say(message(-60, "new"))
    expect(opened.page.locator(".edited")).to_have_text("(edited)")


def test_what_did_not_change_is_not_drawn_again(open_page: Open) -> None:
    opened = open_page(state(message(-60, "old")))
    opened.page.evaluate("document.querySelector('article').dataset.same = 'yes'")
    opened.slack.say(message(-50, "newer", user=BOB))
    expect(opened.page.get_by_text("newer")).to_be_visible()
    expect(opened.page.locator("article").first).to_have_attribute("data-same", "yes")


def test_the_end_is_followed_but_a_reader_further_up_is_only_told(open_page: Open) -> None:
    opened = open_page(state(*(message(-900 + n, f"line {n}\n\n\n", user=BOB) for n in range(30))))
    page, pill = opened.page, opened.page.locator("#new-pill")
    expect(page.get_by_text("line 29")).to_be_in_viewport()
    opened.slack.say(message(-100, "first news"))
    expect(page.get_by_text("first news")).to_be_in_viewport()
    page.locator("#messages").evaluate("list => { list.scrollTop = 0 }")
    expect(page.get_by_text("line 0")).to_be_in_viewport()
    opened.slack.say(message(-90, "second news"), message(-80, "third news"))
    expect(pill).to_have_text("2 new messages ↓")
    expect(page.get_by_text("line 0")).to_be_in_viewport()
    pill.click()
    expect(page.get_by_text("third news")).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_a_private_answer_comes_into_view_from_its_head_on(open_page: Open) -> None:
    opened = open_page(state(*(message(-900 + n, f"line {n}\n\n\n", user=BOB) for n in range(30))))
    page = opened.page
    page.locator("#messages").evaluate("list => { list.scrollTop = 0 }")
    expect(page.get_by_text("line 0")).to_be_in_viewport()
    long = [section(f"call {n}") for n in range(40)]
    opened.slack.say(message(-10, "", *long, ephemeral_to=ALICE))
    expect(page.get_by_text("Only visible to you")).to_be_in_viewport()
    expect(page.locator("#new-pill")).to_be_hidden()


def test_other_channels_show_that_something_is_unread(open_page: Open) -> None:
    opened = open_page(state(general=(message(-60, "lunch?", user=BOB),)))
    page, general = opened.page, opened.page.get_by_role("button", name="general")
    expect(general.locator(".dot")).to_have_count(0)
    opened.slack.say(message(-10, "anyone?", user=BOB), channel=1)
    expect(general.locator(".dot")).to_be_visible()
    general.click()
    expect(page.get_by_text("anyone?")).to_be_visible()
    expect(general).to_have_attribute("aria-current", "page")
    expect(general.locator(".dot")).to_have_count(0)


def test_private_answers_are_marked_and_those_of_others_unseen(open_page: Open) -> None:
    page = open_page(
        state(message(-60, "for alice", ephemeral_to=ALICE), message(-50, "for bob", ephemeral_to=BOB))
    ).page
    expect(page.locator("article")).to_have_count(1)
    expect(page.locator("article")).to_contain_text("Only visible to you")


def test_the_traffic_drawer_opens_by_key_and_its_entries_unfold(open_page: Open) -> None:
    alert = message(-60, "<b>hello</b>", section("alert"), actions(button("Acknowledge", "ack")))
    opened = open_page(state(alert))
    page, drawer = opened.page, opened.page.get_by_role("region", name="Raw traffic")
    opened.slack.sim.fault("chat.update", "ratelimited")
    with pytest.raises(SlackApiError):
        opened.slack.say(alert)
    opened.slack.bot.status = 500
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#messages .inline-error")).to_contain_text("HTTP 500")
    page.get_by_role("combobox", name="Message").press("t")
    expect(drawer).to_have_count(0)
    page.locator("#messages").press("t")
    entries = drawer.locator(".exchange")
    expect(entries).to_have_count(3)
    expect(entries.first).to_have_text(re.compile(r"Slack→Bot *ack *500 dispatch_failed *\d+ ms"))
    expect(entries.nth(1)).to_contain_text("429 ratelimited")
    expect(entries.nth(2)).to_have_text(re.compile(r"Bot→Slack *chat.postMessage *200"))
    entries.nth(2).locator("summary").press("Enter")
    expect(entries.nth(2).locator("pre").first).to_contain_text('"text": "<b>hello</b>"')
    opened.slack.say(message(10, "news"))
    expect(entries).to_have_count(4)
    expect(entries.nth(3).locator("pre").first).to_be_visible()
    page.keyboard.press("Control+.")
    expect(drawer).to_have_count(0)


def test_an_empty_channel_tells_what_to_do(open_page: Open) -> None:
    page = open_page(state()).page
    expect(page.get_by_text("Wait, or make trouble")).to_be_visible()
    page.get_by_role("button", name="/agora-call lesson-algebra-7b").click()
    expect(page.get_by_role("combobox", name="Message")).to_have_value("/agora-call lesson-algebra-7b")
    expect(page.get_by_role("combobox", name="Message")).to_be_focused()


def test_a_lost_connection_is_told_and_another_simulator_followed_from_its_start(open_page: Open) -> None:
    opened = open_page(state(message(-60, "old"), message(-50, "older news")))
    page, entries, lost = opened.page, opened.page.locator("#traffic .exchange"), opened.page.locator("#lost")
    page.locator("#messages").press("t")
    expect(entries).to_have_count(2)
    port = urlsplit(page.url).port
    opened.slack.stop()
    expect(lost).to_have_text("Connection lost, retrying…")
    opened.slack.reset(state(message(-60, "new")), port=port)
    expect(page.get_by_text("new", exact=True)).to_be_visible()
    expect(page.get_by_text("old", exact=True)).to_have_count(0)
    expect(entries).to_have_count(1)
    expect(lost).to_be_hidden()


def test_the_simulated_time_is_shown(open_page: Open) -> None:
    opened = open_page(state())
    expect(opened.page.locator("#clock-time")).to_have_text("10:14")
    expect(opened.page.locator("#clock-status")).to_have_text("1 demo minute = 2 s")
    opened.slack.now += 120
    expect(opened.page.locator("#clock-time")).to_have_text("10:16")


@pytest.mark.parametrize("width", [800, 1280])
def test_nothing_is_wider_than_the_window(open_page: Open, width: int) -> None:
    long = message(
        -5, "x" * 400, section("`" + "y" * 300 + "`"), data_table("T", ("a",) * 12, ("wide cell",) * 12)
    )
    told = demo()
    told[0].append(long)
    opened = open_page(told, width=width, height=900)
    page = opened.page
    page.locator(".replies").click()
    page.get_by_role("button", name="Close thread").press("t")
    expect(page.locator(".exchange").first).to_be_visible()
    for region in ("html", "#messages", "#thread-messages", "#traffic-list", ".sidebar-scroll"):
        fits = page.locator(region).evaluate("node => node.scrollWidth <= node.clientWidth")
        assert fits, f"{region} overflows at {width}"


INTERACTIVE = "a[href], button, input, select, textarea, summary, [tabindex='0']"


@pytest.mark.parametrize("scene", [demo, gallery])
def test_tab_reaches_everything_and_everything_has_a_name(open_page: Open, scene: Callable[[], list]) -> None:
    page = open_page(scene()).page
    page.locator(f"body :is({INTERACTIVE})").evaluate_all(
        "nodes => nodes.forEach((node, n) => { node.dataset.n = n })"
    )
    wanted = page.evaluate(
        f"""[...document.querySelectorAll("{INTERACTIVE}")].filter(node => node.checkVisibility())
            .map(node => node.dataset.n)"""
    )
    reached = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(len(wanted)):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.n"))
    assert set(wanted) - set(reached) == set()
    tree = page.locator("body").aria_snapshot()
    nameless = re.findall(r"^\s*- (?:button|link|combobox|textbox)(?: \[[^\]]*\])*:?$", tree, re.MULTILINE)
    assert nameless == []


@pytest.mark.parametrize("dark", [False, True])
def test_texts_stand_out_from_what_is_behind_them(open_page: Open, dark: bool) -> None:
    page = open_page(demo(), dark=dark).page
    page.locator(".replies").click()
    assert page.evaluate(Path(__file__).with_name("contrast.js").read_text()) == []
