"""The address for Agora's own alerts, over real HTTP: who gets in, what is answered, what is never logged."""

import http.client
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.flows import callback
from bot.model.project import Project
from bot.store import Database, DatabaseUnavailable, observations
from bot.telemetry import ALERT_CALLBACKS, log, set_up_logging
from bot.web import Server, alert_page, door
from bot.web.alert import MAX_BODY, Take
from tests.agora.test_alert_body import body
from tests.conftest import T0
from tests.web.test_door import ask

SECRET = "rK3-of_the-tests_0123456789abcdefghijklmnop"
PROJECTS = (Project(name="p", app_id="app", account="a"), Project(name="q", app_id="app2", account="a"))
BODIES = Path(__file__).parent / "bodies"
WRONG = {
    "nothing": "",
    "one letter": "r",
    "the beginning": SECRET[:-1],
    "with more behind": SECRET + "x",
    "with a slash behind": SECRET + "/",
    "in capitals": SECRET.upper(),
    "not of this alphabet": "%C3%A9" * 20,
    "no UTF-8": "%FF%FE",
    "very long": "x" * 8000,
}


@dataclass
class Gate:
    """A running door that takes alerts at T0 + 5, and what its database holds."""

    database: Database
    url: str
    port: int

    def address(self, secret: str = SECRET) -> str:
        return f"{self.url}/agora/alert/{secret}"

    def post(self, content: bytes, secret: str = SECRET) -> tuple[int, str]:
        return ask(self.address(secret), content, {"Content-Type": "application/json"})

    def raw(self, head: str, content: bytes = b"") -> int:
        """Send these bytes, and no more, and return the status; 0 where none came."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(
                f"POST /agora/alert/{SECRET} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + content
            )
            connection.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(connection)
            try:
                answer.begin()
            except http.client.BadStatusLine:
                return 0
            finally:
                answer.close()
            return answer.status

    def events(self) -> int:
        with self.database.transaction() as tx:
            return len(observations.read(tx, ["p"], T0, T0 + 60, []).events)


@pytest.fixture
def gate(database: Database) -> Iterator[Gate]:
    def take(content: bytes) -> bool:
        return callback.take(database, PROJECTS, content, T0 + 5)

    yield from running(database, take)


def running(database: Database, take: Take) -> Iterator[Gate]:
    application = door(database, lambda: T0, None, alert_page(SECRET, take))
    server = Server(application, "127.0.0.1", 0)
    server.start()
    yield Gate(database=database, url=f"http://127.0.0.1:{server.port}", port=server.port)
    server.close()


def counted(outcome: str) -> float:
    return ALERT_CALLBACKS.labels(outcome)._value.get()


def test_an_alert_is_taken_once_however_often_it_is_sent(gate: Gate) -> None:
    before = counted("taken"), counted("repeated")
    assert [gate.post(body()) for _ in range(3)] == [(200, "taken\n")] * 3
    assert gate.events() == 2
    assert (counted("taken"), counted("repeated")) == (before[0] + 1, before[1] + 2)


def test_many_alerts_at_once_are_all_taken(gate: Gate) -> None:
    with ThreadPoolExecutor(12) as agora:
        answers = list(agora.map(lambda n: gate.post(body(uid=n, enContent="wifi congestion")), range(48)))
    assert answers == [(200, "taken\n")] * 48
    assert gate.events() == 48


@pytest.mark.parametrize("secret", WRONG.values(), ids=WRONG)
def test_without_the_secret_there_is_no_such_page(gate: Gate, secret: str) -> None:
    before = counted("wrong secret")
    nothing_there = ask(f"{gate.url}/no/such/page", b"x")
    assert [gate.post(body(), secret), ask(gate.address(secret))] == [nothing_there] * 2
    assert counted("wrong secret") == before + 2
    assert gate.events() == 0


def test_without_a_secret_set_there_is_no_such_page_at_all(database: Database) -> None:
    server = Server(door(database, lambda: T0, None), "127.0.0.1", 0)
    server.start()
    before = counted("wrong secret")
    for secret in ("", SECRET):
        assert ask(f"http://127.0.0.1:{server.port}/agora/alert/{secret}", body()) == (404, "no such page\n")
    assert counted("wrong secret") == before
    server.close()


def test_only_post_is_taken(gate: Gate) -> None:
    assert ask(gate.address()) == (405, "only POST\n")


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        pytest.param(b"", 400, "not the JSON object of an alert", id="nothing"),
        pytest.param(b"{}", 400, "cname is missing", id="no field"),
        pytest.param(b"\xff" * 1000, 400, "not the JSON object of an alert", id="no text"),
        pytest.param(b"[" * MAX_BODY, 400, "not the JSON object of an alert", id="deep"),
        pytest.param(body(alertTime="1631785450000"), 400, "more than a day away", id="another day"),
        pytest.param(body(projectName="XlaTest"), 400, "console_name", id="another project"),
        pytest.param(body(cname="\ud83d\ude00" * 300, uid="\x00"), 200, "taken", id="odd names"),
        pytest.param(body() + b" " * (MAX_BODY - len(body())), 200, "taken", id="as large as may be"),
        pytest.param(body() + b" " * MAX_BODY, 413, "are no alert", id="too large"),
    ],
)
def test_every_body_gets_its_answer(gate: Gate, content: bytes, status: int, words: str) -> None:
    got, sentence = gate.post(content)
    assert (got, words in sentence, sentence.count("\n")) == (status, True, 1)
    assert ask(f"{gate.url}/healthz")[0] == 200


CHUNKS = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body()[:20], body()[20:])) + b"0\r\n\r\n"
ENDLESS = b"10000\r\n" + b" " * 65536 + b"\r\n1\r\n \r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "content", "status"),
    [
        pytest.param("", b"", 400, id="no length and no body"),
        pytest.param("", body(), 400, id="no length"),
        pytest.param("Content-Length: 10\r\n", body(), 400, id="a length that is too small"),
        pytest.param(f"Content-Length: {len(body()) + 9}\r\n", body(), 0, id="a length that never comes"),
        pytest.param("Content-Length: 1000001\r\n", body(), 413, id="a length beyond all"),
        pytest.param(f"Content-Length: {'9' * 3000}\r\n", body(), 413, id="a length of many digits"),
        pytest.param("Content-Length: -5\r\n", body(), 400, id="a length below 0"),
        pytest.param("Content-Length: many\r\n", body(), 400, id="a length that is a word"),
        pytest.param("Transfer-Encoding: chunked\r\n", CHUNKS, 200, id="chunks"),
        pytest.param("Transfer-Encoding: chunked\r\n", ENDLESS, 413, id="chunks without end"),
        pytest.param("Transfer-Encoding: chunked\r\n", b"xyz\r\n", 400, id="broken chunks"),
        pytest.param("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", CHUNKS, 200, id="both"),
    ],
)
def test_the_length_of_a_body_is_measured_not_believed(
    gate: Gate, head: str, content: bytes, status: int
) -> None:
    assert gate.raw(f"Connection: close\r\n{head}", content) == status
    assert gate.events() == (2 if status == 200 else 0)
    assert ask(f"{gate.url}/healthz")[0] == 200


def test_while_the_database_is_away_agora_is_asked_to_send_again(sqlite: Database) -> None:
    away = [True]

    def take(content: bytes) -> bool:
        if away:
            raise DatabaseUnavailable("gone")
        return callback.take(sqlite, PROJECTS, content, T0 + 5)

    for gate in running(sqlite, take):
        assert gate.post(body())[0] == 503
        away.clear()
        assert gate.post(body()) == (200, "taken\n")
        assert gate.events() == 2


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.mark.usefixtures("logging_as_before")
def test_no_secret_right_or_wrong_is_ever_logged(
    sqlite: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("DEBUG", "json", [SECRET])

    def take(content: bytes) -> bool:
        if content == b"crash":
            raise ZeroDivisionError
        return callback.take(sqlite, PROJECTS, content, T0 + 5)

    wrong = "wrong-" + SECRET[6:]
    for gate in running(sqlite, take):
        assert [gate.post(body(), secret)[0] for secret in (SECRET, wrong)] == [200, 404]
        assert gate.post(b"crash")[0] == 500
        log("test").info("the log works")
        _, metrics = ask(f"{gate.url}/metrics")
    logged = capsys.readouterr().err
    assert "ZeroDivisionError" in logged
    assert "the log works" in logged
    for secret in (SECRET, wrong):
        assert secret not in logged
        assert secret not in metrics
    assert 'agora_bot_alert_callbacks_total{outcome="wrong secret"}' in metrics


@pytest.mark.parametrize("name", ["event", "metric_channel", "metric_user"])
def test_the_bodies_that_agora_prints_are_of_another_year(gate: Gate, name: str) -> None:
    status, sentence = gate.post((BODIES / f"alert_callback_{name}.json").read_bytes())
    assert (status, "is one of them wrong?" in sentence) == (400, True)
