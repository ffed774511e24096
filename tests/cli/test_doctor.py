"""`agora-bot doctor`: what it says, and what it spends."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.simulator.agora import AgoraSimulator
from bot.simulator.slack import SlackSimulator

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AGORA_API_DIALECT", "AGORA_PLAN", "RULES_DIR", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.sqlite3'}")


def rows(output: str) -> dict[str, str]:
    """Return the state of each thing that was looked at."""
    lines = [line for line in output.splitlines() if not line.startswith(" ")]
    return {line[9:37].strip(): line.split()[0] for line in lines}


def test_without_settings_every_missing_one_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["doctor"], env=dict.fromkeys(("AGORA_APP_ID", "SLACK_BOT_TOKEN"), ""))
    found = rows(done.output)
    assert done.exit_code == 1
    assert found["SLACK_BOT_TOKEN"] == found["AGORA_APP_ID"] == "failed"
    assert found["database"] == "warning"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("upgraded", [True, False], ids=["upgraded", "before db upgrade"])
def test_with_everything_in_place_all_is_well_and_agora_is_asked_once_an_endpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, upgraded: bool
) -> None:
    from bot.clock import Clock

    clock = Clock()
    agora = AgoraSimulator(now=clock.now, credentials={"id": "top-secret"}, projects={"app": "id"})
    slack = SlackSimulator(
        now=clock.now, wall=clock.wall, signing_secret="sign-secret", bot_token="xoxb-secret"
    )
    settings = {
        "AGORA_API_URL": agora.start(),
        "AGORA_CUSTOMER_ID": "id",
        "AGORA_CUSTOMER_SECRET": "top-secret",
        "AGORA_APP_ID": "app",
        "SLACK_BOT_TOKEN": "xoxb-secret",
        "SLACK_SIGNING_SECRET": "sign-secret",
    }
    slack.start()
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SLACK_API_URL", slack.api_url)
    monkeypatch.setenv("SLACK_CHANNEL", "#no-such-channel")
    try:
        if upgraded:
            assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0
        done = CliRunner().invoke(main, ["doctor"])
        asked = [request.path for request in agora.journal()]
    finally:
        agora.stop()
        slack.stop()
    found = rows(done.output)
    assert found.pop("channel #no-such-channel") == "failed"
    assert found.pop("Slack scopes") == "warning"
    if not upgraded:
        assert found.pop("database") == found.pop("quota") == "warning"
    assert set(found.values()) == {"ok"}
    assert len(asked) == len(set(asked)) >= 5
    assert "secret" not in done.output
    assert (f"{len(asked)} requests to Agora were not counted" in done.output) is not upgraded
    assert (tmp_path / "bot.sqlite3").exists() is upgraded
