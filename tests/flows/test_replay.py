"""Rules over history: however it is cut in pieces, the same episodes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flows.replay import Episode, Replay
from bot.model.alert import EventKind
from bot.model.observation import Observations
from bot.rules import RuleSet, Source, load
from tests.rules.worlds import event, world

TEXT = """
version: 1
groups:
  - name: g
    rules:
      - alert: Freeze
        metric: {name: videoFreezeRate, aggregate: avg, window: 3m, op: ">",
                 thresholds: {warning: 5, critical: 10}}
        for: 2m
        keep_firing_for: 3m
        no_data_for: 6m
      - alert: Users
        events:
          window: 4m
          factors: {any_of: [weak_wifi]}
          count: {of: users, op: ">=", threshold: 2}
        by: [project, cname]
        keep_firing_for: 2m
      - alert: Both
        composite: {all_of: [{alert: Freeze, state: pending}, {alert: Users}], within: 5m}
"""
RULES = load([Source("a.yml", TEXT)])


def replay(seen: Observations, piece_s: int, rules: RuleSet = RULES) -> list[Episode]:
    found = Replay(rules, lambda _needs: seen, piece_s=piece_s)
    found.advance(0, 7200)
    return found.episodes()


def told(episodes: list[Episode]) -> list[tuple[object, ...]]:
    return [
        (
            e.alert.alertname,
            e.alert.labels,
            e.alert.fired_at,
            e.alert.resolved_at,
            e.alert.peak,
            [(m.event.kind, m.event.at, m.event.severity) for m in e.moments],
        )
        for e in episodes
    ]


values = st.lists(st.one_of(st.none(), st.sampled_from([1.0, 4.0, 6.0, 12.0])), max_size=110)
some_events = st.lists(
    st.tuples(st.integers(0, 110), st.sampled_from("abc"), st.sampled_from(["c1", "c2"])), max_size=20
)


@given(freeze=values, rows=some_events, piece=st.sampled_from([60, 300, 420, 7200]))
def test_pieces_change_nothing(
    freeze: list[float | None], rows: list[tuple[int, str, str]], piece: int
) -> None:
    points = {60 * n: v for n, v in enumerate(freeze) if v is not None}
    seen = world({"videoFreezeRate": points}, [event(m, u, "29", cname=c) for m, u, c in rows])
    assert told(replay(seen, piece)) == told(replay(seen, 7200))


def test_an_episode_has_its_moments_in_order() -> None:
    freeze = "1 6 7 8 12 12 6 6 6 1 1 1 1 1 1 1" + " 1" * 100
    (episode,) = [e for e in replay(world({"videoFreezeRate": freeze}), 7200) if e.rule.name == "Freeze"]
    kinds = [moment.event.kind for moment in episode.moments]
    assert kinds[0] is EventKind.OPENED
    assert kinds[-1] is EventKind.RESOLVED
    assert [m.event.at for m in episode.moments] == sorted(m.event.at for m in episode.moments)
    assert episode.alert.peak == pytest.approx(32 / 3)


def test_what_goes_on_is_told_as_open() -> None:
    found = Replay(RULES, lambda _needs: world({"videoFreezeRate": "9 " * 100}))
    found.advance(0, 600)
    (episode,) = found.episodes()
    assert (episode.alert.is_open, [i.alertname for i in found.open("Freeze")]) == (True, ["Freeze"])
    found.advance(600, 1200)
    assert [e.alert.fired_at for e in found.episodes()] == [episode.alert.fired_at]
