"""Judge every due minute of every project by every rule, and record what changed with its messages.

One transaction reads, decides and writes: an alert, its history and its messages are stored together or
not at all, and the cursors of the rules move with them, so no minute is judged twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.flows import notices
from bot.flows.correlate import Rulebook, correlate
from bot.flows.judge import failed, judge_rule, orphaned, rule_error
from bot.flows.pace import PERIOD_S
from bot.incidents import Change, close, fingerprint
from bot.model.alert import RULE_ERROR, Alert, AlertEvent, EventKind, Reason, State
from bot.model.catalog import POLLED_FEEDS, Feed
from bot.model.observation import Coverage, Observations
from bot.model.time import DAY_S, HOUR_S, MINUTE_S, floor_minute
from bot.model.verdict import Labels
from bot.rules import Rule, spans
from bot.store import Conflict, Database, FeedState, Transaction, alerts, observations, rule_pauses
from bot.telemetry import MINUTES_JUDGED, log

MAX_WAIT_S = 300
"""How long a minute waits for a feed that lags, beyond the rule's ``query_offset``; a feed that is polled
less often than each 90 s adds what it is slower."""
CATCH_UP_S = 900
"""How far the clock may go back so that judging waits until it has caught up."""

_log = log("evaluate")

States = Mapping[Feed, FeedState]
Due = Mapping[range, Sequence[str]]
"""Minutes to judge, with the projects of which they are due."""


def judge(
    database: Database,
    polled: Mapping[str, Collection[Feed]],
    book: Rulebook,
    *,
    since: float,
    now: float,
    wall: float,
) -> tuple[AlertEvent, ...]:
    """Judge what is due and store the outcome; return the events. A conflict leaves all to the next tick.

    ``polled`` are the projects, with the feeds that their accounts can ask for: no other is waited for.
    ``since`` is when this worker began to poll.
    """
    try:
        with database.transaction() as tx:
            return _Tick(tx, polled, book, since, now, wall).run()
    except Conflict as conflict:
        _log.info("judged elsewhere", why=str(conflict))
        return ()


class _Tick:
    """One look at everything that is due."""

    def __init__(
        self,
        tx: Transaction,
        polled: Mapping[str, Collection[Feed]],
        book: Rulebook,
        since: float,
        now: float,
        wall: float,
    ) -> None:
        self.tx = tx
        self.since = since
        self.book = book
        self.polled = polled
        self.projects = projects = list(polled)
        self.rules = list(book.rules.in_order())
        self.known = {rule.name for rule in book.rules.rules}
        self.now = now
        self.wall = wall
        self.cursors = alerts.judged_until(tx, projects)
        self.feeds: dict[str, dict[Feed, FeedState]] = defaultdict(dict)
        for state in observations.feed_states(tx):
            self.feeds[state.project][state.feed] = state
        self.still_open = alerts.open_alerts(tx, projects)
        self.changed: list[Alert] = []
        self.paused = rule_pauses.lasting(tx, now).keys()
        self.remembered = {r.alert for rule in self.rules for r in rule.pending_references}

    def run(self) -> tuple[AlertEvent, ...]:
        due = {rule.name: self.due(rule) for rule in self.rules if not rule.composite}
        seen = self.observe(due)
        happened: list[AlertEvent] = []
        for rule in self.rules:
            minutes = due.get(rule.name) or self.due(rule)
            if rule.name in self.paused:
                self.pass_by(rule, minutes)
            else:
                happened += self.judge(rule, minutes, seen)
        active = {rule.name for rule in self.rules} - self.paused
        for change in orphaned(self.still_open, active, self.known, floor_minute(self.now)):
            happened += self.write(change)
        correlate(self.tx, self.book, self.changed, now=self.now, wall=self.wall)
        return tuple(happened)

    def due(self, rule: Rule) -> Due:
        """Return the minutes that are due; those of a composite end with the rules that it looks at."""
        found: dict[range, list[str]] = defaultdict(list)
        alike: dict[tuple[object, ...], range] = {}
        feeds, awaited_rules = sorted(rule.feeds), self.book.rules.awaited_by(rule)
        for project in self.projects:
            states, polled = self.feeds[project], self.polled[project]
            cursor = self.cursors.get((project, rule.name))
            awaited = (states.get(feed) for feed in feeds if feed in polled)
            key = (cursor, *((state.watermark, state.pace_s) if state else None for state in awaited))
            if key not in alike:  # most projects are as far as the others
                alike[key] = due_minutes(rule, states, cursor, self.now, polled, since=self.since)
            minutes = alike[key]
            behind = [self.cursors.get((project, alert), 0) + MINUTE_S for alert in awaited_rules]
            minutes = range(minutes.start, min(minutes.stop, *behind, minutes.stop), MINUTE_S)
            if minutes:
                found[minutes].append(project)
        return found

    def observe(self, due: Mapping[str, Due]) -> Observations:
        """Read what the due minutes need, in one go for all rules and projects.

        Where no diagnosis can be polled, Agora's alerts are all that tells of events, and as completely known
        as they are; otherwise what an alert opened would never end.
        """
        needed = [(rule, minutes) for rule in self.rules for minutes in due.get(rule.name, {})]
        if not needed:
            return Observations(projects=tuple(self.projects), start=0, end=0)
        points: set[tuple[str, int, int]] = set()
        covered: dict[Feed, list[tuple[int, int]]] = defaultdict(list)
        whole = [(0, 0)] if all(rule.metric for rule, _ in needed) else []
        for rule, minutes in needed:
            recent, *earlier = spans(rule, minutes)
            points |= {(name, *span) for name in rule.metrics for span in (recent, *earlier)}
            whole += [] if rule.metric else [recent]
            first = recent[0] + rule.window_s - MINUTE_S if rule.metric else recent[0]
            for feed in rule.feeds:
                covered[feed].append((first, recent[1]))
        asked = {feed: _hull(wanted) for feed, wanted in covered.items()}
        seen = observations.read(self.tx, self.projects, *_hull(whole), (), further=points, known=asked)
        pushed_only = [n for n, feeds in enumerate(self.polled.values()) if Feed.DIAGNOSIS not in feeds]
        known = seen.coverage.get(Feed.DIAGNOSIS, Coverage.of(()))
        known = replace(known, whole=np.asarray(pushed_only, dtype=np.int32))
        return replace(seen, coverage={**seen.coverage, Feed.DIAGNOSIS: known})

    def pass_by(self, rule: Rule, due: Due) -> None:
        """Leave minutes out for good, those of a pause."""
        for minutes, projects in due.items():
            self.move_cursors(rule, projects, minutes)

    def judge(self, rule: Rule, due: Due, seen: Observations) -> Iterator[AlertEvent]:
        states = alerts.lives(self.tx, rule.refers_to, since=int(self.now) - DAY_S)
        for minutes, projects in due.items():
            asked = set(projects)
            mine = {i.labels: i for i in self.still_open if i.alertname == rule.name and i.project in asked}
            try:
                changes = judge_rule(rule, seen, minutes, mine, states)
            except Exception as error:  # noqa: BLE001 - one bad rule must not silence the others
                yield from self.fail(rule, projects, minutes, mine, error)
                continue
            yield from self.recover(rule, asked)
            for change in changes:
                if _project(change) in asked:
                    yield from self.write(change)
                    self.remember(rule, change)
            self.move_cursors(rule, projects, minutes)

    def fail(
        self,
        rule: Rule,
        projects: Sequence[str],
        minutes: range,
        mine: Mapping[Labels, Alert],
        error: Exception,
    ) -> Iterator[AlertEvent]:
        """Do what the rule's ``exec_err_state`` says; these minutes are not judged again."""
        _log.error("a rule failed", alert=rule.name, error=str(error), exc_info=True)
        sentence = f"{rule.name} cannot be judged ({type(error).__name__}); the bot's log has the details."
        notices.leave(self.tx, _failing(rule), sentence, self.now, anew=False)
        open_errors = {i.labels: i for i in self.still_open if i.alertname == RULE_ERROR}
        try:
            changes = failed(rule, minutes, projects, mine)
            if rule.exec_err_state == "error":
                changes += rule_error(rule, minutes, projects, open_errors)
        except Exception as worse:  # noqa: BLE001 - nor may what is done about it
            _log.error("a failed rule is left as it is", alert=rule.name, error=str(worse), exc_info=True)
            changes = []
        for change in changes:
            yield from self.write(change)
        self.move_cursors(rule, projects, minutes)

    def recover(self, rule: Rule, projects: Collection[str]) -> Iterator[AlertEvent]:
        """Close what was told of a rule that failed and works again."""
        notices.withdraw(self.tx, _failing(rule))
        for alert in self.still_open:
            told = (alert.alertname, alert.label("rule")) == (RULE_ERROR, rule.name)
            if told and alert.project in projects:
                closed, event = close(alert, floor_minute(self.now), Reason.CONDITION)
                yield from self.write(Change(before=alert, after=closed, events=(event,)))

    def remember(self, rule: Rule, change: Change) -> None:
        """Store an alert that was pending within this tick alone, where a composite may look back at it."""
        life = change.life
        within = change.before is None and change.after is None
        if within and life is not None and life.ended_at is not None and rule.name in self.remembered:
            alerts.save(
                self.tx,
                Alert(
                    fingerprint=fingerprint(rule.name, life.labels),
                    project=_project(change),
                    alertname=rule.name,
                    labels=life.labels,
                    state=State.PASSED,
                    severity=rule.severity,
                    active_at=life.pending_at,
                    judged_at=life.ended_at,
                    resolved_at=life.ended_at,
                ),
            )

    def move_cursors(self, rule: Rule, projects: Sequence[str], minutes: range) -> None:
        before: dict[int | None, list[str]] = defaultdict(list)
        for project in projects:
            before[self.cursors.get((project, rule.name))].append(project)
            self.cursors[project, rule.name] = minutes[-1]
            MINUTES_JUDGED.labels(project).inc(len(minutes))
        for minute, some in before.items():
            alerts.move_cursors(self.tx, some, rule.name, before=minute, minute=minutes[-1])

    def write(self, change: Change) -> tuple[AlertEvent, ...]:
        """Store one change, with its messages."""
        if change.before is not None and (change.after is None or change.after.id != change.before.id):
            remembered = change.life if change.before.alertname in self.remembered else None
            alerts.drop(self.tx, change.before, ended_at=remembered.ended_at if remembered else None)
        if change.after is None:
            return ()
        stored = alerts.save(self.tx, change.after)
        for event in change.events:
            if event.kind is not EventKind.CHANGED:
                alerts.add_event(self.tx, stored.id, event)
        self.changed.append(stored)
        return change.events


def due_minutes(
    rule: Rule,
    states: States,
    cursor: int | None,
    now: float,
    polled: Collection[Feed] = POLLED_FEEDS,
    *,
    since: float,
) -> range:
    """Return the minutes to judge now: past the cursor, and known to be complete or waited for long enough.

    The first look goes back the hour that Agora keeps; after a longer pause at most a day is walked. With an
    ``interval`` of more than a minute, minutes are judged several at once. No minute is judged twice
    where the clock goes back a little: the rule waits until it has caught up. Feeds that nobody read while
    the bot was down are waited for as long as others, from ``since`` on, or what they still tell of that
    time would come too late.
    """
    waited = floor_minute(now - rule.query_offset_s)
    awaited = [states.get(feed) for feed in rule.feeds if feed in polled]
    complete = min((state.watermark if state else 0 for state in awaited), default=waited)
    slower_s = max((state.pace_s - PERIOD_S for state in awaited if state), default=0)
    longest = MAX_WAIT_S + max(0, slower_s)
    given_up = waited - longest if not since <= now < since + longest else 0
    end = max(min(waited, complete), given_up)
    if cursor is not None and cursor > now + CATCH_UP_S:  # the clock went far back: go on from here
        return range(floor_minute(end) - MINUTE_S, floor_minute(end), MINUTE_S)
    start = cursor + MINUTE_S if cursor is not None else floor_minute(now) - HOUR_S
    together = max(MINUTE_S, rule.interval_s // MINUTE_S * MINUTE_S)
    return range(max(start, floor_minute(now) - DAY_S), floor_minute(end) // together * together, MINUTE_S)


def _failing(rule: Rule) -> str:
    return f"rule {rule.name}"


def _hull(parts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return min(start for start, _ in parts), max(end for _, end in parts)


def _project(change: Change) -> str:
    lived = change.after or change.before or change.life
    return dict(lived.labels).get("project", "") if lived else ""
