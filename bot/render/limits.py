"""Slack's limits for the blocks that we use, and how text is cut to them.

Source: Block Kit reference, docs.slack.dev, 2026. Where its copies differ, the smaller number stands here.
"""

import re

BLOCKS_MAX = 50
ATTACHMENTS_MAX = 100
PUSH_TEXT_MAX = 4000
SECTION_TEXT_MAX = 3000
FIELDS_MAX = 10
FIELD_TEXT_MAX = 2000
HEADER_TEXT_MAX = 150
CONTEXT_ELEMENTS_MAX = 10
ACTIONS_MAX = 25
BUTTON_TEXT_MAX = 75
BUTTON_VALUE_MAX = 2000
BUTTON_URL_MAX = 3000
ID_MAX = 255
CONFIRM_TITLE_MAX = 100
CONFIRM_TEXT_MAX = 300
CONFIRM_BUTTON_MAX = 30
TABLE_ROWS_MAX = 201
TABLE_COLUMNS_MAX = 20
TABLE_PAGE_MAX = 100
TABLE_TEXT_MAX = 20_000
CHARTS_MAX = 2
CHART_SERIES_MAX = 6
CHART_POINTS_MAX = 20
CHART_TITLE_MAX = 50
CHART_LABEL_MAX = 20
CHART_AXIS_LABEL_MAX = 50
TOTAL_TEXT_MAX = 10_000
"""Slack gives no number and refuses messages from about 11,300 characters (bolt-js#2867); ours is lower."""

_FENCE = "```"
_OPEN_ENTITY = re.compile(r"&[a-z]{0,3}$")


def cut_mrkdwn(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of mrkdwn, cut with … outside of links, entities and code."""
    if len(text) <= limit:
        return text
    room = text[: limit - len("…" + _FENCE)]
    if room.rfind("<") > room.rfind(">"):
        room = room[: room.rfind("<")]
    room = _OPEN_ENTITY.sub("", room)
    if room.count(_FENCE) % 2:
        return room.rstrip("`\n ") + "…" + _FENCE
    if room.replace(_FENCE, "").count("`") % 2:
        room = room[: room.rfind("`")]
    return room.rstrip() + "…"
