"""Every limit of Block Kit that the simulator enforces, as Slack words the refusal."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.simulator.slack import SlackSimulator


@pytest.fixture(scope="module")
def client() -> Iterator[WebClient]:
    """One simulator for all: no test looks at what another has posted."""
    sim = SlackSimulator(
        now=lambda: 1.7e9, wall=lambda: 1.8e9, signing_secret="s", bot_token="t", enforce_post_rate=False
    )
    sim.start()
    yield WebClient(token="t", base_url=sim.api_url, retry_handlers=[])
    sim.stop()


def mrkdwn(text: str) -> dict:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


def section(text: str = "x", **more: object) -> dict:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(**more: object) -> dict:
    return {"type": "button", "text": plain("Ack"), "action_id": "ack", **more}


def actions(*elements: dict) -> dict:
    return {"type": "actions", "elements": list(elements)}


def option(text: str = "one", value: str = "1") -> dict:
    return {"text": plain(text), "value": value}


def select(count: int) -> dict:
    return {
        "type": "static_select",
        "action_id": "s",
        "options": [option(value=str(n)) for n in range(count)],
    }


def line(points: int = 2, series: int = 1, categories: int | None = None, name: str = "s{}") -> dict:
    labels = [f"{n}" for n in range(points)]
    return {
        "type": "data_visualization",
        "title": "Loss",
        "chart": {
            "type": "line",
            "series": [
                {"name": name.format(n), "data": [{"label": label, "value": -1.5} for label in labels]}
                for n in range(series)
            ],
            "axis_config": {"categories": labels[:categories], "x_label": "Time", "y_label": "%"},
        },
    }


def pie(*values: float) -> dict:
    segments = [{"label": f"{n}", "value": value} for n, value in enumerate(values)]
    return {"type": "data_visualization", "title": "p", "chart": {"type": "pie", "segments": segments}}


def cells(*texts: str) -> list[dict]:
    return [{"type": "raw_text", "text": text} for text in texts]


def data_table(*rows: list[dict], **more: object) -> dict:
    return {"type": "data_table", "caption": "Calls", "rows": list(rows), **more}


def table(*rows: list[dict]) -> dict:
    return {"type": "table", "rows": list(rows)}


def container(*children: dict, **more: object) -> dict:
    return {"type": "container", "title": plain("Details"), "child_blocks": list(children), **more}


def rich(*elements: dict) -> dict:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}
FIELD = {"type": "input", "label": plain("l"), "element": {"type": "plain_text_input", "action_id": "a"}}
HEADER_ROW = cells("Call", "Loss")
NUMBERS = [{"type": "raw_text", "text": "demo"}, {"type": "raw_number", "value": 12.4, "text": "12.4"}]

ACCEPTED = {
    "section with fields": {"type": "section", "fields": [mrkdwn("a")] * 10, "expand": True},
    "section with a menu": section(accessory={**select(100), "placeholder": plain("choose")}),
    "header with level": {"type": "header", "text": plain("h" * 150), "level": 2},
    "context": {"type": "context", "elements": [mrkdwn("a"), IMAGE]},
    "divider": {"type": "divider"},
    "actions": actions(
        button(style="danger", value="v" * 2000, url="https://example.com"),
        {"type": "overflow", "action_id": "more", "options": [option()] * 5},
        select(1),
    ),
    "button with confirm": actions(
        button(confirm={"title": plain("t"), "text": mrkdwn("x"), "confirm": plain("y"), "deny": plain("n")})
    ),
    "image": {**IMAGE, "title": plain("t")},
    "image of a file": {"type": "image", "alt_text": "a", "slack_file": {"id": "F1"}},
    "rich_text": rich(
        {"type": "text", "text": "a", "style": {"bold": True}}, {"type": "emoji", "name": "wave"}
    ),
    "input": FIELD,
    "input of a number": {**FIELD, "element": {"type": "number_input", "is_decimal_allowed": True}},
    "markdown": {"type": "markdown", "text": "*" * 12_000},
    "table": table(cells("a", "b"), [rich({"type": "text", "text": "x"}), NUMBERS[1]]),
    "data_table": data_table(HEADER_ROW, NUMBERS, page_size=100, row_header_column_index=0),
    "line chart": line(points=20, series=12),
    "pie": pie(1, 2.5),
    "container": container(section(), table(cells("a")), is_collapsible=True, default_collapsed=True),
    "card": {"type": "card", "title": mrkdwn("t"), "body": mrkdwn("b"), "actions": [button()]},
}

REFUSED = {
    "unknown block": ({"type": "marquee"}, "unsupported type: marquee [json-pointer:/blocks/0/type]"),
    "no type": ({}, "missing required field: type [json-pointer:/blocks/0]"),
    "unknown property": (
        section(colour="red"),
        "invalid additional property: colour [json-pointer:/blocks/0]",
    ),
    "empty text": (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "section text": (
        section("x" * 3001),
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "section of nothing": (
        {"type": "section"},
        "missing required field: text or fields [json-pointer:/blocks/0]",
    ),
    "section text as a string": (
        {"type": "section", "text": "x"},
        "must provide an object [json-pointer:/blocks/0/text]",
    ),
    "11 fields": (
        {"type": "section", "fields": [mrkdwn("a")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "field text": (
        {"type": "section", "fields": [mrkdwn("a" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    "header text": (
        {"type": "header", "text": plain("h" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    "header in mrkdwn": (
        {"type": "header", "text": mrkdwn("h")},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    "header level": (
        {"type": "header", "text": plain("h"), "level": 5},
        "must be between 1 and 4 [json-pointer:/blocks/0/level]",
    ),
    "11 context elements": (
        {"type": "context", "elements": [mrkdwn("a")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "26 actions": (
        actions(*[button(action_id=f"a{n}") for n in range(26)]),
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "no actions": (actions(), "no less than 1 items allowed [json-pointer:/blocks/0/elements]"),
    "same action_id": (
        actions(button(), button()),
        "`action_id` 'ack' already exists [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    "button text": (
        actions({"type": "button", "text": plain("b" * 76)}),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    "button value": (
        actions(button(value="v" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    "button url": (
        actions(button(url="u" * 3001)),
        "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]",
    ),
    "button style": (
        actions(button(style="default")),
        "must be a valid enum value: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    "action_id length": (
        actions(button(action_id="a" * 256)),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    "confirm title": (
        actions(
            button(
                confirm={
                    "title": plain("t" * 101),
                    "text": plain("x"),
                    "confirm": plain("y"),
                    "deny": plain("n"),
                }
            )
        ),
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    "6 overflow options": (
        actions({"type": "overflow", "action_id": "o", "options": [option()] * 6}),
        "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "101 options": (
        actions(select(101)),
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "option value": (
        actions({**select(0), "options": [option(value="v" * 151)]}),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    "placeholder": (
        actions({**select(1), "placeholder": plain("p" * 151)}),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]",
    ),
    "image without alt_text": (
        {"type": "image", "image_url": "https://example.com/a.png"},
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    "image without source": (
        {"type": "image", "alt_text": "a"},
        "missing required field: image_url or slack_file [json-pointer:/blocks/0]",
    ),
    "rich text element": (
        rich({"type": "mrkdwn", "text": "x"}),
        "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/elements/0/type]",
    ),
    "rich text style": (
        rich({"type": "text", "text": "x", "style": {"bold": "yes"}}),
        "must provide a boolean [json-pointer:/blocks/0/elements/0/elements/0/style/bold]",
    ),
    "input label": (
        {**FIELD, "label": plain("l" * 2001)},
        "must be less than 2001 characters [json-pointer:/blocks/0/label/text]",
    ),
    "input of a button": (
        {**FIELD, "element": button()},
        "unsupported type: button [json-pointer:/blocks/0/element/type]",
    ),
    "markdown text": (
        {"type": "markdown", "text": "m" * 12_001},
        "must be less than 12001 characters [json-pointer:/blocks/0/text]",
    ),
    "101 table rows": (
        table(*[cells("a")] * 101),
        "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
    ),
    "21 table cells": (
        table(cells(*"abcdefghijklmnopqrstu")),
        "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
    ),
    "table characters": (
        table(cells("x" * 10_001)),
        "must be less than 10001 characters [json-pointer:/blocks/0/rows]",
    ),
    "data_table of a header alone": (
        data_table(HEADER_ROW),
        "no less than 2 items allowed [json-pointer:/blocks/0/rows]",
    ),
    "202 data_table rows": (
        data_table(*[HEADER_ROW] * 202),
        "no more than 201 items allowed [json-pointer:/blocks/0/rows]",
    ),
    "uneven data_table": (
        data_table(HEADER_ROW, cells("only one")),
        "must have 2 cells like the header [json-pointer:/blocks/0/rows/1]",
    ),
    "data_table without caption": (
        {"type": "data_table", "rows": [HEADER_ROW, NUMBERS]},
        "missing required field: caption [json-pointer:/blocks/0]",
    ),
    "rich header cell": (
        data_table([rich({"type": "text", "text": "x"})], cells("a")),
        "unsupported type: rich_text [json-pointer:/blocks/0/rows/0/0/type]",
    ),
    "page_size": (
        data_table(HEADER_ROW, NUMBERS, page_size=101),
        "must be between 1 and 100 [json-pointer:/blocks/0/page_size]",
    ),
    "data_table characters": (
        data_table(cells("h"), cells("x" * 12_000), cells("y" * 12_000)),
        "must be less than 20001 characters [json-pointer:/blocks/0/rows]",
    ),
    "chart title": (
        {**line(), "title": "t" * 51},
        "must be less than 51 characters [json-pointer:/blocks/0/title]",
    ),
    "13 series": (
        line(series=13),
        "no more than 12 items allowed [json-pointer:/blocks/0/chart/series]",
    ),
    "same series name": (
        line(series=2, name="s"),
        "`name` 's' already exists [json-pointer:/blocks/0/chart/series/1/name]",
    ),
    "series name": (
        line(name="s" * 21),
        "must be less than 21 characters [json-pointer:/blocks/0/chart/series/0/name]",
    ),
    "21 points": (
        line(points=21),
        "no more than 20 items allowed [json-pointer:/blocks/0/chart/series/0/data]",
    ),
    "points without category": (
        line(points=3, categories=2),
        "must have one point for each category [json-pointer:/blocks/0/chart/series/0/data]",
    ),
    "pie of nothing": (pie(0), "must be more than 0 [json-pointer:/blocks/0/chart/segments/0/value]"),
    "13 segments": (pie(*[1] * 13), "no more than 12 items allowed [json-pointer:/blocks/0/chart/segments]"),
    "chart type": (
        {**line(), "chart": {"type": "radar"}},
        "unsupported type: radar [json-pointer:/blocks/0/chart/type]",
    ),
    "chart in a container": (
        container(line()),
        "unsupported type: data_visualization [json-pointer:/blocks/0/child_blocks/0/type]",
    ),
    "data_table in a container": (
        container(data_table(HEADER_ROW, NUMBERS)),
        "unsupported type: data_table [json-pointer:/blocks/0/child_blocks/0/type]",
    ),
    "11 child blocks": (
        container(*[section()] * 11),
        "no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]",
    ),
    "container without title": (
        {"type": "container", "child_blocks": [section()]},
        "missing required field: title or rich_text_title [json-pointer:/blocks/0]",
    ),
    "collapsed, not collapsible": (
        container(section(), default_collapsed=True),
        "requires is_collapsible [json-pointer:/blocks/0/default_collapsed]",
    ),
    "card title as a string": (
        {"type": "card", "title": "demo"},
        "must provide an object [json-pointer:/blocks/0/title]",
    ),
    "alert in a message": (
        {"type": "alert", "text": plain("a")},
        "unsupported type: alert [json-pointer:/blocks/0/type]",
    ),
}


@pytest.mark.parametrize("block", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_slack_takes_a_good_block(client: WebClient, block: dict) -> None:
    assert client.chat_postMessage(channel="general", text="x", blocks=[block])["ok"] is True


@pytest.mark.parametrize(("block", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_block_refuses_the_whole_message(client: WebClient, block: dict, message: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="general", text="x", blocks=[section(), block])
    answer = refused.value.response
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"][0] == message.replace("/blocks/0", "/blocks/1")


def refusal(client: WebClient, **content: object) -> tuple[str, list[str]]:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="general", text="x", **content)
    answer = refused.value.response
    return answer["error"], answer.get("response_metadata", {}).get("messages", [])


def test_a_message_has_at_most_fifty_blocks(client: WebClient) -> None:
    assert refusal(client, blocks=[{"type": "divider"}] * 51) == (
        "invalid_blocks",
        ["no more than 50 items allowed [json-pointer:/blocks]"],
    )


def test_block_ids_are_unique_in_a_message_also_inside_containers(client: WebClient) -> None:
    blocks = [section(block_id="same"), container(section(block_id="same"))]
    assert refusal(client, blocks=blocks) == (
        "invalid_blocks",
        ["`block_id` 'same' already exists [json-pointer:/blocks/1/child_blocks/0/block_id]"],
    )


def test_two_charts_are_the_most(client: WebClient) -> None:
    assert refusal(client, blocks=[line(), pie(1), line()]) == (
        "invalid_blocks",
        ["no more than 2 data_visualization blocks allowed [json-pointer:/blocks/2]"],
    )


def test_one_table_is_the_most_counting_those_in_containers(client: WebClient) -> None:
    blocks = [data_table(HEADER_ROW, NUMBERS), container(table(cells("a")))]
    assert refusal(client, blocks=blocks) == ("invalid_attachments", ["only_one_table_allowed"])


def test_markdown_is_bounded_over_the_message(client: WebClient) -> None:
    error, messages = refusal(client, blocks=[{"type": "markdown", "text": "m" * 6001}] * 2)
    assert (error, messages) == (
        "invalid_blocks",
        ["must be less than 12001 characters [json-pointer:/blocks/1]"],
    )


def test_the_text_of_all_blocks_is_bounded(client: WebClient) -> None:
    assert refusal(client, blocks=[section("x" * 2700)] * 5) == ("msg_blocks_too_long", [])


def test_cells_of_a_table_have_a_budget_of_their_own(client: WebClient) -> None:
    blocks = [section("x" * 3000)] * 4 + [data_table(cells("h"), cells("x" * 19_000))]
    assert client.chat_postMessage(channel="general", text="x", blocks=blocks)["ok"] is True


def test_blocks_in_attachments_are_judged_alike(client: WebClient) -> None:
    attachments = [{"color": "#d00", "blocks": [section(), section("")]}]
    assert refusal(client, attachments=attachments) == (
        "invalid_blocks",
        ["must be more than 0 characters [json-pointer:/attachments/0/blocks/1/text/text]"],
    )


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"blocks": "[{"}, "invalid_blocks_format"),
        ({"blocks": '{"type": "divider"}'}, "invalid_blocks_format"),
        ({"attachments": ["text"]}, "invalid_attachments"),
        ({"attachments": [{"text": "a"}] * 101}, "too_many_attachments"),
        ({"metadata": '{"event_type": 1}'}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "a", "event_payload": {"x": "y" * 8000}}}, "metadata_too_large"),
    ],
)
def test_what_is_no_content_is_refused(client: WebClient, content: dict, error: str) -> None:
    assert refusal(client, **content) == (error, [])


def test_blocks_can_be_validated_without_a_token(client: WebClient) -> None:
    anonymous = WebClient(base_url=client.base_url, retry_handlers=[])
    assert anonymous.blocks_validate(blocks=[section()])["ok"] is True
    assert anonymous.blocks_validate(message={"text": "x", "blocks": [section()]})["ok"] is True
    with pytest.raises(SlackApiError) as refused:
        anonymous.blocks_validate(blocks=[section("")])
    assert refused.value.response.data == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [
            {
                "pointer": "/blocks/0/text/text",
                "code": "failed_constraint",
                "message": "must be more than 0 characters",
                "constraint": None,
            }
        ],
    }
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        anonymous.blocks_validate(blocks=[section()], message={"text": "x"})
