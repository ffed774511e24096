"""What people do on the page, by mouse and by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bot.simulator.slack import COMMANDS

from .conftest import Opened
from .scenes import CONFIRM, actions, button, gallery, message, section, state

pytestmark = pytest.mark.browser
Open = Callable[..., Opened]
HASTY_S = 0.2
"""The bot has three seconds; tests of what happens thereafter wait less."""


def composer(page: Page):
    return page.get_by_role("combobox", name="Message")


def test_a_slash_offers_the_commands_and_the_keyboard_completes_one(open_page: Open) -> None:
    opened = open_page(state())
    page, field = opened.page, composer(opened.page)
    field.press_sequentially("/")
    options = page.get_by_role("option")
    expect(options).to_have_count(len(COMMANDS))
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id"))
    for _ in COMMANDS[1:]:
        field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Tab")
    expect(field).to_have_value("/agora-call ")
    expect(field).to_be_focused()
    expect(page.locator("#composer .usage")).to_contain_text("/agora-call <cname> [since]")
    field.press_sequentially("lesson 2h")
    field.press("Enter")
    expect(field).to_have_value("")
    assert opened.slack.heard() == [("command", {"channel": "C0001", "text": "/agora-call lesson 2h"})]
    expect(page.locator("#composer .outcome")).to_have_text(re.compile(r"The bot took \d+ ms"))


def test_completion_narrows_closes_and_sends_what_is_complete(open_page: Open) -> None:
    opened = open_page(state())
    page, field = opened.page, composer(opened.page)
    field.press_sequentially("/agora-h")
    expect(page.get_by_role("option")).to_have_text([re.compile("/agora-help")])
    field.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    field.press_sequentially("elp")
    field.press("Enter")
    assert opened.slack.heard() == [("command", {"channel": "C0001", "text": "/agora-help"})]


def test_shift_enter_breaks_the_line_and_arrow_up_brings_back_what_was_sent(open_page: Open) -> None:
    opened = open_page(state())
    field = composer(opened.page)
    field.press_sequentially("one")
    field.press("Shift+Enter")
    field.press_sequentially("two")
    field.press("Enter")
    field.press_sequentially("/agora-help call")
    field.press("Enter")
    assert [body["text"] for _, body in opened.slack.heard()] == ["/agora-help call"]
    expect(opened.page.locator("article .text")).to_have_text("one\ntwo")
    field.press("ArrowUp")
    expect(field).to_have_value("/agora-help call")
    field.press("ArrowUp")
    expect(field).to_have_value("one\ntwo")
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(field).to_have_value("")


def test_a_failed_command_is_explained(open_page: Open) -> None:
    opened = open_page(state(), ack_s=HASTY_S)
    opened.slack.bot.may_answer.clear()
    composer(opened.page).fill("/agora-help")
    composer(opened.page).press("Enter")
    expect(opened.page.get_by_role("alert")).to_contain_text(
        "did not answer within 3 seconds (operation_timeout)"
    )


def test_a_press_posts_its_action_and_is_busy_until_the_answer(open_page: Open) -> None:
    opened = open_page(state(message(-60, "", actions(button("Acknowledge", "ack", '{"id":42}')))))
    opened.slack.bot.may_answer.clear()
    pressed = opened.page.get_by_role("button", name="Acknowledge")
    pressed.focus()
    pressed.press("Enter")
    expect(pressed).to_have_attribute("aria-busy", "true")
    pressed.press("Enter")
    opened.slack.bot.may_answer.set()
    expect(pressed).to_have_attribute("aria-busy", "false")
    ts = opened.slack.sim.messages("rtc-quality")[0]["ts"]
    expected = {"channel": "C0001", "ts": ts, "action_id": "ack", "block_id": "b1", "value": '{"id":42}'}
    assert opened.slack.heard() == [("click", expected)]


def test_a_failed_press_says_so_beside_the_button_and_outlives_an_edit(open_page: Open) -> None:
    alert = message(-60, "", section("old"), actions(button("Acknowledge")))
    opened = open_page(state(alert), ack_s=HASTY_S)
    opened.slack.bot.may_answer.clear()
    opened.page.get_by_role("button", name="Acknowledge").click()
    said = opened.page.locator(".control .inline-error")
    expect(said).to_contain_text("Acknowledge: The bot did not answer within 3 seconds (operation_timeout)")
    opened.slack.say(message(-60, "", section("fresh"), actions(button("Acknowledge"))))
    expect(opened.page.get_by_text("fresh")).to_be_visible()
    expect(said).to_contain_text("operation_timeout")


def test_a_confirm_dialog_must_be_agreed_to(open_page: Open) -> None:
    opened = open_page(
        state(message(-60, "", actions(button("Silence 1 h", "silence", "7", confirm=CONFIRM))))
    )
    page, dialog = opened.page, opened.page.get_by_role("dialog", name="Silence for one hour?")
    for refuse in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.get_by_role("button", name="Cancel").click(),
    ):
        page.get_by_role("button", name="Silence 1 h").click()
        expect(dialog).to_contain_text("Nobody is notified")
        refuse()
        expect(dialog).to_have_count(0)
    assert opened.slack.bot.heard == []
    page.get_by_role("button", name="Silence 1 h").press("Enter")
    page.get_by_role("button", name="Silence", exact=True).press("Enter")
    assert [(deed, body["action_id"], body["value"]) for deed, body in opened.slack.heard()] == [
        ("click", "silence", "7")
    ]


def test_a_press_on_what_an_edit_took_away_is_explained(open_page: Open) -> None:
    opened = open_page(state(message(-60, "", actions(button("Silence 1 h", "silence", confirm=CONFIRM)))))
    page = opened.page
    page.get_by_role("button", name="Silence 1 h").click()
    opened.slack.say(message(-60, "", section("Resolved")))
    expect(page.get_by_text("Resolved")).to_be_visible()
    page.get_by_role("button", name="Silence", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("the message has changed meanwhile")


def test_menus_and_selects_post_what_is_chosen(open_page: Open) -> None:
    opened = open_page(gallery())
    page = opened.page
    page.get_by_role("button", name="More actions").first.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_have_count(0)
    page.get_by_role("combobox", name="Choose a project").select_option("live")
    posts = opened.slack.heard(2)
    assert [(body["action_id"], body["value"], body["block_id"]) for _, body in posts] == [
        ("more", "escalate", "s2"),
        ("pick", "live", "b1"),
    ]


def test_a_link_button_opens_a_new_tab(open_page: Open) -> None:
    page = open_page(gallery()).page
    expect(page.get_by_role("link", name="Runbook")).to_have_attribute("target", "_blank")


def test_trouble_is_made_by_its_button(open_page: Open) -> None:
    opened = open_page(state())
    opened.page.get_by_role("button", name="A host's uplink fails").click()
    expect(opened.page.locator("#trouble-said")).to_contain_text("Started: A host's uplink fails")
    assert opened.slack.injected == ["uplink"]
