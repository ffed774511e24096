"""What messages look like: markup, every block, tables and charts."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import Opened
from .scenes import (
    BOB,
    actions,
    button,
    chart,
    context,
    data_table,
    firing,
    gallery,
    message,
    mrkdwn,
    resolved,
    section,
    state,
)

pytestmark = pytest.mark.browser
Open = Callable[..., Opened]


MARKUP = {
    "*bold* _italic_ ~gone~": "<strong>bold</strong> <em>italic</em> <s>gone</s>",
    "*a _b_ c*": "<strong>a <em>b</em> c</strong>",
    "2*3*4 snake_case_name": "2*3*4 snake_case_name",
    "`*code* &lt;b&gt;`": "<code>*code* &lt;b&gt;</code>",
    "a &amp;lt; b": "a &amp;lt; b",
    "> said\nplain": "<blockquote>said</blockquote>plain",
    "```x  *y*\nz```": '<pre tabindex="0">x  *y*\nz</pre>',
    ":no_such_thing: 10:14:20": ":no_such_thing: 10:14:20",
    "<javascript:alert(1)|press>": "press",
    "<script>alert(1)</script>": "scriptalert(1)/script",
    "&lt;script&gt;alert(1)&lt;/script&gt;": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!here> <@U_BOB>": '<span class="mention mention-all">@here</span> '
    '<span class="mention" title="Bob Baker">@bob</span>',
    "<#C0002|general> <#C9|old>": '<span class="mention">#general</span> <span class="mention">#old</span>',
}


def test_markup_is_drawn_as_slack_draws_it(open_page: Open) -> None:
    page = open_page(state(*(message(-60 + n, source) for n, source in enumerate(MARKUP)))).page
    drawn = page.locator(".message .text").evaluate_all("nodes => nodes.map(node => node.innerHTML)")
    assert dict(zip(MARKUP, drawn, strict=True)) == MARKUP


def test_links_open_elsewhere_and_keep_their_address(open_page: Open) -> None:
    link = open_page(state(message(-60, "<https://example.com/?a=1&amp;b=*2*|the *docs*>"))).page.locator(
        ".message a"
    )
    expect(link).to_have_attribute("href", "https://example.com/?a=1&b=*2*")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_text("the *docs*")


def test_bare_addresses_become_links_unless_the_text_is_verbatim(open_page: Open) -> None:
    said = "see https://example.com/a_b_c?x=1&amp;y=*2, or `https://not.example` (https://example.org/)."
    exact = {"type": "section", "text": mrkdwn(said) | {"verbatim": True}}
    page = open_page(state(message(-60, "", section(said), exact))).page
    free, verbatim = (page.locator(".message .text").nth(index) for index in (0, 1))
    expect(free.locator("a")).to_have_text(["https://example.com/a_b_c?x=1&y=*2", "https://example.org/"])
    expect(free.locator("a").first).to_have_attribute("href", "https://example.com/a_b_c?x=1&y=*2")
    expect(free.locator("code")).to_have_text("https://not.example")
    expect(verbatim.locator("a")).to_have_count(0)
    expect(verbatim).to_contain_text("https://example.com/a_b_c?x=1&y=*2, or")


GOLDEN = sorted((Path(__file__).parents[2] / "render" / "golden").glob("*.json"))


@pytest.mark.parametrize("name", ["blocks", "simple_blocks"])
def test_all_that_the_bot_says_is_drawn(open_page: Open, name: str) -> None:
    told = [json.loads(path.read_text()) for path in GOLDEN]
    messages = [
        message(-900 + n, one["text"], *(one.get(name) or []), attachments=one.get("attachments") or [])
        for n, one in enumerate(told)
    ]
    page = open_page(state(*messages), width=800).page
    expect(page.locator("article")).to_have_count(len(GOLDEN))
    expect(page.locator(".unknown")).to_have_count(0)
    meek = page.locator("article").filter(has_not_text="evil.example").locator(".text").all_inner_texts()
    assert [text for text in meek if re.search(r":[a-z_]{3,}:|<!date|&amp;|[*`]", text)] == []
    assert page.locator("#messages").evaluate("node => node.scrollWidth <= node.clientWidth")


DATES = {
    "1795428000^{date_short_pretty} {time}": "Today 10:00",
    "1795341600^{date_pretty} at {time_secs}": "Yesterday at 10:00:00",
    "1795514400^{date_long_pretty}": "Tomorrow",
    "1795168800^{date_short_pretty}": "Nov 20, 2026",
    "1795168800^{date_short}": "Nov 20, 2026",
    "1795255200^{date_long}": "Saturday, November 21st, 2026",
    "1795255200^{date}": "November 21st, 2026",
    "1795428000^{date_num} {ago}": "2026-11-23 14 minutes ago",
    "1795428000^{nonsense}": "the fallback",
    "nonsense^{date}": "the fallback",
}


def test_date_tokens_are_filled(open_page: Open) -> None:
    sources = [f"<!date^{token}|the fallback>" for token in DATES]
    page = open_page(state(*(message(-60 + n, source) for n, source in enumerate(sources)))).page
    assert dict(zip(DATES, page.locator(".message .text").all_inner_texts(), strict=True)) == DATES


def test_within_a_sentence_a_day_is_not_capitalised(open_page: Open) -> None:
    source = ":white_circle: *<!date^1795428000^{date_pretty}|x>* since <!date^1795428000^{date_pretty}|x>"
    page = open_page(state(message(-60, source))).page
    expect(page.locator(".message time:not(.when)")).to_have_text(["Today", "today"])
    expect(page.get_by_role("img", name="white circle")).to_have_text("⚪")


def test_every_block_is_drawn(open_page: Open) -> None:
    def add_what_messages_refuse(told: dict) -> None:
        told["channels"][0]["messages"] += [
            message(
                -40,
                "",
                {"type": "alert", "level": "warning", "text": mrkdwn("Mind *this*")},
                {"type": "hologram"},
            )
        ]

    page = open_page(gallery(), twist=add_what_messages_refuse).page
    expect(page.locator("article")).to_have_count(3)
    drawn = page.locator("[data-block]").evaluate_all("nodes => nodes.map(node => node.dataset.block)")
    assert set(drawn) == {
        *("header", "section", "context", "divider", "actions", "image", "rich_text", "markdown", "table"),
        *("data_table", "data_visualization", "container", "alert", "card", "hologram"),
    }
    expect(page.get_by_role("heading", name="Every block")).to_have_attribute("aria-level", "3")
    expect(page.get_by_role("img", name="A dot")).to_be_visible()
    expect(page.get_by_role("img", name="Loss by hour")).to_be_visible()
    expect(page.locator(".rich").first).to_contain_text("*not bold* :x:")
    expect(page.locator(".markdown ol li")).to_have_text(["Check the uplink", "Check the SDK"])
    expect(page.locator(".alert")).to_have_text("WarningMind this")
    expect(page.locator(".unknown")).to_have_text("A block of type hologram is not drawn here")


def test_a_malformed_block_does_not_hide_the_rest(open_page: Open) -> None:
    odd = message(-60, "", {"type": "table"}, section("still here"))
    page = open_page(state(), twist=lambda told: told["channels"][0]["messages"].append(odd)).page
    expect(page.locator(".unknown")).to_contain_text("This table block could not be drawn")
    expect(page.get_by_text("still here")).to_be_visible()


def test_fields_stand_in_two_columns(open_page: Open) -> None:
    fields = open_page(
        state(message(-60, "", {"type": "section", "fields": [mrkdwn(n) for n in "abc"]}))
    ).page
    boxes = [fields.locator(".field").nth(index).bounding_box() for index in range(3)]
    assert boxes[0]["y"] == boxes[1]["y"] < boxes[2]["y"]
    assert boxes[0]["x"] == boxes[2]["x"] < boxes[1]["x"]


def test_attachments_have_their_colour_bars(open_page: Open) -> None:
    page = open_page(state(resolved(), firing())).page
    bars = page.locator(".attachment").evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node, '::before').backgroundColor)"
    )
    assert bars == ["rgb(46, 184, 134)", "rgb(163, 2, 0)"]


def test_data_never_becomes_markup(open_page: Open) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    escaped = evil.replace("<", "&lt;").replace(">", "&gt;")
    said = [
        message(-60, escaped, user=BOB),
        message(
            -50,
            "",
            {"type": "header", "text": {"type": "plain_text", "text": evil}},
            section(f"*{escaped}*"),
            context(f"`{escaped}`"),
            data_table(evil, (evil, "n"), (evil, 1)),
            chart("line", evil, {evil: [1.0, 2.0]}, [evil, "b"], y_label=evil),
            actions(button(evil)),
            {"type": "markdown", "text": f"# {evil}\n**{evil}**"},
            {"type": evil},
        ),
    ]

    def twist(told: dict) -> None:
        told["channels"][0] |= {"name": evil, "messages": said}
        told["team"] = told["status"] = evil
        told["users"][BOB] |= {"real_name": evil, "color": "red;background:url(x)"}
        told["injections"][0] |= {"title": evil, "description": evil}

    page = open_page(state(), twist=twist).page
    expect(page.locator(".message .text", has_text=evil).first).to_be_visible()
    assert page.locator("body script, body img").count() == 0
    assert page.evaluate("document.querySelectorAll('[onerror]').length") == 0
    expect(page.locator("#channel-name")).to_have_text(f"# {evil}")


def test_a_data_table_sorts_by_its_headers_and_numbers_as_numbers(open_page: Open) -> None:
    page = open_page(
        state(
            message(
                -60, "", data_table("Calls", ("Call", "Loss"), ("d-2", 9.0), ("d-10", 12.5), ("d-1", 4.0))
            )
        )
    ).page
    rows = page.locator(".data-table tbody th")
    loss = page.get_by_role("columnheader", name="Loss")
    expect(loss).to_have_attribute("aria-sort", "none")
    loss.get_by_role("button").press("Enter")
    expect(loss).to_have_attribute("aria-sort", "ascending")
    expect(rows).to_have_text(["d-1", "d-2", "d-10"])
    expect(loss.get_by_role("button")).to_be_focused()
    loss.get_by_role("button").press("Enter")
    expect(loss).to_have_attribute("aria-sort", "descending")
    expect(rows).to_have_text(["d-10", "d-2", "d-1"])
    page.get_by_role("columnheader", name="Call").get_by_role("button").click()
    expect(rows).to_have_text(["d-1", "d-2", "d-10"])


def test_a_data_table_shows_a_page_at_a_time_and_an_edit_keeps_the_page(open_page: Open) -> None:
    def table(title: str) -> dict:
        rows = [(f"call {n}", n) for n in range(7)]
        return message(-60, "", section(title), data_table("Calls", ("Call", "n"), *rows, page_size=3))

    opened = open_page(state(table("before")))
    page, rows = opened.page, opened.page.locator(".data-table tbody th")
    expect(rows).to_have_text(["call 0", "call 1", "call 2"])
    page.get_by_role("button", name="Next").click()
    expect(rows).to_have_text(["call 3", "call 4", "call 5"])
    opened.slack.say(table("after"))
    expect(page.get_by_text("after")).to_be_visible()
    expect(page.get_by_text("4–6 of 7")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_focused()


@pytest.mark.parametrize("kind", ["line", "area", "bar"])
def test_a_chart_has_a_point_for_each_value(open_page: Open, kind: str) -> None:
    values = {"loss": [1.0, 12.5, -3.0, 4.0], "jitter": [5.0, 6.0, 7.0, 8.0]}
    page = open_page(state(message(-60, "", chart(kind, "Loss", values, ["a", "b", "c", "d"])))).page
    expect(page.locator(".plot .point")).to_have_count(8)
    expect(page.locator(".legend li")).to_have_text(["loss", "jitter"])
    expect(page.get_by_role("img", name=f"{kind} chart, Loss.")).to_be_visible()
    box = page.locator(".plot-box").bounding_box()
    for point in page.locator(".plot .point").all():
        at = point.bounding_box()
        assert box["y"] <= at["y"] and at["y"] + at["height"] <= box["y"] + box["height"]


def test_a_sole_series_needs_no_legend_and_a_text_none_above_its_blocks(open_page: Open) -> None:
    one = message(-60, "push text", chart("line", "Loss", {"loss": [1.0, 2.0]}, ["a", "b"]))
    page = open_page(state(one)).page
    expect(page.locator(".plot")).to_be_visible()
    expect(page.locator(".legend")).to_have_count(0)
    expect(page.get_by_text("push text")).to_have_count(0)


def test_a_pie_names_its_shares(open_page: Open) -> None:
    page = open_page(gallery()).page
    expect(page.locator(".slice")).to_have_count(4)
    expect(page.locator(".legend-pie li").first).to_have_text("uplink1258.5 %")


@pytest.mark.parametrize("width", [800, 1280])
def test_labels_of_an_axis_do_not_touch(open_page: Open, width: int) -> None:
    page = open_page(state(firing()), width=width).page
    boxes = [label.bounding_box() for label in page.locator(".tick-x").all()]
    assert len(boxes) >= 4
    assert all(left["x"] + left["width"] < right["x"] for left, right in pairwise(boxes))


def test_a_chart_tells_its_values_to_pointer_and_keys(open_page: Open) -> None:
    page = open_page(state(firing())).page
    plot, tip = page.locator(".plot"), page.locator(".tip")
    plot.hover()
    expect(tip).to_contain_text("threshold")
    plot.press("End")
    expect(tip).to_have_text("10:11Video freeze 12.3threshold 10")
    plot.press("ArrowLeft")
    expect(tip).to_contain_text("10:08")
