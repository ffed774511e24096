"""Why an alert fired or did not: the minute is judged again on stored history, and what was seen is kept.

States come from a replay that begins some hours before; where an alert held from its first minute on, the
replay begins earlier, up to a week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.flows.look import Look, samples
from bot.flows.replay import Read, Replay, needs
from bot.flows.rule_words import condition_words
from bot.flows.sentence import answer, clocks
from bot.flows.subject import subject
from bot.flows.why import checks
from bot.flows.why_calls import judged_calls
from bot.flows.why_events import matched
from bot.model.alert import Alert, EventKind
from bot.model.explanation import Explanation, Row
from bot.model.observation import Observations
from bot.model.time import DAY_S, HOUR_S, MINUTE_S
from bot.model.verdict import Labels, Outcome, Series
from bot.rules import Rule, RuleSet, evaluate
from bot.rules.groups import anything, groups_of
from bot.rules.series import series_labels

ROWS = 12
"""Evaluations that are shown, the one that is asked for included."""
_REACH_S = (6 * HOUR_S, DAY_S, 7 * DAY_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which alert: a rule, a project, the labels that are named, and the minute."""

    rule: Rule
    project: str
    labels: Mapping[str, str]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replayed:
    """A replay up to the minute, and what the alerts of the rule were after each of the last minutes."""

    replay: Replay
    minutes: range
    states: Sequence[Mapping[Labels, Alert]]
    seen: Observations


def explain(question: Question, rules: RuleSet, read: Read) -> Explanation:
    """Return why the alert is what it is in that minute; ``rules`` hold the rule and all it refers to."""
    replayed = _replayed(question, rules, read)
    rule, seen = question.rule, replayed.seen
    also = [labels for states in replayed.states for labels in states]
    labels = _labels(question, replayed, also)
    found = evaluate(rule, seen, replayed.minutes, also=[*also, labels], states=replayed.replay.lives)
    series = next((one for one in found if one.labels == labels), None)
    now = replayed.states[-1].get(labels)
    firing = now is not None and now.is_open
    look = Look(rule=rule, labels=labels, at=question.at, seen=seen, series=series, firing=firing)
    parts = tuple(checks(look, replayed.replay))
    rows = _rows(rule, replayed, labels, series)
    sampled, window = samples(look)
    return Explanation(
        alert=rule.name,
        labels=labels,
        at=question.at,
        answer=answer(look, now, parts, rows[-1]),
        rule=condition_words(rule),
        unit=subject(rule).unit,
        checks=parts,
        clocks=tuple(clocks(rule, now, question.at)),
        rows=rows,
        sampled=sampled,
        samples=window,
        lists=tuple(judged_calls(look, rule.call) if rule.call else matched(look)),
        notes=tuple(_notes(rule, now, replayed, found, labels)),
    )


def _replayed(question: Question, rules: RuleSet, read: Read) -> _Replayed:
    for reach_s in _REACH_S:
        start = question.at - reach_s
        found = _replayed_from(start, question, rules, read)
        now = [alert for states in found.states for alert in states.values()]
        if all(alert.active_at > start for alert in now):
            break
    return found


def _replayed_from(start: int, question: Question, rules: RuleSet, read: Read) -> _Replayed:
    end = question.at + MINUTE_S
    minutes = range(end - ROWS * MINUTE_S, end, MINUTE_S)
    replay = Replay(rules, read)
    replay.advance(start, minutes.start)
    seen = read(needs(rules.in_order(), minutes))
    replay.read_by(lambda _needs: seen)
    states = []
    for minute in minutes:
        replay.advance(minute, minute + MINUTE_S)
        states.append({i.labels: i for i in _states(replay, question, minute)})
    return _Replayed(replay=replay, minutes=minutes, states=states, seen=seen)


def _states(replay: Replay, question: Question, minute: int) -> list[Alert]:
    """Return the alerts of the rule after a minute, those that ended in it included."""
    name = question.rule.name
    over = [e.alert for e in replay.episodes() if e.rule.name == name]
    ended = [alert for alert in over if alert.resolved_at == minute]
    return [i for i in (*ended, *replay.open(name)) if i.project == question.project]


def _labels(question: Question, replayed: _Replayed, also: Sequence[Labels]) -> Labels:
    """Return the labels of the alert that is meant: the one that is open, else the one that has most."""
    rule = question.rule
    asked = {"project": question.project, **question.labels}

    def fits(labels: Labels) -> bool:
        values = dict(labels)
        return all(values.get(name) == value for name, value in asked.items())

    open_now = [labels for labels in replayed.states[-1] if fits(labels)]
    if open_now:
        return open_now[0]
    if set(asked) >= set(rule.by):
        return series_labels(rule, {name: asked[name] for name in rule.by})
    counted = {labels: count for labels, count in _counted(rule, replayed).items() if fits(labels)}
    if counted:
        return max(counted, key=lambda labels: (counted[labels], labels))
    lately = [labels for labels in also if fits(labels)]
    return lately[-1] if lately else series_labels(rule, {name: asked.get(name, "") for name in rule.by})


def _counted(rule: Rule, replayed: _Replayed) -> dict[Labels, int]:
    """Return by alert what an events rule counts in the last minute."""
    if rule.events is None:
        return {}
    compared = rule.events.count or rule.events.share
    of = compared.of if compared else "events"
    minutes = replayed.minutes[-1:]
    last = np.zeros(1, dtype=np.int64)
    groups = groups_of(rule, rule.events, replayed.seen, minutes, set(), anything)
    return {group.labels: int(group.pieces(of).at(last)[0]) for group in groups}


def _rows(rule: Rule, replayed: _Replayed, labels: Labels, series: Series | None) -> tuple[Row, ...]:
    rows = []
    for minute, states in zip(replayed.minutes, replayed.states, strict=True):
        place = int(np.searchsorted(series.minutes, minute)) if series is not None else 0
        there = series is not None and place < len(series) and series.minutes[place] == minute
        verdict = series.verdict(place, named=False) if series is not None and there else None
        alert = states.get(labels)
        rows.append(
            Row(
                minute=minute,
                value=verdict.value if verdict else None,
                threshold=verdict.threshold if verdict else None,
                samples=verdict.samples if verdict else 0,
                outcome=Outcome(verdict.outcome) if verdict else None,
                severity=alert.severity if alert else None,
                state=alert.state.value if alert else "inactive",
                happened=_happened(replayed.replay, rule, labels, minute),
            )
        )
    return tuple(rows)


def _happened(replay: Replay, rule: Rule, labels: Labels, minute: int) -> str:
    kinds = [
        moment.event.kind
        for episode in replay.episodes()
        if (episode.rule.name, episode.alert.labels) == (rule.name, labels)
        for moment in episode.moments
        if moment.event.at == minute and moment.event.kind is not EventKind.CHANGED
    ]
    return ", ".join(dict.fromkeys(kind.value for kind in kinds))


def _notes(
    rule: Rule, now: Alert | None, replayed: _Replayed, found: Sequence[Series], labels: Labels
) -> list[str]:
    notes = []
    if not rule.enabled:
        notes.append("The rule is switched off (enabled: false): the running bot does not judge it.")
    others = [one.labels for one in found if one.labels != labels and one.labels in replayed.states[-1]]
    if others:
        names = [", ".join(f"{k}={v}" for k, v in one if k in rule.by and k != "project") for one in others]
        shown, more = names[:5], len(names) - 5
        notes.append(
            f"Other alerts of the rule are open, too: {'; '.join(shown)}"
            + (f" and {more} more." if more > 0 else ".")
            + " Choose one with --label."
        )
    return notes
