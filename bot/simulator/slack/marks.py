"""Name what the bot left unnamed, and find it again: Slack gives every block and element an id."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .values import Json

PRESSED = (
    "button",
    "overflow",
    "static_select",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "channels_select",
    "conversations_select",
    "users_select",
    "multi_static_select",
)
_OPTIONED = ("overflow", "static_select", "radio_buttons")
_NESTED = {"elements", "actions", "child_blocks"}


def marked(block: Json, next_mark: Callable[[], str]) -> Json:
    """Return the block with an id on itself and on everything in it that can be pressed."""
    if block.get("type") == "rich_text":
        return {**block, "block_id": block.get("block_id") or next_mark()}
    copy = {**block}
    if block.get("type") in PRESSED:
        copy["action_id"] = block.get("action_id") or next_mark()
    elif block.get("type") not in ("image", "mrkdwn", "plain_text"):
        copy["block_id"] = block.get("block_id") or next_mark()
    if block.get("type") == "markdown":
        copy["block_id"] = next_mark()
    for name, value in block.items():
        if name == "accessory":
            copy[name] = marked(value, next_mark)
        elif name in _NESTED and isinstance(value, list):
            copy[name] = [marked(item, next_mark) for item in value]
    return copy


def pressable(blocks: Sequence[Any]) -> Iterator[tuple[str, Json]]:
    """Yield (block_id, element) of everything that can be pressed, in the order it is shown."""
    for block in blocks:
        own = [block["accessory"]] if "accessory" in block else []
        for element in [*own, *block.get("elements", []), *block.get("actions", [])]:
            if element.get("type") in PRESSED:
                yield block.get("block_id", ""), element
            elif element.get("type") == "card":
                yield from pressable([element])
        yield from pressable(block.get("child_blocks", []))


def fits(element: Json, value: str | None) -> bool:
    """Tell whether pressing the element can yield this value; None fits all."""
    if value is None or element["type"] not in (*_OPTIONED, "button"):
        return True
    if element["type"] == "button":
        return element.get("value") == value
    return value in [option.get("value") for option in options(element)]


def options(element: Json) -> list[Json]:
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def action(element: Json, block_id: str, value: str | None, action_ts: str) -> Json:
    """Return the entry of ``actions[]`` in the payload of a press."""
    common: Json = {
        "action_id": element["action_id"],
        "block_id": block_id,
        "type": element["type"],
        "action_ts": action_ts,
    }
    if element["type"] == "button":
        shown = element.get("value") if value is None else value
        return {**common, "text": element["text"], **({} if shown is None else {"value": shown})}
    if element["type"] in _OPTIONED:
        chosen = [o for o in options(element) if value is None or o.get("value") == value]
        return {**common, "selected_option": chosen[0] if chosen else None}
    return {**common, "value": value}
