"""Opening the database, its transactions, and bringing its tables up to date."""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

Transaction = Connection
"""What the modules of this room take: a connection inside ``Database.transaction()``."""

_MIGRATION_LOCK = 4_711_202
_LOOKING_SQLITE = {"begin": "BEGIN"}
_LOOKING_POSTGRES = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class DatabaseUnavailable(Exception):
    """The database does not answer; the message names it without its password."""


class SchemaBehind(Exception):
    """The tables are not those of this version; run ``agora-bot db upgrade``."""


class Database:
    """An engine with the settings that keep every write.

    In its default transaction mode SQLite loses read-modify-writes of threads without an error; BEGIN
    IMMEDIATE, WAL and a busy time-out make them wait for each other (tests/store/test_database.py).
    """

    def __init__(self, url: str, migrations: Path) -> None:
        self._migrations = migrations
        try:
            self._engine = _engine(url)
        except (SQLAlchemyError, ValueError) as error:
            raise DatabaseUnavailable(
                f"DATABASE_URL cannot be read ({type(error).__name__}); write it like postgres://user@host/name"
            ) from None
        except ModuleNotFoundError as error:
            raise DatabaseUnavailable(
                f"PostgreSQL needs the driver {error.name}: pip install 'agora-bot[postgres]'"
            ) from None
        on_postgres = self._engine.dialect.name == "postgresql"
        self._looking: dict[str, Any] = _LOOKING_POSTGRES if on_postgres else _LOOKING_SQLITE

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit at the end, roll back on an exception; raise DatabaseUnavailable when it is gone."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if error.connection_invalidated or _is_outage(error):
                raise DatabaseUnavailable(self._gone(error)) from error
            raise

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Give one unchanging view of the database that writes nothing and keeps no writer waiting; raise
        DatabaseUnavailable when it is gone."""
        try:
            with self._engine.connect().execution_options(**self._looking) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            if error.connection_invalidated or _is_outage(error):
                raise DatabaseUnavailable(self._gone(error)) from error
            raise

    def upgrade(self) -> None:
        """Bring the tables to this version; several processes may ask at once."""
        from alembic import command

        try:
            with self.transaction() as tx:
                if tx.dialect.name == "postgresql":
                    tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                command.upgrade(self._alembic(tx), "head")
        except DBAPIError as error:
            raise DatabaseUnavailable(self._gone(error)) from error

    def check_schema(self) -> None:
        """Raise SchemaBehind unless the tables are those of this version, DatabaseUnavailable where it cannot
        be told, as for a file that is no database."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        try:
            with self.transaction() as tx:
                current = MigrationContext.configure(tx).get_current_revision()
        except DBAPIError as error:
            raise DatabaseUnavailable(self._gone(error)) from error
        head = ScriptDirectory(str(self._migrations)).get_current_head()
        if current != head:
            raise SchemaBehind(
                f"the database is at {current or 'nothing'}, this version wants {head}:"
                " run agora-bot db upgrade"
            )

    def seconds(self) -> float | None:
        """Return the database's own time, Unix seconds UTC, None where it is a file: that has this
        machine's."""
        if self._engine.dialect.name != "postgresql":
            return None
        with self.transaction() as tx:
            return float(tx.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())

    def close(self) -> None:
        self._engine.dispose()

    def _alembic(self, tx: Transaction) -> Any:  # noqa: ANN401 - imported lazily, it is slow to load
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(self._migrations).replace("%", "%%"))
        config.attributes["connection"] = tx
        return config

    def _gone(self, error: SQLAlchemyError) -> str:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        shown = self._engine.url.render_as_string(hide_password=True)
        return f"the database {shown} does not answer ({reason}); check DATABASE_URL and that it runs"


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = create_engine(url, connect_args={"timeout": 5, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI's type
        connection.isolation_level = None
        for pragma in ("busy_timeout=5000", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        # The file remembers WAL. Switching takes the file alone and does not wait for it: a process that
        # comes while another one writes leaves it to a later connection.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))

    return engine


def _is_outage(error: DBAPIError) -> bool:
    from sqlalchemy.exc import InterfaceError, OperationalError

    state = getattr(error.orig, "sqlstate", None)
    away = state is None or state[:2] in ("08", "53", "57")  # PostgreSQL: connection, resources, shutdown
    return isinstance(error, OperationalError | InterfaceError) and away


def upsert(
    tx: Transaction, table: Table, rows: Sequence[dict[str, Any]], *, update: Sequence[str] = ()
) -> None:
    """Insert ``rows``; where the primary key exists take the new ``update`` columns, or keep the old."""
    if not rows:
        return
    statement = _insert(tx, table)
    keys = [column.name for column in table.primary_key.columns]
    if update:
        statement = statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in update}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    tx.execute(statement, list(rows))


def insert_new(tx: Transaction, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row; False where its primary key is there already."""
    statement = _insert(tx, table).values(row).on_conflict_do_nothing().returning(*table.primary_key)
    return tx.execute(statement).first() is not None


def _insert(tx: Transaction, table: Table) -> Any:  # noqa: ANN401 - two dialects of one statement
    return (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(table)
