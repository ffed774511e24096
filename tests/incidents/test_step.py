"""The state machine as timelines: one letter a minute, in and out.

In: `!` match, `h` held, `.` miss, `?` unknown, `2` match at warning, `3` match at critical.
Out: `I` inactive, `P` pending, `F` firing, `R` recovering (firing, healthy again), `X` resolved.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents import Policy, step
from bot.model.alert import Alert, AlertEvent, EventKind, Reason, State
from bot.model.verdict import Outcome, Severity, Verdict, labels

LETTERS = {State.PENDING: "P", State.FIRING: "F", State.RECOVERING: "R", State.RESOLVED: "X"}
OUTCOMES = {
    "!": (Outcome.MATCH, Severity.WARNING),
    "2": (Outcome.MATCH, Severity.WARNING),
    "3": (Outcome.MATCH, Severity.CRITICAL),
    "h": (Outcome.HELD, None),
    ".": (Outcome.MISS, None),
    "?": (Outcome.UNKNOWN, None),
}


def verdict(letter: str, minute: int, value: float | None = None) -> Verdict:
    outcome, severity = OUTCOMES[letter]
    return Verdict(
        minute=minute * 60, labels=labels(project="p1"), outcome=outcome, severity=severity, value=value
    )


def walk(
    timeline: str, *, for_s: int = 0, keep_s: int = 0
) -> tuple[str, list[tuple[int, EventKind]], list[Alert | None]]:
    policy = Policy(for_s=for_s, keep_firing_for_s=keep_s, floor=Severity.WARNING)
    alert: Alert | None = None
    letters, events, states = "", [], []
    for minute, letter in enumerate(timeline):
        if alert is not None and alert.state is State.RESOLVED:
            alert = None
        event: AlertEvent | None
        alert, event = step(alert, verdict(letter, minute), "A", policy)
        letters += LETTERS[alert.state] if alert else "I"
        events += [(minute, event.kind)] if event and event.kind is not EventKind.CHANGED else []
        states.append(alert)
    return letters, events, states


@pytest.mark.parametrize(
    ("timeline", "for_s", "keep_s", "expected"),
    [
        pytest.param(".!!!!!.!!.!!!!", 180, 0, "IPPPFFXPPIPPPF", id="R01: fires when for is reached"),
        pytest.param(".!!.!.", 30, 0, "IPFXPI", id="R03: a for below a minute needs a second match"),
        pytest.param("!...", 60, 60, "PIII", id="R05: keep never holds a pending alert"),
        pytest.param(".!?????????", 180, 0, "IPPPPPPPPPP", id="R07: one sample never fires for 3m"),
        pytest.param("!....", 0, 90, "FRRXI", id="R17: keep rounds up to the next minute"),
        pytest.param("!!??!!", 180, 0, "PPPPPF", id="a gap stops the clock of a pending alert"),
        pytest.param("!.??..", 0, 120, "FRRRRX", id="a gap stops the hold"),
        pytest.param("!.!..", 0, 120, "FRFRR", id="a match cancels the hold"),
        pytest.param("!h..", 0, 0, "FFXI", id="held keeps a firing alert"),
        pytest.param("h!", 0, 0, "IF", id="held does not start one"),
        pytest.param("!h!", 60, 0, "PIP", id="held ends a pending one"),
        pytest.param("!.h.", 0, 60, "FRFR", id="held takes a recovering alert back"),
        pytest.param("!?", 0, 0, "FF", id="unknown leaves a firing alert"),
        pytest.param("?", 0, 0, "I", id="unknown starts nothing"),
        pytest.param("!.", 0, 0, "FX", id="without keep a miss resolves"),
    ],
)
def test_states_follow_the_minutes(timeline: str, for_s: int, keep_s: int, expected: str) -> None:
    assert walk(timeline, for_s=for_s, keep_s=keep_s)[0] == expected


def test_the_history_of_an_episode() -> None:
    _, events, states = walk("!!..!..", for_s=60, keep_s=120)
    assert events == [
        (1, EventKind.OPENED),
        (2, EventKind.RECOVERING),
        (4, EventKind.RELAPSED),
        (5, EventKind.RECOVERING),
    ]
    last = states[-1]
    assert last is not None
    assert (last.active_at, last.fired_at, last.first_miss_at) == (0, 60, 300)


def test_severity_rises_at_once_and_falls_after_the_hold() -> None:
    _, events, states = walk("2322232222", keep_s=180)
    assert events == [
        (0, EventKind.OPENED),
        (1, EventKind.WORSENED),
        (9, EventKind.EASED),
    ]
    severities = [s.severity for s in states if s]
    assert severities == [Severity.WARNING] + [Severity.CRITICAL] * 8 + [Severity.WARNING]


def test_a_gap_does_not_count_towards_the_fall_of_severity() -> None:
    _, events, _ = walk("32??2", keep_s=120)
    assert events == [(0, EventKind.OPENED)]
    _, events, _ = walk("32??22", keep_s=120)
    assert events == [(0, EventKind.OPENED), (5, EventKind.EASED)]


def test_peak_keeps_the_worst_value_in_the_direction_of_the_rule() -> None:
    for low_is_bad, expected in ((False, 9.0), (True, 4.0)):
        policy = Policy(for_s=0, keep_firing_for_s=0, floor=Severity.WARNING, low_is_bad=low_is_bad)
        alert: Alert | None = None
        for minute, value in enumerate((6.0, 9.0, 4.0, 5.0)):
            alert, _ = step(alert, verdict("!", minute, value), "A", policy)
        assert alert is not None
        assert (alert.peak, alert.value) == (expected, 5.0)


TIMELINES = st.text(alphabet="!h.?23", min_size=1, max_size=40)


@given(timeline=TIMELINES, for_s=st.integers(0, 600), keep_s=st.integers(0, 600))
def test_a_missing_minute_never_fires_nor_resolves(timeline: str, for_s: int, keep_s: int) -> None:
    letters = walk(timeline, for_s=for_s, keep_s=keep_s)[0]
    for before, letter, after in zip("I" + letters, timeline, letters, strict=False):
        if letter == "?":
            assert after == before or before == "X"


@given(timeline=TIMELINES, for_s=st.integers(0, 300), more_s=st.integers(0, 300))
def test_a_longer_for_never_fires_earlier(timeline: str, for_s: int, more_s: int) -> None:
    short = walk(timeline, for_s=for_s)[0].find("F")
    long = walk(timeline, for_s=for_s + more_s)[0].find("F")
    assert long == -1 or (short != -1 and short <= long)


@given(timeline=TIMELINES, keep_s=st.integers(0, 300), more_s=st.integers(0, 300))
def test_a_longer_keep_never_resolves_earlier(timeline: str, keep_s: int, more_s: int) -> None:
    short = walk(timeline, keep_s=keep_s)[0].find("X")
    long = walk(timeline, keep_s=keep_s + more_s)[0].find("X")
    assert long == -1 or (short != -1 and short <= long)


def test_data_that_come_back_within_the_margin_end_what_was_said_of_missing_ones() -> None:
    policy = Policy(for_s=0, keep_firing_for_s=0, floor=Severity.WARNING)
    silent = Verdict(
        minute=60, labels=labels(project="p1"), outcome=Outcome.NO_DATA, severity=None, value=None
    )
    alert, _ = step(None, silent, "A", policy)
    assert alert is not None
    assert alert.reason is Reason.NO_DATA
    held, _ = step(alert, verdict("h", 2, 4.0), "A", policy)
    assert held is not None
    assert (held.state, held.reason, held.value) == (State.FIRING, None, 4.0)


def test_the_threshold_stays_that_of_the_severity_while_a_milder_one_is_waited_for() -> None:
    policy = Policy(for_s=0, keep_firing_for_s=120, floor=Severity.WARNING)
    told = []
    alert = None
    for minute, (letter, line) in enumerate([("3", 10.0), ("2", 5.0), ("2", 5.0), ("2", 5.0)]):
        seen = replace(verdict(letter, minute, 12.0), threshold=line)
        alert, _ = step(alert, seen, "A", policy)
        assert alert is not None
        told.append((alert.severity, alert.threshold))
    assert told == [(Severity.CRITICAL, 10.0)] * 3 + [(Severity.WARNING, 5.0)]
