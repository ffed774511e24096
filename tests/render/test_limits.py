import pytest

from bot.render.fit import fit, total_text
from bot.render.fit_text import Breach
from bot.render.limits import cut_mrkdwn

CUTS = {
    "short": ("hello", 5, "hello"),
    "words": ("hello world, hello", 12, "hello wo…"),
    "a token stays whole": ("at <!date^1^{time}|x> or so", 20, "at…"),
    "an entity stays whole": ("fish &amp; chips", 12, "fish…"),
    "code is left out whole": ("see `abcdefghij` there", 12, "see…"),
    "a code block is closed": ("```abcdefghijkl```", 14, "```abcdefg…```"),
}


@pytest.mark.parametrize(("text", "limit", "expected"), CUTS.values(), ids=CUTS.keys())
def test_mrkdwn_is_cut_where_nothing_breaks(text, limit, expected):
    assert cut_mrkdwn(text, limit) == expected
    assert len(cut_mrkdwn(text, limit)) <= limit


def _section(text: str) -> dict:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_the_longest_texts_give_way_until_all_text_is_within_the_budget():
    message = fit({"text": "a", "blocks": [_section("x" * 3000) for _ in range(5)] + [_section("short")]})
    assert total_text(list(message.blocks)) <= 10_000
    assert message.blocks[-1]["text"]["text"] == "short"


def test_too_much_text_in_small_pieces_is_a_breach():
    with pytest.raises(Breach, match="characters too many in all"):
        fit({"text": "a", "blocks": [_section("x" * 290) for _ in range(50)]})


def _table(rows: int, text: str = "a") -> dict:
    cells = [[{"type": "raw_text", "text": text}]] * rows
    return {"type": "data_table", "caption": "c", "rows": cells}


def test_a_table_keeps_its_first_rows():
    message = fit({"text": "a", "blocks": [_table(500)]})
    assert len(message.blocks[0]["rows"]) == 201


def _chart(series: list, categories: list[str]) -> dict:
    chart = {"type": "line", "series": series, "axis_config": {"categories": categories}}
    return {"type": "data_visualization", "title": "t" * 60, "chart": chart}


def _points(*values: float) -> list:
    return [{"label": str(i), "value": value} for i, value in enumerate(values)]


TWO = ["0", "1"]
REFUSED = {
    "two tables": ([_table(2), _table(2)], "at most 1 data_table"),
    "a table without rows": ([_table(1)], "/blocks/0/rows: 2 to"),
    "an empty cell": ([_table(2, "")], "/blocks/0/rows/0/0: a cell needs a text"),
    "a missing point": ([_chart([{"name": "a", "data": _points(1)}], TWO)], "one point for each category"),
    "two series of one name": (
        [_chart([{"name": "a", "data": _points(1, 2)}] * 2, TWO)],
        "a name of its own",
    ),
    "a category twice": ([_chart([{"name": "a", "data": _points(1, 2)}], ["0", "0"])], "may stand once"),
    "21 points": (
        [_chart([{"name": "a", "data": _points(1)}], [str(n) for n in range(21)])],
        "1 to 20 items",
    ),
    "three charts": (
        [_chart([{"name": "a", "data": _points(1, 2)}], TWO)] * 3,
        "at most 2 data_visualization",
    ),
    "a pie": ([{"type": "data_visualization", "title": "t", "chart": {"type": "pie"}}], "line, bar or area"),
    "one block_id twice": ([{"type": "divider", "block_id": "a"}] * 2, "each block_id may stand once"),
    "a block that is a text": (["hello"], "/blocks/0: a block is an object"),
    "an empty section": ([{"type": "section"}], "/blocks/0: a section needs text or fields"),
    "eleven fields": ([{"type": "section", "fields": [{}] * 11}], "/blocks/0/fields: 1 to 10"),
    "a green button": (
        [
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "action_id": "a",
                        "style": "green",
                        "text": {"type": "plain_text", "text": "a"},
                    }
                ],
            }
        ],
        "/blocks/0/elements/0/style: primary or danger",
    ),
}


@pytest.mark.parametrize(("blocks", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_structure_that_slack_would_refuse_is_a_breach(blocks, said):
    with pytest.raises(Breach, match=said):
        fit({"text": "a", "blocks": blocks})


def test_an_attachment_holds_a_color_and_blocks_only():
    with pytest.raises(Breach, match="/attachments/0"):
        fit({"text": "a", "attachments": [{"text": "old style"}]})
