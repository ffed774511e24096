"""Answer ``/agora-silence``: make a silence, list what is silenced, end one."""

from bot.flows import silencing
from bot.flows.answer import Desk
from bot.flows.question import Unclear
from bot.flows.silence_words import USAGE, Ending, Listing, long_words, reach_words, silence_words
from bot.model.audit import Asker
from bot.model.message import Message
from bot.model.silence import Silence


def answer(desk: Desk, text: str, asker: Asker) -> Message:
    """Do what ``text`` asks for and return what was done; raise Unclear."""
    now = desk.now()
    asked = silence_words(text, asker.user, now)
    if isinstance(asked, Listing):
        return _listing(desk, now)
    if isinstance(asked, Ending):
        return end(desk, asked.silence_id, asker)
    return make(desk, asked, asker)


def end(desk: Desk, silence_id: int, asker: Asker) -> Message:
    """End a silence at once and say so; raise Forbidden."""
    desk.access.may_act(asker)
    try:
        ended = silencing.end(desk.database, silence_id, desk.now(), asker)
    except silencing.SilenceRefused as refused:
        return desk.renderer.notice(str(refused), "`/agora-silence list` shows what is silenced.")
    return desk.renderer.notice(
        f"Silence {silence_id} is over: {', '.join(ended.matchers)}.",
        "What it hid and still fires is told now.",
    )


def make(desk: Desk, wanted: Silence, asker: Asker, incident_id: int | None = None) -> Message:
    """Make a silence, of an incident where one is named, and say whom it hides; raise Unclear, Forbidden."""
    desk.access.may_act(asker, incident_id)
    now = desk.now()
    try:
        made, found = silencing.silence(desk.database, wanted, now, asker, incident_id)
    except silencing.SilenceRefused as refused:
        raise Unclear(str(refused), USAGE) from None
    hint = f"{reach_words(found)} {long_words(made)}".strip()
    return desk.renderer.silences(f"Silence {made.id} is in force", [(made, None)], hint=hint, now=int(now))


def _listing(desk: Desk, now: float) -> Message:
    lasting, _ = silencing.in_force(desk.database, now)
    title = f"{len(lasting)} silenced" if lasting else "Nothing is silenced"
    return desk.renderer.silences(title, lasting, hint="" if lasting else USAGE, now=int(now))
