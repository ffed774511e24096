"""The HTTP door: who gets in, and what operators see."""

import contextlib
import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import pytest

from bot.clock import Clock
from bot.flows.rulebook import NOTE
from bot.model.catalog import Feed
from bot.store import SqlLedger, notes, observations
from bot.web import Server
from bot.web.server import AddressInUse
from tests.conftest import T0
from tests.slack.conftest import SECRET, House

BODY = urlencode(
    {"command": "/agora-help", "text": "", "user_id": "U1", "team_id": "T1", "channel_id": "C1"}
).encode()


def signed(body: bytes, stamp: str, secret: str = SECRET) -> dict[str, str]:
    base = f"v0:{stamp}:".encode() + body
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


def ask(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, data=body, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def now(shift: int = 0) -> str:
    return str(int(Clock().now()) + shift)


def test_a_signed_request_is_taken(house: House) -> None:
    stamp = now()
    assert ask(f"{house.url}/slack/events", BODY, signed(BODY, stamp))[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="unsigned"),
        pytest.param(signed(BODY, now(), "another secret"), 401, id="another secret"),
        pytest.param(signed(BODY, now(-301)), 401, id="a replay"),
        pytest.param(signed(BODY, now(4000)), 401, id="from the future"),
        pytest.param(signed(BODY + b"x", now()), 401, id="a changed body"),
        pytest.param(signed(BODY, now()) | {"X-Slack-Request-Timestamp": "soon"}, 401, id="no number"),
    ],
)
def test_everything_else_is_refused(house: House, headers: dict[str, str], status: int) -> None:
    assert ask(f"{house.url}/slack/events", BODY, headers)[0] == status


def test_a_signature_of_odd_letters_is_a_wrong_one(house: House) -> None:
    headers = signed(BODY, now()) | {"X-Slack-Signature": "v0=\xe9\xe9"}
    assert ask(f"{house.url}/slack/events", BODY, headers)[0] == 401


def test_a_body_without_end_is_refused(house: House) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", house.server.port, timeout=10)
    connection.putrequest("POST", "/slack/events")
    connection.putheader("Content-Length", "1000001")
    connection.endheaders()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(1000):
            connection.send(b"x" * 1000)
        connection.send(b"x")
    assert connection.getresponse().status == 413
    connection.close()


def test_a_signed_body_that_makes_no_sense_crashes_nothing(house: House) -> None:
    for body in (b"payload=%7Bnot-json", b"\xff\xfe", b"payload=[]", b"{}"):
        status, _ = ask(f"{house.url}/slack/events", body, signed(body, now()))
        assert 400 <= status < 500
    assert ask(f"{house.url}/healthz")[0] == 200


def test_only_known_pages_and_methods_are_served(house: House) -> None:
    assert ask(f"{house.url}/")[0] == 404
    assert ask(f"{house.url}/metrics", b"x")[0] == 405
    assert ask(f"{house.url}/slack/events")[0] == 405


def test_ready_when_the_database_is_of_this_version(house: House) -> None:
    assert ask(f"{house.url}/healthz") == (200, "alive\n")
    assert ask(f"{house.url}/readyz") == (200, json.dumps({"ready": True}))
    with house.database.transaction() as tx:
        tx.exec_driver_sql("DROP TABLE alembic_version")
    status, body = ask(f"{house.url}/readyz")
    assert status == 503
    assert "agora-bot db upgrade" in body


def test_metrics_tell_of_feeds_quota_queue_and_rules(house: House) -> None:
    SqlLedger(house.database).take("acct", "live/net", limit=1000, spacing_s=0, now=T0)
    with house.database.transaction() as tx:
        observations.claim_poll(tx, "p", Feed.NET, now=T0, lease_s=0, since=T0 - 300)
        notes.put(tx, NOTE, {"problems": ["r.yml:1:1: x"], "kept": True, "told": True}, T0)
    status, text = ask(f"{house.url}/metrics")
    assert status == 200
    for line in (
        'agora_bot_feed_delay_seconds{feed="net",project="p"} 300.0',
        'agora_bot_quota_used{account="acct",endpoint="live/net"} 1.0',
        "agora_bot_rules_last_load_ok 0.0",
        'agora_bot_outbox{state="waiting"} 0.0',
        "agora_bot_database_up 1.0",
    ):
        assert line in text
    for secret in (SECRET, "xoxb"):
        assert secret not in text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_any_name_of_this_machine_can_be_listened_on(host: str) -> None:
    def application(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [])
        return [b"here"]

    server = Server(application, host, 0)
    server.start()
    assert ask(f"http://127.0.0.1:{server.port}/") == (200, "here")
    server.close()
    with pytest.raises(urllib.error.URLError):
        ask(f"http://127.0.0.1:{server.port}/")


def test_a_taken_address_says_what_to_set(house: House) -> None:
    with pytest.raises(AddressInUse, match="set HOST and PORT"):
        Server(lambda _environ, _start: [], "127.0.0.1", house.server.port)
