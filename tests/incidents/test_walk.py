"""A walk over many minutes comes to the same as a step in each of them."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents import Change, Policy, step, walk
from bot.model.alert import Alert, AlertEvent, EventKind
from bot.model.verdict import Affected, Outcome, Series, Severity, labels

LABELS = labels(project="p")
OUTCOMES = list(Outcome)


def series(rows: list[tuple[Outcome, int, float | None]], start: int = 0) -> Series:
    """Return a series of (outcome, severity, value), a minute each; users suffer as the value says."""
    found = [(o, s if o is Outcome.MATCH else 0, v) for o, s, v in rows]
    values = np.array([np.nan if v is None else v for _, _, v in found], dtype=np.float64)
    return Series(
        labels=LABELS,
        minutes=start + 60 * np.arange(len(found)),
        outcome=np.array([o for o, _, _ in found], dtype=np.int8),
        severity=np.array([s for _, s, _ in found], dtype=np.int8),
        value=values,
        threshold=np.full(len(found), 5.0),
        samples=np.ones(len(found), dtype=np.int64),
        at_least=values > 50,
        who=lambda place: Affected(events=1, users=(f"u{place}",)),
    )


def stepped(before: Alert | None, verdicts: Series, policy: Policy) -> list[Change]:
    """Return the same as ``walk`` by the state machine alone."""
    changes: list[Change] = []
    first, alert = before, before
    events: list[AlertEvent] = []
    for verdict in verdicts.verdicts():
        was = alert
        alert, event = step(alert, verdict, "A", policy)
        if event:
            if events and event.kind is EventKind.CHANGED is events[-1].kind:
                events.pop()
            events.append(event)
        over = alert is not None and alert.resolved_at is not None
        if over or (alert is None and was is not None):
            changes.append(Change(before=first, after=alert, events=tuple(events)))
            first, alert, events = None, None, []
    if alert is not None:
        changes.append(Change(before=first, after=alert, events=tuple(events)))
    return changes


def plain(changes: list[Change]) -> list[tuple[Alert | None, Alert | None, tuple[AlertEvent, ...]]]:
    return [(change.before, change.after, change.events) for change in changes]


rows = st.lists(
    st.tuples(
        st.sampled_from([*OUTCOMES, Outcome.MATCH, Outcome.MISS]),
        st.sampled_from([1, 2, 3]),
        st.one_of(st.none(), st.sampled_from([0.0, 1.0, 6.0, 60.0])),
    ),
    max_size=12,
)
runs = st.lists(st.tuples(rows, st.integers(1, 9)), max_size=4).map(
    lambda parts: [row for some, times in parts for row in some for _ in range(times)]
)
policies = st.builds(
    Policy,
    for_s=st.sampled_from([0, 30, 60, 180]),
    keep_firing_for_s=st.sampled_from([0, 90, 120, 300]),
    floor=st.just(Severity.INFO),
    low_is_bad=st.booleans(),
)


@given(minutes=runs, policy=policies)
def test_a_walk_is_a_step_in_every_minute(
    minutes: list[tuple[Outcome, int, float | None]], policy: Policy
) -> None:
    verdicts = series(minutes)
    assert plain(walk(None, verdicts, "A", policy)) == plain(stepped(None, verdicts, policy))


@given(minutes=runs, policy=policies, data=st.data())
def test_a_walk_may_be_broken_off_and_go_on(
    minutes: list[tuple[Outcome, int, float | None]], policy: Policy, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(minutes)))
    first, rest = series(minutes[:place]), series(minutes[place:], start=60 * place)
    at_once = walk(None, series(minutes), "A", policy)
    before = walk(None, first, "A", policy)
    still_open = (
        before[-1].after if before and before[-1].after and not before[-1].after.resolved_at else None
    )
    after = walk(still_open, rest, "A", policy)
    ends = [c.after for c in [*(before[:-1] if still_open else before), *after] if c.after]
    assert [(i.active_at, i.fired_at, i.resolved_at, i.peak, i.reason) for i in ends] == [
        (c.after.active_at, c.after.fired_at, c.after.resolved_at, c.after.peak, c.after.reason)
        for c in at_once
        if c.after
    ]


@given(minutes=runs, policy=policies)
def test_lives_are_apart_and_in_order(
    minutes: list[tuple[Outcome, int, float | None]], policy: Policy
) -> None:
    lives = [change.life for change in walk(None, series(minutes), "A", policy) if change.life]
    for earlier, later in pairwise(lives):
        assert earlier.ended_at is not None
        assert earlier.pending_at <= earlier.ended_at <= later.pending_at
    assert all(life.fired_at is None or life.pending_at <= life.fired_at for life in lives)
