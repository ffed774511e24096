"""Upload a picture to Slack, for a block that shows it.

Slack takes files in three steps: it gives an address, takes the bytes there, and is told that they are
complete (docs.slack.dev/messaging/working-with-files).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.flows.delivery import SlackBusy, SlackRefused, SlackUnreachable
from bot.flows.notify import Busy, Refused, Unreachable
from bot.model.message import Block, Picture
from bot.telemetry import log

ALT_MAX = 1000
_log = log("slack")

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Calls a method with form fields; raises SlackBusy, SlackRefused or SlackUnreachable."""
Put = Callable[[str, bytes, Mapping[str, str]], None]
"""Posts bytes to an address; raises Busy, Refused or Unreachable."""


class Pictures:
    """Uploads to Slack's own host for files, and to the configured Slack."""

    def __init__(self, api_url: str, ask: Ask, put: Put) -> None:
        self._hosts = {"files.slack.com", urlsplit(api_url).hostname}
        self._ask, self._put = ask, put

    def upload(self, picture: Picture) -> str | None:
        """Return the id of the uploaded file, or None: a message without its picture beats none."""
        try:
            png = picture.draw()
            return self._uploaded(png, picture.alt[:ALT_MAX]) if png else None
        except (SlackBusy, SlackRefused, SlackUnreachable, Busy, Refused, Unreachable) as error:
            _log.warning("a picture was left out", error=str(error))
        except Exception:  # noqa: BLE001 - drawing other people's data must not hold up the message
            _log.exception("a picture could not be drawn")
        return None

    def _uploaded(self, png: bytes, alt: str) -> str:
        name = {"filename": "agora-bot.png", "length": len(png), "alt_txt": alt}
        place = self._ask("files.getUploadURLExternal", name)
        address, file_id = str(place.get("upload_url", "")), str(place.get("file_id", ""))
        if urlsplit(address).hostname not in self._hosts:
            raise SlackUnreachable(f"Slack names a foreign host for files: {urlsplit(address).hostname}")
        self._put(address, png, {"Content-Type": "image/png"})
        self._ask(
            "files.completeUploadExternal", {"files": json.dumps([{"id": file_id, "title": alt[:100]}])}
        )
        return file_id


def with_picture(blocks: Sequence[Block], file_id: str, alt: str) -> list[Block]:
    """Return the blocks with the picture before the buttons at their end."""
    shown: Block = {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt[:ALT_MAX]}
    end = len(blocks)
    while end and blocks[end - 1]["type"] == "actions":
        end -= 1
    return [*blocks[:end], shown, *blocks[end:]]
