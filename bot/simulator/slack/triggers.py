"""Trigger ids: each opens one view, within three seconds of the person's action."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .values import Refused

TRIGGER_LIFE_S = 3.0


@dataclass(slots=True)
class _Trigger:
    user: str
    issued_at: float
    is_spent: bool = False


class Triggers:
    """Issues trigger ids and takes each back once."""

    def __init__(self, *, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._issued: dict[str, _Trigger] = {}

    def issue(self, user: str) -> str:
        with self._lock:
            name = f"{len(self._issued) + 1}.{secrets.token_hex(12)}"
            self._issued[name] = _Trigger(user, self._wall())
        return name

    def spend(self, name: str) -> str:
        """Return the user behind a trigger id; refuse an unknown, used or old one."""
        with self._lock:
            trigger = self._issued.get(name)
            if trigger is None:
                raise Refused("invalid_trigger_id")
            if trigger.is_spent:
                raise Refused("exchanged_trigger_id")
            if self._wall() - trigger.issued_at > TRIGGER_LIFE_S:
                raise Refused("expired_trigger_id")
            trigger.is_spent = True
            return trigger.user
