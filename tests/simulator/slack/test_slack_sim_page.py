"""What the web page reads and does, and who may not do it."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient

from bot.simulator.slack import Injection, SlackSimulator

OWN = {"X-Simulator": "1"}


class Page:
    def __init__(self, url: str) -> None:
        self.port = urlsplit(url).port

    def raw(
        self, verb: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(verb, path, body, headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        return json.loads(self.raw("GET", path)[2])

    def post(self, path: str, body: object) -> Any:
        return json.loads(self.raw("POST", path, json.dumps(body), OWN)[2])


@pytest.fixture
def pushed() -> list[str]:
    return []


@pytest.fixture
def sim(pushed: list[str], wall: Any) -> Iterator[SlackSimulator]:
    injection = Injection(
        name="storm", title="Storm", description="ten bad calls", run=lambda: pushed.append("storm")
    )
    simulator = SlackSimulator(
        now=lambda: 1_700_000_000.0,
        wall=wall,
        signing_secret="sim-signing-secret",
        bot_token="xoxb-sim-token",
        injections=[injection],
        status=lambda: "30x",
    )
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def page(sim: SlackSimulator) -> Page:
    return Page(sim.api_url)


def test_the_state_is_the_snapshot(sim: SlackSimulator, client: WebClient, page: Page) -> None:
    client.chat_postMessage(channel="general", text="alert")
    state = page.get("/_sim/state")
    assert state == sim.snapshot()
    assert (state["now"], state["status"], state["me"]) == (1_700_000_000.0, "30x", "U_ALICE")
    assert state["users"]["U_ALICE"] == {
        "id": "U_ALICE",
        "name": "alice",
        "real_name": "Alice Adler",
        "is_bot": False,
        "color": "#4a7fb5",
    }
    assert [channel["name"] for channel in state["channels"]] == ["rtc-quality", "general"]
    assert state["channels"][1]["messages"] == sim.messages("general")
    assert state["commands"][0] == {
        "command": "/agora-call",
        "usage_hint": "<cname> [since]",
        "description": "calls of a channel",
    }
    assert state["injections"] == [{"name": "storm", "title": "Storm", "description": "ten bad calls"}]


def test_a_message_has_what_the_page_draws(sim: SlackSimulator, client: WebClient) -> None:
    client.chat_postMessage(channel="general", text="alert")
    assert sim.messages("general") == [
        {
            "ts": "1700000000.000000",
            "user": "U_BOT",
            "text": "alert",
            "blocks": [],
            "attachments": [],
            "thread_ts": None,
            "reply_count": 0,
            "edited": False,
            "ephemeral_to": None,
            "broadcast": False,
            "metadata": None,
            "reactions": [],
            "files": [],
        }
    ]


def test_a_long_poll_returns_at_once_when_something_is_newer(client: WebClient, page: Page) -> None:
    before = page.get("/_sim/state")["seq"]
    client.chat_postMessage(channel="general", text="alert")
    assert page.get(f"/_sim/wait?seq={before}")["seq"] > before


def test_a_long_poll_ends_when_the_simulator_stops(sim: SlackSimulator, page: Page) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=5)
    connection.request("GET", f"/_sim/wait?seq={sim.snapshot()['seq']}")
    sim.stop()
    try:
        assert connection.getresponse().status == 200
    except TimeoutError:
        pytest.fail("the poll outlived the simulator")
    except (http.client.HTTPException, ConnectionError):
        pass  # cut before it was answered
    finally:
        connection.close()


def test_a_command_is_delivered(page: Page, inbox: Any) -> None:
    answer = page.post("/_sim/command", {"channel": "general", "text": "/agora-call demo-42"})
    assert (answer["ok"], answer["status"], answer["error"]) == (True, 200, None)
    assert "command=%2Fagora-call&text=demo-42" in inbox.received[0].body


def test_an_unknown_command_stays_in_slack(sim: SlackSimulator, page: Page, inbox: Any) -> None:
    assert page.post("/_sim/command", {"channel": "general", "text": "/dance"})["ok"] is False
    assert sim.messages("general")[0]["text"] == "/dance is not a valid command."
    assert inbox.received == []


def test_plain_words_are_a_message_that_the_bot_does_not_hear(
    sim: SlackSimulator, page: Page, inbox: Any
) -> None:
    assert page.post("/_sim/command", {"channel": "general", "text": "hello"}) == {"ok": True}
    assert [(m["user"], m["text"]) for m in sim.messages("general")] == [("U_ALICE", "hello")]
    assert inbox.received == []


def test_a_mention_is_heard(page: Page, inbox: Any) -> None:
    assert page.post("/_sim/command", {"channel": "general", "text": "@agora-bot help"})["ok"] is True
    assert json.loads(inbox.received[0].body)["event"]["text"] == "<@U_BOT> help"


def test_a_click_is_delivered(client: WebClient, page: Page, inbox: Any) -> None:
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Ack"},
        "action_id": "ack",
        "value": "1",
    }
    blocks = [{"type": "actions", "block_id": "row", "elements": [button]}]
    ts = client.chat_postMessage(channel="general", text="x", blocks=blocks)["ts"]
    click = {"channel": "C0002", "ts": ts, "action_id": "ack", "block_id": "row", "value": "1"}
    assert page.post("/_sim/click", click)["ok"] is True
    assert len(inbox.received) == 1


def test_an_injection_runs(page: Page, pushed: list[str]) -> None:
    assert page.post("/_sim/inject", {"name": "storm"}) == {"ok": True}
    assert pushed == ["storm"]


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/_sim/inject", {"name": "calm"}, 404, "there is no injection 'calm'"),
        ("/_sim/click", {"channel": "general", "ts": "1.000000", "action_id": "a"}, 400, "message_not_found"),
        ("/_sim/command", {"channel": "nowhere", "text": "x"}, 400, "channel_not_found"),
        ("/_sim/command", {"channel": "general", "text": " "}, 400, "no_text"),
        ("/_sim/command", [1], 400, "json_not_object"),
        ("/_sim/dance", {}, 404, "not_found"),
    ],
)
def test_what_cannot_be_done_is_said(page: Page, path: str, body: object, status: int, error: str) -> None:
    answered, _, said = page.raw("POST", path, json.dumps(body), OWN)
    assert (answered, json.loads(said)["error"]) == (status, error)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-Simulator": "0"}, 403),
        ({"X-Simulator": "1", "Host": "evil.example"}, 403),
        ({"X-Simulator": "1", "Host": "localhost:1"}, 403),
        ({"X-Simulator": "1"}, 200),
        ({"X-Simulator": "1", "Host": "localhost:{port}"}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/_sim/command", "/_sim/inject"])
def test_other_sites_cannot_act(page: Page, path: str, headers: dict[str, str], status: int) -> None:
    sent = {name: value.format(port=page.port) for name, value in headers.items()}
    body = json.dumps({"channel": "general", "text": "hello", "name": "storm"})
    assert page.raw("POST", path, body, sent)[0] == status


def test_the_journal_is_read_in_steps_and_holds_no_secret(client: WebClient, page: Page, inbox: Any) -> None:
    client.chat_postMessage(channel="general", text="x")
    first = page.get("/_sim/journal?after=0")
    assert [(e["n"], e["direction"], e["method"]) for e in first["entries"]] == [
        (1, "to_slack", "chat.postMessage")
    ]
    assert set(first["entries"][0]) == {
        "n",
        "at",
        "direction",
        "method",
        "status",
        "took_ms",
        "request",
        "response",
    }
    page.post("/_sim/command", {"channel": "general", "text": "/agora-call x"})
    second = page.get(f"/_sim/journal?after={first['next']}")
    assert [(e["direction"], e["method"]) for e in second["entries"]] == [("to_bot", "/agora-call")]
    assert page.get("/_sim/journal?after=2") == {"entries": [], "next": 2}
    everything = page.raw("GET", "/_sim/journal")[2].decode()
    assert "xoxb-sim-token" not in everything
    assert "sim-signing-secret" not in everything


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/no-such.js",
        "/static//etc/passwd",
        "/static/%00",
        "/x",
    ],
)
def test_only_files_of_the_page_are_served(page: Page, path: str) -> None:
    assert page.raw("GET", path)[0] == 404


def test_the_page_is_served_fresh(page: Page) -> None:
    status, headers, _ = page.raw("GET", "/")
    if status == 404:
        pytest.skip("the page is not built yet")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/chat.postMessage", "/_sim/command", "/response/x", "/upload/F1"])
def test_a_body_over_five_megabytes_is_not_read(page: Page, path: str) -> None:
    assert page.raw("POST", path, None, {"Content-Length": "5000001"})[0] == 413


def test_a_body_of_unknown_length_is_not_read(page: Page) -> None:
    assert page.raw("POST", "/_sim/command", None, {"Transfer-Encoding": "chunked"})[0] == 411
