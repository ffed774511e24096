"""Tables of an earlier version become today's, and keep what is in them."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from bot.config import default_folder
from bot.model.catalog import Feed
from bot.model.observation import CauseTag, DiagnosisEvent, FinishedCall
from bot.store import Database, Transaction, calls, observations
from tests.conftest import T0

KEY = ["project", "ts", "cname", "user", "experience_id"]
ROWS = 3


def alembic(tx: Transaction) -> Config:
    config = Config()
    config.set_main_option("script_location", str(default_folder("migrations")))
    config.attributes["connection"] = tx
    return config


@pytest.fixture
def of_version_1(database_url: str) -> Iterator[Database]:
    """A database with the first tables and some diagnosis events."""
    opened = Database(database_url, default_folder("migrations"))
    with opened.transaction() as tx:
        command.upgrade(alembic(tx), "0001")
        for n in range(ROWS):
            tx.execute(
                text("INSERT INTO diagnosis_events VALUES (:p, :ts, :cname, :user, 4, :tags, :at)"),
                {"p": "p", "ts": T0 + n, "cname": "é", "user": str(n), "tags": '[[21, "9"]]', "at": T0 + 90},
            )
    yield opened
    opened.close()


def key_of(tx: Transaction) -> list[str]:
    return inspect(tx).get_pk_constraint("diagnosis_events")["constrained_columns"]


def test_events_from_before_agoras_alerts_are_those_of_its_diagnosis(of_version_1: Database) -> None:
    of_version_1.upgrade()
    of_version_1.check_schema()
    with of_version_1.transaction() as tx:
        seen = observations.read(tx, ["p"], T0, T0 + 60, [])
        assert key_of(tx) == [*KEY, "source"]
    tags = (CauseTag(factor_id=21, host_user="9"),)
    assert tuple(seen.events) == tuple(
        DiagnosisEvent(ts=T0 + n, cname="é", user=str(n), experience_id=4, tags=tags) for n in range(ROWS)
    )


def test_going_back_forgets_alerts_and_keeps_the_rest(of_version_1: Database) -> None:
    of_version_1.upgrade()
    alert = DiagnosisEvent(ts=T0, cname="é", user="0", experience_id=4, source="alert")
    with of_version_1.transaction() as tx:
        observations.save_alert(tx, "p", T0, [alert])
    with of_version_1.transaction() as tx:
        command.downgrade(alembic(tx), "0001")
        assert key_of(tx) == KEY
        assert tx.execute(text("SELECT count(*) FROM diagnosis_events")).scalar() == ROWS
    of_version_1.upgrade()
    of_version_1.check_schema()


def test_finished_calls_come_and_go_with_what_is_known_of_them(of_version_1: Database) -> None:
    of_version_1.upgrade()
    call = FinishedCall(call_id="c", cname="c", created_ts=T0, destroyed_ts=T0 + 9)
    with of_version_1.transaction() as tx:
        calls.save(tx, "p", [call], T0)
        observations.mark_known(tx, "p", Feed.CALLS, [T0], cut=frozenset())
        observations.mark_known(tx, "p", Feed.NET, [T0], cut=frozenset())
        command.downgrade(alembic(tx), "0003")
        assert tx.execute(text("SELECT feed FROM known_minutes")).scalars().all() == ["net"]
    of_version_1.upgrade()
    of_version_1.check_schema()
