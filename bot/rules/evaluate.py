"""The judge: one rule, all that was seen of one project, some minutes -> verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.model.observation import Observations
from bot.model.verdict import Affected, Labels, Outcome, Verdict
from bot.rules.grammar import EventsCondition
from bot.rules.metrics import judge_metric
from bot.rules.rule import Rule
from bot.rules.sweep import judge_events, series_labels


def evaluate(
    rule: Rule, observations: Observations, minutes: Sequence[int], also: Iterable[Labels] = ()
) -> list[Verdict]:
    """Return what a rule says of each minute, in order of minute and labels.

    ``observations`` reach back ``rule.lookback_s`` from the end of the first minute. The project's own series
    and those in ``also`` (open alerts) get a verdict every minute; any other series while it matches and
    until its ``keep_firing_for`` has passed, so that a range of minutes needs no ``also``. An alert whose
    labels the rule no longer makes is a MISS as soon as the minute is known. A rule that is not enabled
    says nothing.
    """
    if not rule.enabled:
        return []
    own = series_labels(rule, {"project": observations.project})
    asked = {labels for labels in also if ("project", observations.project) in labels}
    ordered = sorted(set(minutes))
    if isinstance(rule.condition, EventsCondition):
        always = asked | ({own} if rule.by == ("project",) else set())
        verdicts = list(judge_events(rule, rule.condition, observations, ordered, always))
    else:
        verdicts = judge_metric(rule, rule.condition, observations, ordered, own)
        verdicts += [_orphaned(verdict, labels) for labels in asked - {own} for verdict in verdicts]
    return sorted(verdicts, key=lambda verdict: (verdict.minute, verdict.labels))


def _orphaned(verdict: Verdict, labels: Labels) -> Verdict:
    known = verdict.outcome is not Outcome.UNKNOWN
    outcome = Outcome.MISS if known else Outcome.UNKNOWN
    return replace(verdict, labels=labels, outcome=outcome, severity=None, value=None, affected=Affected())
