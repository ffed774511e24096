"""What people write to the bot in a channel, a thread or a direct message, as the command that it means."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from bot.flows.incident_words import is_deed
from bot.flows.question import Unclear
from bot.flows.typed import first_word, unmarked
from bot.store import Database, incidents

_PREFIX = "/agora-"
_ALIASES = {
    "calls": "call",
    "users": "user",
    "silences": "silence",
    "rule": "rules",
    "hi": "help",
    "hello": "help",
}
_WITH_USERS = frozenset({"incident"})
"""Commands that want users as Slack's ids, not as people read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was said: in a channel, below the message ``thread_ts`` (empty: in the channel)."""

    channel: str
    thread_ts: str = ""


def meant(database: Database, commands: Collection[str], text: str, place: Place) -> tuple[str, str]:
    """Return the command that somebody wrote as plain words, and the words after it; raise Unclear.

    In the thread of an incident, what can be done with incidents needs no number: ``ack`` or ``note ...``.
    """
    first, rest = first_word(text.strip())
    word = first.lower().removeprefix("/").removeprefix("agora-") or "help"
    word = _ALIASES.get(word, word)
    command = _PREFIX + word
    if command in commands:
        return command, rest if word in _WITH_USERS else unmarked(rest)
    if place.thread_ts and is_deed(word):
        with database.reading() as tx:
            number = incidents.at_place(tx, place.channel, place.thread_ts)
        if number is not None:
            return f"{_PREFIX}incident", f"{number} {text.strip()}"
    names = [one.removeprefix(_PREFIX) for one in commands]
    near = get_close_matches(word, names, n=1)
    hint = f"Did you mean `{near[0]}`?" if near else f"I know {', '.join(f'`{name}`' for name in names)}."
    raise Unclear(f"I do not know what “{unmarked(first)[:60]}” means.", hint)
