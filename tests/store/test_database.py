"""Opening, upgrading, and losing the database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect

from bot.config import default_folder
from bot.store import Database, DatabaseUnavailable, SchemaBehind, notes
from bot.store.tables import metadata
from tests.conftest import T0

MIGRATIONS = default_folder("migrations")


def test_the_migrations_make_the_tables_of_the_code(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.transaction() as tx:
        assert set(inspect(tx).get_table_names()) == {*metadata.tables, "alembic_version"}
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []
    database.check_schema()


def test_several_processes_may_upgrade_at_once(database_url: str) -> None:
    databases = [Database(database_url, MIGRATIONS) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda database: database.upgrade(), databases))
    databases[0].check_schema()
    for database in databases:
        database.close()


def test_an_empty_database_says_what_to_run(database_url: str) -> None:
    database = Database(database_url, MIGRATIONS)
    with pytest.raises(SchemaBehind, match="run agora-bot db upgrade"):
        database.check_schema()
    database.close()


def test_a_database_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    away = Database("postgresql+psycopg://bot:s3cret@127.0.0.1:9/calls", MIGRATIONS)
    with pytest.raises(DatabaseUnavailable) as error, away.transaction():
        pass
    assert "calls" in str(error.value)
    assert "s3cret" not in str(error.value)
    away.close()
    nowhere = Database(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3", MIGRATIONS)
    with pytest.raises(DatabaseUnavailable, match="check DATABASE_URL"), nowhere.transaction():
        pass
    nowhere.close()


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        notes.put(tx, "k", {"a": 1}, T0)
        _ = 1 / 0
    with database.transaction() as tx:
        assert notes.get(tx, "k") is None


def test_no_read_modify_write_is_lost_between_threads(database: Database) -> None:
    with database.transaction() as tx:
        notes.put(tx, "n", {"n": 0}, T0)

    def add(_: int) -> None:
        with database.transaction() as tx:
            if tx.dialect.name == "postgresql":
                tx.exec_driver_sql("LOCK TABLE notes")
            value = (notes.get(tx, "n") or {})["n"]
            notes.put(tx, "n", {"n": value + 1}, T0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(80)))
    with database.transaction() as tx:
        assert notes.get(tx, "n") == {"n": 80}


def test_reading_keeps_no_writer_waiting_and_sees_one_state(database: Database) -> None:
    with database.transaction() as tx:
        notes.put(tx, "k", {"a": 1}, T0)
    with database.reading() as looking:
        assert notes.get(looking, "k") == {"a": 1}
        with database.transaction() as tx:
            notes.put(tx, "k", {"a": 2}, T0)
        assert notes.get(looking, "k") == {"a": 1}
    with database.reading() as looking:
        assert notes.get(looking, "k") == {"a": 2}


def test_reading_from_a_database_that_is_away_says_so() -> None:
    away = Database("postgresql+psycopg://bot:s3cret@127.0.0.1:9/calls", MIGRATIONS)
    with pytest.raises(DatabaseUnavailable, match="calls"), away.reading():
        pass
    away.close()
