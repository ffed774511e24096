"""Every kind of message in every state, as JSON files that are reviewed like code.

UPDATE_GOLDEN=1 pytest tests/render writes them anew.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.alert import Alert, AlertEvent, EventKind, Reason, State
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.message import Message, Trend
from bot.model.verdict import Affected, Severity, labels
from bot.render import Renderer
from bot.render.samples import (
    DETAILS,
    EMPTY_DETAILS,
    EMPTY_LISTING,
    FIRING,
    LISTING,
    NOW,
    ONGOING,
    TREND,
)
from tests.render.checks import as_json, check

GOLDEN = Path(__file__).parent / "golden"

WARNING = replace(
    FIRING,
    alertname="JoinSlow",
    labels=labels(project="demo"),
    severity=Severity.WARNING,
    value=91.5,
    threshold=95.0,
    peak=88.0,
    at_least=False,
    affected=Affected(),
    annotations={"summary": "Joining takes long."},
)
INFO = replace(WARNING, severity=Severity.INFO, annotations={}, value=None)
ACKNOWLEDGED = replace(FIRING, acked_by="U012ABCDEF", acked_at=NOW - 120)
SILENCED = replace(FIRING, silenced_by="U012ABCDEF", silenced_until=NOW + 3600)
RECOVERING = replace(ACKNOWLEDGED, state=State.RECOVERING, first_miss_at=NOW - 60, value=3.0)
RESOLVED = replace(RECOVERING, state=State.RESOLVED, resolved_at=NOW, value=1.1, reason=Reason.CONDITION)
REMOVED = replace(RESOLVED, reason=Reason.RULE_REMOVED)
JOINS = Trend(title="Join success within 5 s", unit="%", points=TREND.points, threshold=95.0)
MANY = replace(
    LISTING,
    found=(
        (
            "demo",
            CallSearch(
                calls=tuple(
                    Call(
                        call_id=f"{n:016x}", cname="lesson-algebra-7b", started_at=NOW - 60 * n, ended_at=NOW
                    )
                    for n in range(40)
                ),
                complete=True,
            ),
        ),
    ),
    several_projects=False,
    older_before=None,
)
HOSTILE = "<!channel> `rm` *b* _i_ ~s~ & \u202e\n:tada: <https://evil.example|x>"
HOSTILE_INCIDENT = replace(
    FIRING,
    labels=labels(project="demo", cname=HOSTILE),
    affected=replace(FIRING.affected, users=(HOSTILE,), hosts=(HOSTILE,)),
    annotations={"summary": HOSTILE, "description": HOSTILE, "runbook_url": "javascript:alert(1)"},
    acked_by="U1> <!here",
)


def _reply(kind: EventKind, incident: Alert = FIRING) -> Callable[[Renderer], Message]:
    actor = "U012ABCDEF" if kind in (EventKind.ACKNOWLEDGED, EventKind.SILENCED) else None
    event = AlertEvent(kind=kind, at=NOW, severity=Severity.CRITICAL, value=12.3, actor=actor)
    return lambda r: r.reply(incident, event, unit="%")


def _root(incident: Alert, trend: Trend | None = TREND) -> Callable[[Renderer], Message]:
    return lambda r: r.root(incident, trend, now=NOW)


def _details(details: CallDetails) -> Callable[[Renderer], Message]:
    return lambda r: r.call_details("demo", details, now=NOW)


CASES: dict[str, Callable[[Renderer], Message]] = {
    "root_firing_critical": _root(FIRING),
    "root_firing_warning_low_is_bad": _root(WARNING, JOINS),
    "root_firing_info_bare": _root(INFO, None),
    "root_acknowledged": _root(ACKNOWLEDGED),
    "root_silenced": _root(SILENCED),
    "root_recovering": _root(RECOVERING),
    "root_resolved": _root(RESOLVED),
    "root_rule_removed": _root(REMOVED),
    "root_no_data": _root(replace(FIRING, reason=Reason.NO_DATA, value=None), None),
    "root_hostile": _root(HOSTILE_INCIDENT),
    **{f"reply_{kind.value}": _reply(kind) for kind in EventKind if kind is not EventKind.SILENCED},
    "reply_silenced": _reply(EventKind.SILENCED, SILENCED),
    "reply_rule_removed": _reply(EventKind.RESOLVED, REMOVED),
    "reply_no_data": _reply(EventKind.OPENED, replace(FIRING, reason=Reason.NO_DATA)),
    "call_list": lambda r: r.call_list(LISTING),
    "call_list_many": lambda r: r.call_list(MANY),
    "call_list_empty": lambda r: r.call_list(EMPTY_LISTING),
    "call_details": _details(DETAILS),
    "call_details_ongoing": _details(replace(DETAILS, call=ONGOING, cut=False)),
    "call_details_empty": _details(EMPTY_DETAILS),
    "help": lambda r: r.help(),
    "help_call": lambda r: r.help("/agora-call"),
    "help_buttons": lambda r: r.help("buttons"),
    "notice": lambda r: r.notice("The channel <b> is *unknown*.", "Check the spelling."),
    "notice_without_hint": lambda r: r.notice("Agora does not answer."),
}


@pytest.mark.parametrize("name", CASES)
def test_the_message_is_the_golden_one(name: str, renderer: Renderer):
    message = CASES[name](renderer)
    check(message)
    path = GOLDEN / f"{name}.json"
    shown = json.dumps(as_json(message), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == shown


def test_no_golden_file_is_left_over():
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_same_facts_give_the_same_message(name: str, renderer: Renderer):
    assert CASES[name](renderer) == CASES[name](renderer)


def test_the_simple_blocks_of_a_root_are_the_blocks_without_the_chart(renderer: Renderer):
    message = renderer.root(FIRING, TREND, now=NOW)
    without = tuple(block for block in message.blocks if block["type"] != "data_visualization")
    assert [block["type"] for block in message.blocks] == [
        "section",
        "section",
        "data_visualization",
        "actions",
    ]
    assert without == message.simple_blocks


@pytest.mark.parametrize(
    ("incident", "labels_of_buttons"),
    [
        (FIRING, ["Acknowledge", "Silence 1 h", "Show calls"]),
        (ACKNOWLEDGED, ["Silence 1 h", "Show calls"]),
        (SILENCED, ["Acknowledge", "Show calls"]),
        (RESOLVED, ["Show calls"]),
    ],
    ids=["firing", "acknowledged", "silenced", "resolved"],
)
def test_only_buttons_that_do_something_are_shown(incident, labels_of_buttons, renderer: Renderer):
    actions = renderer.root(incident, TREND, now=NOW).blocks[-1]
    assert [button["text"]["text"] for button in actions["elements"]] == labels_of_buttons


def test_a_silence_that_is_over_is_not_shown(renderer: Renderer):
    message = renderer.root(replace(SILENCED, silenced_until=NOW), TREND, now=NOW)
    assert message == renderer.root(FIRING, TREND, now=NOW)


def test_the_older_button_goes_on_from_the_last_call_shown(renderer: Renderer):
    actions = renderer.call_list(MANY).blocks[-2]
    assert json.loads(actions["elements"][0]["value"])["before"] == NOW - 60 * 29
