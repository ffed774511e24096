"""What a message says: read from a call, judged as Slack judges it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .arguments import structure
from .blocks import Verdict, judge_message
from .values import Json, Refused

TEXT_KEPT = 40_000
METADATA_BYTES = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The parts of a message that were sent; None is a part that was not."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None
    warnings: tuple[str, ...]

    @property
    def says_nothing(self) -> bool:
        return not (self.text or "").strip() and not self.blocks and not self.attachments


def read_content(args: Mapping[str, Any], *, bound_text: bool = True) -> Content:
    """Return the content of a call; raise ``Refused`` for what Slack does not accept."""
    given = args.get("text")
    text = None if given is None else str(given)
    blocks = structure(args, "blocks", "invalid_blocks_format")
    attachments = structure(args, "attachments", "invalid_attachments")
    if blocks is not None and not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    refuse(judge_message(blocks, attachments, bound_text=bound_text))
    return Content(
        text=text and text[:TEXT_KEPT],
        blocks=blocks,
        attachments=attachments,
        metadata=_metadata(args),
        warnings=tuple(_warnings(text, blocks, attachments)),
    )


def _warnings(text: str | None, blocks: object, attachments: object) -> Iterator[str]:
    if len(text or "") > TEXT_KEPT:
        yield "message_truncated"
    if (blocks or attachments) and not text:
        yield "missing_text_in_message"


def refuse(verdict: Verdict | None) -> None:
    """Raise ``Refused`` if there is a verdict."""
    if verdict:
        raise Refused(
            verdict.error,
            tuple(str(problem) if problem.pointer else problem.message for problem in verdict.problems),
        )


def _metadata(args: Mapping[str, Any]) -> Json | None:
    metadata = structure(args, "metadata", "invalid_metadata_format")
    match metadata:
        case None:
            return None
        case {"event_type": str(), "event_payload": dict()}:
            if len(str(metadata)) > METADATA_BYTES:
                raise Refused("metadata_too_large")
            return dict(metadata)
        case dict() if not metadata:
            return {}
    raise Refused("invalid_metadata_format")
