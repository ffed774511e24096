"""One rule over some minutes of some projects, from what was seen to what changes (pure).

The live bot, rule tests and backtests all come through here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.incidents import Change, Policy, close, walk
from bot.model.alert import RULE_ERROR, Alert, Reason
from bot.model.observation import Observations
from bot.model.verdict import Labels, Outcome, Severity, Verdict, constant, labels
from bot.render import annotations
from bot.rules import Rule, States, evaluate


def judge_rule(
    rule: Rule,
    seen: Observations,
    minutes: range,
    still_open: Mapping[Labels, Alert],
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
        one_shot=rule.call is not None and rule.call.window_s is None,
    )


def failed(
    rule: Rule, minutes: range, projects: Sequence[str], still_open: Mapping[Labels, Alert]
) -> list[Change]:
    """Return what a rule that cannot be judged changes: all is taken for bad, for good, or for unknown."""
    outcome = {"alerting": Outcome.MATCH, "ok": Outcome.MISS}.get(rule.exec_err_state, Outcome.UNKNOWN)
    bad = outcome is Outcome.MATCH
    own = [labels(project=project, **rule.labels) for project in projects] if bad else []
    changes, policy = [], policy_of(rule)
    for series in sorted({*own, *still_open}):
        seen = constant(series, minutes, outcome, rule.severity)
        changes += walk(still_open.get(series), seen, rule.name, policy)
    return changes


def rule_error(
    rule: Rule, minutes: range, projects: Sequence[str], still_open: Mapping[Labels, Alert]
) -> list[Change]:
    """Return the alert that tells of a rule that cannot be judged, once for each project."""
    policy = Policy(for_s=0, keep_firing_for_s=0, floor=Severity.WARNING)
    text = {"summary": f"The rule {rule.name} cannot be judged; the bot's log says why."}
    changes = []
    for project in projects:
        series = labels(project=project, rule=rule.name)
        seen = constant(series, minutes, Outcome.MATCH, Severity.WARNING)
        for change in walk(still_open.get(series), seen, RULE_ERROR, policy):
            after = replace(change.after, annotations=text) if change.after else None
            changes.append(replace(change, after=after))
    return changes


def orphaned(
    still_open: Iterable[Alert], active: Collection[str], known: Collection[str], at: int
) -> list[Change]:
    """Return the end of alerts whose rule is not among the ``active`` ones: switched off, or not known."""
    changes = []
    for alert in still_open:
        rule = alert.label("rule") if alert.alertname == RULE_ERROR else alert.alertname
        if rule not in active:
            reason = Reason.PAUSED if rule in known else Reason.RULE_REMOVED
            closed, event = close(alert, at, reason)
            after, events = (closed, (event,)) if alert.is_open else (None, ())
            changes.append(Change(before=alert, after=after, events=events))
    return changes


def texts(rule: Rule, verdict: Verdict) -> Mapping[str, str]:
    """Return the annotations of a rule, filled in with what a verdict says."""
    return annotations(rule.annotations, alert=rule.name, verdict=verdict)


def _annotated(rule: Rule, change: Change) -> Change:
    if change.after is None or change.match is None:
        return change
    told = replace(change.match, threshold=change.after.threshold)
    return replace(change, after=replace(change.after, annotations=texts(rule, told)))
