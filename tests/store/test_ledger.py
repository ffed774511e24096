"""The ledger: no request beyond the quota, whoever asks."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.model.quota import QuotaUse
from bot.store import Database, SqlLedger, ledger
from tests.conftest import T0

DAY = 86_400


def test_the_day_ends_at_its_limit_and_begins_anew_at_midnight_utc(database: Database) -> None:
    book = SqlLedger(database)
    midnight = (T0 // DAY + 1) * DAY

    def take(now: float) -> float | None:
        return book.take("a", "live/net", limit=3, spacing_s=0.0, now=now)

    assert [take(midnight - 1) for _ in range(4)] == [0.0, 0.0, 0.0, None]
    assert take(midnight) == 0.0


def test_what_is_kept_for_people_is_refused_to_polls_only(database: Database) -> None:
    book = SqlLedger(database)

    def took(kept: int) -> bool:
        return book.take("a", "call", limit=10, kept=kept, spacing_s=0.0, now=T0) is not None

    assert [took(kept=2) for _ in range(9)] == [True] * 8 + [False]
    assert [took(kept=0) for _ in range(3)] == [True, True, False]
    with database.transaction() as tx:
        assert ledger.used_today(tx, T0) == [QuotaUse(account="a", endpoint="call", used=10, limit=10)]


def test_requests_are_spaced_by_reserving_the_next_slot(database: Database) -> None:
    book = SqlLedger(database)
    waits = [book.take("a", "e", limit=9, spacing_s=1.25, now=T0 + at) for at in (0, 0.5, 0.5, 10)]
    assert waits == [0.0, 0.75, 2.0, 0.0]


def test_endpoints_and_accounts_are_counted_apart(database: Database) -> None:
    book = SqlLedger(database)
    for account, endpoint in (("a", "e"), ("a", "f"), ("b", "e"), ("a", "e")):
        book.take(account, endpoint, limit=5, spacing_s=1, now=T0)
    with database.transaction() as tx:
        assert ledger.used_today(tx, T0) == [
            QuotaUse(account="a", endpoint="e", used=2, limit=5),
            QuotaUse(account="a", endpoint="f", used=1, limit=5),
            QuotaUse(account="b", endpoint="e", used=1, limit=5),
        ]


def test_agoras_word_that_the_day_is_over_goes(database: Database) -> None:
    book = SqlLedger(database)
    book.exhaust("a", "e", limit=1000, now=T0)
    assert book.take("a", "e", limit=1000, spacing_s=0, now=T0) is None


def test_a_request_given_back_can_be_taken_again_on_its_day(database: Database) -> None:
    book = SqlLedger(database)

    def take(now: float) -> bool:
        return book.take("a", "e", limit=1, spacing_s=0, now=now) is not None

    book.give_back("a", "e", now=T0)
    assert [take(T0), take(T0)] == [True, False]
    book.give_back("a", "e", now=T0 + DAY)
    book.give_back("a", "f", now=T0)
    assert not take(T0)
    book.give_back("a", "e", now=T0)
    assert [take(T0), take(T0)] == [True, False]


def test_many_threads_together_get_exactly_the_limit(database: Database) -> None:
    book = SqlLedger(database)

    def take(_: int) -> bool:
        return book.take("a", "e", limit=60, spacing_s=0.0, now=T0) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(100))) == 60


@pytest.mark.parametrize("back_s", [300, DAY])
def test_a_slot_that_a_fast_clock_reserved_holds_nobody_up(database: Database, back_s: int) -> None:
    book = SqlLedger(database)
    book.take("a", "e", limit=9, spacing_s=1.25, now=T0 + back_s)
    assert book.take("a", "e", limit=9, spacing_s=1.25, now=T0) == 0.0
