"""What every message must keep, whatever went into it: Slack's limits, Slack's own models, no injection."""

import json
import re
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block

from bot.model.message import Message
from bot.render.fit import fit, total_text

NOT_MODELLED = {"data_table", "data_visualization"}
OURS = re.compile(
    r"<!date\^-?\d+\^\{date_short_pretty\} \{time\}\|[-\d: ]+UTC>|<@[UW][A-Z0-9]+>|<!here>|<!subteam\^S[A-Z0-9]+>|<https?://[^<>|\s]+\|[^<>|]+>"
)


def as_json(message: Message) -> dict[str, Any]:
    payload = {
        "text": message.text,
        "blocks": list(message.blocks),
        "attachments": list(message.attachments),
        "simple_blocks": list(message.simple_blocks),
    }
    return {key: value for key, value in payload.items() if value}


def check(message: Message) -> None:
    payload = as_json(message)
    copied = json.loads(json.dumps(payload, allow_nan=False))
    assert as_json(fit(copied)) == payload, "a finished message is not cut any further"
    attached = [block for attachment in message.attachments for block in attachment["blocks"]]
    for block in (*message.blocks, *message.simple_blocks, *attached):
        check_block(block)
    assert {block["type"] for block in message.simple_blocks}.isdisjoint(NOT_MODELLED)
    assert total_text([*message.blocks, *message.attachments]) <= 10_000
    for text in (message.text, *mrkdwn(payload)):
        check_mrkdwn(text)


def check_block(block: dict[str, Any]) -> None:
    if block["type"] in NOT_MODELLED:
        return
    parsed = Block.parse(block)
    assert parsed is not None, f"unknown block {block['type']}"
    parsed.validate_json()
    assert parsed.to_dict() == block


def check_mrkdwn(text: str) -> None:
    rest = OURS.sub("", text)
    assert "<" not in rest and ">" not in rest, text
    assert re.sub(r"&(amp|lt|gt);", "", rest).count("&") == 0, text
    assert text.count("```") % 2 == 0, text
    for line in re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines():
        assert line.count("`") % 2 == 0, line


def mrkdwn(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from mrkdwn(item)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for item in value.values():
            yield from mrkdwn(item)
