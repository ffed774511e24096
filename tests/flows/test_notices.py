"""A notice reaches Slack once, however often it is left, and again when something else is wrong."""

import pytest

from bot.flows import notices
from bot.flows.notices import TELL_AGAIN_S
from bot.store import Database
from tests.conftest import T0


def leave(database: Database, name: str, sentence: str, *, anew: bool = True) -> None:
    with database.transaction() as tx:
        notices.leave(tx, name, sentence, T0, anew=anew)


def told(database: Database, now: float = T0) -> list[str]:
    said: list[str] = []
    notices.tell(database, said.append, now)
    return said


def test_it_is_told_once_and_again_only_when_it_says_something_else(database: Database) -> None:
    leave(database, "rules", "a.yml is bad")
    assert told(database) == ["a.yml is bad"]
    leave(database, "rules", "a.yml is bad")
    assert told(database) == []
    leave(database, "rules", "b.yml is bad")
    assert told(database) == ["b.yml is bad"]


def test_what_differs_only_in_detail_is_not_told_anew(database: Database) -> None:
    leave(database, "main credentials", "refused (request 1)", anew=False)
    assert told(database) == ["refused (request 1)"]
    leave(database, "main credentials", "refused (request 2)", anew=False)
    assert told(database) == []


def test_it_is_told_anew_after_it_was_withdrawn(database: Database) -> None:
    for _ in range(2):
        leave(database, "n" * 200, "refused")
        assert told(database) == ["refused"]
        with database.transaction() as tx:
            notices.withdraw(tx, "n" * 200)


def test_one_that_did_not_arrive_is_tried_again(database: Database) -> None:
    def away(_sentence: str) -> None:
        raise ConnectionError

    leave(database, "rules", "a.yml is bad")
    with pytest.raises(ConnectionError):
        notices.tell(database, away, T0)
    assert told(database, T0 + TELL_AGAIN_S - 1) == [], "not at once"
    assert told(database, T0 + TELL_AGAIN_S) == ["a.yml is bad"]


def test_one_that_changes_while_it_is_posted_is_told_as_well(database: Database) -> None:
    def slow(_sentence: str) -> None:
        leave(database, "rules", "b.yml is bad")

    leave(database, "rules", "a.yml is bad")
    notices.tell(database, slow, T0)
    assert told(database) == ["b.yml is bad"]
