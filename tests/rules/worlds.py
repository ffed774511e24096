"""Small worlds for rules to look at: one letter or number per minute, minute 0 first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.model.catalog import Feed
from bot.model.observation import CauseTag, Coverage, DiagnosisEvent, Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import Outcome, Verdict
from bot.rules import Rule, Source, load

LETTERS = {Outcome.MATCH: "!", Outcome.HELD: "h", Outcome.MISS: ".", Outcome.UNKNOWN: "?"}
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
) -> Observations:
    """Return observations of project p1; ``known`` and ``cut`` number minutes of the diagnosis feed."""
    series = {name: points(s) if isinstance(s, str) else s for name, s in (metrics or {}).items()}
    coverage = Coverage(
        known=frozenset(m * MINUTE_S for m in known), cut=frozenset(m * MINUTE_S for m in cut)
    )
    return Observations(
        project="p1",
        start=0,
        end=len(ALWAYS) * MINUTE_S,
        metrics=series,
        events=tuple(events),
        coverage={
            Feed.DIAGNOSIS: coverage,
            Feed.ALERT: Coverage(known=frozenset(m * MINUTE_S for m in ALWAYS)),
        },
    )


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


def minutes(count: int, start: int = 0) -> list[int]:
    return [m * MINUTE_S for m in range(start, start + count)]


def timeline(verdicts: Sequence[Verdict]) -> str:
    """Return one letter per verdict: ``!`` match, ``h`` held, ``.`` miss, ``?`` unknown."""
    return "".join(LETTERS[verdict.outcome] for verdict in verdicts)
