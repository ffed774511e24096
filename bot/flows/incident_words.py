"""What people type after ``/agora-incident`` and ``/agora-incidents``."""

from dataclasses import dataclass
from enum import StrEnum

from bot.flows.question import SPAN, Unclear, call_id_in, span_s
from bot.flows.typed import as_typed, first_word, nearest, user_in
from bot.model.time import DAY_S, HOUR_S, MINUTE_S
from bot.rules.duration import seconds

USAGE = (
    "Usage: `/agora-incident 12`, then if you like `ack`, `assign @somebody`, `note what you found`, "
    "`link <call id>`, `snooze 2h`, `silence 2h why`, `resolve`"
)
LIST_USAGE = "Usage: `/agora-incidents`, `/agora-incidents 24h` or `/agora-incidents 7d`"
SNOOZE_MOST_S = 7 * DAY_S
NOTE_MAX = 1000


class Deed(StrEnum):
    """What to do with an incident, each with the words that ask for it in ``_VERBS``."""

    SHOW = "show"
    ACKNOWLEDGE = "ack"
    ASSIGN = "assign"
    NOTE = "note"
    LINK = "link"
    SNOOZE = "snooze"
    SILENCE = "silence"
    RESOLVE = "resolve"


_VERBS = {deed.value: deed for deed in Deed} | {
    "acknowledge": Deed.ACKNOWLEDGE,
    "take": Deed.ACKNOWLEDGE,
    "close": Deed.RESOLVE,
    "give": Deed.ASSIGN,
}


def is_deed(text: str) -> bool:
    """Return whether words say what to do with an incident; ``silence`` does where it says for how long."""
    verb, rest = first_word(text)
    deed = _VERBS.get(verb.lower())
    return deed is not None and (deed is not Deed.SILENCE or first_word(rest)[0][:1].isdigit())


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWish:
    """What somebody wants of one incident. ``about`` is the note, the id of a user or of a call, or why to
    silence; ``seconds`` how long to keep it quiet."""

    incident_id: int
    deed: Deed
    about: str = ""
    seconds: int = HOUR_S


def incident_wish(text: str, user: str) -> IncidentWish:
    """Return what ``<number> [verb ...]`` asks for; raise Unclear. ``me`` is ``user``."""
    first, rest = first_word(text.strip())
    number = first.lstrip("#")
    if not first:
        raise Unclear("Which incident? Give its number.", f"`/agora-incidents` lists them. {USAGE}")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Unclear(f"“{as_typed(first)[:80]}” is not the number of an incident.", USAGE)
    verb, words = first_word(rest)
    deed = _VERBS.get(verb.lower() or Deed.SHOW)
    if deed is None:
        said = f"I do not know how to “{as_typed(verb)[:40]}” an incident.{nearest(verb, _VERBS)}"
        raise Unclear(said, USAGE)
    about, lasting = _of(deed, words.strip(), user)
    return IncidentWish(incident_id=int(number), deed=deed, about=about, seconds=lasting)


def _of(deed: Deed, words: str, user: str) -> tuple[str, int]:
    """Return what a deed is about, and for how long it is."""
    match deed:
        case Deed.ASSIGN:
            return _somebody(words, user), 0
        case Deed.NOTE:
            return _note(words), 0
        case Deed.LINK:
            return _call(as_typed(words)), 0
        case Deed.SNOOZE:
            return "", _span(words) if words else HOUR_S
        case Deed.SILENCE:
            span, why = first_word(words)
            return as_typed(why), _span(span)
        case _ if words:
            raise Unclear(f"“{as_typed(words)[:80]}” is more than `{deed}` needs.", USAGE)
        case _:
            return "", 0


def _somebody(words: str, user: str) -> str:
    if words.lower() in ("me", "myself"):
        return user
    found = user_in(words)
    if found is None:
        raise Unclear(
            f"“{as_typed(words)[:80]}” is nobody that I can find." if words else "Assign it to whom?",
            "Write `assign @` and choose the person from Slack's list, or write `assign me`.",
        )
    return found


def _note(words: str) -> str:
    note = as_typed(words)
    if not note:
        raise Unclear(
            "The note is empty.", "Write for example `/agora-incident 12 note the studio rebooted`."
        )
    if len(note) > NOTE_MAX:
        raise Unclear(
            f"The note has {len(note)} characters; {NOTE_MAX} fit.", "Shorten it, or link a document."
        )
    return note


def _call(words: str) -> str:
    call = call_id_in(words)
    if call is None:
        raise Unclear(
            "Which call? Give its id, or the link to it in Agora's console.",
            "`/agora-call <channel>` shows the beginning of each id, the details of a call its whole id.",
        )
    return call


def _span(words: str) -> int:
    try:
        lasting = seconds(words)
    except ValueError as wrong:
        raise Unclear(f"{wrong}.", USAGE) from None
    if not MINUTE_S <= lasting <= SNOOZE_MOST_S:
        raise Unclear("An incident can be kept quiet for a minute to seven days.", "Write for example `2h`.")
    return lasting


def since_of(text: str) -> int | None:
    """Return how many seconds back to list incidents, None for those that are open now; raise Unclear."""
    words = as_typed(text).lower()
    if words in ("", "open"):
        return None
    if not SPAN.fullmatch(words):
        raise Unclear(f"“{words[:80]}” is neither `open` nor a span of time.", LIST_USAGE)
    return span_s(words)
