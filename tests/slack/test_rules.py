"""/agora-rules: how the rules stand, why one fired or not, pause and resume."""

from dataclasses import replace

import pytest

from bot.flows import evaluate
from bot.model.alert import Reason
from bot.model.catalog import POLLED_FEEDS
from bot.store import alerts, rule_pauses
from tests.conftest import T0
from tests.flows.test_evaluate import FREEZE, know
from tests.flows.test_evaluate import rules as loaded
from tests.slack.conftest import ROOM, House
from tests.slack.test_incidents import ask
from tests.slack.test_safety import kept
from tests.store.test_alerts import ALERT
from tests.told import book, told

BOOK = book(loaded(FREEZE))
NAME = BOOK.rules.rules[0].name


@pytest.fixture
def house(house: House) -> House:
    """The house with one rule."""
    house.books.append(BOOK)
    return house


def judge(house: House, minute: int) -> None:
    now = T0 + minute * 60 + 30
    evaluate.judge(house.database, {"p": POLLED_FEEDS}, BOOK, since=0, now=now, wall=now)


def test_the_rules_are_listed_with_how_they_stand(house: House) -> None:
    with house.database.transaction() as tx:
        told(tx, replace(ALERT, alertname=NAME))
    assert "*1 rule*, 1 rule firing" in ask(house, "", 1, "/agora-rules")
    (table,) = [b for b in house.slack.messages(ROOM)[-1]["blocks"] if b["type"] == "data_table"]
    assert [cell["text"] for cell in table["rows"][1]][:3] == [NAME, "firing (1)", "-"]


def test_a_rule_is_explained_from_what_is_stored(house: House) -> None:
    assert "nothing is stored yet" in ask(house, f"explain {NAME}", 1, "/agora-rules")
    know(house.database, [1.0] * 12, start=T0)
    judge(house, 12)
    said = ask(house, f"explain {NAME.lower()} project=p", 2, "/agora-rules")
    assert f"{NAME} did not fire" in said
    assert "Rule: " in str(house.slack.messages(ROOM)[-1]["blocks"])


def test_a_paused_rule_closes_its_alerts_and_is_not_judged_until_it_is_resumed(house: House) -> None:
    know(house.database, [50.0] * 30, start=T0 - 600)
    judge(house, 5)
    with house.database.reading() as tx:
        (firing,) = alerts.firing(tx)
    assert f"{NAME} is paused" in ask(house, f"pause {NAME} 2h load test", 1, "/agora-rules")
    judge(house, 8)
    with house.database.reading() as tx:
        over = alerts.find(tx, firing.id)
        cursor = alerts.last_judged(tx, "p", NAME)
    assert over is not None and (over.is_open, over.reason) == (False, Reason.PAUSED)
    assert cursor is not None and cursor >= T0 + 5 * 60
    listed = ask(house, "", 2, "/agora-rules")
    assert f"*{NAME}* is paused by <@U_ALICE> for 2 h more: load test" in listed
    assert "judged again from now on" in ask(house, f"resume {NAME}", 3, "/agora-rules")
    judge(house, 9)
    judge(house, 16)
    with house.database.reading() as tx:
        (again,) = alerts.firing(tx)
    assert again.active_at >= cursor
    assert [(e.deed, e.about) for e in kept(house.database)] == [
        ("pause rule", f"{NAME} 2h: load test"),
        ("resume rule", NAME),
    ]


def test_a_pause_ends_by_itself(house: House) -> None:
    ask(house, f"pause {NAME} 10m why", 1, "/agora-rules")
    with house.database.reading() as tx:
        assert rule_pauses.lasting(tx, T0 + 599).keys() == {NAME}
        assert rule_pauses.lasting(tx, T0 + 600) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pauze x", "Did you mean `pause`"),
        ("pause", "Its name is missing"),
        (f"pause {NAME[:-1]} 2h x", f"Did you mean `{NAME}`"),
        (f"pause {NAME}", "is not a duration"),
        (f"pause {NAME} 31d x", "a minute to 30 days"),
        (f"pause {NAME} 2h", "write a sentence"),
        (f"resume {NAME}", "is not paused"),
        (f"resume {NAME} now", "more than `resume` needs"),
        (f"explain {NAME} cname", "“cname” is no label"),
        (f"explain {NAME} cname=x", "told apart by"),
    ],
)
def test_what_is_unclear_is_answered_with_what_to_write(house: House, text: str, sentence: str) -> None:
    know(house.database, [1.0], start=T0)
    assert sentence in ask(house, text, 1, "/agora-rules")
    assert kept(house.database) == []


def test_without_good_rules_it_says_what_to_run(house: House) -> None:
    house.books.clear()
    assert "rules check" in ask(house, "", 1, "/agora-rules")
