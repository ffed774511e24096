"""`agora-bot rules backtest` and `rules explain` from the keyboard: answers, files, refusals, exit codes."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import Database
from tests.cli.conftest import agora_bot
from tests.flows import history

SPAN = ("--from", "2026-11-01T06:00", "--to", "2026-11-01T16:00")
AT = ("--at", "2026-11-01T09:12")


@pytest.fixture
def env(sqlite: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a database with history, and of a folder of rules for it."""
    history.save(sqlite)
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "r.yml").write_text(history.RULES, "utf-8")
    return {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.sqlite3'}",
        "RULES_DIR": str(folder),
        "SLACK_CHANNEL": "#rtc",
    }


def contents(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "bot.sqlite3")) as connection:
        return list(connection.iterdump())


def test_a_backtest_tells_as_text_what_would_have_fired(env: dict[str, str], sqlite: Database) -> None:
    ended = agora_bot("rules", "backtest", *SPAN, env=env)
    assert (ended.returncode, ended.stderr) == (0, "")
    first, where = ended.stdout.splitlines()[:2]
    assert first == "6 of 6 rules would have fired 10 times in 10 h of 2 projects, with 21 messages."
    assert where.endswith(", 2026-11-01 06:00 to 2026-11-01 16:00 UTC; all times are UTC")
    assert "Messages to #rtc," in ended.stdout


def test_it_writes_json_and_pages_to_files_and_nothing_to_the_database(
    env: dict[str, str], tmp_path: Path
) -> None:
    before = contents(tmp_path)
    out = tmp_path / "out.json"
    words = ("rules", "backtest", *SPAN, "--rule", "Freeze", "--project", "lessons", "--out", str(out))
    assert agora_bot(*words, "--format", "json", "--compare", env["RULES_DIR"], env=env).returncode == 0
    told = json.loads(out.read_text("utf-8"))
    assert (told["version"], told["projects"], len(told["fired"])) == (1, ["lessons"], 2)
    assert (told["compared"]["same"], told["compared"]["differences"]) == (2, [])
    again = agora_bot(*words, "--format", "html", env=env)
    assert (again.returncode, "exists already; --force replaces it" in again.stderr) == (2, True)
    assert agora_bot(*words, "--format", "html", "--force", env=env).returncode == 0
    assert out.read_text("utf-8").startswith("<!doctype html>")
    assert contents(tmp_path) == before


def test_exported_files_are_history_without_a_database(env: dict[str, str], tmp_path: Path) -> None:
    file = str(tmp_path / "metrics.jsonl")
    span = ("--from", "2026-10-31", "--to", "2026-11-02")
    agora_bot("data", "export", *span, "--format", "jsonl", "--output", file, env=env)
    words = ("rules", "backtest", *SPAN, "--rule", "Freeze", "--format", "json")
    stored = json.loads(agora_bot(*words, env=env).stdout)
    given = json.loads(
        agora_bot(*words, "--history", file, env={**env, "DATABASE_URL": "sqlite:////nowhere/x"}).stdout
    )
    assert given["fired"] == stored["fired"] != []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["--from", "soon"], 2, "--from 'soon' is no date", id="bad date"),
        pytest.param(["--from", "1h", "--to", "2h"], 2, "is not before", id="from after to"),
        pytest.param(
            ["--from", "2026-11-01T06:00:10", "--to", "2026-11-01T06:00:50"],
            2,
            "no whole minute",
            id="seconds",
        ),
        pytest.param([*SPAN, "--rule", "Freez"], 2, "did you mean Freeze?", id="unknown rule"),
        pytest.param([*SPAN, "--project", "x"], 2, "projects with data are games, lessons", id="project"),
        pytest.param([*SPAN, "--rules", "{tmp}/none"], 2, "1 problem(s) in", id="no folder"),
        pytest.param([*SPAN, "--rules", "{tmp}/bad"], 2, "unknown key", id="a bad rule"),
        pytest.param([*SPAN, "--history", "{tmp}/none.csv"], 2, "cannot be read: No such file", id="no file"),
        pytest.param([*SPAN, "--history", "{tmp}/bad/r.yml"], 2, "r.yml:2: is neither", id="no export"),
        pytest.param([*SPAN, "--out", "{tmp}/none/x"], 1, "No such file or directory", id="nowhere to write"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    env: dict[str, str], tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    (tmp_path / "bad").mkdir()
    bad = "version: 1\ngroups: [{name: g, rules: [{alert: A, fro: 3m}]}]\n"
    (tmp_path / "bad" / "r.yml").write_text(bad, "utf-8")
    ended = agora_bot("rules", "backtest", *(word.replace("{tmp}", str(tmp_path)) for word in words), env=env)
    assert (ended.returncode, ended.stdout, "Traceback" in ended.stderr) == (code, "", False)
    assert said in ended.stderr


def test_an_alert_is_explained(env: dict[str, str]) -> None:
    ended = agora_bot("rules", "explain", "Freeze", "--project", "lessons", *AT, env=env)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(
        "Freeze fires as critical since 09:05 in lessons at 2026-11-01 09:12 UTC: "
    )


def test_the_last_known_minute_is_explained_where_none_is_named(env: dict[str, str]) -> None:
    ended = agora_bot("rules", "explain", "Freeze", "--label", "project=lessons", env=env)
    assert " at 2026-11-01 15:59 UTC: " in " ".join(ended.stdout.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Freez"], "did you mean Freeze?"),
        (["Freeze"], "choose a project: games, lessons"),
        (["Freeze", "--project", "x"], "projects with data are games, lessons"),
        (["Freeze", "--project", "lessons", "--at", "noon"], "--at 'noon' is no date"),
        (["Freeze", "--project", "lessons", "--label", "cname"], "write it like cname=room-1"),
        (
            ["Freeze", "--project", "lessons", "--label", "cname=a"],
            "alerts of Freeze are told apart by project",
        ),
    ],
)
def test_what_cannot_be_explained_is_one_line(env: dict[str, str], words: list[str], said: str) -> None:
    ended = agora_bot("rules", "explain", *words, env=env)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert said in ended.stderr
