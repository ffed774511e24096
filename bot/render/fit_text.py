"""Text objects and buttons against Slack's limits, and the words for what is wrong with a structure."""

from typing import Any, NoReturn

from bot.model.message import Block
from bot.render import limits, words

Json = Any
"""What a template gave and json.loads read: nothing is known of it before it is checked here."""

_TEXT_KINDS = ("mrkdwn", "plain_text")
_TEXT_KEYS = {"type", "text", "emoji", "verbatim"}
_BUTTON_KEYS = {"type", "text", "action_id", "value", "url", "style", "confirm", "accessibility_label"}
_CONFIRM = {
    "title": limits.CONFIRM_TITLE_MAX,
    "text": limits.CONFIRM_TEXT_MAX,
    "confirm": limits.CONFIRM_BUTTON_MAX,
    "deny": limits.CONFIRM_BUTTON_MAX,
}


class Breach(ValueError):
    """A structure that Slack would refuse: ``pointer`` says where (JSON pointer), ``what`` what is wrong."""

    def __init__(self, pointer: str, what: str) -> None:
        super().__init__(f"{pointer or '/'}: {what}")
        self.pointer = pointer
        self.what = what


def need(fact: bool, at: str, what: str) -> None:
    """Raise Breach where ``fact`` is false."""
    if not fact:
        _refuse(at, what)


def need_list(value: Json, at: str, least: int, most: int) -> list[Any]:
    """Return ``value`` as a list of ``least`` to ``most`` items."""
    if not isinstance(value, list):
        _refuse(at, "a list is needed here")
    need(least <= len(value) <= most, at, f"{least} to {most} items are allowed here, not {len(value)}")
    return value


def fit_text(value: Json, at: str, most: int, kinds: tuple[str, ...] = _TEXT_KINDS) -> None:
    """Cut a text object in place.

    mrkdwn becomes ``verbatim``, so that Slack makes no links or mentions of its own from what it reads.
    """
    need(
        isinstance(value, dict) and value.get("type") in kinds, at, f"a text object of type {kinds} is needed"
    )
    need(value.keys() <= _TEXT_KEYS, at, f"a text object has {sorted(_TEXT_KEYS)}, nothing else")
    text = value.get("text")
    need(isinstance(text, str) and text.strip() != "", at, "the text is empty")
    if value["type"] == "mrkdwn":
        value["text"] = limits.cut_mrkdwn(text.strip(), most)
        value.setdefault("verbatim", True)
    else:
        value["text"] = words.cut(text.strip(), most)


def fit_button(button: Json, at: str) -> None:
    """Cut a button's label in place; its value and ids are refused where they are too long."""
    need(isinstance(button, dict) and button.get("type") == "button", at, "only buttons are known here")
    need(button.keys() <= _BUTTON_KEYS, at, f"a button has {sorted(_BUTTON_KEYS)}, nothing else")
    fit_text(button.get("text"), f"{at}/text", limits.BUTTON_TEXT_MAX, kinds=("plain_text",))
    _need_short(button.get("action_id"), f"{at}/action_id", limits.ID_MAX)
    _need_short(button.get("value", ""), f"{at}/value", limits.BUTTON_VALUE_MAX)
    _need_short(button.get("url", ""), f"{at}/url", limits.BUTTON_URL_MAX)
    need(button.get("style", "primary") in ("primary", "danger"), f"{at}/style", "primary or danger")
    if "confirm" in button:
        _fit_confirm(button["confirm"], f"{at}/confirm")


def _fit_confirm(confirm: Block, at: str) -> None:
    need(isinstance(confirm, dict) and confirm.keys() == _CONFIRM.keys(), at, f"needs {', '.join(_CONFIRM)}")
    for key, most in _CONFIRM.items():
        fit_text(confirm[key], f"{at}/{key}", most, kinds=("plain_text",))


def _need_short(value: Json, at: str, most: int) -> None:
    need(isinstance(value, str) and len(value) <= most, at, f"a text of at most {most} characters is needed")


def _refuse(at: str, what: str) -> NoReturn:
    raise Breach(at, what)
