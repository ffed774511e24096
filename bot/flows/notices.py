"""Notices: what operators must know that is no incident, such as refused credentials. Slack is told once.

A notice has a name, under which it is told until it is withdrawn.
"""

import hashlib
from collections.abc import Callable

from bot.store import Database, Transaction, notes

TELL_AGAIN_S = 60
"""How long a notice that may not have arrived waits for its next try; one worker tries at a time."""

_KEYS = "notice "


def leave(tx: Transaction, name: str, sentence: str, now: float, *, anew: bool = True) -> None:
    """Leave ``sentence`` for Slack, unless the same was said under this name; without ``anew``, unless
    anything was."""
    earlier = notes.get(tx, _key(name), lock=True)
    if earlier is None or (anew and earlier["sentence"] != sentence):
        notes.put(tx, _key(name), {"sentence": sentence, "told": False}, now)


def withdraw(tx: Transaction, name: str) -> None:
    """Forget a notice whose reason is gone."""
    notes.remove(tx, _key(name))


def tell(database: Database, post: Callable[[str], None], now: float) -> None:
    """Post the notices that were not told; a failure to post leaves them for the next time."""
    with database.transaction() as tx:
        waiting = [key for key, notice in notes.starting(tx, _KEYS) if _waits(notice, now)]
    for key in waiting:
        _tell(database, key, post, now)


def _tell(database: Database, key: str, post: Callable[[str], None], now: float) -> None:
    with database.transaction() as tx:
        notice = notes.get(tx, key, lock=True)
        if notice is None or not _waits(notice, now):
            return
        notes.put(tx, key, notice | {"retry_at": now + TELL_AGAIN_S}, now)
    post(notice["sentence"])
    with database.transaction() as tx:
        current = notes.get(tx, key, lock=True)
        if current and current["sentence"] == notice["sentence"]:
            notes.put(tx, key, current | {"told": True}, now)


def _waits(notice: dict[str, object], now: float) -> bool:
    retry_at = notice.get("retry_at", 0)
    return not notice["told"] and isinstance(retry_at, int | float) and retry_at <= now


def _key(name: str) -> str:
    return _KEYS + hashlib.sha256(name.encode()).hexdigest()[:32]
