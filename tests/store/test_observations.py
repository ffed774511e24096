"""Observations: reading again never changes a count."""

from bot.model.catalog import Feed
from bot.model.observation import CauseTag, DiagnosisEvent, MetricPoint
from bot.store import Database, observations
from tests.conftest import T0
from tests.seen import cut, known, values

EVENT = DiagnosisEvent(
    ts=T0 + 7,
    cname="<b>é\U0001f600&\n",
    user="4294967295",
    experience_id=4,
    tags=(CauseTag(factor_id=18, host_user="44361248"), CauseTag(factor_id=18)),
)


def point(minute: int, value: float, metric: str = "pcu") -> MetricPoint:
    return MetricPoint(metric=metric, minute=T0 + 60 * minute, value=value)


def test_a_later_reading_of_a_minute_replaces_the_earlier(database: Database) -> None:
    with database.transaction() as tx:
        observations.save_points(tx, "p", [point(0, 1.0), point(1, 2.0)], T0)
        observations.save_points(tx, "p", [point(1, 3.5)], T0)
        observations.save_points(tx, "other", [point(1, 9.0)], T0)
        seen = observations.read(tx, ["p"], T0, T0 + 120, ["pcu", "pcc"])
    assert (values(seen, "pcu"), values(seen, "pcc")) == ({T0: 1.0, T0 + 60: 3.5}, {})


def test_an_event_read_twice_counts_once_and_keeps_every_character(database: Database) -> None:
    with database.transaction() as tx:
        observations.save_events(tx, "p", [EVENT], T0)
        observations.save_events(tx, "p", [EVENT], T0 + 60)
        seen = observations.read(tx, ["p"], T0, T0 + 60, [])
    assert list(seen.events) == [EVENT]


def test_coverage_tells_known_and_cut_minutes_of_the_newest_reading(database: Database) -> None:
    with database.transaction() as tx:
        observations.mark_known(tx, "p", Feed.DIAGNOSIS, [T0, T0 + 60], cut=frozenset({T0, T0 + 60}))
        observations.mark_known(tx, "p", Feed.DIAGNOSIS, [T0 + 60, T0 + 120], cut=frozenset())
        seen = observations.read(tx, ["p"], T0, T0 + 120, [])
    assert (known(seen, Feed.DIAGNOSIS), cut(seen, Feed.DIAGNOSIS)) == ({T0, T0 + 60}, {T0})


def test_a_poll_is_claimed_once_a_period(database: Database) -> None:
    def claim(now: float) -> bool:
        with database.transaction() as tx:
            return observations.claim_poll(tx, "p", Feed.NET, now=now, lease_s=90, since=T0 - 3600)

    assert [claim(T0 + s) for s in (0, 0, 89, 90, 91, 180)] == [True, False, False, True, False, True]


def test_a_watermark_never_goes_back(database: Database) -> None:
    with database.transaction() as tx:
        observations.claim_poll(tx, "p", Feed.NET, now=T0, lease_s=90, since=T0)
        observations.poll_succeeded(tx, "p", Feed.NET, watermark=T0 + 600, now=T0 + 700)
        observations.poll_failed(tx, "p", Feed.NET, "boom")
        observations.poll_succeeded(tx, "p", Feed.NET, watermark=T0 + 300, now=T0 + 800)
        (state,) = observations.feed_states(tx, "p")
    assert (state.watermark, state.error, state.succeeded_at) == (T0 + 600, None, T0 + 800)
