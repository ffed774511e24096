"""Every block type, and which of them each surface takes (message, modal, App Home, container)."""

from collections.abc import Iterator

from .checks import (
    Check,
    Problem,
    any_field,
    boolean,
    by_type,
    every,
    integer,
    items,
    one_of,
    shape,
    string,
    unique,
)
from .data import DATA_TABLE, DATA_VISUALIZATION, TABLE
from .elements import ACCESSORY, BUTTON, ID, IMAGE, IMAGE_SOURCE, INPUT_ELEMENT, INTERACTIVE, plain, text
from .rich_text import RICH_TEXT, RICH_TEXT_TITLE

_ID = {"block_id": ID}
_NOTE = by_type(
    {
        "image": IMAGE,
        "plain_text": shape({"text": string(3000)}, {"emoji": boolean}),
        "mrkdwn": shape({"text": string(3000)}, {"verbatim": boolean}),
    }
)
SECTION = every(
    shape(
        {},
        {
            **_ID,
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": ACCESSORY,
            "expand": boolean,
        },
    ),
    any_field("text", "fields"),
)
INPUT = shape(
    {"label": plain(2000), "element": INPUT_ELEMENT},
    {**_ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
)
CARD = every(
    shape(
        {},
        {
            **_ID,
            "hero_image": by_type({"image": IMAGE}),
            "icon": by_type({"image": IMAGE}),
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "subtext": text(200),
            "actions": items(by_type({"button": BUTTON}), 3),
        },
    ),
    any_field("hero_image", "title", "actions", "body"),
)
_EVERYWHERE: dict[str, Check] = {
    "section": SECTION,
    "header": shape({"text": plain(150)}, {**_ID, "level": integer(1, 4)}),
    "context": shape({"elements": items(_NOTE, 10)}, _ID),
    "divider": shape({}, _ID),
    "actions": shape({"elements": every(items(INTERACTIVE, 25), unique("action_id"))}, _ID),
    "image": every(
        shape({"alt_text": string(2000)}, {**_ID, **IMAGE_SOURCE, "title": plain(2000)}),
        any_field("image_url", "slack_file"),
    ),
    "rich_text": RICH_TEXT,
    "input": INPUT,
}


def _collapses(value: object, at: str) -> Iterator[Problem]:
    if isinstance(value, dict) and value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Problem(pointer=f"{at}/default_collapsed", message="requires is_collapsible")


CONTAINER = every(
    shape(
        {"child_blocks": items(by_type({**_EVERYWHERE, "table": TABLE}), 10)},
        {
            **_ID,
            "title": plain(150),
            "rich_text_title": RICH_TEXT_TITLE,
            "subtitle": text(150),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": by_type({"image": IMAGE}),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
    ),
    any_field("title", "rich_text_title"),
    _collapses,
)
_CAROUSEL = shape({"elements": items(by_type({"card": CARD}), 10)}, _ID)
_WIDE: dict[str, Check] = {
    "table": TABLE,
    "data_table": DATA_TABLE,
    "container": CONTAINER,
    "card": CARD,
    "carousel": _CAROUSEL,
}
SURFACES: dict[str, dict[str, Check]] = {
    "message": {
        **_EVERYWHERE,
        **_WIDE,
        "markdown": shape({"text": string(12_000)}, _ID),
        "data_visualization": DATA_VISUALIZATION,
    },
    "modal": {
        **_EVERYWHERE,
        "alert": shape(
            {"text": text(200)}, {**_ID, "level": one_of("default", "info", "warning", "error", "success")}
        ),
    },
    "home": {**_EVERYWHERE, **_WIDE},
}
