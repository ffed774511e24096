"""Observations: reading again never changes a count."""

from concurrent.futures import ThreadPoolExecutor

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


WIFI, CPU = CauseTag(factor_id=29), CauseTag(factor_id=10)


def alert(came: int, *tags: CauseTag, said: tuple[str, ...] = (), cname: str = "c") -> DiagnosisEvent:
    return DiagnosisEvent(
        ts=came, cname=cname, user="7", experience_id=4, tags=tags, source="alert", said=said
    )


def save_alert(database: Database, event: DiagnosisEvent, at: int = T0) -> bool:
    with database.transaction() as tx:
        return observations.save_alert(tx, "p", at, [event])


def events(database: Database, start: int, end: int) -> tuple[DiagnosisEvent, ...]:
    with database.transaction() as tx:
        return tuple(observations.read(tx, ["p"], start, end, []).events)


def test_an_alert_counts_in_the_minute_in_which_it_came(database: Database) -> None:
    late = alert(T0 + 3605, WIFI, said=("wifi congestion",))
    assert save_alert(database, late) is True
    assert events(database, T0, T0 + 3600) == ()
    assert events(database, T0 + 3600, T0 + 3660) == (late,)


def test_an_alert_that_comes_again_changes_nothing(database: Database) -> None:
    first = alert(T0 + 5, WIFI, said=("wifi congestion",))
    assert [save_alert(database, first), save_alert(database, alert(T0 + 65, WIFI))] == [True, False]
    assert events(database, T0, T0 + 120) == (first,)


def test_two_alerts_of_one_instant_on_one_user_are_one_event_with_both_causes(database: Database) -> None:
    assert save_alert(database, alert(T0 + 5, WIFI, said=("wifi congestion",)))
    assert save_alert(database, alert(T0 + 6, CPU, said=("system CPU utility too high",)))
    both = alert(T0 + 5, WIFI, CPU, said=("wifi congestion", "system CPU utility too high"))
    assert events(database, T0, T0 + 60) == (both,)


def test_what_one_event_lists_has_an_end(sqlite: Database) -> None:
    for n in range(30):
        save_alert(sqlite, alert(T0, said=(f"condition {n}",)))
    ((said,),) = [(event.said,) for event in events(sqlite, T0, T0 + 60)]
    assert said == tuple(f"condition {n}" for n in range(10))


def test_diagnosis_and_alert_of_one_instant_leave_each_other_alone(database: Database) -> None:
    pushed = alert(T0 + 7, WIFI, said=("wifi congestion",))
    polled = DiagnosisEvent(ts=T0 + 7, cname="c", user="7", experience_id=4, tags=(CPU,))
    for _ in range(2):
        save_alert(database, pushed, at=T0 + 7)
        with database.transaction() as tx:
            observations.save_events(tx, "p", [polled], T0 + 120)
    assert events(database, T0, T0 + 60) == (polled, pushed)


def test_many_processes_that_take_one_alert_store_it_once(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: save_alert(database, alert(T0 + n % 2, (WIFI, CPU)[n % 2])), range(24)))
    (event,) = events(database, T0, T0 + 60)
    assert set(event.tags) == {WIFI, CPU}


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


def test_points_of_overlapping_spans_come_once_and_coverage_only_where_it_is_asked_for(
    database: Database,
) -> None:
    with database.transaction() as tx:
        points = [MetricPoint(metric="pcu", minute=T0 + 60 * n, value=float(n)) for n in range(6)]
        observations.save_points(tx, "p", points, T0)
        for feed in (Feed.SCALE, Feed.NET):
            observations.mark_known(tx, "p", feed, [T0, T0 + 60], cut=frozenset())
        seen = observations.read(
            tx,
            ["p"],
            0,
            0,
            (),
            further=[("pcu", T0, T0 + 120), ("pcu", T0 + 60, T0 + 180), ("pcu", T0 + 300, T0 + 360)],
            known={Feed.SCALE: (T0 + 60, T0 + 120)},
        )
    assert sorted(seen.metrics["pcu"].value.tolist()) == [0.0, 1.0, 2.0, 5.0]
    assert seen.known(Feed.SCALE, T0, 2).tolist() == [[False, True]]
    assert Feed.NET not in seen.coverage
