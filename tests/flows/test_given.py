"""History from exported files: the same answer as from the database, and bad rows named by their line."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import default_folder
from bot.flows.export import rows
from bot.flows.export_columns import COLUMNS, What
from bot.flows.export_formats import Format, writer_of
from bot.flows.given import NoHistory, take_files
from bot.flows.given_rows import CallRow, EventRow, MetricRow, read_rows
from bot.flows.replay import Replay
from bot.flows.stored import stored
from bot.model.time import Window
from bot.store import Database
from tests.flows import history

SPAN = Window(start=history.START - 86_400, end=history.END)
METRIC = {"project": "p", "metric": "pcu", "ts": history.START, "value": 1.5}
EVENT = {"project": "p", "ts": history.START, "cname": "c", "user": "1", "experience_id": 4, "causes": []}


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    """Another database, for what is read from files."""
    made = Database(f"sqlite:///{tmp_path / 'given.sqlite3'}", default_folder("migrations"))
    made.upgrade()
    return made


def exported(database: Database, what: What, form: Format, folder: Path) -> Path:
    stream = io.BytesIO()
    writer_of(form)(COLUMNS[what], rows(database, what, SPAN, "lessons"), stream)
    file = folder / f"{what.value}.{form.value}"
    file.write_bytes(stream.getvalue())
    return file


def lives(database: Database) -> list[object]:
    replay = Replay(history.rules(), stored(database, ["lessons"]))
    # Between the first and the last event, the files know as much of the diagnosis as the database.
    replay.advance(history.minute(9, 5), history.minute(9, 8))
    sender = [e.alert for e in replay.episodes() if e.rule.name == "Sender"]
    replay.advance(history.minute(9, 8), history.minute(10, 0))
    sender += [e.alert for e in replay.episodes() if e.rule.call]
    metrics = Replay(
        history.rules(history.RULES.split("      - alert: Sender")[0]), stored(database, ["lessons"])
    )
    metrics.advance(history.START, history.END)
    return [*sender, *(e.alert for e in metrics.episodes())]


@pytest.mark.parametrize("form", [Format.JSONL, Format.CSV])
def test_exported_files_tell_what_the_database_does(
    sqlite: Database, empty: Database, tmp_path: Path, form: Format
) -> None:
    history.save(sqlite)
    files = [exported(sqlite, what, form, tmp_path) for what in (What.METRICS, What.EVENTS, What.CALLS)]
    taken = take_files(empty, files, SPAN)
    assert (taken.rows, taken.beyond) == (570 + 600 + 600 + 12 + 7, 0)
    assert lives(empty) == lives(sqlite) != []
    assert [note.split(":")[0] for note in taken.notes()] == [
        "The files do not tell quiet minutes from unknown ones"
    ] * 2
    empty.close()


def test_rows_beyond_the_span_are_left_out(empty: Database, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text(
        "".join(json.dumps({**METRIC, "ts": ts}) + "\n" for ts in (5, history.START, 2**62)), "utf-8"
    )
    taken = take_files(empty, [file], SPAN)
    assert (taken.rows, taken.beyond, taken.notes()) == (1, 2, [])
    empty.close()


def test_files_without_a_row_in_the_span_are_said_to_tell_nothing(empty: Database, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text("", "utf-8")
    assert take_files(empty, [file], SPAN).notes()[0].startswith("No row of the files lies in the span")
    empty.close()


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        pytest.param("{", 1, "truncated", id="broken JSON"),
        pytest.param("[1]\n", 1, "is no JSON object", id="a list"),
        pytest.param('{"a": 1}\n', 1, "is neither a metric", id="another object"),
        pytest.param(json.dumps(METRIC) + '\n{"x": ', 2, "truncated", id="the second line"),
        pytest.param(json.dumps({**METRIC, "value": None}), 1, "Expected `float`", id="no value"),
        pytest.param(json.dumps({**METRIC, "ts": "soon"}), 1, "Expected `int`", id="no time"),
        pytest.param(json.dumps({**EVENT, "experience_id": 2**40}), 1, "<= 2147483647", id="a huge id"),
        pytest.param(json.dumps({**EVENT, "causes": [1]}), 1, "Expected `object`", id="a bad cause"),
        pytest.param("project,metric,ts,value\np,pcu,1,nan\n", 2, "no number", id="not a number"),
        pytest.param("project,metric,ts,value\np,pcu,1\n", 2, "$.value", id="a short row"),
        pytest.param("project,ts,experience_id,causes\np,1,4,[{\n", 2, "", id="broken JSON in a cell"),
        pytest.param('project,metric,ts,value\np,"pcu,1,2\n', 1, "end of data", id="an open quote"),
        pytest.param("name\nx\n", 2, "is neither a metric", id="another table"),
    ],
)
def test_a_row_that_is_none_is_named_by_its_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    file = tmp_path / "rows"
    file.write_text(content, "utf-8")
    with pytest.raises(NoHistory) as refused:
        list(read_rows(file))
    told = str(refused.value)
    assert told.startswith(f"{file}:{line}: ")
    assert said in told
    assert told.endswith("--what metrics (events, calls) --format jsonl (or csv)")


@pytest.mark.parametrize(("make", "said"), [("bytes", "no text in UTF-8"), ("folder", "cannot be read")])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, make: str, said: str) -> None:
    file = tmp_path / "rows"
    if make == "bytes":
        file.write_bytes(b"{\xff\xfe")
    else:
        file.mkdir()
    with pytest.raises(NoHistory, match=said):
        list(read_rows(file))


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: ("{" + text).encode("utf-8", "replace"))
)
def test_any_bytes_give_rows_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(content)
    try:
        found = list(read_rows(file))
    except NoHistory as refused:
        assert str(file) in str(refused)
    else:
        assert all(isinstance(row, MetricRow | EventRow | CallRow) for row in found)


def test_the_apostrophe_that_guards_a_cell_is_taken_off(tmp_path: Path) -> None:
    file = tmp_path / "e.csv"
    file.write_text("project,ts,cname,user,experience_id,at_least\np,1,'=cmd,''7,4,true\n", "utf-8")
    assert list(read_rows(file)) == [
        EventRow(project="p", ts=1, cname="=cmd", user="'7", experience_id=4, at_least=True)
    ]
