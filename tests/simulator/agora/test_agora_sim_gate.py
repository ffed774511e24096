"""Credentials, routes, the journal, scripted faults, and the way in for other processes."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, RemoteDisconnected
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from bot.simulator.agora import SCENARIOS, AgoraSimulator, Request

DIAGNOSIS, LISTS = "/beta/live/diagnosis", "/beta/analytics/call/lists"
DETAILS = "/beta/analytics/call/details"


def recent(client: Any) -> dict[str, object]:
    return {"start_ts": int(client.clock.at) - 900, "end_ts": int(client.clock.at) - 200}


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


@pytest.mark.parametrize(
    ("headers", "app_id", "message"),
    [
        ({}, "app-1", "Unauthorized"),
        (basic("customer-1:wrong"), "app-1", "Invalid authentication credentials"),
        (basic("nobody:secret-1"), "app-1", "Invalid authentication credentials"),
        (basic("nobody:"), "app-1", "Invalid authentication credentials"),
        ({"Authorization": "Basic %%%"}, "app-1", "Invalid authentication credentials"),
        ({"Authorization": "Basic é"}, "app-1", "Invalid authentication credentials"),
        ({"Authorization": "Basic /w=="}, "app-1", "Invalid authentication credentials"),
        ({"Authorization": "Bearer x"}, "app-1", "Invalid authentication credentials"),
        (basic("customer-1:secret-1"), "app-9", "Invalid authentication credentials"),
        (basic("customer-1:secret-1"), "nothing", "Invalid authentication credentials"),
    ],
)
def test_who_may_not_ask_hears_401(
    client: Any, sim: AgoraSimulator, headers: dict[str, str], app_id: str, message: str
) -> None:
    query = urlencode({"appid": app_id, **recent(client)})
    status, body = client.send("GET", f"{DIAGNOSIS}?{query}", headers)
    assert (status, json.loads(body)) == (401, {"message": message})
    assert [request.status for request in sim.violations()] == [401]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/beta/realtime/traffic"),
        ("GET", "/"),
        ("POST", DIAGNOSIS),
        ("PUT", LISTS),
        ("OPTIONS", LISTS),
    ],
)
def test_an_unknown_path_or_method_has_no_route(
    client: Any, sim: AgoraSimulator, verb: str, path: str
) -> None:
    status, body = client.send(verb, path, {})
    assert (status, json.loads(body)) == (404, {"message": "no Route matched with those values"})
    assert [request.violation for request in sim.violations()] == [f"no endpoint {verb} {path}"]


def test_a_head_request_has_no_route_and_no_body(client: Any, sim: AgoraSimulator) -> None:
    assert client.send("HEAD", LISTS, {}) == (404, b"")
    assert [request.violation for request in sim.violations()] == [f"no endpoint HEAD {LISTS}"]


def test_the_journal_holds_every_request_in_order(client: Any, sim: AgoraSimulator) -> None:
    params = recent(client)
    asked = {"appid": "app-1"} | {name: str(value) for name, value in params.items()}
    client.get(DIAGNOSIS, **params)
    client.get(DIAGNOSIS, **params)
    good = Request(at=client.clock.at, path=DIAGNOSIS, params=asked, status=200, code=200, violation="")
    late = Request(
        at=client.clock.at, path=DIAGNOSIS, params=asked, status=200, code=300, violation="more than 1 in 1 s"
    )
    assert sim.journal() == [good, late]
    assert sim.violations() == [late]


FAULTS = {
    "qps": (429, 300),
    "qpd": (300, 300),
    "qps_http200": (200, 300),
    "http500": (500, 500),
    "null_data": (200, 200),
    "no_code_429": (429, None),
    "gone404": (404, None),
    "unauthorized": (401, None),
}


@pytest.mark.parametrize(("kind", "expected"), FAULTS.items(), ids=str)
def test_a_fault_breaks_as_many_answers_as_told(
    client: Any, sim: AgoraSimulator, kind: str, expected: tuple[int, int | None]
) -> None:
    sim.fault(DIAGNOSIS, kind, times=2)
    seen = []
    for _ in range(3):
        client.clock.at += 1
        status, body = client.get(DIAGNOSIS, **recent(client))
        seen.append((status, body.get("code")))
    assert seen == [expected, expected, (200, 200)]
    assert sim.violations() == []


def test_null_data_take_the_keys_of_their_endpoint(client: Any, sim: AgoraSimulator) -> None:
    sim.fault("*", "null_data", times=3)
    envelope = {"code": 200, "message": "success"}
    assert client.get(DIAGNOSIS)[1] == envelope | {"data": None}
    assert client.get(LISTS)[1] == envelope | {"call_lists": None}
    assert client.get(DETAILS)[1] == envelope | {"call_info": None, "metrics": None}


def test_bodies_can_be_no_json_at_all(client: Any, sim: AgoraSimulator) -> None:
    for kind in ("html502", "malformed"):
        sim.fault(LISTS, kind)
        with pytest.raises(json.JSONDecodeError):
            client.get(LISTS, **recent(client))
    assert [request.status for request in sim.journal()] == [502, 200]


def test_a_dropped_connection_brings_no_answer(client: Any, sim: AgoraSimulator) -> None:
    sim.fault("*", "drop")
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        client.get(DIAGNOSIS, **recent(client))
    assert [(request.status, request.code) for request in sim.journal()] == [(0, None)]


def test_a_hanging_connection_ends_with_the_patience_of_the_client(client: Any, sim: AgoraSimulator) -> None:
    sim.fault("*", "hang")
    with pytest.raises(TimeoutError):
        client.get(DIAGNOSIS, timeout=0.1, **recent(client))


def test_a_fault_hides_no_violation(client: Any, sim: AgoraSimulator) -> None:
    sim.fault(DIAGNOSIS, "http500")
    assert client.get(DIAGNOSIS)[0] == 500
    assert [request.violation for request in sim.violations()] == ["start_ts can not be null"]


def test_unknown_names_are_refused_with_the_known_ones(sim: AgoraSimulator) -> None:
    with pytest.raises(ValueError, match="unknown scenario 'x'; known: quiet, uplink_loss"):
        sim.inject("x")
    with pytest.raises(ValueError, match="unknown project 'x'; known: app-1"):
        sim.inject("quiet", app_id="x")
    with pytest.raises(ValueError, match="quiet must last longer than 0 s"):
        sim.inject("quiet", lasts_s=0)
    with pytest.raises(ValueError, match="quiet must last longer than nan s"):
        sim.inject("quiet", lasts_s=float("nan"))
    with pytest.raises(ValueError, match="quiet cannot begin in inf s"):
        sim.inject("quiet", in_s=float("inf"))
    with pytest.raises(ValueError, match="a fault cannot happen 0 times"):
        sim.fault("*", "qps", times=0)
    with pytest.raises(ValueError, match="unknown fault 'x'; known: qps"):
        sim.fault("*", "x")
    with pytest.raises(ValueError, match="unknown endpoint '/x'"):
        sim.fault("/x", "qps")


def test_other_processes_script_trouble_over_http(client: Any, sim: AgoraSimulator) -> None:
    status, listed = client.send("GET", "/_sim/scenarios", {})
    assert (status, [one["name"] for one in json.loads(listed)]) == (200, list(SCENARIOS))
    assert client.post(
        "/_sim/inject", {"scenario": "outage", "app_id": "app-1", "in_s": 0, "lasts_s": 9}
    ) == (
        200,
        {"run_id": "outage-1"},
    )
    assert client.post("/_sim/fault", {"endpoint": "*", "kind": "gone404", "times": 1}) == (
        200,
        {"queued": 1},
    )
    assert client.get(LISTS, **recent(client))[0] == 404
    written = json.loads(client.send("GET", "/_sim/journal", {})[1])
    assert [(entry["path"], entry["status"]) for entry in written] == [(LISTS, 404)]


@pytest.mark.parametrize("times", [0, -1, float("inf")])
def test_a_fault_that_never_happens_is_not_queued(client: Any, times: float) -> None:
    status, said = client.post("/_sim/fault", {"endpoint": "*", "kind": "qps", "times": times})
    assert (status, list(said)) == (400, ["error"])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"scenario": "x"}, "unknown scenario 'x'"),
        ({}, "scenario"),
        ([], "must be a JSON object"),
        ({"scenario": "quiet", "in_s": "soon"}, "could not convert"),
    ],
)
def test_a_script_that_makes_no_sense_is_explained(client: Any, body: object, error: str) -> None:
    status, said = client.post("/_sim/inject", body)
    assert status == 400
    assert error in said["error"]


def test_an_unknown_control_names_the_known_ones(client: Any) -> None:
    status, body = client.send("GET", "/_sim/", {})
    assert status == 404
    assert "GET /_sim/scenarios, GET /_sim/journal, POST /_sim/inject" in json.loads(body)["error"]


def test_one_connection_serves_many_requests(client: Any) -> None:
    connection = HTTPConnection(urlsplit(client.url).netloc, timeout=5)
    for _ in range(3):
        connection.request("GET", "/_sim/journal")
        response = connection.getresponse()
        assert (response.status, response.will_close, response.read()) == (200, False, b"[]")
    connection.close()


def test_a_body_of_unknown_length_is_not_read(client: Any) -> None:
    status, _ = client.send("POST", "/_sim/inject", {"Transfer-Encoding": "chunked"})
    assert status == 400


@pytest.mark.parametrize("length", ["9" * 5000, "1000001", "-1", "x"])
def test_a_body_of_absurd_length_is_not_read(client: Any, length: str) -> None:
    status, _ = client.send("POST", "/_sim/inject", {"Content-Length": length})
    assert status == 400


def test_of_many_at_once_only_the_burst_gets_through(client: Any, sim: AgoraSimulator) -> None:
    params = recent(client)
    with ThreadPoolExecutor(12) as crowd:
        codes = [body["code"] for _, body in crowd.map(lambda _: client.get(LISTS, **params), range(12))]
    assert (codes.count(200), codes.count(300)) == (3, 9)
    assert len(sim.violations()) == 9


def test_stopping_twice_is_fine_and_cuts_open_connections(client: Any, sim: AgoraSimulator) -> None:
    connection = HTTPConnection(urlsplit(client.url).netloc, timeout=5)
    connection.request("GET", "/_sim/journal")
    connection.getresponse().read()
    sim.stop()
    sim.stop()
    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        client.get(DIAGNOSIS)


def test_a_stopped_simulator_starts_again_and_a_running_one_does_not(sim: AgoraSimulator) -> None:
    sim.start()
    with pytest.raises(RuntimeError, match="runs already"):
        sim.start()
    sim.stop()
    assert sim.start().startswith("http://127.0.0.1:")
