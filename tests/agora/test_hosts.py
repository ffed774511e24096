"""When one host of Agora fails, the other one is asked, and nobody else."""

import pytest

from bot.agora import AgoraClient, AuthRejected, QuotaExhausted, ServerFailed, Throttled, Unreachable
from bot.agora.retry import NEXT_POLL_READS_AGAIN, PEOPLE_WAIT
from bot.agora.transport import hosts
from bot.model.catalog import Feed
from bot.model.time import Window

from .conftest import NOW, opening
from .stub import Reply, Stub, body, ok

WINDOW = Window(start=int(NOW) - 900, end=int(NOW) - 200)
EMPTY = ok(has_more=False, call_lists=[], data=[])
AGORA, OTHER = "https://api.agora.io", "https://api.sd-rtn.com"


@pytest.fixture(scope="module")
def second_server():
    server = Stub()
    yield server
    server.stop()


@pytest.fixture
def second(second_server):
    second_server.forget()
    second_server.script = [EMPTY]
    return second_server


@pytest.fixture
def failing_over(agora, second, clock, ledger, outcomes):
    client = AgoraClient(**opening(agora, clock, ledger, outcomes), other_hosts=[second.url])
    yield client
    client.close()


@pytest.mark.parametrize(
    ("base_url", "others", "expected"),
    [
        (AGORA, (), (AGORA, OTHER)),
        (AGORA + "/", (), (AGORA, OTHER)),
        (OTHER, (), (OTHER, AGORA)),
        ("http://127.0.0.1:1", (), ("http://127.0.0.1:1",)),
        ("https://api.agora.io.example", (), ("https://api.agora.io.example",)),
        (AGORA, ("https://a.example", AGORA), (AGORA, "https://a.example")),
    ],
)
def test_only_configured_or_documented_hosts_are_asked(base_url, others, expected):
    assert expected == hosts(base_url, others)


def test_another_host_must_be_plain_as_well():
    with pytest.raises(ValueError, match="must be like"):
        hosts(AGORA, ["https://id:pw@b"])


@pytest.mark.parametrize(
    ("patience", "known", "route"),
    [
        (PEOPLE_WAIT, 1, (0, 0, 0)),
        (PEOPLE_WAIT, 2, (0, 0, 1, 1)),
        (PEOPLE_WAIT, 3, (0, 0, 1, 2)),
        (PEOPLE_WAIT, 4, (0, 0, 1, 2, 3)),
        (NEXT_POLL_READS_AGAIN, 1, (0,)),
        (NEXT_POLL_READS_AGAIN, 2, (0, 1)),
        (NEXT_POLL_READS_AGAIN, 3, (0, 1, 2)),
    ],
)
def test_people_get_the_same_host_twice_and_polls_each_host_once(patience, known, route):
    assert route == patience.route(known)


FAILURES = {"broken off": None, "failed": Reply({"code": 500}, 502), "a page": Reply(b"<html>")}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_the_other_host_answers_people_after_two_failures(
    agora, second, failing_over, project, clock, ledger, failure
):
    agora.script = [failure]
    assert failing_over.calls(project, WINDOW).complete
    assert (len(agora.asked), len(second.asked), len(ledger.taken)) == (2, 1, 3)
    assert clock.waits == [1.25, 3.25]
    assert second.asked[0].headers["authorization"] == agora.asked[0].headers["authorization"]


def test_people_give_up_after_four_attempts_with_the_pauses_of_agora(
    agora, second, failing_over, project, clock, ledger
):
    agora.script = second.script = [Reply(b"", 500)]
    with pytest.raises(ServerFailed):
        failing_over.calls(project, WINDOW)
    assert (len(agora.asked), len(second.asked), len(ledger.taken)) == (2, 2, 4)
    assert clock.waits == [1.25, 3.25, 6.25]


def test_a_poll_asks_each_host_once(agora, second, failing_over, project, clock, ledger):
    agora.script = second.script = [None]
    with pytest.raises(Unreachable):
        failing_over.live(project, Feed.NET, WINDOW)
    assert (len(agora.asked), len(second.asked), len(ledger.taken)) == (1, 1, 2)
    assert clock.waits == [1.25]


def test_a_host_that_is_down_is_stood_in_for(second, clock, ledger, outcomes, project, agora):
    keywords = opening(agora, clock, ledger, outcomes) | {"base_url": "http://127.0.0.1:1"}
    client = AgoraClient(**keywords, other_hosts=[second.url])
    assert client.live(project, Feed.NET, WINDOW) == ()
    assert client.live(project, Feed.NET, WINDOW) == ()
    client.close()
    assert [outcome for _, outcome, _ in outcomes] == ["unreachable", "ok", "ok"], "it stays first"


REFUSALS = {
    "per second": (Reply(body("real_300_qps_limit")), Throttled, 3),
    "per day": (Reply({"code": 300, "message": "qpd limit error"}), QuotaExhausted, 1),
    "credentials": (Reply(body("gateway_401_bad_credentials"), 401), AuthRejected, 1),
}


@pytest.mark.parametrize(("reply", "kind", "attempts"), REFUSALS.values(), ids=REFUSALS)
def test_a_quota_or_refusal_is_not_taken_to_the_other_host(
    agora, second, failing_over, project, reply, kind, attempts
):
    agora.script = [reply]
    with pytest.raises(kind):
        failing_over.calls(project, WINDOW)
    assert (len(agora.asked), len(second.asked)) == (attempts, 0)


def test_a_spent_budget_ends_the_way_to_the_other_host(agora, second, failing_over, project, ledger):
    ledger.budget = 2
    agora.script = [None]
    with pytest.raises(QuotaExhausted):
        failing_over.calls(project, WINDOW)
    assert (len(agora.asked), len(second.asked)) == (2, 0)
