"""Rate limits, natural and scripted, and the ways in which a connection fails."""

import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.simulator.slack import SlackSimulator


def post(client: WebClient, channel: str = "general") -> str:
    return str(client.chat_postMessage(channel=channel, text="x")["ts"])


def refusal(error: pytest.ExceptionInfo[SlackApiError]) -> tuple[int, str, str | None]:
    response = error.value.response
    return response.status_code, response["error"], response.headers.get("Retry-After")


def test_the_fourth_post_in_a_second_is_refused_per_channel(client: WebClient, wall: Any) -> None:
    for _ in range(3):
        post(client)
    with pytest.raises(SlackApiError) as error:
        post(client)
    assert refusal(error) == (429, "ratelimited", "1")
    post(client, "rtc-quality")
    wall.at += 1
    post(client)


def test_updates_have_a_budget_for_the_whole_workspace(client: WebClient, wall: Any) -> None:
    ts = post(client)
    for _ in range(50):
        client.chat_update(channel="general", ts=ts, text="y")
    with pytest.raises(SlackApiError) as error:
        client.chat_update(channel="general", ts=ts, text="y")
    assert refusal(error) == (429, "ratelimited", "2")
    wall.at += 2
    client.chat_update(channel="general", ts=ts, text="y")


def test_the_natural_limits_can_be_switched_off() -> None:
    sim = SlackSimulator(
        now=lambda: 1.7e9, wall=lambda: 1.8e9, signing_secret="s", bot_token="t", enforce_post_rate=False
    )
    sim.start()
    client = WebClient(token="t", base_url=sim.api_url, retry_handlers=[])
    assert len({post(client) for _ in range(5)}) == 5
    sim.stop()


def test_a_scripted_limit_names_its_wait(sim: SlackSimulator, client: WebClient, wall: Any) -> None:
    sim.fault("chat.postMessage", "ratelimited", retry_after=7)
    with pytest.raises(SlackApiError) as error:
        post(client)
    assert refusal(error) == (429, "ratelimited", "7")
    wall.at += 7
    post(client)
    assert sim.violations() == []


def test_calling_before_the_wait_is_over_is_on_record(
    sim: SlackSimulator, client: WebClient, wall: Any
) -> None:
    sim.fault("chat.postMessage", "ratelimited", retry_after=7)
    with pytest.raises(SlackApiError):
        post(client)
    wall.at += 3
    post(client)
    assert sim.violations() == ["chat.postMessage: called 4.00 s before Retry-After was over"]


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "token_revoked", "account_inactive"])
def test_any_error_can_be_scripted_and_is_not_the_bot_s_fault(
    sim: SlackSimulator, client: WebClient, error: str
) -> None:
    sim.fault("chat.postMessage", error, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError, match=error):
            post(client)
    post(client)
    assert len(sim.messages("general")) == 1
    assert sim.violations() == []


def test_a_server_error_stores_nothing(sim: SlackSimulator, client: WebClient) -> None:
    sim.fault("chat.postMessage", "http500")
    with pytest.raises(SlackApiError) as error:
        post(client)
    assert error.value.response.status_code == 500
    assert sim.messages("general") == []


@pytest.mark.parametrize(("fault", "stored"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_leaves_open_whether_the_message_is_there(
    sim: SlackSimulator, client: WebClient, fault: str, stored: int
) -> None:
    sim.fault("chat.postMessage", fault)
    with pytest.raises(RemoteDisconnected):
        post(client)
    assert len(sim.messages("general")) == stored
    assert [exchange.status for exchange in sim.journal()] == [0]


@pytest.mark.parametrize(("fault", "stored"), [("hang", 0), ("hang_after", 1), ("slow", 1)])
def test_a_hanging_call_ends_by_the_client_s_patience(
    sim: SlackSimulator, client: WebClient, fault: str, stored: int
) -> None:
    sim.fault("chat.postMessage", fault)
    hurried = WebClient(token=client.token, base_url=sim.api_url, retry_handlers=[], timeout=0.1)  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        post(hurried)
    assert len(sim.messages("general")) == stored


def test_a_slow_answer_is_an_answer(sim: SlackSimulator, client: WebClient) -> None:
    sim.fault("chat.postMessage", "slow", delay_s=0.01)
    post(client)
    assert [exchange.status for exchange in sim.journal()] == [200]


def test_faults_that_nobody_met_can_be_forgotten(sim: SlackSimulator, client: WebClient) -> None:
    sim.fault("chat.postMessage", "http500", times=9)
    sim.calm()
    post(client)
    assert len(sim.messages("general")) == 1


def test_a_hanging_call_ends_with_the_simulator(sim: SlackSimulator, client: WebClient) -> None:
    sim.fault("chat.postMessage", "hang")
    failures: list[Exception] = []

    def call() -> None:
        try:
            post(client)
        except OSError as failure:
            failures.append(failure)

    caller = threading.Thread(target=call)
    caller.start()
    assert sim.wait_for(lambda s: bool(s.journal()), 3)
    sim.stop()
    caller.join(3)
    assert len(failures) == 1


def test_posts_from_many_threads_all_arrive_under_their_own_ts(client: WebClient, wall: Any) -> None:
    channels = ["general", "rtc-quality"] * 3
    with ThreadPoolExecutor(6) as pool:
        stamps = list(pool.map(lambda channel: (channel, post(client, channel)), channels))
    assert len(set(stamps)) == 6


def test_the_journal_keeps_both_sides_and_no_secret(sim: SlackSimulator, client: WebClient) -> None:
    client.chat_postMessage(channel="general", text=f"my token is {client.token}")
    exchange = sim.journal()[0]
    assert (exchange.n, exchange.direction, exchange.method) == (1, "to_slack", "chat.postMessage")
    assert (exchange.at, exchange.status) == (1_800_000_000.0, 200)
    assert exchange.request["text"] == "my token is [hidden]"
    assert exchange.response["ok"] is True
    assert str(client.token) not in repr(sim.journal())


def test_the_journal_keeps_the_last_500(sim: SlackSimulator, client: WebClient) -> None:
    for _ in range(3):
        client.api_test()
    for _ in range(498):
        sim.command("/agora-call", "x")
    entries = sim.journal()
    assert (len(entries), entries[0].n, entries[-1].n) == (500, 2, 501)
