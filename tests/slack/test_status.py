"""/agora-status, from what the bot's processes leave in the database."""

from bot.model.catalog import Feed
from bot.model.incident import Line, MessageKind
from bot.store import SqlLedger, notes, observations, outbox
from tests.conftest import T0
from tests.slack.conftest import House
from tests.slack.test_incidents import ask, open_incident
from tests.store.test_alerts import ALERT
from tests.told import TARGET


def read(house: House, feed: Feed, *, watermark: int, known: int, error: str | None = None) -> None:
    """Leave what a poll leaves: ``known`` minutes before its watermark, every third of them cut."""
    minutes = [watermark - 60 * (n + 1) for n in range(known)]
    with house.database.transaction() as tx:
        observations.claim_poll(tx, "p", feed, now=T0, lease_s=9, since=watermark - 3600)
        observations.mark_known(tx, "p", feed, minutes, cut=frozenset(minutes[::3]))
        observations.poll_succeeded(tx, "p", feed, watermark=watermark, now=T0)
        if error:
            observations.poll_failed(tx, "p", feed, error)


def test_a_new_bot_says_that_nothing_was_read(house: House) -> None:
    said = ask(house, "", 1, "/agora-status")
    assert "Not all is well" in said
    assert "Is a worker running?" in said
    assert "No worker has read any rules yet" in said


def test_feeds_quota_queue_and_rules_are_told(house: House) -> None:
    number = open_incident(house.database)
    read(house, Feed.EXPERIENCE, watermark=T0 - 120, known=60)
    read(house, Feed.DIAGNOSIS, watermark=T0 - 180, known=30, error="HTTP 500 of Agora")
    ledger = SqlLedger(house.database)
    for _ in range(3):
        ledger.take("a", "live/diagnosis", limit=1000, spacing_s=0, now=T0)
    line = Line(kind=MessageKind.OPENING, at=T0, severity=ALERT.severity)
    with house.database.transaction() as tx:
        outbox.enqueue(tx, number, [(TARGET, line)], now=T0, wall=T0)
        notes.put(tx, "rules", {"problems": [], "in_force": {"A": "1"}, "loaded_at": T0}, T0)
    said = ask(house, "", 1, "/agora-status")
    for words in (
        "*Not all is well* · 1 incident open",
        "experience 2 min behind (20 cut short)",
        "diagnosis 3 min behind (30 of 60 min unknown, 10 cut short)",
        ":warning: diagnosis: HTTP 500 of Agora",
        "live/diagnosis     3   997  1,000",
        "1 message for Slack, the oldest for",
        "1 rule in force",
    ):
        assert words in said


def test_all_is_well_when_nothing_that_is_watched_fails(house: House) -> None:
    read(house, Feed.EXPERIENCE, watermark=T0 - 120, known=60)
    with house.database.transaction() as tx:
        observations.claim_poll(tx, "of yesterday", Feed.NET, now=T0, lease_s=9, since=T0 - 9999)
    assert "*I am well* · 0 incidents open" in ask(house, "", 1, "/agora-status")
    assert "takes no words" in ask(house, "now", 2, "/agora-status")
