"""Modals and App Home: ``views.open``, ``push``, ``update`` and ``publish``."""

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any

from .arguments import structure, text
from .blocks import judge_view
from .content import refuse
from .people import USERS
from .triggers import Triggers
from .values import APP_ID, TEAM_ID, Json, Refused

STACK = 3
VIEW_BYTES = 250_000

Args = Mapping[str, Any]


class Views:
    """Holds a stack of modals and a home tab for each user."""

    def __init__(self, triggers: Triggers) -> None:
        self._triggers = triggers
        self._lock = threading.RLock()
        self._stacks: dict[str, list[Json]] = {}
        self._homes: dict[str, Json] = {}
        self._n = 0

    def shown(self, user: str) -> list[Json]:
        """Return the open modals of a user, the topmost last."""
        with self._lock:
            return list(self._stacks.get(user, []))

    def home(self, user: str) -> Json | None:
        with self._lock:
            return self._homes.get(user)

    def open(self, args: Args) -> Json:
        given = _view(args, "modal")
        user = self._triggers.spend(text(args, "trigger_id"))
        with self._lock:
            view = self._made(given, [])
            self._stacks[user] = [view]
        return {"ok": True, "view": view}

    def push(self, args: Args) -> Json:
        given = _view(args, "modal")
        user = self._triggers.spend(text(args, "trigger_id"))
        with self._lock:
            stack = self._stacks.get(user, [])
            if not stack:
                raise Refused("not_found")
            if len(stack) >= STACK:
                raise Refused("push_limit_reached")
            view = self._made(given, stack)
            stack.append(view)
        return {"ok": True, "view": view}

    def update(self, args: Args) -> Json:
        given = _view(args, "modal")
        with self._lock:
            for stack in self._stacks.values():
                for place, old in enumerate(stack):
                    if _is_meant(old, args):
                        _guard(old, args)
                        stack[place] = self._renewed(given, old)
                        return {"ok": True, "view": stack[place]}
        raise Refused("not_found")

    def publish(self, args: Args) -> Json:
        given = _view(args, "home")
        user = text(args, "user_id")
        if user not in USERS:
            raise Refused("user_not_found")
        with self._lock:
            old = self._homes.get(user)
            _guard(old, args)
            view = self._renewed(given, old) if old else self._made(given, [])
            self._homes[user] = view
        return {"ok": True, "view": view}

    def _made(self, given: Json, below: list[Json]) -> Json:
        external_id = given.get("external_id")
        open_views = [view for stack in self._stacks.values() for view in stack]
        if external_id and external_id in [view["external_id"] for view in open_views]:
            raise Refused("duplicate_external_id")
        self._n += 1
        own = f"V{self._n:04}"
        return _completed(
            given, own, below[0]["id"] if below else own, below[-1]["id"] if below else None, self._n
        )

    def _renewed(self, given: Json, old: Json) -> Json:
        self._n += 1
        return _completed(given, old["id"], old["root_view_id"], old["previous_view_id"], self._n)


def _view(args: Args, kind: str) -> Json:
    view = structure(args, "view", "invalid_arguments")
    if len(json.dumps(view)) > VIEW_BYTES:
        raise Refused("view_too_large")
    refuse(judge_view(view))
    if view["type"] != kind:
        raise Refused("invalid_arguments", (f"must be a {kind} [json-pointer:/view/type]",))
    return dict(view)


def _completed(given: Json, own: str, root: str, previous: str | None, version: int) -> Json:
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        **given,
        "id": own,
        "team_id": TEAM_ID,
        "app_id": APP_ID,
        "root_view_id": root,
        "previous_view_id": previous,
        "state": {"values": {}},
        "hash": f"{version}.{hashlib.sha256(json.dumps(given).encode()).hexdigest()[:8]}",
    }


def _is_meant(view: Json, args: Args) -> bool:
    external_id = text(args, "external_id")
    return view["id"] == text(args, "view_id") or bool(external_id and view["external_id"] == external_id)


def _guard(old: Json | None, args: Args) -> None:
    if old and text(args, "hash") and text(args, "hash") != old["hash"]:
        raise Refused("hash_conflict")
