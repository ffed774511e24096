"""Who may do what, what is kept of it, and what Slack delivers twice."""

import threading
import urllib.request

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.flows.access import Access
from bot.model.audit import AuditEntry, Outcome
from bot.model.incident import MessageKind
from bot.model.time import Window
from bot.simulator.slack.payloads import command_body
from bot.simulator.slack.values import TEAM_ID, Channel
from bot.store import Database, audit, silences
from tests.conftest import T0
from tests.slack.conftest import ROOM, SECRET, House
from tests.slack.test_commands import bad_details, some_calls
from tests.slack.test_incidents import ask, history, open_incident


def kept(database: Database) -> list[AuditEntry]:
    with database.reading() as tx:
        return audit.within(tx, Window(start=0, end=2 * T0), after=0, limit=99)


class TestEverybody:
    def test_what_is_done_is_kept_with_who_did_it_where(self, house: House) -> None:
        number = open_incident(house.database)
        ask(house, f"{number} note the router", 1, user="U_BOB")
        ask(house, f"{number} silence 2h why", 2)
        ask(house, "end 1", 3, "/agora-silence")
        ask(house, f"{number} ack", 4)
        told = [(e.deed, e.incident_id, e.about, e.asker.user, e.outcome) for e in kept(house.database)]
        assert told[0] == ("noted", number, "the router", "U_BOB", Outcome.DONE)
        assert [(deed, incident) for deed, incident, *_ in told] == [
            ("noted", number),
            ("silence", number),
            ("end silence", None),
            ("acknowledged", number),
        ]
        assert {(e.asker.team, e.at) for e in kept(house.database)} == {(TEAM_ID, T0)}
        assert kept(house.database)[0].asker.channel.startswith("C")

    def test_what_slack_delivers_twice_is_done_and_answered_once(self, house: House) -> None:
        number = open_incident(house.database)
        body = command_body(
            "/agora-incident",
            f"{number} note once",
            channel=Channel(id="C_X", name="x"),
            user="U_ALICE",
            response_url="",
            trigger_id="one.and.the.same",
        )
        for _ in range(2):
            assert posted(house, body) == 200
        ask(house, f"{number} note afterwards", 1)
        notes = [about for kind, _, about in history(house, number) if kind is MessageKind.NOTED]
        assert sorted(notes) == ["afterwards", "once"]

    def test_a_call_is_shown_once_however_often_the_button_is_pressed(self, house: House) -> None:
        house.agora.calls_known = some_calls(1)
        house.agora.told = bad_details
        house.slack.command("/agora-call", "lesson-7b")
        house.answers()
        house.slack.click(channel=ROOM, ts=house.slack.messages(ROOM)[-1]["ts"], action_id="call_details")
        house.answers(2)
        details = house.slack.messages(ROOM)[-1]
        for _ in range(2):
            house.slack.click(channel=ROOM, ts=details["ts"], action_id="call_share")
        assert "shown here a moment ago" in house.answers(3)[-1]
        assert house.slack.wait_for(lambda s: len(s.messages(ROOM, roots_only=True)) == 1, 20)
        for _ in range(100):
            if kept(house.database) or house.slack.wait_for(lambda _s: bool(kept(house.database)), 0.05):
                break
        assert [e.deed for e in kept(house.database)] == ["show call"]


def posted(house: House, body: str, kind: str = "application/x-www-form-urlencoded") -> int:
    """Post a signed request as Slack does, and return the status."""
    stamp = str(int(Clock.wall()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
    request = urllib.request.Request(
        f"{house.url}/slack/events",
        data=body.encode(),
        headers={
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or "",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status


class TestReaders:
    @pytest.fixture
    def access(self) -> Access:
        return Access(readers=frozenset({"U_BOB"}), members=lambda _group: frozenset())

    @pytest.mark.parametrize(
        ("command", "text"),
        [
            ("/agora-incidents", ""),
            ("/agora-incident", "1"),
            ("/agora-call", "lesson-7b"),
            ("/agora-silence", "list"),
            ("/agora-help", ""),
        ],
    )
    def test_others_hear_nothing_but_why(self, house: House, command: str, text: str) -> None:
        house.agora.calls_known = some_calls(1)
        open_incident(house.database)
        said = ask(house, text, 1, command)
        assert "You may not ask me here" in said and "lesson" not in said
        (entry,) = kept(house.database)
        assert (entry.deed, entry.outcome, entry.asker.user) == (command, Outcome.REFUSED, "U_ALICE")
        assert house.agora.asked == []

    def test_those_named_are_answered(self, house: House) -> None:
        assert "No incident is open" in ask(house, "", 1, "/agora-incidents", user="U_BOB")


class TestActors:
    @pytest.fixture
    def access(self) -> Access:
        return Access(actors=frozenset({"S_OPS"}), members=lambda _group: frozenset())

    @pytest.mark.parametrize("verb", ["ack", "note x", "assign me", "resolve", "snooze", "silence 2h x"])
    def test_who_is_not_in_the_group_may_look_but_not_act(self, house: House, verb: str) -> None:
        number = open_incident(house.database)
        assert "*What happened*" in ask(house, str(number), 1, user="U_BOB")
        assert "You may look, but not act" in ask(house, f"{number} {verb}", 2, user="U_BOB")
        assert history(house, number) == []
        with house.database.reading() as tx:
            assert silences.lasting(tx, T0) == []
        (entry,) = kept(house.database)
        assert (entry.incident_id, entry.about, entry.outcome) == (
            number,
            f"{number} {verb}",
            Outcome.REFUSED,
        )

    def test_who_is_in_the_group_may_act(self, house: House) -> None:
        number = open_incident(house.database)
        assert "it is yours now" in ask(house, f"{number} ack", 1)

    def test_while_slack_does_not_say_who_is_in_the_group_nobody_acts(self, house: House) -> None:
        number = open_incident(house.database)
        house.slack.fault("usergroups.users.list", "missing_scope")
        assert "usergroups:read" in ask(house, f"{number} ack", 1)
        assert history(house, number) == []
        assert "it is yours now" in ask(house, f"{number} ack", 2)


class TestAnotherWorkspace:
    @pytest.fixture
    def access(self) -> Access:
        return Access(team="T_ELSEWHERE", members=lambda _group: frozenset())

    def test_its_people_are_refused(self, house: House) -> None:
        assert "I answer another workspace only" in ask(house, "", 1, "/agora-incidents")


def test_a_delivery_is_the_first_of_its_key_for_one_of_many(database: Database) -> None:
    first: list[bool] = []

    def take() -> None:
        with database.transaction() as tx:
            first.append(audit.first_time(tx, "key", T0))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(first) == [False] * 7 + [True]
