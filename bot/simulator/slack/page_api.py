"""What the web page talks to: its files, the state as JSON, and the deeds of its user."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from .arguments import json_object, text
from .deeds import Deeds
from .journal import Journal
from .people import BOT_NAME
from .values import Answer, Delivery, Exchange, Injection, Json, Refused, Request
from .workspace import Workspace

PAGE = Path(__file__).parent / "page"
ME = "U_ALICE"
LONG_POLL_S = 20.0
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".woff2": "font/woff2",
}
_NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class PageApi:
    """Serves the page. What changes something is taken from the page itself only, never across sites."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        deeds: Deeds,
        journal: Journal,
        snapshot: Callable[[], Json],
        injections: Sequence[Injection],
        commands: Sequence[str],
    ) -> None:
        self._workspace = workspace
        self._deeds = deeds
        self._journal = journal
        self._snapshot = snapshot
        self._injections = {injection.name: injection for injection in injections}
        self._commands = commands

    def file(self, path: str) -> Answer:
        """Return a file of the page, the index for an empty path."""
        name = unquote(path) or "index.html"
        if "\0" in name:
            return _failure(404, "not_found")
        found = (PAGE / name).resolve()
        if not found.is_relative_to(PAGE.resolve()) or not found.is_file():
            return _failure(404, "not_found")
        kind = _TYPES.get(found.suffix, "application/octet-stream")
        return Answer(body=found.read_bytes(), content_type=kind, headers=_NO_STORE)

    def answer(self, name: str, request: Request, port: int) -> Answer:
        """Return the answer to ``/_sim/<name>``."""
        if request.verb == "GET":
            read = {"state": self._state, "wait": self._wait, "journal": self._entries}.get(name)
            return read(request) if read else _failure(404, "not_found")
        act = {"command": self._command, "click": self._click, "inject": self._inject}.get(name)
        if act is None:
            return _failure(404, "not_found")
        if not _is_own(request, port):
            return _failure(403, "forbidden")
        try:
            return _json(act(json_object(request.body)))
        except Refused as refused:
            return _failure(400, refused.error)
        except LookupError as missing:
            return _failure(404, str(missing.args[0]))

    def _state(self, request: Request) -> Answer:
        return _json(self._snapshot())

    def _wait(self, request: Request) -> Answer:
        return _json({"seq": self._workspace.wait_beyond(_number(request, "seq"), LONG_POLL_S)})

    def _entries(self, request: Request) -> Answer:
        after = _number(request, "after")
        entries = self._journal.entries(after)
        return _json(
            {"entries": [_entry(one) for one in entries], "next": entries[-1].n if entries else after}
        )

    def _command(self, args: Mapping[str, Any]) -> Json:
        said, channel = text(args, "text").strip(), text(args, "channel")
        if not said:
            raise Refused("no_text")
        if said.startswith("/"):
            command, _, rest = said.partition(" ")
            if command not in self._commands:
                self._deeds.tell(self._workspace.channel(channel), ME, f"{command} is not a valid command.")
                return {"ok": False, "error": "invalid_command"}
            return _outcome(self._deeds.command(command, rest.strip(), channel=channel, user=ME))
        thread_ts = text(args, "thread_ts") or None
        if said.startswith(f"@{BOT_NAME}"):
            return _outcome(self._deeds.mention(said, channel=channel, user=ME, thread_ts=thread_ts))
        self._deeds.say(said, channel=channel, user=ME, thread_ts=thread_ts)
        return {"ok": True}

    def _click(self, args: Mapping[str, Any]) -> Json:
        return _outcome(
            self._deeds.click(
                channel=text(args, "channel"),
                ts=text(args, "ts"),
                action_id=text(args, "action_id"),
                value=None if args.get("value") is None else text(args, "value"),
                block_id=text(args, "block_id") or None,
                user=ME,
            )
        )

    def _inject(self, args: Mapping[str, Any]) -> Json:
        injection = self._injections.get(text(args, "name"))
        if injection is None:
            raise LookupError(f"there is no injection {text(args, 'name')!r}")
        injection.run()
        return {"ok": True}


def _is_own(request: Request, port: int) -> bool:
    hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
    return request.headers.get("x-simulator") == "1" and request.headers.get("host") in hosts


def _number(request: Request, name: str) -> int:
    given = parse_qs(request.query).get(name, ["0"])[0]
    return int(given) if given.isdecimal() else 0


def _outcome(delivery: Delivery) -> Json:
    return {"ok": delivery.error is None, **asdict(delivery)}


def _entry(exchange: Exchange) -> Json:
    shown = asdict(exchange)
    del shown["headers"]
    return shown


def _json(body: Json) -> Answer:
    return Answer(body=body, headers=_NO_STORE)


def _failure(status: int, error: str) -> Answer:
    return Answer(status=status, body={"ok": False, "error": error}, headers=_NO_STORE)
