"""Every kind of message in every state, as JSON files that are reviewed like code.

UPDATE_GOLDEN=1 pytest tests/render writes them anew.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.alert import Alert, Reason, State
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.diagnosis import CallVerdict
from bot.model.incident import Card, Incident, Line, MessageKind
from bot.model.message import Message, Trend
from bot.model.verdict import Affected, Severity, labels
from bot.render import Renderer
from bot.render.samples import (
    BARE,
    CARD,
    DETAILS,
    DIAGNOSIS,
    EMPTY_DETAILS,
    EMPTY_LISTING,
    EXPLANATION,
    FIRING,
    HIDDEN,
    INCIDENT,
    INCIDENTS,
    LISTING,
    LIVE,
    NEW_STATUS,
    NO_INCIDENTS,
    NOT_LIVE,
    NOW,
    ONGOING,
    PEOPLE,
    PICTURES,
    RULES,
    SEVERAL,
    SILENCES,
    STATUS,
    STORM,
    STORM_ROWS,
    TOLD,
    TREND,
    USAGE,
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
TAKEN = replace(INCIDENT, acked_by="U012ABCDEF", acked_at=NOW - 120)
SNOOZED = replace(INCIDENT, snoozed_by="U012ABCDEF", snoozed_until=NOW + 3600)
RECOVERING = replace(FIRING, state=State.RECOVERING, first_miss_at=NOW - 60, value=3.0)
RESOLVED = replace(
    RECOVERING,
    state=State.RESOLVED,
    resolved_at=NOW,
    value=1.1,
    last_value=11.8,
    last_seen=NOW - 300,
    reason=Reason.CONDITION,
)
REMOVED = replace(RESOLVED, reason=Reason.RULE_REMOVED)
COMPOSITE = replace(
    WARNING, alertname="QualityOutage", value=None, threshold=None, peak=None, annotations={"summary": "Out."}
)
COMPOSITE_OVER = replace(COMPOSITE, state=State.RESOLVED, resolved_at=NOW, reason=Reason.CONDITION)
CALL = replace(
    WARNING,
    alertname="BadCall",
    labels=labels(project="demo", cname="lesson-1"),
    state=State.RECOVERING,
    value=None,
    last_value=31.0,
    threshold=10.0,
    peak=31.0,
)
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
)
BY_A_STRANGER = replace(INCIDENT, acked_by="U1> <!here", acked_at=NOW)


def _card(alert: Alert, incident: Incident = INCIDENT, trend: Trend | None = TREND) -> Card:
    over = replace(incident, resolved_at=alert.resolved_at)
    return Card(incident=over, alerts=(alert,), lead=alert, trend=trend)


ABOUT = {
    MessageKind.ASSIGNED: "U045GHIJKL",
    MessageKind.NOTED: "The studio rebooted its *router*, see <!here> https://wiki.example/7",
    MessageKind.LINKED: "8f2c71d09be44a1c",
}


def _line(kind: MessageKind) -> Line:
    acts = kind in ABOUT or kind in (MessageKind.ACKNOWLEDGED, MessageKind.SNOOZED, MessageKind.CLOSED)
    return Line(
        kind=kind,
        at=NOW,
        severity=Severity.CRITICAL,
        value=12.3,
        joined=(42, 43),
        left=(44,),
        actor="U012ABCDEF" if acts else None,
        until=NOW + 3600 if acts else None,
        about=ABOUT.get(kind, ""),
        told=TOLD if kind is MessageKind.VERDICT else None,
    )


def _reply(kind: MessageKind, card: Card = CARD) -> Callable[[Renderer], Message]:
    return lambda r: r.reply(card, _line(kind), now=NOW)


def _root(
    alert: Alert, trend: Trend | None = TREND, incident: Incident = INCIDENT
) -> Callable[[Renderer], Message]:
    return lambda r: r.root(_card(alert, incident, trend), now=NOW)


def _shown(card: Card, mention: str = "") -> Callable[[Renderer], Message]:
    return lambda r: r.root(card, now=NOW, mention=mention)


def _details(details: CallDetails) -> Callable[[Renderer], Message]:
    return lambda r: r.call_details("demo", details, now=NOW)


TAKEN_CARD = _card(FIRING, replace(TAKEN, assigned_to="U045GHIJKL"))
HISTORY = [_line(kind) for kind in MessageKind if kind not in (MessageKind.EDIT, MessageKind.VERDICT)]


CASES: dict[str, Callable[[Renderer], Message]] = {
    "root_firing_critical": _root(FIRING),
    "root_firing_warning_low_is_bad": _root(WARNING, JOINS),
    "root_firing_info_bare": _root(INFO, None),
    "root_acknowledged": _root(FIRING, incident=TAKEN),
    "root_snoozed": _root(FIRING, incident=SNOOZED),
    "root_recovering": _root(RECOVERING, incident=TAKEN),
    "root_resolved": _root(RESOLVED, incident=TAKEN),
    "root_rule_removed": _root(REMOVED),
    "root_no_data": _root(replace(FIRING, reason=Reason.NO_DATA, value=None), None),
    "root_composite": _root(COMPOSITE, None),
    "root_composite_over": _root(COMPOSITE_OVER, None),
    "root_call_over": _root(CALL, None),
    "root_hostile": _root(HOSTILE_INCIDENT, incident=BY_A_STRANGER),
    "root_several_alerts": _shown(SEVERAL, "@here <!subteam^S012ABC>"),
    "root_hidden_and_flapping": _shown(HIDDEN),
    "root_again": _shown(replace(CARD, incident=replace(INCIDENT, episode=3, continues=5))),
    **{f"reply_{kind.value}": _reply(kind) for kind in MessageKind if kind is not MessageKind.EDIT},
    "reply_rule_removed": _reply(MessageKind.RESOLVED, _card(REMOVED)),
    "reply_composite_over": lambda r: r.reply(
        _card(COMPOSITE_OVER, trend=None), replace(_line(MessageKind.RESOLVED), value=None), now=NOW
    ),
    "reply_resolved": _reply(MessageKind.RESOLVED, _card(RESOLVED)),
    "reply_members_of_several": _reply(MessageKind.MEMBERS, SEVERAL),
    "reply_flapping": _reply(MessageKind.FLAPPING, HIDDEN),
    "incident": lambda r: r.incident(TAKEN_CARD, HISTORY, now=NOW),
    "incident_without_history": lambda r: r.incident(_card(RESOLVED), (), now=NOW),
    "incidents": lambda r: r.incidents(INCIDENTS, now=NOW),
    "incidents_open": lambda r: r.incidents(
        replace(INCIDENTS, since=None, total=2, cards=(TAKEN_CARD, BARE), below=None), now=NOW
    ),
    "incidents_none": lambda r: r.incidents(NO_INCIDENTS, now=NOW),
    "incidents_none_of_a_time": lambda r: r.incidents(replace(NO_INCIDENTS, since=NOW - 3600), now=NOW),
    "person": lambda r: r.person("44361248", LISTING.window, PEOPLE, several=True, now=NOW),
    "person_unknown": lambda r: r.person("44361248", LISTING.window, (), several=False, now=NOW),
    "help_user": lambda r: r.help("agora-user"),
    "live": lambda r: r.live(LIVE, others=3),
    "live_nothing": lambda r: r.live(NOT_LIVE, others=0),
    "usage": lambda r: r.usage(LISTING.window, USAGE, (("school-us", "used up"),)),
    "help_live": lambda r: r.help("agora-usage"),
    "rules": lambda r: r.rules(RULES, now=NOW),
    "explanation": lambda r: r.explanation(EXPLANATION),
    "help_rules": lambda r: r.help("agora-rules"),
    "status": lambda r: r.status(STATUS, now=NOW),
    "status_new": lambda r: r.status(NEW_STATUS, now=NOW),
    "help_status": lambda r: r.help("/agora-status"),
    "storm": lambda r: r.storm(STORM, STORM_ROWS, now=NOW),
    "storm_over": lambda r: r.storm(STORM, [replace(row, is_open=False) for row in STORM_ROWS[:3]], now=NOW),
    "call_list": lambda r: r.call_list(LISTING),
    "call_list_many": lambda r: r.call_list(MANY),
    "call_list_empty": lambda r: r.call_list(EMPTY_LISTING),
    "call_details": _details(DETAILS),
    "call_details_ongoing": _details(replace(DETAILS, call=ONGOING, cut=False)),
    "call_details_verdict": lambda r: r.call_details(
        "demo", DETAILS, now=NOW, found=DIAGNOSIS, drawn=PICTURES
    ),
    "call_details_clean": lambda r: r.call_details(
        "demo",
        DETAILS,
        now=NOW,
        found=replace(DIAGNOSIS, verdict=CallVerdict.CLEAN, headline="No trouble found", incidents=()),
    ),
    "call_details_empty": _details(EMPTY_DETAILS),
    "help": lambda r: r.help(),
    "help_call": lambda r: r.help("/agora-call"),
    "help_buttons": lambda r: r.help("buttons"),
    "help_incidents": lambda r: r.help("agora-incident"),
    "help_silence": lambda r: r.help("silence"),
    "silences": lambda r: r.silences("2 silenced", SILENCES, now=NOW),
    "silences_made": lambda r: r.silences(
        "Silence 3 is in force", [(SILENCES[0][0], None)], hint="It hides 2 alerts that fire now.", now=NOW
    ),
    "silences_none": lambda r: r.silences("Nothing is silenced", [], hint="Usage: …", now=NOW),
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
    message = renderer.root(CARD, now=NOW)
    without = tuple(block for block in message.blocks if block["type"] != "data_visualization")
    assert [block["type"] for block in message.blocks] == [
        "section",
        "section",
        "data_visualization",
        "actions",
    ]
    assert without == message.simple_blocks


@pytest.mark.parametrize(
    ("card", "labels_of_buttons"),
    [
        (CARD, ["Acknowledge", "Snooze 1 h", "Show calls", "Resolve"]),
        (_card(FIRING, TAKEN), ["Snooze 1 h", "Show calls", "Resolve"]),
        (_card(FIRING, SNOOZED), ["Acknowledge", "Show calls", "Resolve"]),
        (_card(RESOLVED), ["Show calls"]),
    ],
    ids=["firing", "acknowledged", "snoozed", "resolved"],
)
def test_only_buttons_that_do_something_are_shown(card, labels_of_buttons, renderer: Renderer):
    actions = renderer.root(card, now=NOW).blocks[-1]
    assert [button["text"]["text"] for button in actions["elements"]] == labels_of_buttons


def test_a_snooze_that_is_over_is_not_shown(renderer: Renderer):
    over = replace(SNOOZED, snoozed_until=NOW)
    assert renderer.root(_card(FIRING, over), now=NOW) == renderer.root(CARD, now=NOW)


def test_the_older_button_goes_on_from_the_last_call_shown(renderer: Renderer):
    actions = renderer.call_list(MANY).blocks[-2]
    assert json.loads(actions["elements"][0]["value"])["before"] == NOW - 60 * 29
