"""Parsed template output against Slack's limits: long text is cut, a wrong structure is refused.

Nothing that passes here is refused by Slack for its form; one bad block would cost the whole message.
"""

from collections.abc import Callable, Iterator

from bot.model.message import Block, Message
from bot.render import limits
from bot.render.fit_data import fit_chart, fit_table
from bot.render.fit_text import Breach, Json, fit_button, fit_text, need, need_list

_KEYS = {"text", "blocks", "attachments", "simple_blocks"}
_LONG_ENOUGH = 300
_ONE_EACH = {"data_table": 1, "data_visualization": limits.CHARTS_MAX}


def fit(payload: Json) -> Message:
    """Return the message, every text within Slack's limits. Raises Breach where the structure is wrong."""
    need(isinstance(payload, dict), "", "a message is a JSON object")
    need(
        payload.keys() <= _KEYS, "", f"unknown keys {sorted(payload.keys() - _KEYS)}; known: {sorted(_KEYS)}"
    )
    text = payload.get("text")
    need(
        isinstance(text, str) and text.strip() != "", "/text", "every message needs a text for notifications"
    )
    blocks = _blocks(payload.get("blocks", []), "/blocks")
    simple = _blocks(payload.get("simple_blocks", []), "/simple_blocks")
    attachments = _attachments(payload.get("attachments", []))
    for variant, at in ((blocks, "/blocks"), (simple, "/simple_blocks")):
        _one_each(variant, at)
        _fit_total(variant + attachments, at)
    return Message(
        text=limits.cut_mrkdwn(" ".join(str(text).split()), limits.PUSH_TEXT_MAX),
        blocks=tuple(blocks),
        attachments=tuple(attachments),
        simple_blocks=tuple(simple),
    )


def _blocks(value: Json, at: str) -> list[Block]:
    blocks = need_list(value, at, 0, limits.BLOCKS_MAX)
    for i, block in enumerate(blocks):
        _block(block, f"{at}/{i}")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    need(len(set(ids)) == len(ids), at, "each block_id may stand once")
    return blocks


def _attachments(value: Json) -> list[Block]:
    attachments = need_list(value, "/attachments", 0, limits.ATTACHMENTS_MAX)
    for i, attachment in enumerate(attachments):
        at = f"/attachments/{i}"
        need(isinstance(attachment, dict), at, "an attachment is an object with color and blocks")
        need(attachment.keys() <= {"color", "blocks"}, at, "an attachment has color and blocks, nothing else")
        _blocks(attachment.get("blocks"), f"{at}/blocks")
    return attachments


def _block(block: Json, at: str) -> None:
    need(isinstance(block, dict), at, "a block is an object")
    check = _CHECKS.get(str(block.get("type")))
    if check is None:
        raise Breach(at, f"unknown block type {block.get('type')!r}; known: {', '.join(_CHECKS)}")
    need(
        len(str(block.get("block_id", ""))) <= limits.ID_MAX, at, f"block_id is at most {limits.ID_MAX} long"
    )
    check(block, at)


def _section(block: Block, at: str) -> None:
    need("text" in block or "fields" in block, at, "a section needs text or fields")
    if "text" in block:
        fit_text(block["text"], f"{at}/text", limits.SECTION_TEXT_MAX)
    if "fields" in block:
        for i, field in enumerate(need_list(block["fields"], f"{at}/fields", 1, limits.FIELDS_MAX)):
            fit_text(field, f"{at}/fields/{i}", limits.FIELD_TEXT_MAX)
    if "accessory" in block:
        fit_button(block["accessory"], f"{at}/accessory")


def _header(block: Block, at: str) -> None:
    fit_text(block.get("text"), f"{at}/text", limits.HEADER_TEXT_MAX, kinds=("plain_text",))


def _context(block: Block, at: str) -> None:
    for i, element in enumerate(need_list(block.get("elements"), at, 1, limits.CONTEXT_ELEMENTS_MAX)):
        fit_text(element, f"{at}/elements/{i}", limits.SECTION_TEXT_MAX)


def _actions(block: Block, at: str) -> None:
    for i, element in enumerate(need_list(block.get("elements"), at, 1, limits.ACTIONS_MAX)):
        fit_button(element, f"{at}/elements/{i}")


def _divider(block: Block, at: str) -> None:
    need(block.keys() <= {"type", "block_id"}, at, "a divider holds nothing")


_CHECKS: dict[str, Callable[[Block, str], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "data_table": fit_table,
    "data_visualization": fit_chart,
}


def _one_each(blocks: list[Block], at: str) -> None:
    for kind, most in _ONE_EACH.items():
        found = sum(block["type"] == kind for block in blocks)
        need(found <= most, at, f"a message holds at most {most} {kind}, not {found}")


def _fit_total(blocks: list[Block], at: str) -> None:
    """Cut the longest mrkdwn texts in place until all text of the message is within the budget."""
    while (over := total_text(blocks) - limits.TOTAL_TEXT_MAX) > 0:
        longest = max(_mrkdwn(blocks), key=lambda text: len(text["text"]), default=None)
        if longest is None or len(longest["text"]) <= _LONG_ENOUGH:
            raise Breach(at, f"{over} characters too many in all; at most {limits.TOTAL_TEXT_MAX}")
        longest["text"] = limits.cut_mrkdwn(longest["text"], max(_LONG_ENOUGH, len(longest["text"]) - over))


def total_text(value: Json) -> int:
    """Return how many characters people see in blocks or attachments."""
    if isinstance(value, list):
        return sum(total_text(item) for item in value)
    if not isinstance(value, dict):
        return 0
    shown = sum(len(value[key]) for key in ("text", "title", "caption") if isinstance(value.get(key), str))
    return shown + sum(total_text(item) for item in value.values())


def _mrkdwn(value: Json) -> Iterator[Block]:
    if isinstance(value, list):
        for item in value:
            yield from _mrkdwn(item)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value
        for item in value.values():
            yield from _mrkdwn(item)
