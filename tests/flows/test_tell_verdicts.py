"""Verdicts in the threads of incidents: each call once, the worst first, none to programs."""

from dataclasses import replace

import pytest

from bot.flows.tell_verdicts import CALLS_AT_MOST, tell_verdicts
from bot.model.call import Call
from bot.model.feedback import Told, Verdict
from bot.model.incident import MessageKind
from bot.model.suspect import Suspect
from bot.store import Database, incidents, outbox, suspects
from tests.conftest import T0
from tests.store.test_alerts import ALERT
from tests.told import told

HERE = replace(ALERT, labels=(("cname", "room"), ("project", "p")))


def examined(
    database: Database, number: int = 1, *, cname: str = "room", verdict: str = "bad", until: int = T0
) -> str:
    """Store a call in which the doctor found something; the higher its number, the worse."""
    call = Call(call_id=f"c{number}", cname=cname, started_at=until - 600, ended_at=until)
    one = Suspect(call=call, score=float(number))
    said = Verdict(project="p", call_id=call.call_id, verdict=verdict, kind="uplink_loss", uid="7")
    with database.transaction() as tx:
        suspects.save(tx, "p", [one], T0)
        suspects.examined(tx, one, Told(verdict=said, cname=cname, headline=f"call {number}"), until=until)
    return call.call_id


def waiting(database: Database) -> list[tuple[str, str]]:
    """Return the target and headline of each verdict that is queued, in order."""
    found = []
    with database.transaction() as tx:
        for service in ("slack", "webhook"):
            while message := outbox.claim(tx, service, "w", wall=1e12, lease_s=1):
                assert message.kind is MessageKind.VERDICT
                assert message.line.told is not None
                found.append((message.target, message.line.told.headline))
                outbox.delivered(tx, message, "w")
    return found


def look(database: Database) -> int:
    return tell_verdicts(database, now=T0 + 60, wall=T0 + 60)


def test_a_call_is_told_once_in_each_target_that_people_read(database: Database) -> None:
    with database.transaction() as tx:
        told(tx, HERE, ("slack:", "slack:#b", "webhook:x"))
    examined(database)
    assert [look(database), look(database)] == [1, 0]
    assert waiting(database) == [("slack:", "call 1"), ("slack:#b", "call 1")]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"cname": "another"}, id="another channel"),
        pytest.param({"verdict": "clean"}, id="a good call"),
        pytest.param({"verdict": "insufficient_data"}, id="too little known"),
        pytest.param({"until": T0 - 7200}, id="long before"),
    ],
)
def test_what_has_nothing_to_do_with_an_incident_is_not_told(
    sqlite: Database, other: dict[str, str | int]
) -> None:
    with sqlite.transaction() as tx:
        told(tx, HERE)
    examined(sqlite, **other)
    assert look(sqlite) == 0


def test_of_many_calls_the_worst_are_told(sqlite: Database) -> None:
    with sqlite.transaction() as tx:
        told(tx, HERE)
    for number in range(1, 9):
        examined(sqlite, number)
    assert [look(sqlite), look(sqlite)] == [CALLS_AT_MOST, 0]
    assert [said for _, said in waiting(sqlite)] == ["call 8", "call 7", "call 6"]


def test_nothing_follows_the_end_of_an_incident(sqlite: Database) -> None:
    with sqlite.transaction() as tx:
        incident = told(tx, HERE).incident
        incidents.save(tx, replace(incident, resolved_at=T0), None)
    examined(sqlite)
    assert look(sqlite) == 0


def test_a_project_wide_incident_tells_of_the_channels_that_suffer(sqlite: Database) -> None:
    wide = replace(ALERT, labels=(("project", "p"),), affected=replace(ALERT.affected, channels=("a", "b")))
    with sqlite.transaction() as tx:
        told(tx, wide)
    examined(sqlite, 1, cname="a")
    examined(sqlite, 2, cname="c")
    assert look(sqlite) == 1
    assert waiting(sqlite) == [("slack:", "call 1")]
