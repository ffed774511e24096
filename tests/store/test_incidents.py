"""Incidents in the database: one open per fingerprint, no lost change."""

from dataclasses import replace

import pytest

from bot.model.incident import EventKind, Incident, IncidentEvent, Reason, State
from bot.model.verdict import Affected, Severity, labels
from bot.store import Conflict, Database, incidents
from tests.conftest import T0

INCIDENT = Incident(
    fingerprint="f00d",
    project="p",
    alert="A",
    labels=labels(project="p", cname="<c>"),
    state=State.FIRING,
    severity=Severity.CRITICAL,
    active_at=T0,
    fired_at=T0 + 60,
    judged_at=T0 + 60,
    value=12.5,
    threshold=10.0,
    peak=13.0,
    affected=Affected(
        events=3,
        users=("1", "2"),
        channels=("<c>",),
        hosts=("9",),
        factors=((21, 3),),
        said=("wifi congestion",),
    ),
    annotations={"summary": "x"},
)


def test_an_incident_comes_back_as_it_was_stored(database: Database) -> None:
    with database.transaction() as tx:
        stored = incidents.save(tx, INCIDENT)
        assert stored == replace(INCIDENT, id=stored.id, version=1)
        assert incidents.find(tx, stored.id) == stored
        assert incidents.open_incidents(tx, ["p"]) == [stored]
        assert incidents.open_incidents(tx, ["q"]) == []
        assert incidents.find(tx, stored.id + 1) is None


def test_an_incident_from_before_agoras_alerts_says_nothing_of_them(sqlite: Database) -> None:
    with sqlite.transaction() as tx:
        stored = incidents.save(tx, INCIDENT)
        tx.exec_driver_sql("UPDATE incidents SET affected = json_remove(affected, '$.said')")
        found = incidents.find(tx, stored.id)
    assert found is not None
    assert found.affected == replace(INCIDENT.affected, said=())


def test_a_fingerprint_is_open_once(database: Database) -> None:
    with database.transaction() as tx:
        stored = incidents.save(tx, INCIDENT)
    with pytest.raises(Conflict), database.transaction() as tx:
        incidents.save(tx, INCIDENT)
    with database.transaction() as tx:
        closed = replace(stored, state=State.RESOLVED, resolved_at=T0 + 600, reason=Reason.CONDITION)
        incidents.save(tx, closed)
        again = incidents.save(tx, INCIDENT)
        assert again.id != stored.id


def test_a_change_of_what_somebody_else_changed_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        stored = incidents.save(tx, INCIDENT)
        incidents.save(tx, replace(stored, acked_by="U1"))
    with pytest.raises(Conflict), database.transaction() as tx:
        incidents.save(tx, replace(stored, value=1.0))
    with pytest.raises(Conflict), database.transaction() as tx:
        incidents.drop(tx, stored, ended_at=None)


def test_history_keeps_its_order(database: Database) -> None:
    happened = [
        IncidentEvent(kind=EventKind.OPENED, at=T0, severity=Severity.WARNING, value=6.0),
        IncidentEvent(kind=EventKind.ACKNOWLEDGED, at=T0 + 5, severity=Severity.WARNING, actor="U1"),
    ]
    with database.transaction() as tx:
        stored = incidents.save(tx, INCIDENT)
        for event in happened:
            incidents.add_event(tx, stored.id, event)
        assert incidents.history(tx, stored.id) == happened


def test_a_cursor_moves_for_one_process_only(database: Database) -> None:
    with database.transaction() as tx:
        incidents.move_cursors(tx, ["p"], "A", before=None, minute=T0)
        incidents.move_cursors(tx, ["p"], "A", before=T0, minute=T0 + 60)
        assert incidents.judged_until(tx, ["p"]) == {("p", "A"): T0 + 60}
    for before in (None, T0):
        with pytest.raises(Conflict), database.transaction() as tx:
            incidents.move_cursors(tx, ["p"], "A", before=before, minute=T0 + 120)
