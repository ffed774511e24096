"""One rule over some minutes of some projects, from what was seen to what changes (pure).

The live bot, rule tests and backtests all come through here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from bot.incidents import Change, Policy, close, walk
from bot.model.incident import Incident, Reason
from bot.model.observation import Observations
from bot.model.verdict import Labels, Verdict
from bot.render import annotations
from bot.rules import Rule, States, evaluate


def judge_rule(
    rule: Rule,
    seen: Observations,
    minutes: range,
    still_open: Mapping[Labels, Incident],
    states: States | None = None,
) -> list[Change]:
    """Return what the minutes change, in order of labels; texts are those of the last minute that matched."""
    policy = policy_of(rule)
    return [
        _annotated(rule, change)
        for series in evaluate(rule, seen, minutes, also=still_open, states=states)
        for change in walk(still_open.get(series.labels), series, rule.name, policy)
    ]


def policy_of(rule: Rule) -> Policy:
    """Return what the state machine needs of a rule."""
    return Policy(
        for_s=rule.for_s,
        keep_firing_for_s=rule.keep_firing_for_s,
        floor=rule.severity,
        low_is_bad=rule.low_is_bad,
    )


def orphaned(
    still_open: Iterable[Incident], active: Collection[str], known: Collection[str], at: int
) -> list[Change]:
    """Return the end of incidents whose rule is not among the ``active`` ones: switched off, or not known."""
    changes = []
    for incident in still_open:
        if incident.alert not in active:
            reason = Reason.PAUSED if incident.alert in known else Reason.RULE_REMOVED
            closed, event = close(incident, at, reason)
            after, events = (closed, (event,)) if incident.is_open else (None, ())
            changes.append(Change(before=incident, after=after, events=events))
    return changes


def texts(rule: Rule, verdict: Verdict) -> Mapping[str, str]:
    """Return the annotations of a rule, filled in with what a verdict says."""
    return annotations(rule.annotations, alert=rule.name, verdict=verdict)


def _annotated(rule: Rule, change: Change) -> Change:
    if change.after is None or change.match is None:
        return change
    return replace(change, after=replace(change.after, annotations=texts(rule, change.match)))
