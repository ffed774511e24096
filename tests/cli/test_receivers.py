"""A whole worker that tells a webhook that drops an answer, and a PagerDuty that asks to wait."""

import hashlib
import hmac
import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from shutil import copy

from bot.clock import Clock
from bot.config import default_folder
from bot.simulator.loopback import LoopbackServer
from tests.cli.conftest import Town
from tests.cli.test_process import in_trouble

ROUTING = """\
version: 1
route: {{receiver: ops, group_wait: 0s}}
receivers:
  - name: ops
    webhook_configs: [{{url_env: HOOK_URL, secret_env: HOOK_SECRET}}]
    pagerduty_configs: [{{routing_key_env: PAGER_KEY, url: "{pager}"}}]
"""
TROUBLES = {"/hook": ["drop"], "/pager": ["429", "429"]}


class Programs(LoopbackServer):
    """A webhook at /hook and PagerDuty at /pager: each answers its first requests with trouble."""

    def __init__(self) -> None:
        self.took: dict[str, list[tuple[dict, bytes]]] = {"/hook": [], "/pager": []}
        self.trouble = {path: list(first) for path, first in TROUBLES.items()}
        super().__init__("127.0.0.1", 0, _Handler, "programs")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Programs

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        waiting = self.server.trouble[self.path]
        trouble = waiting.pop(0) if waiting else ""
        if trouble in ("", "drop"):
            self.server.took[self.path].append((dict(self.headers), body))
        if trouble == "drop":
            self.close_connection = True
            return
        self.send_response(int(trouble or 202))
        self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None: ...


def test_programs_are_told_each_thing_once_signed_and_by_one_key(town: Town, tmp_path: Path) -> None:
    programs = Programs()
    folder = town.rules(tmp_path / "rules")
    copy(default_folder("rules") / "causes.yml", folder)
    (folder / "routing.yml").write_text(ROUTING.format(pager=f"{programs.url}/pager"), "utf-8")
    secret = "of-the-receiver-test"
    town.env |= {"HOOK_URL": f"{programs.url}/hook", "HOOK_SECRET": secret, "PAGER_KEY": "k3y"}
    in_trouble(town)
    worker = town.start("worker", "started")
    clock = Clock()
    for _ in range(1500):  # 150 s: the second try waits for the first one's end on a machine under load
        if len(programs.took["/hook"]) > 1 and programs.took["/pager"]:
            break
        clock.wait(0.1)
    assert town.stop(worker) == 0
    programs.close()
    hooks, pages = programs.took["/hook"], programs.took["/pager"]
    for headers, body in hooks:
        signed = hmac.new(
            secret.encode(), f"{headers['X-Agora-Bot-Timestamp']}.".encode() + body, hashlib.sha256
        )
        assert headers["X-Agora-Bot-Signature"] == f"sha256={signed.hexdigest()}"
        assert json.loads(body)["status"] == "firing"
    keys = [headers["Idempotency-Key"] for headers, _ in hooks]
    assert len(keys) - len(set(keys)) == 1, "only what was taken without an answer comes again, by its key"
    opened = [json.loads(body) for _, body in pages]
    assert len({one["dedup_key"] for one in opened}) == len(opened)
    assert {one["event_action"] for one in opened} == {"trigger"}
    assert {one["routing_key"] for one in opened} == {"k3y"}
    assert town.slack.messages("rtc-quality") == [], "no route leads to Slack"
