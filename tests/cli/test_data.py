"""`agora-bot data export` from the keyboard: files, refusals, exit codes."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.data import Refused, instant
from bot.flows.export_columns import COLUMNS
from bot.model.observation import MetricPoint
from bot.store import Database, observations
from tests.cli.conftest import AGORA_BOT, agora_bot
from tests.conftest import T0

SPAN = ("--from", "2023-11-14", "--to", "2023-11-16")


@pytest.fixture
def env(sqlite: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a database with two points."""
    points = [MetricPoint(metric="pcu", minute=T0 + n, value=2.0) for n in (0, 60)]
    with sqlite.transaction() as tx:
        observations.save_points(tx, "p", points, T0)
    return {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.sqlite3'}"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("now", T0 + 9),
        ("0", T0 + 9),
        ("7d", T0 + 9 - 7 * 86_400),
        ("1h30m", T0 + 9 - 5400),
        ("2023-11-14", T0 - (22 * 60 + 14) * 60),
        ("2023-11-14T22:14", T0),
        ("2023-11-14T22:14:00Z", T0),
        ("2023-11-15T00:14:00+02:00", T0),
        ("2023-11-14T22:14:00.9", T0),
    ],
)
def test_an_instant_is_a_date_in_utc_or_a_span_back(told: str, expected: int) -> None:
    assert instant(told, T0 + 9.5, "--from") == expected


@pytest.mark.parametrize("told", ["", "soon", "7", "-7d", "2023-02-30", "14.11.2023", "2023-11-14T25:00"])
def test_what_is_no_instant_is_refused_with_its_option(told: str) -> None:
    with pytest.raises(Refused, match=r"--to .* is no date; write 2026-11-23"):
        instant(told, T0, "--to")


def test_a_file_is_complete_or_not_there(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "out" / "points.csv"
    file.parent.mkdir()
    ended = agora_bot("data", "export", *SPAN, "--output", str(file), env=env)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "2 rows of metrics\n")
    with file.open(newline="", encoding="utf-8") as stream:
        assert [row["ts"] for row in csv.DictReader(stream)] == [str(T0), str(T0 + 60)]
    before = file.read_bytes()
    again = agora_bot("data", "export", "--from", "1h", "--output", str(file), env=env)
    assert (again.returncode, file.read_bytes()) == (2, before)
    assert again.stderr == f"Error: {file} exists already; --force replaces it\n"
    forced = agora_bot("data", "export", "--from", "1h", "--output", str(file), "--force", env=env)
    assert (forced.returncode, len(file.read_bytes().splitlines())) == (0, 1)
    failed = agora_bot(
        "data", "export", *SPAN, "--output", str(file), "--force", "--project", "none", env=env
    )
    assert (failed.returncode, len(file.read_bytes().splitlines())) == (2, 1)
    assert [path.name for path in file.parent.iterdir()] == ["points.csv"]


def test_standard_output_is_the_default_and_parquet_goes_through_a_pipe(env: dict[str, str]) -> None:
    assert agora_bot("data", "export", *SPAN, env=env).stdout.count("\n") == 3
    ended = subprocess.run(
        [*AGORA_BOT, "data", "export", *SPAN, "--format", "parquet"],
        env={**os.environ, **env},
        capture_output=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout[:4], ended.stdout[-4:]) == (0, b"PAR1", b"PAR1")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["--from", "soon"], 2, "--from 'soon' is no date", id="bad date"),
        pytest.param(
            ["--from", "1h", "--to", "2h"], 2, "--from 1h is not before --to 2h", id="from after to"
        ),
        pytest.param(
            ["--from", "1h", "--to", "1h"], 2, "--from 1h is not before --to 1h", id="nothing between"
        ),
        pytest.param([*SPAN, "--project", "q"], 2, "projects with data are p", id="unknown project"),
        pytest.param([*SPAN, "--output", "{folder}"], 2, "is not a file", id="a folder"),
        pytest.param([*SPAN, "--output", "/dev/null", "--force"], 2, "is not a file", id="a device"),
        pytest.param([*SPAN, "--output", "{folder}/none/x"], 1, "No such file or directory", id="no folder"),
        pytest.param([*SPAN, "--output", "{folder}/bot.sqlite3/x"], 1, "Not a directory", id="under a file"),
        pytest.param([*SPAN, "--output", "{folder}/" + "x" * 300], 1, "name too long", id="long name"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    env: dict[str, str], tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    ended = agora_bot("data", "export", *(word.replace("{folder}", str(tmp_path)) for word in words), env=env)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (code, "", 1)
    assert said in ended.stderr


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("postgres://u:hunter22@127.0.0.1:9/x", 1, "does not answer"),
        ("sqlite:///{folder}/none.sqlite3", 1, "there is no database"),
        ("sqlite:///{folder}/text.txt", 1, "does not answer (file is not a database)"),
        ("sqlite:///{folder}/empty.sqlite3", 1, "run agora-bot db upgrade"),
        ("mysql://x", 2, "DATABASE_URL: must begin with"),
    ],
)
def test_a_database_that_cannot_be_read_is_one_line(
    tmp_path: Path, address: str, code: int, said: str
) -> None:
    (tmp_path / "text.txt").write_text("no database " * 100, "utf-8")
    (tmp_path / "empty.sqlite3").touch()
    before = sorted(path.name for path in tmp_path.iterdir())
    url = address.replace("{folder}", str(tmp_path))
    ended = agora_bot("data", "export", *SPAN, env={"DATABASE_URL": url})
    assert (ended.returncode, ended.stderr.count("\n"), "hunter22" in ended.stderr) == (code, 1, False)
    assert said in ended.stderr
    after = sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(("-wal", "-shm")))
    assert after == before


def test_without_pyarrow_it_says_what_to_install(env: dict[str, str], tmp_path: Path) -> None:
    without = "import sys; sys.modules['pyarrow'] = None; from bot.cli import main; main()"
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            without,
            "data",
            "export",
            *SPAN,
            "--format",
            "parquet",
            "--output",
            "x.parquet",
        ],
        env={**os.environ, **env},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (
        2,
        "Error: Parquet needs pyarrow: pip install 'agora-bot[parquet]'\n",
    )
    assert not (tmp_path / "x.parquet").exists()


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_reader_that_leaves_ends_it_without_a_traceback(
    env: dict[str, str], sqlite: Database, form: str
) -> None:
    minutes = range(T0, T0 + 60 * 5000, 60)
    with sqlite.transaction() as tx:
        observations.save_points(
            tx, "p", [MetricPoint(metric="pcc", minute=m, value=2.0) for m in minutes], T0
        )
    with subprocess.Popen(
        [*AGORA_BOT, "data", "export", "--from", "2023-01-01", "--format", form],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (1, "Error: standard output cannot be written: Broken pipe\n")


def test_a_link_stays_a_link(env: dict[str, str], tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old", "utf-8")
    link.symlink_to(real)
    ended = agora_bot("data", "export", *SPAN, "--output", str(link), "--force", env=env)
    assert (ended.returncode, link.is_symlink(), real.read_text("utf-8")[:7]) == (0, True, "project")


def test_help_tells_every_column_and_format() -> None:
    shown = agora_bot("data", "export", "--help").stdout
    for columns in COLUMNS.values():
        for column in columns:
            assert f"    {column.name} " in shown
    assert "[csv|jsonl|parquet]" in shown
