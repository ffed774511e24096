"""Files in three steps: ask for an address, send the bytes there, then share what was sent."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .arguments import structure, text
from .chat import thread_root
from .content import read_content
from .people import BOT_USER
from .values import Json, Message, Refused
from .workspace import Workspace


@dataclass(slots=True)
class _File:
    name: str
    size: int
    content: bytes | None = None
    title: str = ""


class Files:
    """Holds the uploaded bytes; nothing is shown before the last step."""

    def __init__(self, workspace: Workspace, base: Callable[[], str]) -> None:
        self._workspace = workspace
        self._base = base
        self._lock = threading.Lock()
        self._files: dict[str, _File] = {}

    def address(self, args: Mapping[str, Any]) -> Json:
        """Answer ``files.getUploadURLExternal``."""
        name, size = text(args, "filename"), text(args, "length")
        if not name or not size.isdigit() or int(size) == 0:
            raise Refused("invalid_arguments")
        with self._lock:
            file_id = f"F{len(self._files) + 1:04}"
            self._files[file_id] = _File(name, int(size))
        return {"ok": True, "upload_url": f"{self._base()}upload/{file_id}", "file_id": file_id}

    def receive(self, file_id: str, content: bytes) -> tuple[int, str]:
        """Take the bytes of a file; return status and body."""
        with self._lock:
            file = self._files.get(file_id)
            if file is None:
                return 404, "no such upload"
            if len(content) != file.size:
                return 400, f"announced {file.size} bytes, sent {len(content)}"
            file.content = content
        return 200, f"OK - {len(content)}"

    def content(self, file_id: str) -> bytes | None:
        """Return what was uploaded under an id."""
        with self._lock:
            file = self._files.get(file_id)
            return file.content if file else None

    def complete(self, args: Mapping[str, Any]) -> Json:
        """Answer ``files.completeUploadExternal``: share the files in a channel, if one is named."""
        given = structure(args, "files", "invalid_arguments")
        if not isinstance(given, list) or not given:
            raise Refused("invalid_arguments")
        ids = [str(item.get("id")) if isinstance(item, dict) else "" for item in given]
        with self._lock:
            if any(key not in self._files or self._files[key].content is None for key in ids):
                raise Refused("file_not_found")
            for key, item in zip(ids, given, strict=True):
                self._files[key].title = str(item.get("title") or self._files[key].name)
            shown = [
                {"id": key, "title": self._files[key].title, "name": self._files[key].name} for key in ids
            ]
        if args.get("channel_id") or args.get("channels"):
            self._share(args, tuple(ids))
        return {"ok": True, "files": shown}

    def _share(self, args: Mapping[str, Any], ids: tuple[str, ...]) -> None:
        channel = self._workspace.channel(args.get("channel_id") or args.get("channels"))
        thread_ts = text(args, "thread_ts") or None
        if thread_ts is not None:
            thread_root(self._workspace, channel, thread_ts)
        content = read_content({"text": text(args, "initial_comment"), "blocks": args.get("blocks")})
        self._workspace.post(
            channel,
            Message(
                user=BOT_USER,
                text=content.text or "",
                blocks=content.blocks or [],
                thread_ts=thread_ts,
                files=ids,
            ),
        )
