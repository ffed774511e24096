"""Backtests: the same lives as the live judge's, what differs, what is known, what is said."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import default_folder
from bot.flows import evaluate
from bot.flows.backtest import Found, Tried, UnknownRule, backtest, chosen, piece_length
from bot.flows.lives import Telling
from bot.flows.pictures import pictures
from bot.flows.replay import Replay
from bot.flows.routes import Routes
from bot.flows.stored import UnknownProject, stored
from bot.model.alert import Alert
from bot.model.catalog import POLLED_FEEDS
from bot.model.incident import MessageKind
from bot.model.observation import CauseTag, DiagnosisEvent, FinishedCall, MetricPoint
from bot.model.time import HOUR_S, MINUTE_S, Window
from bot.render import Renderer
from bot.render.backtest_json import as_json
from bot.render.backtest_text import text
from bot.rules import RuleSet, Source, load
from bot.rules.routing import default_routing
from bot.store import Database, alerts, calls, observations
from tests.conftest import T0
from tests.flows import history
from tests.told import book

MINUTES = 60
RULES = """
version: 1
groups:
  - name: g
    query_offset: 2m
    rules:
      - alert: Freeze
        metric: {name: videoFreezeRate, aggregate: avg, window: 3m, op: ">",
                 thresholds: {warning: 5, critical: 10}, resolve_threshold: 4, min_samples: 2}
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
        composite: {all_of: [{alert: Freeze, state: pending}], any_of: [{alert: Sender}, {alert: Small}],
                    within: 3m}
        for: 1m
        keep_firing_for: 2m
        labels: {severity: critical}
      - alert: Call
        call: {name: call_duration, op: ">", thresholds: {warning: 300, critical: 900}, settle: 2m}
        by: [project, cname]
        keep_firing_for: 4m
      - alert: Calls
        call: {name: call_duration, op: ">", threshold: 300, settle: 1m, window: 9m,
               count: {of: channels, op: ">=", threshold: 2}}
        for: 1m
        keep_firing_for: 2m
"""
GOLDEN = Path(__file__).parent / "golden"


def rules(text: str = RULES) -> RuleSet:
    return load([Source(name="r.yml", text=text)])


@pytest.fixture(scope="session")
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
        "calls": st.lists(
            st.tuples(st.integers(0, MINUTES * 60), st.sampled_from("ab"), st.sampled_from([60, 400, 1000])),
            max_size=20,
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
    finished = [
        FinishedCall(call_id=str(n), cname=cname, created_ts=T0 + second - lasted, destroyed_ts=T0 + second)
        for n, (second, cname, lasted) in enumerate(world["calls"])
    ]
    known = [T0 + n * MINUTE_S for n in range(MINUTES) if n not in world["unknown"]]
    with database.transaction() as tx:
        observations.save_points(tx, project, points, T0)
        observations.save_events(tx, project, events, T0)
        calls.save(tx, project, finished, T0)
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
        evaluate.judge(database, {project: POLLED_FEEDS}, book(rules()), since=0, now=now, wall=now)
        if now == last:
            break
        now = min(last, now + strides[turn % len(strides)] * MINUTE_S)
        turn += 1
    return first - HOUR_S, T0 + MINUTES * MINUTE_S


def told(alert: Alert) -> tuple[object, ...]:
    return (
        alert.alertname,
        alert.labels,
        alert.active_at,
        alert.fired_at,
        alert.resolved_at,
        alert.state,
        alert.severity,
        alert.peak,
        alert.reason,
        alert.annotations,
    )


def lived(database: Database, project: str, span: tuple[int, int]) -> list[object]:
    """Return every life that fired in the live bot, with its history."""
    with database.transaction() as tx:
        window = Window(start=span[0], end=span[1])
        found = alerts.fired_within(tx, window, project, after=0, limit=1000)
        lives = [
            (told(alert), [(e.kind, e.at, e.severity) for e in alerts.history(tx, alert.id)])
            for alert in found
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
                (told(e.alert), [(m.event.kind, m.event.at, m.event.severity) for m in e.moments])
                for e in replay.episodes()
            ]
            assert sorted(replayed, key=repr) == lived(database, project, span)

    check()


def tried(text: str = history.RULES, *names: str, folder: str = "rules") -> Tried:
    return Tried(
        folder=folder,
        rules=chosen(history.rules(text), names),
        routes=Routes(spec=default_routing()),
        shown=frozenset(names),
    )


def found(
    database: Database,
    telling: Telling,
    one: Tried | None = None,
    other: Tried | None = None,
    *,
    start: int = history.START,
    end: int = history.END,
) -> Found:
    one = one or tried()
    read = stored(database)
    notes = read.notes(one.rules.rules)
    return backtest(one, read, read.projects, start, end, telling, other=other, notes=notes)


def same_as_golden(name: str, written: str) -> None:
    """Compare with the file of that name."""
    file = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(written, "utf-8")
    assert written == file.read_text("utf-8")


STRICTER = history.RULES.replace("{warning: 5, critical: 10}, res", "{warning: 6.5, critical: 10}, res")


def test_the_text_says_all(database: Database, telling: Telling) -> None:
    history.save(database)
    other = tried(STRICTER.replace("Unusual", "Odd"), folder="other")
    same_as_golden("backtest.txt", text(found(database, telling, other=other).backtest))


def test_the_text_of_the_reference_is_what_is_printed(sqlite: Database, telling: Telling) -> None:
    history.save(sqlite)
    mine, other = tried(history.RULES, "Freeze"), tried(STRICTER, "Freeze", folder="stricter")
    one = found(sqlite, telling, mine, other, start=history.minute(8, 0))
    same_as_golden("backtest_reference.txt", text(one.backtest))


def test_the_json_says_the_same(sqlite: Database, telling: Telling) -> None:
    history.save(sqlite)
    one = found(sqlite, telling, tried(history.RULES, "Freeze"), tried(STRICTER, "Freeze", folder="other"))
    same_as_golden("backtest.json", as_json(one.backtest))
    told = json.loads(as_json(one.backtest))
    assert [life["began_before"] for life in told["fired"]] == [True, False, False]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(("", ""), (3, []), id="equal rules"),
        pytest.param(
            ("warning: 5, critical: 10}, res", "warning: 6.5, critical: 10}, res"),
            (1, [("both", "lessons"), ("here", "lessons")]),
            id="a higher threshold",
        ),
        pytest.param(("for: 2m", "for: 30m"), (0, [("here", "games"), ("here", "lessons")] * 1), id="late"),
        pytest.param(("alert: Freeze\n", "alert: Frost\n"), None, id="another name"),
        pytest.param(
            ("critical: 10}, res", "critical: 13.5}, res"), (2, [("both", "lessons")]), id="severities"
        ),
    ],
)
def test_what_differs_is_told_by_life(
    sqlite: Database,
    telling: Telling,
    change: tuple[str, str],
    expected: tuple[int, list[tuple[str, str]]] | None,
) -> None:
    history.save(sqlite)
    base = history.RULES.split("      - alert: Sender")[0]
    comparison = found(sqlite, telling, tried(base), tried(base.replace(*change))).backtest.comparison
    assert comparison
    kinds = [
        ("both" if d.here and d.there else "here" if d.here else "there", (d.here or d.there).project)  # type: ignore[union-attr]
        for d in comparison.differences
    ]
    if expected is None:
        assert (comparison.same, len(kinds)) == (0, 6)
        assert (comparison.only_here, comparison.only_there) == (("Freeze",), ("Frost",))
    else:
        assert (comparison.same, sorted(set(kinds))) == (expected[0], sorted(set(expected[1])))


def test_how_much_is_known_is_told_honestly(sqlite: Database, telling: Telling) -> None:
    history.save(sqlite)
    judged = {one.alert: one for one in found(sqlite, telling).backtest.judged}
    minutes = 2 * history.HOURS * 60
    assert {name: one.known for name, one in judged.items()} == {
        "Freeze": minutes - 30,
        "Sender": minutes,
        "Unusual": minutes - 30,
        "Outage": minutes - 30,
        "BadCall": minutes // 2,
        "ManyBadCalls": minutes // 2,
    }
    assert judged["BadCall"].blind == (("games", "finished calls"),)


def test_a_project_without_a_metric_is_named_with_what_it_lacks(sqlite: Database, telling: Telling) -> None:
    history.save(sqlite)
    delay = tried(
        "version: 1\ngroups: [{name: g, rules: [{alert: Delay, metric: {name: networkDelay, window: 1m,"
        ' aggregate: last, op: ">", threshold: 5}}]}]'
    )
    (judged,) = found(sqlite, telling, delay).backtest.judged
    assert (judged.known, judged.blind) == (0, (("games", "networkDelay"), ("lessons", "networkDelay")))


def test_the_rest_of_the_lives_do_not_depend_on_what_is_shown(sqlite: Database, telling: Telling) -> None:
    history.save(sqlite)
    every = found(sqlite, telling).backtest.fired
    alone = found(sqlite, telling, tried(history.RULES, "Outage")).backtest
    assert alone.fired == tuple(one for one in every if one.alert == "Outage") != ()
    assert [one.alert for one in alone.judged] == ["Outage"]


def test_the_messages_are_those_that_the_live_bot_would_queue(sqlite: Database, telling: Telling) -> None:
    history.save(sqlite)
    hump = found(sqlite, telling, tried(history.RULES, "Freeze")).backtest.fired[1]
    told = [(message.kind, (message.at - hump.fired_at) // 60) for message in hump.messages]
    assert told == [
        (MessageKind.OPENING, 0),
        (MessageKind.ROSE, 3),
        (MessageKind.MEMBERS, 15),
        (MessageKind.RESOLVED, 18),
    ]
    assert [message.sent_at - message.at for message in hump.messages] == [210, 180, 210, 180]
    assert hump.messages[0].summary.startswith("Video freezes ")


def test_unknown_names_are_refused_with_a_hint(sqlite: Database) -> None:
    with pytest.raises(UnknownRule, match=r"no rule is called 'Freze'; did you mean Freeze\?"):
        chosen(history.rules(), ["Freze"])
    with pytest.raises(UnknownProject, match="nothing is stored at all"):
        stored(sqlite, ["lessons"])
    history.save(sqlite)
    with pytest.raises(UnknownProject, match="projects with data are games, lessons"):
        stored(sqlite, ["lesson"])


@pytest.mark.parametrize(("projects", "hours"), [(0, 24), (1, 24), (100, 24), (200, 12), (5000, 1)])
def test_a_piece_of_history_is_shorter_where_there_are_many_projects(projects: int, hours: int) -> None:
    assert piece_length(projects) == hours * HOUR_S


def test_pictures_keep_every_peak_and_draw_the_worst_time_closer(sqlite: Database, telling: Telling) -> None:
    history.save(sqlite)
    one = found(sqlite, telling)
    curves = pictures(one, stored(sqlite))
    drawn = [curve for curve in curves if (curve.alert, curve.project) == ("Freeze", "lessons")]
    whole, closer = drawn
    assert (whole.end - whole.start, len(whole.low)) == (HOUR_S * 10, 600)
    assert max(value for value in whole.high if value is not None) == pytest.approx(40 / 3)
    assert sum(whole.unknown) == 31  # the gap, and the first minute, which has one sample of two
    assert closer.start < history.minute(9, 0) < history.minute(9, 20) < closer.end
    lanes = next(curve.lanes for curve in curves if curve.alert == "Outage")
    assert [lane.name for lane in lanes] == ["Freeze", "Sender"]
    assert [len(lane.stretches) > 0 for lane in lanes] == [True, True]
