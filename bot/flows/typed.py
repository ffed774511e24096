"""What people typed, out of Slack's markup.

Source of the forms: "Formatting text for app surfaces" and "Slash commands", docs.slack.dev: where a command
asks for ``should_escape``, and in messages, users, channels and links come as ``<@U1|ada>``, ``<#C1|name>``,
``<https://x|label>``; ``&``, ``<`` and ``>`` always come as entities.
"""

import html
import re
from collections.abc import Iterable
from difflib import get_close_matches

_USER = re.compile(r"<@([UW][A-Z0-9_]{1,30})(?:\|[^<>]*)?>")
_MARKED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


def as_typed(text: str) -> str:
    """Return the words of a command or message as they stood on the keyboard."""
    return html.unescape(unmarked(text)).strip()


def unmarked(text: str) -> str:
    """Return ``text`` without users, channels and links in Slack's markup; entities stay, as in commands."""
    return _MARKED.sub(_plain, text)


def user_in(text: str) -> str | None:
    """Return the id of the one user that ``text`` names, None where it is anything else."""
    found = _USER.fullmatch(text.strip())
    return found[1] if found else None


def first_word(text: str) -> tuple[str, str]:
    """Return the first word, and what follows it."""
    word, *rest = text.split(maxsplit=1) or [""]
    return word, "".join(rest)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean `x`?" of what is known and most like a word, empty where nothing is."""
    folded = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), folded, n=1)
    return f" Did you mean `{folded[near[0]]}`?" if near else ""


def _plain(found: re.Match[str]) -> str:
    sign, target, label = found.groups()
    if sign in ("@", "#"):
        return sign + (label or target)
    if sign == "!":
        return "@" + target.split("^")[0]
    address = target.removeprefix("mailto:")
    return label if label and address in (label, f"http://{label}", f"https://{label}") else address
