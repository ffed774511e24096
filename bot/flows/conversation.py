"""What people write to the bot in a channel, a thread or a direct message, as the command that it means."""

from collections.abc import Collection

from bot.flows.incident_words import is_deed
from bot.flows.question import Unclear
from bot.flows.typed import first_word, nearest, unmarked
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


def meant(
    database: Database, commands: Collection[str], text: str, channel: str, thread_ts: str
) -> tuple[str, str]:
    """Return the command that somebody wrote as plain words, and the words after it; raise Unclear.

    In the thread of an incident (below the message ``thread_ts`` of the channel), what can be done with
    incidents needs no number: ``ack`` or ``note ...``.
    """
    words = text.strip()
    if thread_ts and is_deed(words):
        with database.reading() as tx:
            number = incidents.at_place(tx, channel, thread_ts)
        if number is not None:
            return f"{_PREFIX}incident", f"{number} {words}"
    return command_in(commands, words)


def command_in(commands: Collection[str], text: str) -> tuple[str, str]:
    """Return the command that plain words begin with, and the words after it; raise Unclear."""
    first, rest = first_word(text)
    word = first.lower().removeprefix("/").removeprefix("agora-") or "help"
    word = _ALIASES.get(word, word)
    if _PREFIX + word in commands:
        return _PREFIX + word, rest if word in _WITH_USERS else unmarked(rest)
    names = [one.removeprefix(_PREFIX) for one in commands]
    hint = nearest(word, names).strip() or f"I know {', '.join(f'`{name}`' for name in names)}."
    raise Unclear(f"I do not know what “{unmarked(first)[:60]}” means.", hint)
