"""Small worlds for rules to look at: one letter or number per minute, minute 0 first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.model.catalog import Feed
from bot.model.observation import (
    CauseTag,
    Coverage,
    DiagnosisEvent,
    Events,
    FinishedCall,
    Observations,
    Points,
)
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels, Outcome, Verdict, labels
from bot.rules import Rule, Source, States, evaluate, load

LETTERS = {
    Outcome.MATCH: "!",
    Outcome.HELD: "h",
    Outcome.MISS: ".",
    Outcome.UNKNOWN: "?",
    Outcome.QUIET: "q",
    Outcome.NO_DATA: "0",
    Outcome.GONE: "x",
    Outcome.DROPPED: "d",
}
ALWAYS = range(200)


def one_rule(body: str) -> Rule:
    """Return the rule with these keys, written in YAML's flow style without the braces."""
    text = f"version: 1\ngroups: [{{name: g, rules: [{{alert: A, {body}}}]}}]\n"
    return load([Source("a.yml", text)]).rules[0]


def metric(extra: str = "", *, op: str = ">", threshold: str = "threshold: 5") -> Rule:
    """Return a rule on video freeze that looks at single minutes, as the portable cases do."""
    return one_rule(
        "metric: {name: videoFreezeRate, "
        + (extra or "aggregate: last, window: 1m")
        + f', op: "{op}", {threshold}}}'
    )


def points(series: str) -> dict[int, float]:
    """Return values by minute; ``_`` is a minute without data."""
    return {m * MINUTE_S: float(v) for m, v in enumerate(series.split()) if v != "_"}


def world(
    metrics: Mapping[str, str | Mapping[int, float]] | None = None,
    events: Iterable[DiagnosisEvent] = (),
    *,
    known: Iterable[int] = ALWAYS,
    cut: Iterable[int] = (),
    calls: Iterable[FinishedCall] = (),
) -> Observations:
    """Return observations of project p1; ``known`` and ``cut`` number minutes of every feed."""
    series = {name: points(s) if isinstance(s, str) else s for name, s in (metrics or {}).items()}
    cuts = set(cut)
    coverage = Coverage.of([(0, m * MINUTE_S, m in cuts) for m in {*known, *cuts}])
    return Observations(
        projects=("p1",),
        start=0,
        end=len(ALWAYS) * MINUTE_S,
        metrics={name: Points.of([(0, m, v) for m, v in found.items()]) for name, found in series.items()},
        events=Events.of([(0, e) for e in events]),
        calls=tuple((0, call) for call in calls),
        coverage={**dict.fromkeys(Feed, coverage), Feed.ALERT: Coverage.of((), whole=[0])},
    )


def judged(
    rule: Rule,
    seen: Observations,
    minutes: Sequence[int],
    also: Iterable[Labels] = (),
    states: States | None = None,
) -> list[Verdict]:
    """Return the verdicts in order of minute and labels, those on the project itself in every minute."""
    if not minutes:
        return []
    span = range(minutes[0], minutes[-1] + MINUTE_S, MINUTE_S)
    own = {labels(project="p1", **rule.labels)} if rule.by == ("project",) else set()
    series = evaluate(rule, seen, span, also={*also, *own}, states=states)
    verdicts = [verdict for one in series for verdict in one.verdicts()]
    return sorted(verdicts, key=lambda verdict: (verdict.minute, verdict.labels))


def alert(
    minute: float, *said: str, user: str = "", cname: str = "c1", experience: int = 900
) -> DiagnosisEvent:
    """Return an event of Agora's own alerting."""
    told = event(minute, user, cname=cname, experience=experience)
    return replace(told, source="alert", said=said)


def event(minute: float, user: str, *tags: str, cname: str = "c1", experience: int = 4) -> DiagnosisEvent:
    """Return an event; a tag is ``21`` (the user's own) or ``21@host``."""
    causes = [
        CauseTag(factor_id=int(f), host_user=host) for f, _, host in (tag.partition("@") for tag in tags)
    ]
    return DiagnosisEvent(
        ts=int(minute * MINUTE_S), cname=cname, user=user, experience_id=experience, tags=tuple(causes)
    )


def minutes(count: int, start: int = 0) -> range:
    return range(start * MINUTE_S, (start + count) * MINUTE_S, MINUTE_S)


def timeline(verdicts: Sequence[Verdict]) -> str:
    """Return one letter per verdict: ``!`` match, ``h`` held, ``.`` miss, ``?`` unknown, and see LETTERS."""
    return "".join(LETTERS[verdict.outcome] for verdict in verdicts)
