"""`agora-bot silences` from the keyboard."""

import re
from pathlib import Path

import pytest

from bot.store import Database
from tests.cli.conftest import agora_bot
from tests.store.test_alerts import ALERT
from tests.told import told


@pytest.fixture
def env(sqlite: Database, tmp_path: Path) -> dict[str, str]:
    with sqlite.transaction() as tx:
        told(tx, ALERT)
    return {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.sqlite3'}"}


def test_a_silence_is_tried_made_listed_and_ended(env: dict[str, str]) -> None:
    wanted = ("silences", "add", 'alertname="A"', 'project=~"p.*"', "--for", "2h", "--comment", "sports day")
    tried = agora_bot(*wanted, "--dry-run", env=env)
    assert (
        tried.stdout == "would be made. It hides 1 alert that fires now (A); none fired in the last 24 h.\n"
    )
    assert agora_bot("silences", "list", env=env).stdout == "nothing is silenced\n"
    made = agora_bot(*wanted, "--author", "ada", env=env)
    assert re.fullmatch(r"silence 1 until \S+Z \(2h left\)\. It hides 1 alert .*\n", made.stdout), made
    listed = agora_bot("silences", "list", env=env).stdout
    assert re.fullmatch(
        r"1  until \S+Z \(.* left\)  hides 1 firing alert  by ada: sports day\n"
        r"    alertname=\"A\", project=~\"p\.\*\"\n",
        listed,
    )
    assert agora_bot("silences", "end", "1", env=env).returncode == 0
    assert agora_bot("silences", "list", env=env).stdout == "nothing is silenced\n"
    assert "1  until" in agora_bot("silences", "list", "--all", env=env).stdout
    again = agora_bot("silences", "end", "1", env=env)
    assert (again.returncode, "over already" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["alertname=A", "--comment", "x"], "say how long"),
        (["alertname=A", "--comment", "x", "--for", "2h", "--until", "2030-01-01"], "say how long"),
        (["alertname=A", "--comment", "x", "--for", "soon"], "is not a duration"),
        (["alertname=A", "--comment", "x", "--until", "yesterday"], "is no date"),
        (["alertname=A", "--comment", "x", "--until", "2020-01-01"], "before it begins"),
        (["alertname=A", "--comment", "x", "--until", "9999-01-01"], "ten years"),
        (["alertname=A", "--comment", " ", "--for", "2h"], "write a reason"),
        (["alertname", "--comment", "x", "--for", "2h"], "is not a matcher"),
        (['alertname=~".*"', "--comment", "x", "--for", "2h", "--dry-run"], "every alert"),
    ],
)
def test_bad_words_are_refused_with_what_to_write(
    env: dict[str, str], words: list[str], sentence: str
) -> None:
    refused = agora_bot("silences", "add", *words, env=env)
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
    assert agora_bot("silences", "list", "--all", env=env).stdout == "nothing is silenced\n"


def test_a_silence_may_begin_later_and_a_long_one_is_warned_of(env: dict[str, str]) -> None:
    made = agora_bot(
        "silences", "add", "project=p", "--from", "1h", "--for", "31d", "--comment", "x", env=env
    )
    assert made.stdout.startswith("silence 1 from 2")
    assert "more than 30 days" in made.stderr
