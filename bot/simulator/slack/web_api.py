"""The Web API: who may call, what is refused, and which method answers."""

from collections.abc import Callable, Mapping
from typing import Any

from .arguments import structure
from .blocks import judge_message, judge_view
from .chat import Chat
from .conversations import Conversations
from .files import Files
from .gate import Gate
from .limits import RateLimits
from .people import BOT_NAME, BOT_USER
from .values import BOT_ID, TEAM_ID, TEAM_NAME, Answer, Json, Refused, Request
from .views import Views

SCOPES = ",".join(
    (
        "app_mentions:read",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:write",
        "reactions:write",
        "usergroups:read",
        "users:read",
    )
)
NEEDS_NO_TOKEN = ("api.test", "blocks.validate")

Method = Callable[[Mapping[str, Any]], Json]


class WebApi:
    """Answers ``/api/<method>``: unknown methods first, then tokens, rate limits and the method itself."""

    def __init__(
        self, *, bot_token: str, methods: Mapping[str, Method], limits: RateLimits, gate: Gate
    ) -> None:
        self._bot_token = bot_token
        self._methods = methods
        self._limits = limits
        self._gate = gate

    def answer(self, method: str, request: Request) -> Answer:
        """Return the answer to one call."""
        return self._gate.answer(method, request, lambda args: self._served(method, request, args))

    def _served(self, method: str, request: Request, args: Json) -> Answer:
        if method not in self._methods:
            raise Refused("unknown_method")
        if method not in NEEDS_NO_TOKEN:
            self._admit(request, args)
        self._limits.count_call(method)
        return Answer(body=self._methods[method](args), headers={"x-oauth-scopes": SCOPES})

    def _admit(self, request: Request, args: Json) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not token and not request.headers.get("content-type", "").startswith("application/json"):
            token = str(args.get("token", ""))
        if not token:
            raise Refused("not_authed")
        if token != self._bot_token:
            raise Refused("invalid_auth")


def method_table(
    *, chat: Chat, conversations: Conversations, views: Views, files: Files, base: Callable[[], str]
) -> dict[str, Method]:
    """Return every method that the simulator knows, by name."""
    return {
        "api.test": lambda args: {"ok": True, "args": dict(args)},
        "auth.test": lambda args: _identity(base()),
        "apps.connections.open": _no_socket_mode,
        "blocks.validate": _validate,
        "chat.postMessage": chat.post_message,
        "chat.postEphemeral": chat.post_ephemeral,
        "chat.update": chat.update,
        "chat.delete": chat.delete,
        "chat.getPermalink": chat.permalink,
        "reactions.add": chat.add_reaction,
        "conversations.history": conversations.history,
        "conversations.replies": conversations.replies,
        "conversations.list": conversations.list,
        "conversations.info": conversations.info,
        "conversations.join": conversations.join,
        "users.info": conversations.user,
        "usergroups.users.list": conversations.group,
        "views.open": views.open,
        "views.push": views.push,
        "views.update": views.update,
        "views.publish": views.publish,
        "files.getUploadURLExternal": files.address,
        "files.completeUploadExternal": files.complete,
    }


def _identity(base: str) -> Json:
    return {
        "ok": True,
        "url": base,
        "team": TEAM_NAME,
        "user": BOT_NAME,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def _no_socket_mode(args: Mapping[str, Any]) -> Json:
    raise Refused("not_allowed")


def _validate(args: Mapping[str, Any]) -> Json:
    given = [name for name in ("blocks", "message", "view") if args.get(name) is not None]
    if len(given) != 1:
        raise Refused("invalid_arguments")
    value = structure(args, given[0], "invalid_json")
    if given == ["view"]:
        verdict = judge_view(value)
    elif given == ["message"] and isinstance(value, dict):
        verdict = judge_message(value.get("blocks"), value.get("attachments"))
    else:
        verdict = judge_message(value, None)
    if verdict is None:
        return {"ok": True}
    errors = [
        {"pointer": p.pointer, "code": p.code, "message": p.message, "constraint": None}
        for p in verdict.problems
    ]
    return {"ok": False, "error": f"invalid_{given[0]}", "errors": errors}
