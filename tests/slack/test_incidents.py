"""/agora-incidents and /agora-incident, through signed requests and real Bolt."""

from dataclasses import replace

import pytest

from bot.flows.correlate import timers
from bot.model.incident import MessageKind
from bot.rules import RuleSet
from bot.store import Database, incidents, outbox, silences
from tests.conftest import T0
from tests.slack.conftest import ROOM, House
from tests.store.test_alerts import ALERT
from tests.told import TARGET, book, queued, told


def open_incident(database: Database, n: int = 1, targets: tuple[str, ...] = (TARGET,)) -> int:
    where = (("cname", f"lesson-{n}"), ("project", "p"))
    with database.transaction() as tx:
        return told(tx, replace(ALERT, fingerprint=f"f{n}", labels=where), targets).incident.id


def history(house: House, incident_id: int) -> list[tuple[MessageKind, str | None, str]]:
    with house.database.reading() as tx:
        return [(line.kind, line.actor, line.about) for line in incidents.history(tx, incident_id)]


def ask(house: House, text: str, count: int, command: str = "/agora-incident", user: str = "U_ALICE") -> str:
    delivery = house.slack.command(command, text, user=user)
    assert (delivery.status, delivery.error) == (200, None)
    return house.answers(count)[-1]


def test_the_incidents_that_are_open_are_listed_and_shown_by_a_button(house: House) -> None:
    assert "No incident is open" in ask(house, "", 1, "/agora-incidents")
    numbers = [open_incident(house.database, n) for n in (1, 2)]
    listed = ask(house, "", 2, "/agora-incidents")
    assert "*2 incidents open*" in listed
    assert listed.index("lesson-2") < listed.index("lesson-1")
    newest = house.slack.messages(ROOM)[-1]
    house.slack.click(channel=ROOM, ts=newest["ts"], action_id="incident_show")
    shown = house.answers(3)[-1]
    assert "*What happened*" in shown and "`lesson-2`" in shown
    assert f"incident #{numbers[1]}" in str(house.slack.messages(ROOM)[-1]["attachments"])


def test_a_long_list_goes_on_page_by_page(house: House) -> None:
    numbers = [open_incident(house.database, n) for n in range(20)]
    ask(house, "7d", 1, "/agora-incidents")
    first = house.slack.messages(ROOM)[-1]
    house.slack.click(channel=ROOM, ts=first["ts"], action_id="incidents_older")
    house.answers(2)
    second = house.slack.messages(ROOM)[-1]
    on_page = [[n for n in numbers if f"*#{n} " in str(page["blocks"])] for page in (first, second)]
    assert on_page == [numbers[5:], numbers[:5]]
    assert "incidents_older" not in str(second["blocks"])


def test_those_that_are_over_are_listed_for_a_time_only(house: House) -> None:
    number = open_incident(house.database)
    ask(house, f"{number} resolve", 1)
    timers(house.database, book(RuleSet(rules=(), digest="")), now=T0 + 1, wall=1e9)
    assert "No incident is open" in ask(house, "", 2, "/agora-incidents")
    assert "*1 incident* since" in ask(house, "24h", 3, "/agora-incidents")


def test_each_act_is_done_once_told_and_kept_in_the_history(house: House) -> None:
    number = open_incident(house.database)
    assert "it is yours now" in ask(house, f"{number} ack", 1)
    assert "<@U_ALICE> acknowledged this incident already" in ask(house, f"{number} ack", 2, user="U_BOB")
    assert "it is assigned" in ask(house, f"{number} assign @bob", 3)
    assert "<@U_BOB> has this incident already" in ask(house, f"{number} assign me", 4, user="U_BOB")
    assert "your note is kept" in ask(house, f"{number} note the studio rebooted", 5)
    assert "the call is linked" in ask(house, f"{number} link 8f2c71d09be44a1c", 6)
    assert "quiet for that time" in ask(house, f"{number} snooze 2h", 7)
    assert "it is resolved" in ask(house, f"{number} resolve", 8)
    assert history(house, number) == [
        (MessageKind.ACKNOWLEDGED, "U_ALICE", ""),
        (MessageKind.ASSIGNED, "U_ALICE", "U_BOB"),
        (MessageKind.NOTED, "U_ALICE", "the studio rebooted"),
        (MessageKind.LINKED, "U_ALICE", "8f2c71d09be44a1c"),
        (MessageKind.SNOOZED, "U_ALICE", ""),
        (MessageKind.CLOSED, "U_ALICE", ""),
    ]
    with house.database.reading() as tx:
        stored = incidents.find(tx, number)
    assert stored is not None
    assert (stored.incident.assigned_to, stored.incident.snoozed_until) == ("U_BOB", T0 + 7200)
    shown = ask(house, str(number), 9)
    for words in ("acknowledged it", "assigned it to <@U_BOB>", "the studio rebooted", "by hand", "8f2c71d0"):
        assert words in shown
    said = [kind for kind in queued(house.database) if kind is not MessageKind.EDIT]
    assert sorted(said) == sorted(kind for kind, _, _ in history(house, number))


def test_a_note_after_the_end_still_reaches_the_thread_and_no_program(house: House) -> None:
    number = open_incident(house.database, targets=(TARGET, "webhook:ops:0"))
    ask(house, f"{number} resolve", 1)
    timers(house.database, book(RuleSet(rules=(), digest="")), now=T0 + 1, wall=1e9)
    ask(house, f"{number} note it was the router", 2)
    with house.database.transaction() as tx:
        kinds = []
        while message := outbox.claim(tx, "webhook", "w", wall=1e12, lease_s=1):
            kinds.append(message.kind)
            outbox.delivered(tx, message, "w")
    assert MessageKind.NOTED not in kinds and kinds
    assert queued(house.database)[-1] is MessageKind.NOTED


def test_a_silence_of_an_incident_holds_what_its_alerts_share(house: House) -> None:
    number = open_incident(house.database)
    assert "It hides 1 alert that fires now" in ask(house, f"{number} silence 2h the studio is rebuilt", 1)
    with house.database.reading() as tx:
        (made,) = silences.lasting(tx, T0)
    assert sorted(made.matchers) == ['alertname="A"', 'cname="lesson-1"', 'project="p"']
    assert (made.author, made.comment, made.ends_at) == ("U_ALICE", "the studio is rebuilt", T0 + 7200)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("99", "Incident #99 is not in my records"),
        ("99 ack", "Incident #99 is not in my records"),
        ("99 note x", "Incident #99 is not in my records"),
        ("99 silence 2h x", "Incident #99 is not in my records"),
        ("1 dance", "I do not know how to"),
        ("", "Which incident"),
    ],
)
def test_what_cannot_be_done_is_answered_with_why(house: House, text: str, sentence: str) -> None:
    assert sentence in ask(house, text, 1)
