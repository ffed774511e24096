"""What people type and click, through signed requests and real Bolt."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from bot.agora import AgoraError, AuthRejected, QuotaExhausted, TooFresh, Unreachable
from bot.clock import Clock
from bot.flows.correlate import timers
from bot.flows.deliver import deliver
from bot.flows.delivery import Delivery
from bot.flows.export import rows
from bot.flows.export_columns import COLUMNS, What
from bot.flows.tell_verdicts import tell_verdicts
from bot.model.alert import EventKind, Reason
from bot.model.call import Call, CallDetails, Series
from bot.model.feedback import Told, Verdict
from bot.model.incident import Line, MessageKind
from bot.model.message import Message
from bot.model.suspect import Suspect
from bot.model.time import Window
from bot.render import Renderer, Value
from bot.render.samples import DETAILS
from bot.rules import RuleSet
from bot.store import alerts, feedback, incidents, outbox, silences, suspects
from tests.conftest import T0, ManualClock
from tests.slack.conftest import ROOM, House, text_of
from tests.store.test_alerts import ALERT
from tests.told import TARGET, book, queued, told

WHERE = {"account": "a", "endpoint": "call/lists"}


def some_calls(count: int, cname: str = "lesson-7b") -> list[Call]:
    return [
        Call(call_id=f"call{n:04}", cname=cname, started_at=T0 - 600 * (n + 1), ended_at=T0 - 600 * n or None)
        for n in range(count)
    ]


def test_a_channel_is_answered_with_its_calls_newest_first(house: House) -> None:
    house.agora.calls_known = some_calls(14) + some_calls(3, "other")
    delivery = house.slack.command("/agora-call", "lesson-7b")
    assert (delivery.status, delivery.error) == (200, None)
    (answer,) = house.answers()
    assert "14 calls" in answer
    order = [answer.index(f"call{n:04}") for n in range(14)]
    assert order == sorted(order)


def test_more_calls_than_fit_are_reached_by_a_button(house: House) -> None:
    house.agora.calls_known = some_calls(70)
    house.slack.command("/agora-call", "lesson-7b")
    house.answers()
    shown: list[str] = []
    for page in (1, 2, 3):
        newest = [m for m in house.slack.messages(ROOM) if m["ephemeral_to"]][-1]
        shown += [c.call_id for c in house.agora.calls_known if c.call_id in str(newest["blocks"])]
        if page < 3:
            house.slack.click(channel=ROOM, ts=newest["ts"], action_id="older_calls")
            house.answers(page + 1)
    assert sorted(shown) == [call.call_id for call in house.agora.calls_known]


@pytest.mark.parametrize(
    ("text", "error", "sentence"),
    [
        pytest.param("nobody-here", None, "nobody-here", id="an unknown channel"),
        pytest.param("", None, "A name is missing", id="no name"),
        pytest.param("x 9d", None, "3 days", id="a bad window"),
        pytest.param(
            "x",
            QuotaExhausted(account="a", endpoint="call/lists", resets_at=T0),
            "00:00 UTC",
            id="an exhausted quota",
        ),
        pytest.param("x", Unreachable(**WHERE, detail="refused"), "could not be reached", id="an outage"),
        pytest.param("x", AuthRejected(**WHERE), "Check customer id", id="bad credentials"),
    ],
)
def test_what_goes_wrong_is_a_plain_sentence(
    house: House, text: str, error: AgoraError | None, sentence: str
) -> None:
    house.agora.error = error
    assert house.slack.command("/agora-call", text).status == 200
    assert sentence in house.answers()[0]


def test_details_of_a_call_follow_its_button(house: House) -> None:
    house.agora.calls_known = some_calls(1)
    house.slack.command("/agora-call", "lesson-7b")
    house.answers()
    listed = house.slack.messages(ROOM)[-1]
    house.slack.click(channel=ROOM, ts=listed["ts"], action_id="call_details")
    assert "lesson-7b" in house.answers(2)[1]


def bad_details(call: Call) -> CallDetails:
    """Return a call in which everybody sees one sender's video freeze, and that sender loses packets."""
    stays = tuple(
        replace(DETAILS.sessions[0], sid=uid, uid=uid, joined_at=call.started_at, left_at=None)
        for uid in ("1", "2", "3", "4")
    )
    ts = np.arange(call.started_at, call.started_at + 600, 2, dtype=np.int64)
    late = (ts > ts[150]) & (ts < ts[220])
    series = [
        Series(sid=sid, mid=mid, peer_uid="0", ts=ts, values=np.where(late & (sid == "1"), hurt, fine))
        for sid in "1234"
        for mid, fine, hurt in ((20008, 15.0, 15.0), (20006, 800.0, 700.0), (20017, 0.2, 18.0))
    ]
    series += [
        Series(sid=sid, mid=mid, peer_uid=peer, ts=ts, values=np.where(late & (peer == "1"), hurt, fine))
        for sid in "1234"
        for peer in "1234"
        if peer != sid
        for mid, fine, hurt in ((20010, 15.0, 6.0), (20009, 800.0, 300.0), (20011, 0.0, 900.0))
    ]
    return CallDetails(call=call, sessions=stays, series=tuple(series), cut=False)


def test_the_verdict_heads_the_details_and_takes_an_answer_of_each_person(house: House) -> None:
    house.agora.calls_known = [replace(call, ended_at=call.started_at + 600) for call in some_calls(1)]
    house.agora.told = bad_details
    house.slack.command("/agora-call", "lesson-7b")
    house.answers()
    listed = house.slack.messages(ROOM)[-1]
    house.slack.click(channel=ROOM, ts=listed["ts"], action_id="call_details")
    assert "*Bad call*: Video of 1 was bad for 3 others: uplink loss at 1" in house.answers(2)[1]
    shown = house.slack.messages(ROOM)[-1]
    buttons = next(block for block in shown["blocks"] if block["type"] == "actions")
    shared = house.sender.post(ROOM, Message(text="shared", blocks=(buttons,)), None, None)
    clicks = (("U_ALICE", "verdict_right"), ("U_ALICE", "verdict_wrong"), ("U_BOB", "verdict_right"))
    for count, (user, action) in enumerate(clicks, 3):
        house.slack.click(channel=ROOM, ts=shared.ts, action_id=action, user=user)
        assert "Thank you" in house.answers(count)[-1]
    exported = list(rows(house.database, What.FEEDBACK, Window(start=0, end=2 * T0), None))
    names = [column.name for column in COLUMNS[What.FEEDBACK]]
    told = [dict(zip(names, row, strict=True)) for row in exported]
    assert [(t["user"], t["right"]) for t in told] == [("U_ALICE", False), ("U_BOB", True)]
    assert {(t["call_id"], t["verdict"], t["kind"], t["uid"]) for t in told} == {
        ("call0000", "bad", "uplink_loss", "1")
    }


def test_a_verdict_in_the_thread_of_an_incident_takes_answers(house: House, renderer: Renderer) -> None:
    verdict = Verdict(project="p", call_id="c1", verdict="bad", kind="uplink_loss", uid="7", confidence=0.9)
    call = Call(call_id="c1", cname="lesson-7b", started_at=T0 - 600, ended_at=T0)
    one = Suspect(call=call, score=1.0)
    with house.database.transaction() as tx:
        stored = told(tx, replace(ALERT, labels=(("cname", "lesson-7b"), ("project", "p"))))
        line = Line(kind=MessageKind.OPENING, at=T0, severity=ALERT.severity)
        outbox.enqueue(tx, stored.incident.id, [(TARGET, line)], now=T0, wall=T0)
        suspects.save(tx, "p", [one], T0)
        found = Told(verdict=verdict, cname="lesson-7b", headline="Video of 7 was bad")
        suspects.examined(tx, one, found, until=T0)
    assert tell_verdicts(house.database, now=T0, wall=T0) == 1
    clock = ManualClock()
    delivery = Delivery(
        database=house.database,
        sender=house.sender,
        renderer=renderer,
        book=lambda: None,
        channel=ROOM,
        worker="w",
        now=clock.now,
        wall=clock.now,
    )
    for _ in range(3):
        deliver(delivery)
        clock.at += 2
    root, reply = house.slack.messages(ROOM)
    assert (reply["thread_ts"], "*A call* in `lesson-7b`: Video of 7 was bad" in text_of(reply)) == (
        root["ts"],
        True,
    )
    house.slack.click(channel=ROOM, ts=reply["ts"], action_id="verdict_wrong", user="U_BOB")
    assert "noted as wrong" in house.answers()[0]
    with house.database.transaction() as tx:
        (given,) = feedback.given_within(tx, Window(start=0, end=2 * T0), None, after=None, limit=9)
    assert (given.verdict, given.right, given.user) == (verdict, False, "U_BOB")


def test_details_of_a_call_that_just_began_say_when_to_ask_again(house: House) -> None:
    house.agora.calls_known = some_calls(1)
    house.slack.command("/agora-call", "lesson-7b")
    house.answers()
    house.agora.error = TooFresh(account="a", endpoint="call/details", ready_in_s=90)
    listed = house.slack.messages(ROOM)[-1]
    house.slack.click(channel=ROOM, ts=listed["ts"], action_id="call_details")
    assert "90 s" in house.answers(2)[1]


def test_help_shows_examples(house: House) -> None:
    house.slack.command("/agora-help", "")
    assert "/agora-call" in house.answers()[0]


def test_a_slow_agora_holds_up_no_acknowledgement(house: House) -> None:
    house.agora.gate = threading.Event()
    with ThreadPoolExecutor(25) as people:
        deliveries = list(people.map(lambda n: house.slack.command("/agora-call", f"x{n}"), range(25)))
    assert [d.error for d in deliveries] == [None] * 25
    assert max(d.took_s for d in deliveries) < 3
    house.agora.gate.set()
    assert len(house.answers(25)) == 25


def test_what_needs_no_agora_does_not_wait_for_it(house: House) -> None:
    house.agora.gate = threading.Event()
    for n in range(12):
        house.slack.command("/agora-call", f"x{n}")
    house.slack.command("/agora-help", "")
    assert "/agora-call" in house.answers()[0]
    house.agora.gate.set()


def test_calls_that_began_in_the_same_second_are_all_reached(house: House) -> None:
    house.agora.calls_known = [
        Call(call_id=f"tied{n:04}", cname="lesson-7b", started_at=T0 - 600 * (n // 4 + 1), ended_at=T0)
        for n in range(70)
    ]
    house.slack.command("/agora-call", "lesson-7b")
    shown: set[str] = set()
    for page in range(1, 5):
        house.answers(page)
        newest = [m for m in house.slack.messages(ROOM) if m["ephemeral_to"]][-1]
        shown |= {c.call_id for c in house.agora.calls_known if c.call_id in str(newest["blocks"])}
        if "older_calls" not in str(newest["blocks"]):
            break
        house.slack.click(channel=ROOM, ts=newest["ts"], action_id="older_calls")
    assert shown == {call.call_id for call in house.agora.calls_known}


def an_incident(house: House) -> tuple[int, str]:
    """Store an announced incident and post its root; return its id and the root's ts."""
    with house.database.transaction() as tx:
        stored = told(tx, replace(ALERT, labels=(("cname", "lesson-7b"), ("project", "p")))).incident
    value = Value.encode_incident(stored.id, stored.version)
    buttons = [
        {
            "type": "button",
            "action_id": action,
            "text": {"type": "plain_text", "text": action},
            "value": value,
        }
        for action in ("incident_acknowledge", "incident_silence", "incident_resolve", "incident_show_calls")
    ]
    message = Message(text="alert", blocks=({"type": "actions", "elements": buttons},))
    return stored.id, house.sender.post(f"#{ROOM}", message, None, None).ts


def wait_until_acted(house: House, incident_id: int, kind: MessageKind) -> list[MessageKind]:
    def acted(_slack: object) -> bool:
        with house.database.transaction() as tx:
            return kind in [e.kind for e in incidents.history(tx, incident_id)]

    for _ in range(100):
        if acted(None) or house.slack.wait_for(acted, 0.05):
            break
    with house.database.transaction() as tx:
        return [e.kind for e in incidents.history(tx, incident_id)]


def test_acknowledging_is_recorded_told_once_and_belongs_to_the_first(house: House) -> None:
    incident_id, ts = an_incident(house)
    click = {"channel": ROOM, "ts": ts, "action_id": "incident_acknowledge"}
    house.slack.click(**click, user="U_ALICE")
    assert wait_until_acted(house, incident_id, MessageKind.ACKNOWLEDGED) == [MessageKind.ACKNOWLEDGED]
    house.slack.click(**click, user="U_BOB")
    assert "U_ALICE" in house.answers()[0]
    with house.database.transaction() as tx:
        stored = incidents.find(tx, incident_id)
    assert stored is not None
    incident = stored.incident
    assert incident.acked_by == "U_ALICE"
    assert queued(house.database) == [MessageKind.EDIT, MessageKind.ACKNOWLEDGED]


def test_an_incident_is_resolved_by_hand_once_and_everybody_hears_who_did_it(house: House) -> None:
    incident_id, ts = an_incident(house)
    click = {"channel": ROOM, "ts": ts, "action_id": "incident_resolve"}
    house.slack.click(**click, user="U_ALICE")
    assert wait_until_acted(house, incident_id, MessageKind.CLOSED) == [MessageKind.CLOSED]
    house.slack.click(**click, user="U_BOB")
    assert "resolved already" in house.answers()[0]
    timers(house.database, book(RuleSet(rules=(), digest="")), now=T0 + 1, wall=Clock.wall())
    with house.database.transaction() as tx:
        stored = incidents.find(tx, incident_id)
        assert stored is not None
        events = alerts.history(tx, stored.alerts[0].id)
        history = [line.kind for line in incidents.history(tx, incident_id)]
    assert (stored.incident.is_open, stored.alerts[0].reason) == (False, Reason.MANUAL)
    assert [(event.kind, event.actor) for event in events] == [(EventKind.RESOLVED, "U_ALICE")]
    assert history == [MessageKind.CLOSED, MessageKind.RESOLVED]
    assert queued(house.database) == [MessageKind.CLOSED, MessageKind.EDIT], "the end is told by who made it"


def test_snoozing_is_for_an_hour(house: House) -> None:
    incident_id, ts = an_incident(house)
    house.slack.click(channel=ROOM, ts=ts, action_id="incident_silence")
    wait_until_acted(house, incident_id, MessageKind.SNOOZED)
    with house.database.transaction() as tx:
        stored = incidents.find(tx, incident_id)
    assert stored is not None
    incident = stored.incident
    assert (incident.snoozed_by, incident.snoozed_until) == ("U_ALICE", T0 + 3600)


def test_show_calls_lists_the_channel_of_the_incident(house: House) -> None:
    house.agora.calls_known = some_calls(2)
    _, ts = an_incident(house)
    house.slack.click(channel=ROOM, ts=ts, action_id="incident_show_calls")
    assert "2 calls" in house.answers()[0]


def test_a_button_of_another_version_says_what_to_do(house: House) -> None:
    button = {
        "type": "button",
        "action_id": "call_details",
        "text": {"type": "plain_text", "text": "x"},
        "value": '{"v":7}',
    }
    blocks = ({"type": "actions", "elements": [button]},)
    posted = house.sender.post(f"#{ROOM}", Message(text="old", blocks=blocks), None, None)
    house.slack.click(channel=ROOM, ts=posted.ts, action_id="call_details")
    assert "/agora-call" in house.answers()[0]


def test_a_silence_is_made_listed_and_ended(house: House) -> None:
    with house.database.transaction() as tx:
        told(tx, ALERT)
    assert house.slack.command("/agora-silence", 'alertname="A" 2h the studio is rebuilt').error is None
    (made,) = house.answers()
    assert "Silence 1 is in force" in made
    assert "the studio is rebuilt" in made
    with house.database.reading() as tx:
        (silence,) = silences.lasting(tx, T0)
    assert (silence.matchers, silence.ends_at - silence.starts_at) == (('alertname="A"',), 7200)
    house.slack.command("/agora-silence", "list")
    assert "hides 1 firing alert" in house.answers(2)[1]
    newest = [m for m in house.slack.messages(ROOM) if m["ephemeral_to"]][-1]
    house.slack.click(channel=ROOM, ts=newest["ts"], action_id="silence_end")
    assert "Silence 1 is over" in house.answers(3)[2]
    house.slack.command("/agora-silence", "end 1")
    assert "over already" in house.answers(4)[3]
    house.slack.command("/agora-silence", "list")
    assert "Nothing is silenced" in house.answers(5)[4]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("VideoFreezeHigh 2h", "is not a matcher"),
        ('alertname="A" 2h', "write a reason"),
        ('alertname=~".*" 2h x', "every alert"),
        ("end 9", "There is no silence 9"),
    ],
)
def test_a_silence_that_cannot_be_is_answered_with_why(house: House, text: str, sentence: str) -> None:
    house.slack.command("/agora-silence", text)
    (answer,) = house.answers()
    assert sentence in answer
    with house.database.reading() as tx:
        assert silences.lasting(tx, T0) == []
