"""Judge every due minute of a project by every rule, and record what changed with the messages it needs.

One transaction a project reads, decides and writes: an incident, its history and its messages are stored
together or not at all, and the cursor of each rule moves with them, so no minute is judged twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.flows.pace import PERIOD_S
from bot.incidents import Policy, announce, close, step
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.incident import EventKind, Incident, IncidentEvent, Outgoing, Reason
from bot.model.observation import Observations
from bot.model.project import Project
from bot.model.time import DAY_S, HOUR_S, MINUTE_S, floor_minute
from bot.model.verdict import Labels, Outcome, Verdict
from bot.render import annotations
from bot.rules import Rule, RuleSet, evaluate
from bot.store import Conflict, Database, FeedState, Transaction, incidents, observations, outbox
from bot.telemetry import MINUTES_JUDGED, log

MAX_WAIT_S = 300
"""How long a minute waits for a feed that lags, beyond the rule's ``query_offset``; a feed that is polled
less often than each 90 s adds what it is slower."""

CATCH_UP_S = 1800
"""Transitions older than this, after downtime, count for the state but get no message of their own."""

_log = log("evaluate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a tick did to one series: the incident before and after, and what happened, in order."""

    before: Incident | None
    after: Incident | None
    events: tuple[IncidentEvent, ...]


def judge_project(
    database: Database,
    project: Project,
    rules: RuleSet,
    *,
    now: float,
    wall: float,
    polled: Collection[Feed] = POLLED_FEEDS,
) -> tuple[IncidentEvent, ...]:
    """Judge what is due and store the outcome; return the events. A conflict leaves all to the next tick.

    ``polled`` are the feeds that the project's account can ask for: no other is waited for.
    """
    try:
        with database.transaction() as tx:
            return _judge(tx, project, rules, now, wall, polled)
    except Conflict as conflict:
        _log.info("judged elsewhere", project=project.name, why=str(conflict))
        return ()


def _judge(
    tx: Transaction, project: Project, rules: RuleSet, now: float, wall: float, polled: Collection[Feed]
) -> tuple[IncidentEvent, ...]:
    cursors = incidents.cursor(tx, project.name)
    states = {state.feed: state for state in observations.feed_states(tx, project.name)}
    active = [rule for rule in rules.rules if rule.enabled]
    due = {rule.name: due_minutes(rule, states, cursors.get(rule.name), now, polled) for rule in active}
    still_open = incidents.open_incidents(tx, project.name)
    seen = _observe(tx, project, [rule for rule in active if due[rule.name]], due, polled)
    happened: list[IncidentEvent] = []
    for rule in active:
        if minutes := due[rule.name]:
            mine = {i.labels: i for i in still_open if i.alert == rule.name}
            try:
                changes = judge_rule(rule, seen, minutes, mine)
            except Exception as error:  # noqa: BLE001 - one bad rule must not silence the others
                _log.error("a rule failed", alert=rule.name, error=str(error), exc_info=True)
                continue
            for change in changes:
                happened += _write(tx, change, now, wall)
            incidents.move_cursor(
                tx, project.name, rule.name, before=cursors.get(rule.name), minute=minutes[-1]
            )
            MINUTES_JUDGED.labels(project.name).inc(len(minutes))
    for change in orphaned(still_open, {rule.name for rule in active}, floor_minute(now)):
        happened += _write(tx, change, now, wall)
    return tuple(happened)


def due_minutes(
    rule: Rule,
    states: Mapping[Feed, FeedState],
    cursor: int | None,
    now: float,
    polled: Collection[Feed] = POLLED_FEEDS,
) -> range:
    """Return the minutes to judge now: past the cursor, and known to be complete or waited for long enough.

    The first look goes back the hour that Agora keeps; after a longer pause at most a day is walked.
    """
    waited = floor_minute(now - rule.query_offset_s)
    awaited = [states.get(feed) for feed in rule.feeds if feed in polled]
    complete = min((state.watermark if state else 0 for state in awaited), default=waited)
    slower_s = max((state.pace_s - PERIOD_S for state in awaited if state), default=0)
    end = max(min(waited, complete), waited - MAX_WAIT_S - max(0, slower_s))
    if cursor is not None and cursor > now:  # the clock went back: go on from here
        return range(floor_minute(end) - MINUTE_S, floor_minute(end), MINUTE_S)
    start = cursor + MINUTE_S if cursor is not None else floor_minute(now) - HOUR_S
    return range(max(start, floor_minute(now) - DAY_S), floor_minute(end), MINUTE_S)


def judge_rule(
    rule: Rule, seen: Observations, minutes: Sequence[int], still_open: Mapping[Labels, Incident]
) -> list[Change]:
    """Return what the minutes change, series by series; pure."""
    verdicts: dict[Labels, list[Verdict]] = {}
    for verdict in evaluate(rule, seen, minutes, also=still_open):
        verdicts.setdefault(verdict.labels, []).append(verdict)
    policy = policy_of(rule)
    changes = []
    for labels, series in sorted(verdicts.items()):
        before = incident = still_open.get(labels)
        events: list[IncidentEvent] = []
        for verdict in series:
            closed = incident is not None and incident.resolved_at is not None
            if closed and incident is not None:
                changes.append(Change(before=before, after=incident, events=tuple(events)))
                before, incident, events = None, None, []
            incident, event = step(incident, verdict, rule.name, policy)
            incident = _annotated(rule, incident, verdict)
            events += [event] if event else []
        changes.append(Change(before=before, after=incident, events=tuple(events)))
    return [c for c in changes if c.before is not None or c.after is not None]


def policy_of(rule: Rule) -> Policy:
    """Return what the state machine needs of a rule."""
    return Policy(
        for_s=rule.for_s,
        keep_firing_for_s=rule.keep_firing_for_s,
        floor=rule.severity,
        low_is_bad=rule.low_is_bad,
    )


def _annotated(rule: Rule, incident: Incident | None, verdict: Verdict) -> Incident | None:
    """Return the incident with its texts renewed by the last minute that matched."""
    if incident is None or verdict.outcome is not Outcome.MATCH:
        return incident
    return replace(incident, annotations=annotations(rule.annotations, alert=rule.name, verdict=verdict))


def orphaned(still_open: Iterable[Incident], alerts: set[str], at: int) -> list[Change]:
    """Return the end of incidents whose rule is gone or disabled."""
    changes = []
    for incident in still_open:
        if incident.alert not in alerts:
            closed, event = close(incident, at, Reason.RULE_REMOVED)
            after, events = (closed, (event,)) if incident.is_open else (None, ())
            changes.append(Change(before=incident, after=after, events=events))
    return changes


def _observe(
    tx: Transaction,
    project: Project,
    rules: Sequence[Rule],
    due: Mapping[str, range],
    polled: Collection[Feed],
) -> Observations:
    """Return what the rules look at. Where no diagnosis can be polled, Agora's alerts are all that tells of
    events, and as completely known as they are; otherwise what an alert opened would never end."""
    if not rules:
        return Observations(project=project.name, start=0, end=0)
    start = min(due[rule.name][0] - rule.lookback_s for rule in rules)
    end = max(due[rule.name][-1] for rule in rules) + MINUTE_S
    metrics = sorted({name for rule in rules for name in rule.metrics})
    seen = observations.read(tx, project.name, start, end, metrics)
    if Feed.DIAGNOSIS in polled:
        return seen
    return replace(seen, coverage={**seen.coverage, Feed.DIAGNOSIS: seen.coverage[Feed.ALERT]})


def _write(tx: Transaction, change: Change, now: float, wall: float) -> tuple[IncidentEvent, ...]:
    if change.before is not None and (change.after is None or change.after.id != change.before.id):
        incidents.drop(tx, change.before)
    if change.after is None:
        return ()
    told_since = now - CATCH_UP_S
    after, messages = announce(change.after, change.events, now=now, told_since=told_since)
    record(tx, after, change.events, messages, now=now, wall=wall)
    return change.events


def record(
    tx: Transaction,
    incident: Incident,
    events: Sequence[IncidentEvent],
    messages: tuple[Outgoing, ...],
    *,
    now: float,
    wall: float,
) -> Incident:
    """Write an incident with its history and its messages; return it as stored."""
    stored = incidents.save(tx, incident)
    for event in events:
        if event.kind is not EventKind.CHANGED:
            incidents.add_event(tx, stored.id, event)
    outbox.enqueue(tx, stored.id, messages, now, wall)
    return stored
