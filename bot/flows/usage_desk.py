"""Answer ``/agora-usage``: users, sessions and channels a day, asked of Agora."""

import re

from bot.agora import AgoraError
from bot.flows.answer import Desk, trouble
from bot.flows.question import Unclear
from bot.flows.typed import as_typed
from bot.model.message import Message
from bot.model.time import DAY_S, Window

USAGE = "Usage: `/agora-usage`, `/agora-usage 7d` or `/agora-usage 30d`"
DEFAULT_DAYS = 7
MOST_DAYS = 30
_DAYS = re.compile(r"(\d{1,3})d?", re.ASCII)


def answer(desk: Desk, text: str) -> Message:
    """Return what was used in the last complete UTC days, of every project; raise Unclear."""
    words = as_typed(text).lower()
    found = _DAYS.fullmatch(words or f"{DEFAULT_DAYS}d")
    days = int(found[1]) if found else 0
    if not 1 <= days <= MOST_DAYS:
        raise Unclear(f"“{words[:60]}” is not a number of days from 1 to {MOST_DAYS}.", USAGE)
    midnight = int(desk.now()) // DAY_S * DAY_S
    window = Window(start=midnight - days * DAY_S, end=midnight)
    told, failures = [], list[tuple[str, AgoraError]]()
    for project in desk.projects:
        try:
            told.append((project.name, desk.clients[project.account].usage(project, window)))
        except AgoraError as error:
            failures.append((project.name, error))
    if failures and not told:
        return trouble(desk, failures[0][1])
    return desk.renderer.usage(window, told, tuple((name, str(error)) for name, error in failures))
