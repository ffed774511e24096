"""Backtests: the same lives as the live judge's, what differs, what is known, what is said."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import default_folder
from bot.flows import evaluate
from bot.flows.backtest import Tried, UnknownRule, backtest, chosen
from bot.flows.lives import Telling
from bot.flows.replay import Replay
from bot.flows.stored import Stored, UnknownProject, stored
from bot.model.backtest import Backtest
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.incident import EventKind, Incident
from bot.model.observation import CauseTag, DiagnosisEvent, MetricPoint
from bot.model.time import HOUR_S, MINUTE_S, Window
from bot.render import Renderer
from bot.rules import RuleSet, Source, load
from bot.store import Database, incidents, observations
from tests.conftest import T0

MINUTES = 60
RULES = """
version: 1
groups:
  - name: g
    query_offset: 2m
    rules:
      - alert: Freeze
        metric: {name: videoFreezeRate, aggregate: avg, window: 3m, op: ">", thresholds: {warning: 5, critical: 10},
                 resolve_threshold: 4, min_samples: 2}
        for: 2m
        keep_firing_for: 3m
        no_data_for: 6m
        annotations: {summary: "freeze {{ value | pct }} in {{ project }}"}
      - alert: Small
        metric: {name: joinSuccessRate, aggregate: last, window: 1m, op: "<", threshold: 95,
                 min_denominator: {metric: pcu, value: 20}}
        keep_firing_for: 1m
        missing_series_evals_to_resolve: 4
      - alert: Sender
        events:
          window: 4m
          per: host
          factors: {host: remote, any_of: [upstream_loss_video, weak_wifi]}
          count: {of: users, op: ">=", thresholds: {info: 1, warning: 2}}
        by: [project, cname]
        keep_firing_for: 2m
      - alert: Both
        composite: {all_of: [{alert: Freeze, state: pending}], any_of: [{alert: Sender}, {alert: Small}], within: 3m}
        for: 1m
        keep_firing_for: 2m
        labels: {severity: critical}
"""
NONE: tuple[Any, ...] = ()


def rules(text: str = RULES) -> RuleSet:
    return load([Source(name="r.yml", text=text)])


@pytest.fixture(scope="module")
def telling() -> Telling:
    return Telling(renderer=Renderer(default_folder("templates")), channel="#rtc")


Values = st.lists(
    st.tuples(st.sampled_from([0.0, 4.5, 7.0, 12.0, 97.0, None]), st.integers(1, 7)), min_size=3, max_size=14
).map(lambda runs: [value for value, length in runs for _ in range(length)][:MINUTES])
Worlds = st.fixed_dictionaries(
    {
        "freeze": Values,
        "join": Values,
        "pcu": st.sampled_from([10.0, 50.0]),
        "events": st.lists(
            st.tuples(
                st.integers(0, MINUTES * 60),
                st.sampled_from("ab"),
                st.sampled_from("123"),
                st.sampled_from([21, 29, 10]),
                st.sampled_from(["", "7", "8"]),
            ),
            max_size=40,
        ),
        "unknown": st.sets(st.integers(0, MINUTES - 1), max_size=25),
        "strides": st.lists(st.sampled_from([1, 1, 1, 2, 5]), min_size=1, max_size=5),
    }
)


def know(database: Database, project: str, world: dict[str, Any]) -> None:
    """Store what a world holds: values run by run, events, and the minutes that are known."""
    series = {"videoFreezeRate": world["freeze"], "joinSuccessRate": world["join"]}
    points = [
        MetricPoint(metric=metric, minute=T0 + n * MINUTE_S, value=value)
        for metric, values in series.items()
        for n, value in enumerate(values)
        if value is not None
    ]
    points += [MetricPoint(metric="pcu", minute=T0 + n * 60, value=world["pcu"]) for n in range(MINUTES)]
    events = [
        DiagnosisEvent(
            ts=T0 + second,
            cname=cname,
            user=user,
            experience_id=4,
            tags=(CauseTag(factor_id=factor, host_user=host),),
        )
        for second, cname, user, factor, host in world["events"]
    ]
    known = [T0 + n * MINUTE_S for n in range(MINUTES) if n not in world["unknown"]]
    with database.transaction() as tx:
        observations.save_points(tx, project, points, T0)
        observations.save_events(tx, project, events, T0)
        for feed in POLLED_FEEDS:
            observations.mark_known(tx, project, feed, known, cut=frozenset())
            observations.claim_poll(tx, project, feed, now=T0, lease_s=0, since=T0)
            watermark = T0 + MINUTES * MINUTE_S
            observations.poll_succeeded(tx, project, feed, watermark=watermark, now=T0)


def live(database: Database, project: str, strides: list[int]) -> tuple[int, int]:
    """Judge as the running bot does, tick by tick; return the span that was judged."""
    now = first = T0 + 3 * MINUTE_S
    last = T0 + (MINUTES + 2) * MINUTE_S
    turn = 0
    while now <= last:
        evaluate.judge(database, {project: POLLED_FEEDS}, rules(), now=now, wall=now)
        if now == last:
            break
        now = min(last, now + strides[turn % len(strides)] * MINUTE_S)
        turn += 1
    return first - HOUR_S, T0 + MINUTES * MINUTE_S


def told(incident: Incident) -> tuple[object, ...]:
    return (
        incident.alert,
        incident.labels,
        incident.active_at,
        incident.fired_at,
        incident.resolved_at,
        incident.state,
        incident.severity,
        incident.peak,
        incident.reason,
        incident.annotations,
    )


def lived(database: Database, project: str, span: tuple[int, int]) -> list[object]:
    """Return every life that fired in the live bot, with its history."""
    with database.transaction() as tx:
        window = Window(start=span[0], end=span[1])
        found = incidents.fired_within(tx, window, project, after=0, limit=1000)
        lives = [
            (told(incident), [(e.kind, e.at, e.severity) for e in incidents.history(tx, incident.id)])
            for incident in found
        ]
    return sorted(lives, key=repr)


def test_a_backtest_tells_the_lives_that_the_live_judge_lived(database: Database) -> None:
    number = 0

    @settings(max_examples=12)
    @given(world=Worlds)
    def check(world: dict[str, Any]) -> None:
        nonlocal number
        number += 1
        project = f"p{number}"
        know(database, project, world)
        span = live(database, project, world["strides"])
        for piece_s in (HOUR_S * 24, 7 * MINUTE_S):
            replay = Replay(rules(), stored(database, [project]), piece_s=piece_s)
            replay.advance(*span)
            replayed = [
                (told(e.incident), [(m.event.kind, m.event.at, m.event.severity) for m in e.moments])
                for e in replay.episodes()
            ]
            assert sorted(replayed, key=repr) == lived(database, project, span)

    check()
