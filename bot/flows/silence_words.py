"""What people type after ``/agora-silence``, and what is answered in one sentence."""

import html
from dataclasses import dataclass

from bot.flows.question import Unclear
from bot.flows.silencing import LONG_S, Reach
from bot.flows.typed import first_word
from bot.model.silence import Silence
from bot.rules.duration import seconds
from bot.rules.matcher import leading

USAGE = 'Usage: `/agora-silence alertname="VideoFreezeHigh" 2h maintenance of the studio`, `list` or `end 3`'
_AS_TYPED = str.maketrans("“”„«»∼∗", '"""""~*')
"""Telephones write curly quotes; the other two stand in our answers, where Slack would see markup."""
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Show what is silenced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """End one silence."""

    silence_id: int


def silence_words(text: str, author: str, now: float) -> Silence | Listing | Ending:
    """Return what ``<matchers> <duration> <reason>``, ``list`` or ``end <id>`` asks for; raise Unclear.

    Slack sends ``&``, ``<`` and ``>`` as entities, and telephones write curly quotes.
    """
    words = html.unescape(text).strip()
    first, rest = first_word(words)
    if first.lower() in ("", "list"):
        return Listing()
    if first.lower() in ("end", "expire"):
        number = rest.strip().lstrip("#")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Unclear("Which silence? Give its number.", "`/agora-silence list` shows the numbers.")
        return Ending(silence_id=int(number))
    try:
        matchers, rest = leading(words.translate(_AS_TYPED))
    except ValueError as wrong:
        raise Unclear(f"{wrong}.", USAGE) from None
    if not matchers:
        raise Unclear(f"“{first[:80]}” is not a matcher.", USAGE)
    span, comment = first_word(rest)
    if not span:
        raise Unclear("How long? A duration is missing after the matchers.", USAGE)
    try:
        lasts_s = seconds(span)
    except ValueError as wrong:
        raise Unclear(f"{wrong}.", USAGE) from None
    return Silence(
        matchers=tuple(matcher.written.strip() for matcher in matchers),
        starts_at=int(now),
        ends_at=int(now) + lasts_s,
        author=author,
        comment=comment,
    )


def reach_words(found: Reach) -> str:
    """Return whom a silence hides: ``It hides 3 alerts that fire now (…); 12 fired in the last 24 h.``"""
    if found.firing:
        names = list(dict.fromkeys(alert.alertname for alert in found.firing))
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        many = "1 alert that fires" if len(found.firing) == 1 else f"{len(found.firing)} alerts that fire"
        said = f"It hides {many} now ({', '.join(names[:_NAMED])}{more})"
    else:
        said = "It hides nothing that fires now"
    said = f"{said}; {found.lately or 'none'} fired in the last 24 h."
    if found.unknown:
        said += (
            f" No alert of that time has the label {', '.join(found.unknown)}; they have "
            f"{', '.join(found.labels)}."
        )
    return said


def long_words(silence: Silence) -> str:
    """Return a warning where a silence is very long, else nothing."""
    long = silence.ends_at - silence.starts_at > LONG_S
    return "That is more than 30 days: consider changing the rule instead." if long else ""
