"""Alerts in the database: one open per fingerprint, no lost change."""

from dataclasses import replace

import pytest

from bot.model.alert import Alert, AlertEvent, EventKind, Reason, State
from bot.model.verdict import Affected, Severity, labels
from bot.store import Conflict, Database, alerts
from tests.conftest import T0

ALERT = Alert(
    fingerprint="f00d",
    project="p",
    alertname="A",
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


def test_an_alert_comes_back_as_it_was_stored(database: Database) -> None:
    with database.transaction() as tx:
        stored = alerts.save(tx, ALERT)
        assert stored == replace(ALERT, id=stored.id, version=1)
        assert alerts.find(tx, stored.id) == stored
        assert alerts.open_alerts(tx, ["p"]) == [stored]
        assert alerts.open_alerts(tx, ["q"]) == []
        assert alerts.find(tx, stored.id + 1) is None


def test_an_alert_from_before_agoras_alerts_says_nothing_of_them(sqlite: Database) -> None:
    with sqlite.transaction() as tx:
        stored = alerts.save(tx, ALERT)
        tx.exec_driver_sql("UPDATE alerts SET affected = json_remove(affected, '$.said')")
        found = alerts.find(tx, stored.id)
    assert found is not None
    assert found.affected == replace(ALERT.affected, said=())


def test_a_fingerprint_is_open_once(database: Database) -> None:
    with database.transaction() as tx:
        stored = alerts.save(tx, ALERT)
    with pytest.raises(Conflict), database.transaction() as tx:
        alerts.save(tx, ALERT)
    with database.transaction() as tx:
        closed = replace(stored, state=State.RESOLVED, resolved_at=T0 + 600, reason=Reason.CONDITION)
        alerts.save(tx, closed)
        again = alerts.save(tx, ALERT)
        assert again.id != stored.id


def test_a_change_of_what_somebody_else_changed_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        stored = alerts.save(tx, ALERT)
        alerts.save(tx, replace(stored, value=2.0))
    with pytest.raises(Conflict), database.transaction() as tx:
        alerts.save(tx, replace(stored, value=1.0))
    with pytest.raises(Conflict), database.transaction() as tx:
        alerts.drop(tx, stored, ended_at=None)


def test_history_keeps_its_order(database: Database) -> None:
    happened = [
        AlertEvent(kind=EventKind.OPENED, at=T0, severity=Severity.WARNING, value=6.0),
        AlertEvent(kind=EventKind.WORSENED, at=T0 + 5, severity=Severity.CRITICAL, value=12.0),
    ]
    with database.transaction() as tx:
        stored = alerts.save(tx, ALERT)
        for event in happened:
            alerts.add_event(tx, stored.id, event)
        assert alerts.history(tx, stored.id) == happened


def test_a_cursor_moves_for_one_process_only(database: Database) -> None:
    with database.transaction() as tx:
        alerts.move_cursors(tx, ["p"], "A", before=None, minute=T0)
        alerts.move_cursors(tx, ["p"], "A", before=T0, minute=T0 + 60)
        assert alerts.judged_until(tx, ["p"]) == {("p", "A"): T0 + 60}
    for before in (None, T0):
        with pytest.raises(Conflict), database.transaction() as tx:
            alerts.move_cursors(tx, ["p"], "A", before=before, minute=T0 + 120)
