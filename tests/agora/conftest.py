from collections.abc import Iterator

import pytest

from bot.agora import AgoraClient, Credentials, CurrentClient
from bot.agora.exchange import Opening
from bot.model.project import Project

from .stub import FakeClock, FakeLedger, Stub

NOW = 1_700_000_000.5
"""22:13:20.5 UTC, 40 s before the end of a minute."""


@pytest.fixture(scope="session")
def server() -> Iterator[Stub]:
    server = Stub()
    yield server
    server.stop()


@pytest.fixture
def agora(server: Stub) -> Stub:
    server.forget()
    return server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def project() -> Project:
    return Project(name="shop", app_id="app0", account="main")


@pytest.fixture
def outcomes() -> list[tuple[str, str, float]]:
    return []


@pytest.fixture
def client(
    agora: Stub, clock: FakeClock, ledger: FakeLedger, outcomes: list[tuple[str, str, float]]
) -> Iterator[AgoraClient]:
    client = AgoraClient(**opening(agora, clock, ledger, outcomes))
    yield client
    client.close()


@pytest.fixture
def premium(
    agora: Stub, clock: FakeClock, ledger: FakeLedger, outcomes: list[tuple[str, str, float]]
) -> Iterator[CurrentClient]:
    client = CurrentClient("premium", **opening(agora, clock, ledger, outcomes))
    yield client
    client.close()


def opening(
    agora: Stub, clock: FakeClock, ledger: FakeLedger, outcomes: list[tuple[str, str, float]]
) -> Opening:
    return Opening(
        base_url=agora.url,
        credentials=Credentials(account="main", customer_id="id-k3y", customer_secret="s3cr3t"),
        ledger=ledger,
        now=clock.now,
        wait=clock.wait,
        timeout_s=(1.0, 1.0),
        on_request=lambda *told: outcomes.append(told),
        jitter=lambda: 0.25,
    )
