"""States and messages for the page: small builders, and one rich demo."""

from typing import Any

Json = dict[str, Any]

NOW = 1_795_428_840.0
"""2026-11-23 10:14 UTC."""
BOT, ALICE, BOB = "U_BOT", "U_ALICE", "U_BOB"
INJECTIONS = [
    (
        "uplink",
        "A host's uplink fails",
        "One host on weak Wi-Fi loses packets; the viewers of a lesson freeze.",
    ),
    ("downlink", "Viewers lose packets", "Several viewers in several channels have a bad downlink."),
    ("cpu", "Hosts run out of CPU", "A host's machine is overloaded; its viewers see few frames."),
    ("tokens", "Tokens expire", "Users cannot join: their tokens are expired or invalid."),
    ("all", "Everything at once", "Thirty diagnosis rows a minute over many channels."),
    ("api", "Agora's API is down", "Every request fails: server errors, broken pages, dropped connections."),
]


def state(*messages: Json, general: tuple[Json, ...] = ()) -> list[list[Json]]:
    """Return a scene: the messages of #rtc-quality and those of #general, each in the order of their time."""
    return [[*messages], [*general]]


def message(at: float, text: str = "", *blocks: Json, user: str = BOT, **more: Any) -> Json:
    """Return a message of ``at`` seconds before (negative) or after the scene's now."""
    plain = {
        "ts": f"{NOW + at:.6f}",
        "user": user,
        "text": text,
        "blocks": list(blocks),
        "attachments": [],
        "thread_ts": None,
        "ephemeral_to": None,
    }
    return plain | more


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text)} | more


def context(text: str) -> Json:
    return {"type": "context", "elements": [mrkdwn(text)]}


def button(label: str, action: str = "act", value: str = "v1", **more: Any) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action, "value": value} | more


def actions(*elements: Json, block_id: str = "b1") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def cell(value: str | float) -> Json:
    if isinstance(value, str):
        return {"type": "raw_text", "text": value}
    return {"type": "raw_number", "value": value, "text": f"{value:g}"}


def data_table(caption: str, *rows: tuple[str | float, ...], page_size: int = 5) -> Json:
    return {
        "type": "data_table",
        "caption": caption,
        "page_size": page_size,
        "row_header_column_index": 0,
        "rows": [[cell(value) for value in row] for row in rows],
    }


def chart(kind: str, title: str, series: dict[str, list[float]], categories: list[str], **axes: str) -> Json:
    return {
        "type": "data_visualization",
        "title": title,
        "chart": {
            "type": kind,
            "series": [
                {
                    "name": name,
                    "data": [
                        {"label": label, "value": value}
                        for label, value in zip(categories, values, strict=True)
                    ],
                }
                for name, values in series.items()
            ],
            "axis_config": {"categories": categories} | axes,
        },
    }


def pie(title: str, **segments: float) -> Json:
    listed = [{"label": label, "value": value} for label, value in segments.items()]
    return {"type": "data_visualization", "title": title, "chart": {"type": "pie", "segments": listed}}


CONFIRM = {
    "title": plain("Silence for one hour?"),
    "text": plain("Nobody is notified of this incident for one hour. It stays under watch."),
    "confirm": plain("Silence"),
    "deny": plain("Cancel"),
}
_MINUTES = [f"{9 + m // 60:02}:{m % 60:02}" for m in range(14, 74, 3)]
_FREEZE = [
    2.1,
    2.4,
    1.9,
    2.2,
    2.8,
    2.5,
    3.1,
    2.7,
    2.4,
    2.9,
    3.4,
    4.2,
    5.1,
    6.8,
    8.4,
    10.6,
    12.9,
    14.2,
    13.1,
    12.3,
]
_BEGAN = "<!date^1795428000^{date_short_pretty} {time}|2026-11-23 10:00 UTC>"


def firing(at: float = -600) -> Json:
    """An alert that fires, with everything on it."""
    fields = [
        "*Video freeze now*\n12.3 % (threshold 10 %)",
        "*Peak*\n14.2 %",
        "*Users affected*\nat least 12 users",
    ]
    fields += [f"*Since*\n{_BEGAN}", "*Project*\ndemo", "*Channel*\n`lesson-algebra-7b`"]
    bar = section(
        "*Likely source:* user `44361248`\n*Likely causes:* uplink packet loss (video) ×12, "
        "weak Wi-Fi signal ×3\n"
        "*What to do:* Ask the sender to move closer to the router. "
        "<https://runbooks.example/one?a=1&amp;b=2|Open the runbook>"
    )
    return message(
        at,
        "[CRITICAL] One sender hurts channel in lesson-algebra-7b",
        section(
            ":red_circle: *Firing · critical*  *One sender hurts channel* in `lesson-algebra-7b`\n"
            "12.3 % of the video in this channel freezes."
        ),
        {"type": "section", "fields": [mrkdwn(field) for field in fields]},
        chart(
            "line",
            "Video freeze, last hour",
            {"Video freeze": _FREEZE, "threshold": [10.0] * 20},
            _MINUTES,
            x_label="Time (UTC)",
            y_label="%",
        ),
        actions(
            button("Acknowledge", "incident_acknowledge", "42", style="primary"),
            button("Silence 1 h", "incident_silence", "42", confirm=CONFIRM),
            button("Show calls", "incident_show_calls", "42"),
        ),
        attachments=[
            {
                "color": "#a30200",
                "blocks": [bar, context("Rule OneSenderHurtsChannel · incident #42 · times are yours")],
            }
        ],
    )


def replies(root: Json) -> list[Json]:
    notes = [
        ":rotating_light: Opened as *warning* at 8.4 % (threshold 5 %).",
        ":arrow_up: Severity rose to *critical* at 12.3 % (threshold 10 %), at least 12 users affected.",
        f":eyes: <@{BOB}> acknowledged this.",
    ]
    return [
        message(-590 + 90 * index, note, section(note), thread_ts=root["ts"])
        for index, note in enumerate(notes)
    ]


def call_list() -> Json:
    def one(index: int) -> Json:
        at = int(NOW) - 300 - 2400 * index
        light, word = (":large_green_circle:", "ongoing") if index == 0 else (":white_circle:", "finished")
        when = f"<!date^{at}^{{date_short_pretty}} {{time}}|then>"
        line = f"{light} *{when}* · {12 + index} min · {word} · `b1946a{index:02}`"
        return section(
            line, accessory=button("Details", "call_details", f"call-{index}"), block_id=f"c{index}"
        )

    return message(
        -200,
        "12 calls",
        section(
            "*12 calls* in `lesson-algebra-7b` since <!date^1795342440^{date_short_pretty} {time}|yesterday>"
        ),
        *(one(index) for index in range(12)),
        actions(button("Older calls", "older_calls", "12")),
        context("For another span add a time to the command, such as `30m`, `2h` or `1d`. Times are yours."),
        ephemeral_to=ALICE,
    )


def call_details() -> Json:
    platforms = [
        ("Android", "Pixel 8", "Wi-Fi"),
        ("iOS", "iPhone 15", "LTE"),
        ("Web", "Chrome 141", "Ethernet"),
    ]
    users = [
        (str(2000 + 7 * n), "audience" if n else "sender", 1.5 * ((n * 5) % 7), *platforms[n % 3])
        for n in range(13)
    ]
    measured = """Metric                      Mean  Worst 5 %  Worst  Worst user
Video frame rate sent, fps  19.5       15.4     15  44361248
Video freeze, ms             450        855    900  2000
Video uplink loss, %         4.5        8.5      9  44361248"""
    return message(
        -150,
        "Call in lesson-algebra-7b",
        section(
            ":large_green_circle: *Call in* `lesson-algebra-7b` · demo\n"
            f"{_BEGAN} · *25 min* · ongoing · 13 users"
        ),
        data_table(
            "Who was in the call (times in UTC)",
            ("User", "Role", "Loss %", "Platform", "Device", "Network"),
            *users,
            page_size=6,
        ),
        section(f"*What was measured*\n```{measured}```"),
        context("Call `b1946ac92492d234`"),
        ephemeral_to=ALICE,
    )


def resolved() -> Json:
    return message(
        -4000,
        "[RESOLVED] Viewers lose packets",
        section(
            ":white_check_mark: *Resolved · was warning*  *Viewers lose packets* in `lesson-physics-2a`\n"
            "Lasted *14 min*. Peak 14.2 % (threshold 10 %), last 1.1 %."
        ),
        actions(button("Show calls", "incident_show_calls", "41")),
        attachments=[
            {
                "color": "#2eb886",
                "blocks": [context(f"Rule ViewersLosePackets · incident #41 · acknowledged by <@{BOB}>")],
            }
        ],
    )


def demo() -> list[list[Json]]:
    root = firing()
    return state(
        resolved(),
        message(-3000, "morning all :wave: shall we watch <#C0002|general> too?", user=BOB),
        message(-2990, "yes please, after the *algebra* lesson", user=BOB),
        root,
        *replies(root),
        call_list(),
        call_details(),
        general=(message(-5000, "Lunch at noon?", user=BOB),),
    )


PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def _said(text: str, **style: bool) -> Json:
    return {"type": "text", "text": text, "style": style}


RICH_TEXT = {
    "type": "rich_text",
    "elements": [
        _rich(
            _said("Bold", bold=True),
            _said(" and "),
            _said("code", code=True),
            {"type": "emoji", "name": "tada"},
            {"type": "user", "user_id": BOB},
            _said(" read "),
            {"type": "link", "url": "https://example.com/", "text": "the page"},
            _said(" *not bold* :x:"),
        ),
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [_rich(_said("first")), _rich(_said("second", italic=True))],
        },
        {"type": "rich_text_quote", "elements": [_said("quoted")]},
        {"type": "rich_text_preformatted", "elements": [_said("pre  formatted")]},
    ],
}
OVERFLOW = {
    "type": "overflow",
    "action_id": "more",
    "options": [
        {"text": plain("Mute channel"), "value": "mute"},
        {"text": plain("Escalate"), "value": "escalate", "description": plain("Wakes whoever is on call")},
    ],
}
SELECT = {
    "type": "static_select",
    "action_id": "pick",
    "placeholder": plain("Choose a project"),
    "options": [{"text": plain("Demo"), "value": "demo"}, {"text": plain("Live"), "value": "live"}],
}
DANGER = CONFIRM | {"style": "danger", "title": plain("Resolve it?"), "confirm": plain("Resolve")}
MARKDOWN = """## Runbook
Ask the **sender** to *move*, see [the guide](https://example.com/guide).

1. Check the uplink
2. Check the `SDK`

| Cause | Share |
|---|---|
| Wi-Fi | 60 % |

> Never restart a live call.

```
ping 8.8.8.8
```"""


def gallery() -> list[list[Json]]:
    """Every type of block that a message may have, each once: one table and two charts a message."""
    hours = [f"{hour:02}:00" for hour in range(8, 18)]
    blocks = [
        {"type": "header", "text": plain("Every block :sparkles:"), "level": 1},
        section(
            "A section with an image", accessory={"type": "image", "image_url": PIXEL, "alt_text": "A dot"}
        ),
        section("A section with an overflow menu", accessory=OVERFLOW, block_id="s2"),
        {
            "type": "context",
            "elements": [
                {"type": "image", "image_url": PIXEL, "alt_text": "Dot"},
                mrkdwn("context with *bold*"),
            ],
        },
        {"type": "divider"},
        actions(
            button("Danger", "resolve", style="danger", confirm=DANGER),
            button("Runbook", "runbook", url="https://example.com/"),
            SELECT,
            OVERFLOW | {"action_id": "more_2"},
        ),
        {
            "type": "image",
            "image_url": "https://example.com/loss.png",
            "alt_text": "Loss by hour",
            "title": plain("Loss"),
        },
        RICH_TEXT,
        {"type": "markdown", "text": MARKDOWN},
        {
            "type": "table",
            "column_settings": [{"is_wrapped": True}, {"align": "right"}, None],
            "rows": [
                [cell("Metric"), cell("Mean"), cell("Note")],
                [
                    cell("Video freeze, ms"),
                    cell(450),
                    {"type": "rich_text", "elements": [_rich(_said("bad", bold=True))]},
                ],
            ],
        },
        chart(
            "bar",
            "Joins by hour",
            {"ok": [float(n * 130) for n in range(10)], "failed": [40.0] * 5 + [90.0] * 5},
            hours,
        ),
        chart(
            "area",
            "Users in calls",
            {"audience": [3.0, 5, 9, 14, 22, 25, 21, 15, 9, 4], "senders": [1.0, 1, 2, 3, 3, 4, 3, 3, 2, 1]},
            hours,
            y_label="users at once",
        ),
        {
            "type": "container",
            "title": plain("Details"),
            "subtitle": plain("for the curious"),
            "is_collapsible": True,
            "default_collapsed": True,
            "child_blocks": [section("Hidden at first"), actions(button("Inside", "inside"), block_id="in")],
        },
        {
            "type": "card",
            "title": mrkdwn("demo-42"),
            "subtitle": plain("since 10:00"),
            "body": mrkdwn("17 users"),
            "actions": [button("Open", "open_card")],
            "block_id": "card",
        },
    ]
    more = [
        data_table(
            "Calls", ("Call", "Loss %"), ("demo-2", 9.0), ("demo-10", 12.5), ("demo-1", 4.0), page_size=2
        ),
        pie("Causes", uplink=12, downlink=5, CPU=2.5, unknown=1),
    ]
    return state(message(-60, "every block", *blocks), message(-50, "more blocks", *more))
