"""The bot's real processes, against both simulators on this machine."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.config import default_folder
from bot.simulator.agora import AgoraSimulator
from bot.simulator.slack import SlackSimulator
from tests.told import AT_ONCE

AGORA_BOT = [sys.executable, "-c", "from bot.cli import main; main()"]
TOKEN, SECRET = "xoxb-of-the-process-tests", "signing-secret-of-the-process-tests"


def agora_bot(
    *words: str, env: dict[str, str] | None = None, cwd: Path | None = None, timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with nothing of this machine's settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AGORA_", "SLACK_", "DATABASE_"))}
    return subprocess.run(
        [*AGORA_BOT, *words],
        env={**clean, **(env or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )


@dataclass
class Town:
    """Both simulators, and the processes that a test starts against them."""

    agora: AgoraSimulator
    slack: SlackSimulator
    env: dict[str, str]
    port: int = 0
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def rules(self, folder: Path) -> Path:
        """Make a folder of rules that are told at once the one that is read from now on."""
        folder.mkdir()
        (folder / "routing.yml").write_text(AT_ONCE, "utf-8")
        self.env["RULES_DIR"] = str(folder)
        return folder

    def start(self, name: str, until: str) -> subprocess.Popen[str]:
        """Start ``agora-bot <name>`` and return when its log says ``until``."""
        process = subprocess.Popen(
            [*AGORA_BOT, name],
            env={**os.environ, **self.env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        ready = threading.Event()
        process.log = []  # type: ignore[attr-defined]

        def read() -> None:
            assert process.stderr is not None
            for line in process.stderr:
                process.log.append(line)  # type: ignore[attr-defined]
                if until in line:
                    ready.set()
            ready.set()

        process.reader = threading.Thread(target=read)  # type: ignore[attr-defined]
        process.reader.start()  # type: ignore[attr-defined]
        assert ready.wait(30)
        assert process.poll() is None, "".join(process.log)  # type: ignore[attr-defined]
        if name == "web":
            said = [json.loads(line) for line in process.log]  # type: ignore[attr-defined]
            self.port = next(line["port"] for line in said if line["event"] == "listening")
            self.slack.connect(f"http://127.0.0.1:{self.port}/slack/events")
        return process

    def stop(self, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        process.send_signal(number)
        code = process.wait(20)
        process.reader.join(5)  # type: ignore[attr-defined]
        if process.stderr:
            process.stderr.close()
        return code

    def roots(self) -> list[dict]:
        """Return the root messages of incidents."""
        found = self.slack.messages("rtc-quality", roots_only=True)
        return [m for m in found if (m["metadata"] or {}).get("event_type") == "agora_bot_incident"]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    clock = Clock()
    agora = AgoraSimulator(now=clock.now, credentials={"cid": "csecret"}, projects={"app1": "cid"})
    slack = SlackSimulator(now=clock.now, wall=clock.wall, signing_secret=SECRET, bot_token=TOKEN)
    agora_url = agora.start()
    slack.start()
    env = {
        "AGORA_API_URL": agora_url,
        "AGORA_CUSTOMER_ID": "cid",
        "AGORA_CUSTOMER_SECRET": "csecret",
        "AGORA_APP_ID": "app1",
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_CHANNEL": "#rtc-quality",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.sqlite3'}",
        "HOST": "127.0.0.1",
        "PORT": "0",
    }
    built = Town(agora=agora, slack=slack, env=env)
    shutil.copytree(default_folder("rules"), built.rules(tmp_path / "shipped"), dirs_exist_ok=True)
    (tmp_path / "shipped" / "routing.yml").write_text(AT_ONCE, "utf-8")
    yield built
    for process in built.processes:
        if process.poll() is None:
            built.stop(process, signal.SIGKILL)
    slack.stop()
    agora.stop()
