"""A running simulator, a clock that only a test moves, and a client that speaks plain HTTP."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from bot.simulator.agora import AgoraSimulator

T0 = 1_700_000_040 // 60 * 60
CUSTOMER, SECRET = "customer-1", "secret-1"
PROJECTS = {"app-1": CUSTOMER, "app-2": CUSTOMER, "app-9": "customer-9"}
CREDENTIALS = {CUSTOMER: SECRET, "customer-9": "secret-9"}


@dataclass
class Clock:
    at: float = T0

    def __call__(self) -> float:
        return self.at


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


@dataclass
class Client:
    """``get`` asks at once; ``ask`` lets a second pass first and returns the body of a good answer."""

    clock: Clock
    url: str

    def send(
        self, verb: str, path: str, headers: dict[str, str], body: object = None, timeout: float = 5
    ) -> tuple[int, bytes]:
        text = None if body is None else json.dumps(body)
        return self.send_text(verb, path, headers, text, timeout)

    def send_text(
        self, verb: str, path: str, headers: dict[str, str], text: str | None, timeout: float = 5
    ) -> tuple[int, bytes]:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=timeout)
        try:
            connection.request(verb, path, body=text, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get(self, path: str, timeout: float = 5, **params: object) -> tuple[int, Any]:
        query = urlencode({"appid": "app-1", **params})
        headers = basic(f"{CUSTOMER}:{SECRET}")
        status, body = self.send("GET", f"{path}?{query}", headers, timeout=timeout)
        return status, json.loads(body)

    def ask(self, path: str, **params: object) -> Any:
        self.clock.at += 1
        status, body = self.get(path, **params)
        assert (status, body["code"]) == (200, 200), body
        return body

    def post(self, path: str, body: object) -> tuple[int, Any]:
        status, said = self.send("POST", path, {}, body)
        return status, json.loads(said)

    def sums(self, path: str, **asked: object) -> tuple[int, Any]:
        """Ask for an aggregation."""
        headers = basic(f"{CUSTOMER}:{SECRET}")
        status, body = self.send("POST", f"{path}?appid=app-1", headers, asked)
        return status, json.loads(body)

    def live(self, name: str, start: float, end: float, **params: object) -> list[dict[str, Any]]:
        rows = self.ask(f"/beta/live/{name}", start_ts=int(start), end_ts=int(end), **params)["data"]
        return sorted(rows, key=lambda row: row["ts"])

    def calls(self, end: float, **params: object) -> list[dict[str, Any]]:
        """Return one answer of calls from the day before ``end``."""
        span = {"start_ts": int(end) - 86_400, "end_ts": int(end)}
        return self.ask("/beta/analytics/call/lists", **span, **params)["call_lists"]

    def details(self, call: dict[str, Any], **params: object) -> Any:
        end = call["destroyed_ts"] or int(self.clock.at) - 151
        window = {"start_ts": call["created_ts"], "end_ts": end, "call_id": call["call_id"]}
        return self.ask("/beta/analytics/call/details", **(window | params))


@pytest.fixture
def wall() -> Clock:
    return Clock()


@pytest.fixture
def sim(wall: Clock) -> Iterator[AgoraSimulator]:
    simulator = AgoraSimulator(now=wall, credentials=CREDENTIALS, projects=PROJECTS)
    yield simulator
    simulator.stop()


@pytest.fixture
def client(sim: AgoraSimulator, wall: Clock) -> Client:
    return Client(wall, sim.start())


@pytest.fixture
def simulated(wall: Clock) -> Iterator[Callable[..., tuple[AgoraSimulator, Client]]]:
    """Start simulators with further keywords, on the clock of the test."""
    started = []

    def simulate(**keywords: Any) -> tuple[AgoraSimulator, Client]:
        simulator = AgoraSimulator(now=wall, credentials=CREDENTIALS, projects=PROJECTS, **keywords)
        started.append(simulator)
        return simulator, Client(wall, simulator.start())

    yield simulate
    for simulator in started:
        simulator.stop()
