"""Judge a whole message: what no block alone can break, from counts to the sum of all text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .checks import Problem, by_type, items
from .data import CELL_CHARACTERS, cell_characters
from .kinds import SURFACES

# Undocumented by Slack; messages of 13,200 characters were accepted, longer ones refused (bolt-js#2509).
TEXT_TOTAL = 13_200
MARKDOWN_TOTAL = 12_000
TABLE_TOTAL = 10_000
CHARTS = 2
ATTACHMENTS = 100
_SAID = ("text", "title", "alt_text", "label", "description")
_HAS_OWN_BUDGET = ("table", "data_table", "data_visualization")

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What Slack answers to a bad payload: its error name and the problems behind it."""

    error: str
    problems: tuple[Problem, ...] = ()


def judge_message(blocks: object, attachments: object, *, bound_text: bool = True) -> Verdict | None:
    """Return why Slack refuses these blocks and attachments, or None if it takes them."""
    groups = [("/blocks", blocks)] if blocks is not None else []
    if attachments is not None:
        if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in attachments):
            return Verdict(error="invalid_attachments")
        if len(attachments) > ATTACHMENTS:
            return Verdict(error="too_many_attachments")
        groups += [
            (f"/attachments/{n}/blocks", item["blocks"])
            for n, item in enumerate(attachments)
            if "blocks" in item
        ]
    check = items(by_type(SURFACES["message"]), 50, 0)
    problems = [problem for at, group in groups for problem in check(group, at)]
    return verdict_on(problems, groups, bound_text)


def verdict_on(problems: list[Problem], groups: list[tuple[str, object]], bound_text: bool) -> Verdict | None:
    """Return the verdict on the ``problems`` of single blocks and on all ``groups`` of blocks together."""
    if problems:
        return Verdict(error="invalid_blocks", problems=tuple(problems))
    found = [pair for at, group in groups for pair in _walk(group, at)]
    tables = [block for _, block in found if block["type"] in ("table", "data_table")]
    if len(tables) > 1:
        # The error name is not documented; several projects report this one.
        return Verdict(
            error="invalid_attachments", problems=(Problem(pointer="", message="only_one_table_allowed"),)
        )
    problems = [*_repeated_ids(found), *_over_budget(found)]
    if problems:
        return Verdict(error="invalid_blocks", problems=tuple(problems))
    if bound_text and sum(_text_length(group) for _, group in groups) > TEXT_TOTAL:
        return Verdict(error="msg_blocks_too_long")
    return None


def _walk(blocks: object, at: str) -> Iterator[tuple[str, Block]]:
    for index, block in enumerate(blocks if isinstance(blocks, list) else []):
        yield f"{at}/{index}", block
        yield from _walk(block.get("child_blocks"), f"{at}/{index}/child_blocks")


def _repeated_ids(found: list[tuple[str, Block]]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for at, block in found:
        name = block.get("block_id")
        if isinstance(name, str):
            seen[name] += 1
            if seen[name] > 1:
                yield Problem(pointer=f"{at}/block_id", message=f"`block_id` {name!r} already exists")


def _over_budget(found: list[tuple[str, Block]]) -> Iterator[Problem]:
    kinds: dict[str, list[tuple[str, Block]]] = {}
    for at, block in found:
        kinds.setdefault(block["type"], []).append((at, block))
    for at, _ in kinds.get("data_visualization", [])[CHARTS:]:
        yield Problem(pointer=at, message=f"no more than {CHARTS} data_visualization blocks allowed")
    for at, block in kinds.get("data_table", []):
        if cell_characters(block) > CELL_CHARACTERS:
            yield Problem(pointer=f"{at}/rows", message=f"must be less than {CELL_CHARACTERS + 1} characters")
    for at, block in kinds.get("table", []):
        if cell_characters(block) > TABLE_TOTAL:
            yield Problem(pointer=f"{at}/rows", message=f"must be less than {TABLE_TOTAL + 1} characters")
    markdown = kinds.get("markdown", [])
    if sum(len(block["text"]) for _, block in markdown) > MARKDOWN_TOTAL:
        yield Problem(pointer=markdown[-1][0], message=f"must be less than {MARKDOWN_TOTAL + 1} characters")


def _text_length(value: object) -> int:
    if isinstance(value, list):
        return sum(_text_length(item) for item in value)
    if not isinstance(value, dict) or value.get("type") in _HAS_OWN_BUDGET:
        return 0
    own = sum(len(value[name]) for name in _SAID if isinstance(value.get(name), str))
    return own + sum(_text_length(item) for item in value.values())
