"""The ``rich_text`` block: sections, lists, quotes and preformatted text of inline elements."""

from .checks import anything, boolean, by_type, integer, items, one_of, shape, string

_LOOKS = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = shape({}, dict.fromkeys(_LOOKS, boolean))
_NAME = string(255)
_INLINE = by_type(
    {
        "text": shape({"text": string(3000)}, {"style": _STYLE}),
        "link": shape({"url": string(3000)}, {"text": string(3000), "unsafe": boolean, "style": _STYLE}),
        "emoji": shape({"name": _NAME}, {"unicode": _NAME, "skin_tone": integer(1, 6), "style": _STYLE}),
        "user": shape({"user_id": _NAME}, {"style": _STYLE}),
        "usergroup": shape({"usergroup_id": _NAME}, {"style": _STYLE}),
        "channel": shape({"channel_id": _NAME}, {"style": _STYLE}),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, {"style": _STYLE}),
        "color": shape({"value": _NAME}, {"style": _STYLE}),
        "date": shape(
            {"timestamp": integer(0, 9_999_999_999), "format": _NAME},
            {"fallback": _NAME, "url": string(3000), "style": _STYLE},
        ),
    }
)
_LINE = {"elements": items(_INLINE, 1000, 0)}
_SECTION = shape(_LINE)
_BORDER = {"border": integer(0, 1)}

RICH_TEXT = shape(
    {
        "elements": items(
            by_type(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_quote": shape(_LINE, _BORDER),
                    "rich_text_preformatted": shape(_LINE, {**_BORDER, "language": _NAME}),
                    "rich_text_list": shape(
                        {
                            "style": one_of("bullet", "ordered"),
                            "elements": items(by_type({"rich_text_section": _SECTION}), 1000),
                        },
                        {**_BORDER, "indent": integer(0, 8), "offset": integer(0, 1000)},
                    ),
                }
            ),
            1000,
        )
    },
    {"block_id": _NAME},
)
RICH_TEXT_TITLE = by_type({"rich_text": RICH_TEXT, "rich_text_section": shape({"elements": anything})})
