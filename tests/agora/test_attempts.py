"""How often, how far apart, and on whose budget a question is asked."""

import gzip
import logging
import socket
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from email.utils import formatdate
from threading import Event, Thread

import pytest

from bot.agora import (
    AgoraClient,
    AgoraError,
    AuthRejected,
    Credentials,
    MalformedAnswer,
    QuotaExhausted,
    ServerFailed,
    Stopped,
    Throttled,
    Unreachable,
)
from bot.clock import Clock
from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.time import DAY_S, Window

from .conftest import NOW
from .stub import FakeClock, Reply, body, ok

WINDOW = Window(start=int(NOW) - 900, end=int(NOW) - 200)
CALL = Call(call_id="c1", cname="room", started_at=int(NOW) - 4000, ended_at=int(NOW) - 400)
ASK = {
    "call/lists": lambda client, project: client.calls(project, WINDOW),
    "call/details": lambda client, project: client.details(project, CALL),
    "insight/usage": lambda client, project: client.usage(
        project, Window(start=int(NOW) - 3 * DAY_S, end=int(NOW))
    ),
    "live/net": lambda client, project: client.live(project, Feed.NET, WINDOW),
    "live/diagnosis": lambda client, project: client.diagnosis(project, WINDOW),
}
PATIENT = ("call/lists", "call/details", "insight/usage")
FAILURES = {
    ServerFailed: Reply({"code": 500, "message": "Unknown Error"}, 500),
    MalformedAnswer: Reply(b"<html>"),
    Unreachable: None,
}
THROTTLED = Reply(body("real_300_qps_limit"), 300)


def to_the_minute(name: str, pauses: list[float]) -> list[float]:
    """Return the waits around the pauses: usage is answered once a minute, so the rest is waited, too."""
    if name != "insight/usage":
        return pauses
    return [wait for pause in pauses for wait in (pause, 60.0 - pause)]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", ASK)
def test_people_get_three_attempts_and_polls_one_each_from_the_ledger(
    agora, client, clock, ledger, project, name, failure
):
    agora.script = [FAILURES[failure]]
    with pytest.raises(failure):
        ASK[name](client, project)
    attempts, waits = (3, to_the_minute(name, [1.0, 3.0])) if name in PATIENT else (1, [])
    assert (attempts, waits) == (len(agora.asked), clock.waits)
    assert [("main", name)] * attempts == ledger.taken


@pytest.mark.parametrize("name", ASK)
def test_people_get_three_attempts_a_second_and_a_jitter_apart_where_throttled_and_polls_one(
    agora, client, clock, ledger, project, name
):
    agora.script = [THROTTLED]
    with pytest.raises(Throttled) as caught:
        ASK[name](client, project)
    attempts, waits = (3, to_the_minute(name, [1.25, 1.25])) if name in PATIENT else (1, [])
    assert (len(ledger.taken), clock.waits, caught.value.retry_after_s) == (attempts, waits, 1.0)
    assert len(agora.asked) == attempts


def test_a_failure_that_passes_is_not_noticed(agora, client, clock, project, outcomes):
    agora.script = [THROTTLED, Reply(b"<html>", 502), ok(has_more=False, call_lists=[])]
    assert client.calls(project, WINDOW).complete
    assert clock.waits == [1.25, 3.0]
    assert [outcome for _, outcome, _ in outcomes] == ["throttled", "server_failed", "ok"]
    assert {"call/lists"} == {endpoint for endpoint, _, _ in outcomes}


def test_retry_after_is_honoured(agora, client, clock, project):
    agora.script = [Reply(b"", 429, {"Retry-After": "7"}), ok(has_more=False, call_lists=[])]
    client.calls(project, WINDOW)
    assert clock.waits == [7.25]


def test_a_retry_after_longer_than_a_thread_should_sleep_is_left_to_the_caller(agora, client, clock, project):
    agora.script = [Reply(b"", 429, {"Retry-After": "3600"})]
    with pytest.raises(Throttled) as caught:
        client.diagnosis(project, WINDOW)
    assert (caught.value.retry_after_s, clock.waits) == (3600.0, [])


def test_what_somebody_must_mend_is_not_asked_again(agora, client, clock, project):
    agora.script = [Reply(body("gateway_401_bad_credentials"), 401)]
    with pytest.raises(AuthRejected):
        client.calls(project, WINDOW)
    assert (len(agora.asked), clock.waits) == (1, [])


MIDNIGHT = 1_700_006_400


def test_a_spent_ledger_sends_nothing_and_names_the_next_midnight(agora, client, ledger, project, outcomes):
    ledger.budget = 0
    with pytest.raises(QuotaExhausted, match="from 00:00 UTC") as caught:
        client.diagnosis(project, WINDOW)
    assert (caught.value.resets_at, caught.value.endpoint) == (MIDNIGHT, "live/diagnosis")
    assert (agora.asked, ledger.exhausted, outcomes) == ([], [], [])


def test_agora_is_believed_when_it_says_that_the_day_is_over(agora, client, ledger, project):
    agora.script = [Reply({"code": 300, "message": "qpd limit error"})]
    with pytest.raises(QuotaExhausted) as caught:
        client.calls(project, WINDOW)
    assert (caught.value.resets_at, len(agora.asked)) == (MIDNIGHT, 1)
    assert ledger.exhausted == [("main", "call/lists", 1000)]


def test_a_day_that_ends_before_the_answer_comes_is_the_one_that_is_spent(
    agora, client, clock, ledger, project
):
    clock.instant = MIDNIGHT - 1.0

    def late(_: object) -> Reply:
        clock.wait(2.0)
        return Reply({"code": 300, "message": "qpd limit error"})

    agora.script = [late]
    with pytest.raises(QuotaExhausted) as caught:
        client.diagnosis(project, Window(start=MIDNIGHT - 900, end=MIDNIGHT - 300))
    assert (ledger.exhausted_at, caught.value.resets_at) == ([MIDNIGHT - 1.0], MIDNIGHT)


def test_while_agora_is_still_in_yesterday_it_is_yesterday_that_is_spent(
    agora, client, clock, ledger, project
):
    clock.instant = MIDNIGHT + 2.0
    yesterday = formatdate(MIDNIGHT - 2, usegmt=True)
    agora.script = [Reply({"code": 300, "message": "qpd limit error"}, headers={"Date": yesterday})]
    with pytest.raises(QuotaExhausted) as caught:
        client.diagnosis(project, Window(start=MIDNIGHT - 900, end=MIDNIGHT - 300))
    assert (ledger.exhausted_at, caught.value.resets_at) == ([MIDNIGHT - 1.0], MIDNIGHT)


def test_a_request_that_found_no_connection_is_given_back(ledger, project):
    client = make("http://127.0.0.1:1", ledger)
    with pytest.raises(Unreachable):
        client.calls(project, WINDOW)
    client.close()
    assert [given[:2] for given in ledger.given_back] == ledger.taken
    assert len(ledger.taken) == 3


@pytest.mark.parametrize("reply", [None, Reply(b"{}", lost=5), Reply(b"", 502)], ids=["none", "cut", "502"])
def test_a_request_that_was_sent_stays_paid(agora, client, ledger, project, reply):
    agora.script = [reply]
    with pytest.raises(AgoraError):
        client.diagnosis(project, WINDOW)
    assert (len(ledger.taken), ledger.given_back) == (1, [])


def test_once_the_bot_stops_nothing_is_paid(agora, ledger, project):
    client = make(agora.url, ledger, stopping=lambda: True)
    with pytest.raises(Stopped):
        client.calls(project, WINDOW)
    assert (agora.asked, ledger.taken) == ([], [])
    client.close()


@pytest.mark.parametrize(("wait_s", "sent"), [(5.0, 0), (0.0, 1)], ids=["its slot", "another attempt"])
def test_a_stop_while_waiting_ends_the_question_at_once(agora, ledger, project, wait_s, sent):
    stop, waits = Event(), list[float]()
    ledger.wait_s = wait_s

    def wait(seconds: float) -> None:
        waits.append(seconds)
        stop.set()

    client = make(agora.url, ledger, wait=wait, stopping=stop.is_set)
    agora.script = [Reply(b"", 500)]
    with pytest.raises(Stopped):
        client.calls(project, WINDOW)
    assert (len(waits), len(agora.asked), len(ledger.taken) - len(ledger.given_back)) == (1, sent, sent)
    client.close()


def test_a_failed_server_may_say_how_long_to_leave_it_alone(agora, client, project):
    agora.script = [Reply(b"", 503, {"Retry-After": "120"})]
    with pytest.raises(ServerFailed) as caught:
        client.diagnosis(project, WINDOW)
    assert caught.value.retry_after_s == 120.0


def test_a_quota_that_ends_between_attempts_ends_the_attempts(agora, client, ledger, project):
    ledger.budget = 2
    agora.script = [Reply(b"", 500)]
    with pytest.raises(QuotaExhausted):
        client.details(project, CALL)
    assert len(agora.asked) == 2


def test_the_ledger_is_told_the_limits_and_its_wait_is_kept(agora, client, clock, ledger, project):
    ledger.wait_s = 0.4
    agora.script = [ok(has_more=False, call_lists=[])]
    client.calls(project, WINDOW)
    assert (ledger.limits, clock.waits) == ([(1000, 0.42)], [0.4])


def test_a_turn_that_falls_to_the_next_day_is_taken_from_its_budget(agora, client, clock, ledger, project):
    clock.instant, ledger.wait_s = MIDNIGHT - 0.5, 1.0
    agora.script = [ok(data=[])]
    client.diagnosis(project, Window(start=MIDNIGHT - 900, end=MIDNIGHT - 300))
    assert (len(ledger.taken), len(agora.asked)) == (2, 1)


LARGEST = {"call/lists": 4, "call/details": 64, "insight/usage": 4, "live/net": 4, "live/diagnosis": 4}


@pytest.mark.parametrize("name", ASK)
def test_a_body_larger_than_any_answer_is_malformed_even_when_it_travels_small(agora, client, project, name):
    start = b'{"code": 200'
    bomb = gzip.compress(start + b" " * (LARGEST[name] * 2**20 - len(start)) + b"}", compresslevel=1)
    agora.script = [Reply(bomb, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(MalformedAnswer, match=f"larger than {LARGEST[name]} MB"):
        ASK[name](client, project)


def test_a_body_as_large_as_an_answer_may_be_is_read(agora, client, project):
    start = b'{"code": 200, "data": []'
    agora.script = [Reply(start + b" " * (4 * 2**20 - len(start) - 1) + b"}")]
    assert client.diagnosis(project, WINDOW).events == ()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n"
DRIPS = {"body": HEAD + b"\r\n", "header": HEAD + b"X: "}


@pytest.mark.parametrize("start", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips_is_given_up_at_its_deadline(ledger, project, start):
    clock = Clock()
    began = clock.now()
    with dripping(start) as url:
        client = make(url, ledger, now=lambda: NOW + clock.now() - began, deadline_s=0.15)
        with pytest.raises(Unreachable, match="no answer in time"):
            client.diagnosis(project, WINDOW)
        client.close()


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """Serve ``start`` and then a byte every few milliseconds, for two seconds at most."""
    over = Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(start)
            for _ in range(200):
                connection.sendall(b" ")
                if over.wait(0.01):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        thread.join()


@pytest.mark.parametrize(
    "url", ["api.agora.io", "ftp://api.agora.io", "https://", "https://id:pw@api.agora.io", "https://a?b=c"]
)
def test_a_base_url_must_be_plain(url, ledger):
    with pytest.raises(ValueError, match="must be like") as caught:
        make(url, ledger)
    assert "pw" not in str(caught.value)


def make(url, ledger, **keys):
    clock = FakeClock(NOW)
    credentials = Credentials(account="main", customer_id="id-k3y", customer_secret="s3cr3t")
    keys = {"now": clock.now, "wait": clock.wait} | keys
    return AgoraClient(base_url=url, credentials=credentials, ledger=ledger, **keys)


def test_a_closed_port_is_unreachable(ledger, project):
    client = make("http://127.0.0.1:1", ledger)
    with pytest.raises(Unreachable, match="connection failed"):
        client.diagnosis(project, WINDOW)
    client.close()


def test_a_silent_server_is_unreachable(agora, ledger, project):
    done = Event()
    agora.script = [lambda asked: (done.wait(5), ok())[1]]
    client = make(agora.url, ledger, timeout_s=(1.0, 0.05))
    with pytest.raises(Unreachable, match="no answer in time"):
        client.diagnosis(project, WINDOW)
    done.set()
    client.close()


ECHO = "bad pair id-k3y:s3cr3t aWQtazN5OnMzY3IzdA=="
ERRORS = [
    Reply({"code": 401, "message": ECHO}, 401),
    Reply({"code": 400, "message": ECHO}, 400),
    Reply({"code": 300, "message": ECHO}, 300),
    Reply({"code": 777, "message": ECHO}, 200),
    Reply({"code": 500, "message": ECHO}, 500),
    Reply({"code": 200, "data": ECHO}, 200),
    None,
]


@pytest.mark.parametrize("reply", ERRORS)
def test_credentials_never_reach_errors_tracebacks_logs_or_repr(agora, client, project, reply, caplog):
    caplog.set_level(logging.DEBUG)
    agora.script = [reply]
    with pytest.raises(AgoraError) as caught:
        client.diagnosis(project, WINDOW)
    error = caught.value
    shown = [str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception(error))]
    shown += [repr(client), repr(client._exchange), caplog.text]
    for secret in ("s3cr3t", "id-k3y", "aWQtazN5"):
        assert secret not in "\n".join(shown)
    assert "main" in str(error)
    assert "live/diagnosis" in str(error)


def test_a_client_serves_several_threads(agora, client, project, ledger):
    agora.script = [ok(data=[])]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.diagnosis(project, WINDOW), range(40)))
    assert (len(answers), len(ledger.taken)) == (40, 40)
