"""Rule files: a bad one is refused whole, the last good set stays, and people hear of it once."""

import os
from pathlib import Path

import pytest

from bot.config import default_folder
from bot.flows import notices, rulebook
from bot.flows.rulebook import NOTE, RuleBook, read_folder
from bot.rules.routing import default_routing
from bot.store import Database, notes
from tests.conftest import T0
from tests.flows.test_evaluate import FREEZE, HOST


class Folder:
    """A rules folder whose files change at different times, as with an editor."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.saves = 0

    def save(self, name: str, text: str | bytes) -> None:
        self.saves += 1
        file = self.path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(file, (T0 + self.saves, T0 + self.saves))


def look(book: RuleBook) -> None:
    """Look twice: a change is taken once it has stayed for one look."""
    book.refresh()
    book.refresh()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "rules").mkdir()
    return Folder(tmp_path / "rules")


def names(book: RuleBook) -> list[str]:
    return [rule.name for rule in book.rules.rules] if book.rules else []


def note(database: Database) -> dict:
    with database.transaction() as tx:
        return notes.get(tx, NOTE) or {}


def test_the_shipped_rules_are_good() -> None:
    from bot.config import default_folder

    reading = read_folder(default_folder("rules"))
    assert reading.problems == ()
    assert reading.rules is not None
    assert len(reading.rules.rules) >= 15


def test_a_saved_file_takes_effect(sqlite: Database, folder: Folder) -> None:
    book = RuleBook(folder.path, sqlite, lambda: T0)
    folder.save("a.yml", FREEZE)
    look(book)
    assert names(book) == ["Freeze"]
    folder.save("b.yml", HOST)
    look(book)
    assert names(book) == ["Freeze", "OneSender"]


def test_a_bad_file_is_refused_and_the_last_good_set_stays(sqlite: Database, folder: Folder) -> None:
    book = RuleBook(folder.path, sqlite, lambda: T0)
    folder.save("a.yml", FREEZE)
    look(book)
    folder.save("a.yml", FREEZE.replace(" for: 1m", " fro: 1m"))
    look(book)
    assert names(book) == ["Freeze"]
    (problem,) = note(sqlite)["problems"]
    assert problem.startswith(f"{folder.path / 'a.yml'}:")
    assert '"for"' in problem
    folder.save("a.yml", FREEZE.replace("alert: Freeze", "alert: Thaw"))
    look(book)
    assert (names(book), note(sqlite)["problems"]) == (["Thaw"], [])


@pytest.mark.parametrize(
    "text",
    [b"\xff\xfe\x00bad", b"", b"version: 1\ngroups: [", b"- a\n- b\n", b"version: 2\n"],
    ids=["not UTF-8", "empty", "broken YAML", "a list", "another version"],
)
def test_no_file_takes_the_bot_down(sqlite: Database, folder: Folder, text: bytes) -> None:
    book = RuleBook(folder.path, sqlite, lambda: T0)
    folder.save("a.yml", FREEZE)
    look(book)
    folder.save("b.yml", text)
    look(book)
    assert names(book) == ["Freeze"]
    assert note(sqlite)["problems"]


def test_an_empty_folder_says_so(folder: Folder) -> None:
    (problem,) = read_folder(folder.path).problems
    assert "holds no rule file" in problem.message


def test_other_files_of_the_folder_are_no_rules(sqlite: Database, folder: Folder) -> None:
    folder.save("a.yml", FREEZE)
    folder.save("projects.yml", "anything")
    folder.save("notes.txt", "anything")
    assert read_folder(folder.path).problems == ()


def test_slack_is_told_once_and_again_only_of_other_problems(sqlite: Database, folder: Folder) -> None:
    book = RuleBook(folder.path, sqlite, lambda: T0)
    told: list[str] = []
    folder.save("a.yml", "version: 7")
    for _ in range(3):
        look(book)
        notices.tell(sqlite, told.append, T0)
    assert len(told) == 1
    assert "No rule is in force" in told[0]
    RuleBook(folder.path, sqlite, lambda: T0).refresh()
    notices.tell(sqlite, told.append, T0)
    assert len(told) == 1, "a restart does not repeat it"
    folder.save("a.yml", "version: 8\n")
    look(book)
    notices.tell(sqlite, told.append, T0)
    assert len(told) == 2


def test_a_file_is_not_read_while_it_is_written(sqlite: Database, folder: Folder) -> None:
    book = RuleBook(folder.path, sqlite, lambda: T0)
    folder.save("a.yml", FREEZE)
    look(book)
    half = FREEZE + HOST.split("rules:")[1]
    folder.save("a.yml", HOST)
    book.refresh()
    assert names(book) == ["Freeze"]
    folder.save("a.yml", half)
    book.refresh()
    assert names(book) == ["Freeze"]
    book.refresh()
    assert names(book) == ["Freeze", "OneSender"]


def test_a_reload_is_taken_at_once_and_says_what_differs(sqlite: Database, folder: Folder) -> None:
    folder.save("a.yml", FREEZE)
    book = RuleBook(folder.path, sqlite, lambda: T0)
    book.refresh()
    folder.save("a.yml", FREEZE.replace("critical: 10", "critical: 20"))
    folder.save("b.yml", HOST)
    new = read_folder(folder.path).rules
    assert new
    difference = rulebook.reload(sqlite, new, T0 + 1)
    assert (difference.added, difference.changed, difference.removed) == (("OneSender",), ("Freeze",), ())
    book.refresh()
    assert sorted(names(book)) == ["Freeze", "OneSender"], "though the files have not stayed for a look yet"
    (folder.path / "b.yml").unlink()
    left = read_folder(folder.path).rules
    assert left
    assert rulebook.reload(sqlite, left, T0 + 2).removed == ("OneSender",)


def test_the_shipped_routing_is_what_holds_without_it() -> None:
    shipped = rulebook.read_routing(default_folder("rules"))[0]
    assert shipped == default_routing()


def test_bad_routing_refuses_the_rules_with_it(sqlite: Database, folder: Folder) -> None:
    folder.save("a.yml", FREEZE)
    folder.save("routing.yml", "version: 1\nroute: {receiver: ops}\nreceivers: [{name: ops}]\n")
    book = RuleBook(folder.path, sqlite, lambda: T0)
    book.refresh()
    assert book.in_force is not None
    folder.save("routing.yml", "version: 1\nroute: {receiver: opps}\nreceivers: [{name: ops}]\n")
    folder.save("a.yml", HOST)
    look(book)
    assert (names(book), book.routes.spec.route.receiver) == (["Freeze"], "ops")
    assert "routing.yml:2" in note(sqlite)["problems"][0]


def test_a_reload_of_bad_files_keeps_what_is_in_force(sqlite: Database, folder: Folder) -> None:
    folder.save("a.yml", FREEZE)
    book = RuleBook(folder.path, sqlite, lambda: T0)
    book.refresh()
    folder.save("a.yml", "version: 7")
    book.ask()
    book.refresh()
    assert (names(book), sorted(note(sqlite)["in_force"])) == (["Freeze"], ["Freeze"])
    assert note(sqlite)["problems"]
