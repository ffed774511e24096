"""The log: one line an event, without secrets."""

import json
import logging

import pytest

from bot.telemetry import log, set_up_logging


@pytest.fixture(autouse=True)
def _logging() -> None:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_lines_are_json_and_secrets_are_blotted_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", "json", ["xoxb-secret", "pass-word"])
    log("room").info("token xoxb-secret", address="postgres://u:pass-word@h", count=3)
    logging.getLogger("other").warning("seen %s", "xoxb-secret")
    try:
        raise ValueError("pass-word")
    except ValueError:
        log("room").exception("failed")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["info", "warning", "error"]
    assert lines[0]["count"] == 3
    text = json.dumps(lines)
    assert "xoxb-secret" not in text
    assert "pass-word" not in text
    assert "[secret]" in text


def test_the_level_is_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("WARNING", "text", [])
    log("room").info("quiet")
    log("room").warning("loud")
    assert "loud" in (text := capsys.readouterr().err)
    assert "quiet" not in text
