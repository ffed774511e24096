"""`agora-bot web` and `agora-bot worker` as they are deployed: two processes and a database."""

import json
import signal
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import URLError

from bot.clock import Clock
from tests.cli.conftest import SECRET, TOKEN, Town, agora_bot
from tests.flows.test_evaluate import FREEZE, HOST

TROUBLE_AGO_S = 1500


def in_trouble(town: Town) -> None:
    """Let a host's uplink fail since 25 minutes ago, so that the first poll sees it."""
    town.agora.inject("uplink_loss", in_s=-TROUBLE_AGO_S, lasts_s=2 * TROUBLE_AGO_S)


def opened(town: Town, count: int = 3) -> list[dict]:
    there = town.slack.wait_for(lambda _s: len(town.roots()) >= count, 150)
    assert there, (town.slack.messages("rtc-quality"), [process.log for process in town.processes])  # type: ignore[attr-defined]
    return town.roots()


def test_the_deployed_pair_alerts_answers_and_breaks_no_limit(town: Town, database_url: str) -> None:
    town.env["DATABASE_URL"] = database_url
    in_trouble(town)
    worker = town.start("worker", "started")
    web = town.start("web", "listening")
    roots = opened(town)
    keys = [m["metadata"]["event_payload"]["incident"] for m in roots]
    assert len(set(keys)) == len(keys), "one root message an incident"

    delivery = town.slack.command("/agora-call", "lesson-algebra-7b 20h")
    assert (delivery.error, delivery.took_s < 3) == (None, True)
    answered = town.slack.wait_for(
        lambda s: any(m["ephemeral_to"] and "call_details" in str(m) for m in s.messages("rtc-quality")),
        20,
    )
    assert answered

    metrics = urllib.request.urlopen(f"http://127.0.0.1:{town.port}/metrics", timeout=10).read().decode()
    assert "agora_bot_rules_last_load_ok 1.0" in metrics
    assert 'agora_bot_feed_delay_seconds{feed="diagnosis",project="agora"}' in metrics
    assert [town.stop(web), town.stop(worker)] == [0, 0]
    assert town.agora.violations() == []
    assert town.slack.violations() == []
    for line in [*web.log, *worker.log]:  # type: ignore[attr-defined]
        assert not any(secret in line for secret in (TOKEN, SECRET, "csecret"))


def test_a_killed_worker_is_followed_without_a_second_root(town: Town) -> None:
    in_trouble(town)
    town.slack.fault("chat.postMessage", "drop_after", times=2)
    worker = town.start("worker", "started")
    opened(town, 1)
    town.stop(worker, signal.SIGKILL)
    asked = len(town.agora.journal())
    again = town.start("worker", "started")
    other = town.start("worker", "started")
    roots = opened(town)
    assert [town.stop(again), town.stop(other)] == [0, 0]
    keys = [m["metadata"]["event_payload"]["incident"] for m in roots]
    assert len(set(keys)) == len(keys)
    assert len(town.agora.journal()) <= asked + 4, "a restart asks nothing that it knows"
    assert town.agora.violations() == []


def test_a_worker_ends_within_ten_seconds_though_agora_hangs(town: Town) -> None:
    town.agora.fault("*", "hang", times=4)
    worker = town.start("worker", "started")
    town.slack.wait_for(lambda _s: False, 2)
    began = town.slack.snapshot()["now"]
    assert town.stop(worker) == 0
    assert town.slack.snapshot()["now"] - began < 10
    assert any(request.status == 0 for request in town.agora.journal()), "a request hung meanwhile"


def test_web_ends_within_ten_seconds_though_agora_hangs(town: Town) -> None:
    web = town.start("web", "listening")
    town.agora.fault("*", "hang", times=3)
    with ThreadPoolExecutor(3) as people:
        list(people.map(lambda n: town.slack.command("/agora-call", f"room{n}"), range(3)))
    began = town.slack.snapshot()["now"]
    assert town.stop(web) == 0
    assert town.slack.snapshot()["now"] - began < 10
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{town.port}/healthz", timeout=5)
    except URLError:
        return
    raise AssertionError("the port is still served")


def test_web_takes_an_alert_of_agora_and_never_logs_its_address(town: Town) -> None:
    secret, wrong = "a-secret-of-the-process-tests-0123456789", "a-guess-of-the-process-tests-0123456789x"
    town.env |= {"AGORA_ALERT_SECRET": secret, "LOG_LEVEL": "DEBUG"}
    web = town.start("web", "listening")
    now = int(town.slack.snapshot()["now"])
    body = json.dumps({"alertTime": f"{now}000", "projectName": "any", "cname": "room-of-the-alert"}).encode()

    def post(last: str) -> int:
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{town.port}/agora/alert/{last}", data=body)
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert [post(secret), post(secret), post(wrong)] == [200, 200, 404]
    assert town.stop(web) == 0
    lines = "".join(web.log)  # type: ignore[attr-defined]
    assert lines.count("room-of-the-alert") == 1
    assert secret not in lines
    assert wrong not in lines


def test_a_hangup_signal_reads_the_rules_anew(town: Town, tmp_path: Path) -> None:
    folder = town.rules(tmp_path / "rules")
    (folder / "a.yml").write_text(FREEZE, "utf-8")
    worker = town.start("worker", until="started")
    (folder / "b.yml").write_text(HOST, "utf-8")
    worker.send_signal(signal.SIGHUP)
    for _ in range(300):
        if any('"rules": 2' in line for line in worker.log):
            break
        Clock().wait(0.1)
    assert town.stop(worker) == 0
    assert any('"rules": 2' in line for line in worker.log)


def test_a_reload_is_asked_for_from_the_keyboard(town: Town, tmp_path: Path) -> None:
    (town.rules(tmp_path / "rules") / "a.yml").write_text(FREEZE, "utf-8")
    worker = town.start("worker", until="started")
    folder = town.rules(tmp_path / "changed")  # which the worker does not read by itself meanwhile
    (folder / "a.yml").write_text(FREEZE, "utf-8")
    (folder / "b.yml").write_text(HOST, "utf-8")
    asked = agora_bot("rules", "reload", env=town.env)
    assert (asked.returncode, asked.stdout.splitlines()[0]) == (0, "+ OneSender")
    (folder / "b.yml").write_text("version: 9", "utf-8")
    refused = agora_bot("rules", "reload", env=town.env)
    assert (refused.returncode, "version 9 is unknown" in refused.stdout) == (1, True)
    assert town.stop(worker) == 0


LONG_CALL = """
version: 1
groups:
  - name: calls
    rules:
      - alert: LongCall
        call: {name: call_duration, op: ">", threshold: 60}
        keep_firing_for: 10m
"""


def test_calls_are_read_while_a_rule_looks_at_them(town: Town, tmp_path: Path) -> None:
    def metrics() -> str:
        where = f"http://127.0.0.1:{town.port}/metrics"
        return urllib.request.urlopen(where, timeout=10).read().decode()

    folder = town.rules(tmp_path / "rules")
    (folder / "a.yml").write_text(LONG_CALL, "utf-8")
    worker = town.start("worker", until="started")
    town.start("web", "listening")
    (root,) = opened(town, 1)
    assert "LongCall" in str(root)
    assert 'agora_bot_feed_delay_seconds{feed="calls",project="agora"}' in metrics()
    (folder / "a.yml").write_text(FREEZE, "utf-8")
    worker.send_signal(signal.SIGHUP)
    for _ in range(300):
        if 'feed="calls"' not in metrics():
            break
        Clock().wait(0.1)
    assert 'feed="calls"' not in metrics()
    assert [town.stop(process) for process in town.processes] == [0, 0]
    assert town.agora.violations() == []
