"""The rules that we ship: silent in a healthy hour, each able to speak, and readable when it does."""

import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from bot.model.catalog import FACTORS, METRICS
from bot.model.observation import DiagnosisEvent, Observations
from bot.model.verdict import Outcome, Severity, Verdict
from bot.rules import Rule, Source, load
from bot.rules.templates import FILTERS
from tests.rules.worlds import alert, event, judged, minutes, timeline, world

FOLDER = Path(__file__).parents[2] / "rules"
THEMES = ("agora.yml", "bot.yml", "causes.yml", "experience.yml", "network.yml")
RULES = {rule.name: rule for rule in load([Source(n, (FOLDER / n).read_text("utf-8")) for n in THEMES]).rules}

HEALTHY: dict[str, tuple[float, float]] = {
    "joinSuccessRate": (97, 100),
    "joinSuccess5SecsRate": (96.5, 99.5),
    "videoFreezeRate": (0.5, 2),
    "audioFreezeRate": (0.2, 1.5),
    "videoUpstreamExcellentTransRate": (94, 100),
    "audioUpstreamExcellentTransRate": (95, 100),
    "videoEnd2EndExcellentTransRate": (94, 99),
    "audioEnd2EndExcellentTransRate": (95, 100),
    "networkDelay": (0.5, 4),
    "pcu": (40, 400),
    "pcc": (5, 40),
    "quotaUsedRate": (0, 96),
    "feedDelay": (121, 300),
}
BAD: dict[str, tuple[str, float, float]] = {
    "VideoFreezeHigh": ("videoFreezeRate", 5.1, 10.1),
    "AudioFreezeHigh": ("audioFreezeRate", 3.1, 6.1),
    "JoinSuccessLow": ("joinSuccessRate", 94.9, 84.9),
    "JoinSlow": ("joinSuccess5SecsRate", 94.9, 84.9),
    "VideoUplinkPoor": ("videoUpstreamExcellentTransRate", 89.9, 74.9),
    "AudioUplinkPoor": ("audioUpstreamExcellentTransRate", 89.9, 74.9),
    "VideoTransmissionPoor": ("videoEnd2EndExcellentTransRate", 89.9, 74.9),
    "AudioTransmissionPoor": ("audioEnd2EndExcellentTransRate", 89.9, 74.9),
    "QuotaNearlyUsed": ("quotaUsedRate", 97, 99),
    "FeedStale": ("feedDelay", 901, 2701),
}


def levels(rule: Rule) -> tuple[tuple[Severity, float], ...]:
    """Return the thresholds of a rule, mildest first."""
    return rule.thresholds.levels if rule.thresholds else ()


def users(tag: str) -> Callable[[int], list[DiagnosisEvent]]:
    """Return a maker of events that name so many users with one cause."""
    return lambda count: [event(29 + n / 60, f"u{n}", tag, experience=6) for n in range(count)]


ROWS: dict[str, tuple[Callable[[int], list[DiagnosisEvent]], int, int]] = {
    "OneSenderHurtsChannel": (lambda n: [event(29 + k / 60, f"u{k}", "23", "21@h1") for k in range(n)], 3, 6),
    "WeakWifi": (users("29"), 5, 10),
    "HighCpu": (users("10"), 5, 10),
    "SameUidKicks": (lambda n: [event(29 + k / 60, "u1", "1") for k in range(n)], 2, 6),
    "TokenFailures": (users("34"), 3, 8),
    "AppIdFailures": (users("31"), 3, 8),
    "JoinTimeouts": (users("36"), 4, 10),
    "ConnectionFailures": (users("3"), 4, 10),
    "ReconnectStorm": (users("40"), 6, 12),
}
PUSHED = "AgoraAlert"
"""Judged by Agora itself: one is enough, it has no levels, and no poll limits what can be seen."""

OURS = [name for name in RULES if name != PUSHED]


def healthy_hour(seed: int) -> Observations:
    """Return an hour as Agora shows a project that is well: good rates, a stray row every few minutes."""
    chance = random.Random(seed)
    metrics = {
        name: {minute: chance.uniform(*span) for minute in minutes(60)} for name, span in HEALTHY.items()
    }
    people = [str(1000 + n) for n in range(60)]
    rows = [
        event(
            minute + chance.random() * 0.9,
            chance.choice(people),
            *(
                f"{factor}@{chance.choice(['', *people])}"
                for factor in chance.sample(list(FACTORS), chance.randrange(3))
            ),
            cname=f"c{chance.randrange(5)}",
            experience=chance.choice([4, 5, 6]),
        )
        for minute in range(60)
        if chance.random() < 0.3
    ]
    return world(metrics, rows)


def severities(rule: Rule, seen: Observations) -> set[Severity | None]:
    return {v.severity for v in judged(rule, seen, minutes(10, 25)) if v.outcome is Outcome.MATCH}


def test_every_shipped_rule_has_an_example() -> None:
    assert set(RULES) == {*BAD, *ROWS, PUSHED}


def test_every_metric_has_a_healthy_span() -> None:
    assert set(HEALTHY) == set(METRICS)


@pytest.mark.parametrize("name", RULES)
def test_a_healthy_hour_is_silent(name: str) -> None:
    for seed in range(25):
        verdicts = judged(RULES[name], healthy_hour(seed), minutes(50, 10))
        assert {v.outcome for v in verdicts} <= {Outcome.MISS}, seed


@pytest.mark.parametrize("name", BAD)
def test_a_bad_metric_is_seen_at_both_levels(name: str) -> None:
    metric, warning, critical = BAD[name]
    found = []
    for value in (warning, critical):
        series = {m: dict.fromkeys(minutes(60), 30.0) for m in ("pcu", "pcc")}
        found.append(severities(RULES[name], world({**series, metric: dict.fromkeys(minutes(60), value)})))
    assert found == [{Severity.WARNING}, {Severity.CRITICAL}]


@pytest.mark.parametrize("name", ROWS)
def test_so_many_rows_are_seen_at_both_levels_and_fewer_are_not(name: str) -> None:
    rows, warning, critical = ROWS[name]
    worst = [
        max(severities(RULES[name], world(events=rows(n))), default=None)
        for n in (warning - 1, warning, critical)
    ]
    assert worst == [None, Severity.WARNING, Severity.CRITICAL]


@pytest.mark.parametrize("name", [n for n in BAD if n not in ("QuotaNearlyUsed", "FeedStale")])
def test_a_small_group_is_left_alone(name: str) -> None:
    metric, _, critical = BAD[name]
    few = {metric: dict.fromkeys(minutes(60), critical), "pcu": dict.fromkeys(minutes(60), 19.0)}
    assert severities(RULES[name], world(few)) == set()


@pytest.mark.parametrize("name", RULES)
def test_without_data_nothing_is_calm(name: str) -> None:
    verdicts = judged(RULES[name], world(known=()), minutes(3))
    assert {v.outcome for v in verdicts} <= {Outcome.UNKNOWN}


def test_one_sender_is_blamed_in_the_first_minute_that_shows_it() -> None:
    rule = RULES["OneSenderHurtsChannel"]
    seen = world(events=[event(3 + k, f"u{k}", "21@h1") for k in range(3)], known=range(5))
    verdicts = judged(rule, seen, minutes(8))
    assert (rule.for_s, timeline(verdicts), verdicts[0].minute) == (0, "!!!", 5 * 60)
    assert verdicts[0].affected.hosts == ("h1",)


def test_a_ladder_step_is_within_what_polling_can_show() -> None:
    for rule in (RULES[name] for name in ROWS):
        assert levels(rule)[-1][1] < rule.lookback_s / 90 * 10, rule.name


def test_one_alert_of_agora_is_told_without_any_poll_and_ends_by_itself() -> None:
    rule = RULES[PUSHED]
    verdicts = judged(rule, world(events=[alert(3, "video freeze rate≥85%")], known=()), minutes(60))
    assert (timeline(verdicts), verdicts[0].minute) == ("!" * 5 + "." * 12, 3 * 60)
    assert (verdicts[0].severity, rule.query_offset_s) == (Severity.WARNING, 0)


@pytest.mark.parametrize("name", OURS)
def test_a_ladder_has_two_steps_and_a_hold(name: str) -> None:
    rule = RULES[name]
    assert [severity for severity, _ in levels(rule)] == [Severity.WARNING, Severity.CRITICAL]
    assert all(a != b for a, b in pairwise(levels(rule)))
    assert rule.keep_firing_for_s >= 300


@pytest.mark.parametrize("name", RULES)
def test_annotations_are_whole_sentences_for_every_verdict(name: str) -> None:
    rule = RULES[name]
    environment = SandboxedEnvironment(undefined=StrictUndefined)
    environment.filters.update(dict.fromkeys(FILTERS, str))
    assert set(rule.annotations) == {"summary", "description"}
    for verdict in _some_verdicts(rule):
        for template in rule.annotations.values():
            text = environment.from_string(template).render(
                labels=dict(verdict.labels),
                value=verdict.value,
                threshold=verdict.threshold,
                severity="warning",
                alert=name,
                project="p1",
                affected=verdict.affected,
            )
            assert (text[-1] in ".?", "  " in text, "\n" in text, len(text) < 300) == (
                True,
                False,
                False,
                True,
            )


def _some_verdicts(rule: Rule) -> list[Verdict]:
    if rule.name == PUSHED:
        said = (alert(3), alert(4, "video freeze rate≥85%"), alert(5, "wifi congestion", "no voice sending"))
        return judged(rule, world(events=said), minutes(60))
    if rule.name in BAD:
        metric, warning, _ = BAD[rule.name]
        full = {m: dict.fromkeys(minutes(60), v) for m, v in (("pcu", 30.0), (metric, warning))}
        return judged(rule, world(full), minutes(3, 20))
    rows, warning, _ = ROWS[rule.name]
    return judged(rule, world(events=rows(warning)), minutes(60))
