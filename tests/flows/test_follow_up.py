"""Suspicious calls of today's API: from the list to the shipped factor rules, within the day's quota."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import pytest

from bot.agora import CallsAnswer, Client, Credentials, Unreachable, open_client, profile
from bot.agora.call_rows import calls_answer
from bot.config import default_folder
from bot.flows import evaluate, poll
from bot.flows.follow_up import LEASE_S, FollowUp, follow_up, notice
from bot.flows.rulebook import read_folder
from bot.flows.selection import select
from bot.flows.turn import Turn
from bot.model.alert import EventKind
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.catalog import Feed
from bot.model.observation import DiagnosisEvent
from bot.model.project import Project
from bot.model.suspect import Examined
from bot.model.time import DAY_S, HOUR_S, Window, utc_day
from bot.simulator.agora import AgoraSimulator
from bot.store import Database, SqlLedger, alerts, call_pictures, ledger, observations, suspects
from tests.conftest import T0, ManualClock
from tests.seen import cut, known
from tests.store.test_alerts import ALERT
from tests.told import book, told

PROJECT = Project(name="p", app_id="app", account="a")
MIDNIGHT = T0 // DAY_S * DAY_S
STANDARD = profile("current", "standard")


class Lesson:
    """Lists a bad call of ten minutes each three minutes; every request pays the ledger."""

    def __init__(self, database: Database, clock: ManualClock, error: BaseException | None = None) -> None:
        self.clock, self.error = clock, error
        self.ledger = SqlLedger(database)
        self.examined: list[tuple[float, str]] = []

    def _pay(self) -> None:
        paid = self.ledger.take("a", "call", limit=1000, spacing_s=0, now=self.clock.at)
        assert paid is not None, "more than a thousand requests were asked for"

    def all_calls(self, project: Project, window: Window, *, requests: int) -> CallsAnswer:
        self._pay()
        starts = range(window.start // 180 * 180, window.end - 600, 180)
        search = CallSearch(calls=tuple(map(bad_call, reversed(starts))), complete=True)
        return calls_answer(search, window)

    def details(self, project: Project, call: Call, *, spare: int, for_people: bool) -> CallDetails:
        self._pay()
        self._pay()
        if self.error:
            raise self.error
        self.examined.append((self.clock.at, call.call_id))
        return CallDetails(call=call, sessions=(), series=(), cut=False)


def bad_call(start: int) -> Call:
    return Call(
        call_id=f"c{start}",
        cname="c",
        started_at=start,
        ended_at=start + 600,
        users_total=4,
        video_freeze_rate=5.0 + start % 7,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A bot on the plan standard, beside the Agora that it asks."""

    database: Database
    clock: ManualClock
    client: Client | Lesson
    simulator: AgoraSimulator | None = None

    def desk(self) -> FollowUp:
        return FollowUp(
            database=self.database,
            client=self.client,
            profile=STANDARD,
            project=PROJECT,
            sharers=(PROJECT,),
            now=self.clock.now,
        )

    def poll(self) -> bool:
        return poll.poll(
            Turn(
                database=self.database,
                client=self.client,
                profile=STANDARD,
                project=PROJECT,
                feed=Feed.CALLS,
                now=self.clock.now,
                sharers=(PROJECT,),
                selection=lambda: select(STANDARD, (PROJECT,), ()),
            )
        )

    def live(self, until: float, step_s: float = 20) -> None:
        """Poll and examine as the schedule does, until an instant."""
        while self.clock.at < until:
            self.poll()
            follow_up(self.desk())
            self.clock.at += step_s

    def events(self) -> list[DiagnosisEvent]:
        """Return what was found, with the minute in which it counts."""
        with self.database.transaction() as tx:
            seen = observations.read(tx, ["p"], 0, T0 * 2, [])
        return [event for event in seen.events if event.source == "doctor"]

    def seen(self) -> Examined:
        with self.database.transaction() as tx:
            return suspects.seen_since(tx, "p", 0)


@contextmanager
def opened(database: Database, clock: ManualClock) -> Iterator[House]:
    simulator = AgoraSimulator(
        now=clock.now, credentials={"id": "secret"}, projects={"app": "id"}, plan="standard"
    )
    client = open_client(
        "current",
        "standard",
        base_url=simulator.start(),
        credentials=Credentials(account="a", customer_id="id", customer_secret="secret"),
        ledger=SqlLedger(database),
        now=clock.now,
        wait=clock.wait,
    )
    with closing(client):
        try:
            yield House(database=database, clock=clock, simulator=simulator, client=client)
        finally:
            simulator.stop()


@pytest.fixture
def house(sqlite: Database, clock: ManualClock) -> Iterator[House]:
    with opened(sqlite, clock) as one:
        yield one


def test_one_users_bad_uplink_fires_the_shipped_factor_rule_on_the_plan_standard(house: House) -> None:
    rules = read_folder(default_folder("rules")).rules
    assert rules is not None
    assert house.simulator is not None
    house.simulator.inject("uplink_loss", in_s=-1200, lasts_s=900)
    fired = set()
    while house.clock.at < T0 + 2 * HOUR_S:
        house.live(house.clock.at + 60)
        now = house.clock.now()
        for event in evaluate.judge(
            house.database, {"p": STANDARD.polled}, book(rules), since=0, now=now, wall=now
        ):
            if event.kind is EventKind.OPENED:
                with house.database.transaction() as tx:
                    fired |= {(a.alertname, a.label("cname")) for a in alerts.open_alerts(tx)}
    assert fired >= {("OneSenderHurtsChannel", "lesson-algebra-7b")}
    found = [event for event in house.events() if event.cname == "lesson-algebra-7b"]
    hosts = {tag.host_user for event in found for tag in event.tags}
    assert (len(hosts), hosts & {event.user for event in found}) == (1, set())
    assert {tag.factor_id for event in found for tag in event.tags} == {21, 22}
    assert len(found) == len({(event.user, event.experience_id) for event in found})
    assert house.seen().looked_at == house.seen().noticed
    with house.database.transaction() as tx:
        (told, *_) = suspects.bad_calls(tx, "p", ["lesson-algebra-7b"], since=0, limit=9)
        png = call_pictures.get(tx, "p", told.verdict.call_id)
    assert png is not None, "the verdict's picture waits for the thread"
    assert png.startswith(b"\x89PNG")
    assert not [row for row in house.simulator.journal() if row.violation]


def pretend(database: Database, lesson: Lesson) -> House:
    return House(database=database, clock=lesson.clock, client=lesson)


def test_a_day_of_bad_calls_stays_within_the_quota_and_lasts_until_midnight(
    sqlite: Database, clock: ManualClock
) -> None:
    clock.at = MIDNIGHT
    lesson = Lesson(sqlite, clock)
    house = pretend(sqlite, lesson)
    house.live(MIDNIGHT + DAY_S - 60, step_s=120)
    with sqlite.transaction() as tx:
        (use,) = ledger.used_today(tx, MIDNIGHT)
    hours = Counter(int(at - MIDNIGHT) // HOUR_S for at, _ in lesson.examined)
    assert use.used <= 800, "a fifth of the day is people's"
    assert 145 <= len(lesson.examined) <= 150
    assert all(hours[hour] >= 3 for hour in range(1, 24)), hours
    assert max(Counter(call for _, call in lesson.examined).values()) == 1
    assert house.seen().looked_at == len(lesson.examined) < house.seen().noticed


def test_calls_of_an_open_incident_are_examined_first_and_also_below_the_line(
    sqlite: Database, clock: ManualClock
) -> None:
    fine = replace(bad_call(T0 - 900), call_id="fine", cname="room", video_freeze_rate=0.0)
    before = replace(fine, call_id="before", started_at=T0 - 9000, ended_at=T0 - 8000)
    answer = calls_answer(
        CallSearch(calls=(fine, bad_call(T0 - 900), before), complete=True), Window(start=0, end=T0)
    )
    with sqlite.transaction() as tx:
        told(tx, replace(ALERT, labels=(("cname", "room"), ("project", "p")), active_at=T0 - 600))
        notice(tx, STANDARD, "p", answer, T0)
        waiting = suspects.due(tx, "p", T0 + HOUR_S, kept_since=0)
    assert {one.call.call_id for one in waiting} == {"fine", bad_call(T0 - 900).call_id}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Examined(looked_at=3, noticed=3, at_least=False), "looked at 3 of 3 suspicious calls"),
        (Examined(looked_at=14, noticed=60, at_least=True), "looked at 14 of at least 60 suspicious calls"),
    ],
)
def test_what_was_looked_at_is_said_in_words(found: Examined, expected: str) -> None:
    assert str(found) == expected


def test_people_who_ask_much_leave_no_request_to_the_doctor(sqlite: Database, clock: ManualClock) -> None:
    lesson = Lesson(sqlite, clock)
    house = pretend(sqlite, lesson)
    assert house.poll()
    for _ in range(800):
        lesson.ledger.take("a", "call", limit=1000, spacing_s=0, now=clock.at)
    assert not follow_up(house.desk())


def test_the_worst_call_is_examined_first(sqlite: Database, clock: ManualClock) -> None:
    lesson = Lesson(sqlite, clock)
    house = pretend(sqlite, lesson)
    assert house.poll()
    clock.at += HOUR_S
    assert [follow_up(house.desk()) for _ in range(5)] == [True] * 5
    assert {int(call[1:]) % 7 for _, call in lesson.examined} == {6}


class Killed(BaseException):
    """What a killed process does: nothing more."""


def test_a_killed_examination_is_made_again_when_its_lease_ends(sqlite: Database, clock: ManualClock) -> None:
    lesson = Lesson(sqlite, clock, Killed())
    house = pretend(sqlite, lesson)
    assert house.poll()
    with pytest.raises(Killed):
        follow_up(house.desk())
    lesson.error = None
    with sqlite.transaction() as tx:
        spent, (held, *_) = (
            suspects.spent(tx, ["p"], utc_day(T0)),
            suspects.due(tx, "p", T0 + DAY_S, kept_since=0),
        )
    assert (spent, held.due_at, held.attempts) == (2, T0 + LEASE_S, 1)
    house.live(T0 + 2 * LEASE_S)
    assert held.call.call_id in {call for _, call in lesson.examined}


def test_two_workers_never_examine_the_same_call(sqlite: Database, clock: ManualClock) -> None:
    assert pretend(sqlite, Lesson(sqlite, clock)).poll()
    with sqlite.transaction() as tx:
        one = suspects.due(tx, "p", T0, kept_since=0)[0]
        claims = [suspects.claim(tx, "p", one, until=T0 + 9, cost=2, day=1) for _ in range(2)]
    assert claims == [True, False]


def test_a_call_that_cannot_be_examined_is_tried_three_times(sqlite: Database, clock: ManualClock) -> None:
    lesson = Lesson(sqlite, clock, Unreachable(account="a", endpoint="call/sessions", detail="refused"))
    house = pretend(sqlite, lesson)
    assert house.poll()
    while follow_up(house.desk()):
        pass
    with sqlite.transaction() as tx:
        waiting = [one for one in suspects.due(tx, "p", T0 + DAY_S, kept_since=0) if one.attempts]
    assert {(one.attempts, one.due_at, "refused" in one.error) for one in waiting} == {(1, T0 + 600, True)}
    for hour in range(1, 20):
        clock.at = T0 + hour * HOUR_S
        follow_up(house.desk())
    with sqlite.transaction() as tx:
        assert max(one.attempts for one in suspects.due(tx, "p", T0 + 2 * DAY_S, kept_since=0)) < 3


def test_while_suspicious_calls_wait_counts_are_said_to_be_at_least(
    sqlite: Database, clock: ManualClock
) -> None:
    house = pretend(sqlite, Lesson(sqlite, clock))
    assert house.poll()
    assert follow_up(house.desk())
    with sqlite.transaction() as tx:
        seen = observations.read(tx, ["p"], T0 - 600, T0 + 600, [])
    assert cut(seen, Feed.DIAGNOSIS) == known(seen, Feed.DIAGNOSIS) == {T0}
