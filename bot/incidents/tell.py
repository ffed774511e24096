"""What each target is told of an incident, by comparing what is true with what it was told (pure).

    not told --an alert is audible, and group_wait or the grid says so--> open   OPENING, REOPENING
    open     --a higher severity--> open                                         ROSE, at once
    open     --alerts joined or left, on the grid of group_interval--> open      MEMBERS
    open     --repeat_interval after the last message that arrived--> open       REMINDER
    open     --the last alert is resolved--> told to the end                     RESOLVED, at once
    open     --that, while nobody may hear of it, or by hand--> told to the end  (the root is edited)
    told to the end --the next episode--> as not told                            REOPENING

An alert is audible unless a silence or another alert covers it, and unless the incident is snoozed or the
target muted by its calendar. None of these changes a state. Whenever what the first message shows is not true
any more it is edited, which notifies nobody. An episode that ended within ``group_wait`` is not told.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.model.alert import Alert, Reason
from bot.model.incident import Incident, Line, MessageKind, Telling
from bot.model.time import MINUTE_S
from bot.model.verdict import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An alert of an incident. ``covered_by`` says in words what hides it; ``flaps`` is how often it changed
    lately, where that is often enough to call it flapping, else 0."""

    alert: Alert
    covered_by: tuple[str, ...] = ()
    flaps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a target wants to be told: what its route and its receiver say, in seconds.

    ``muted`` names the calendar that keeps it quiet now. ``opens`` is False where the target is told only
    because others did not act, or since no route leads there any more.
    """

    receiver: str
    group_wait_s: int = 30
    group_interval_s: int = 300
    repeat_interval_s: int = 4 * 3600
    acknowledgement_timeout_s: int | None = None
    escalate_after_s: int | None = None
    escalate_to: tuple[str, ...] = ()
    send_resolved: bool = True
    muted: str = ""
    opens: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All there is to know of one incident: its alerts in order of id, and its targets."""

    incident: Incident
    members: tuple[Member, ...]
    tellings: Mapping[str, Telling]
    terms: Mapping[str, Terms]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The incident and its tellings as they are now, the lines to queue in order of target, and when to look
    again (None: when something happens)."""

    incident: Incident
    tellings: Mapping[str, Telling]
    lines: tuple[tuple[str, Line], ...]
    wake_at: float | None


CATCH_UP_S = 1800
"""An episode that began and ended while nobody looked is told if it ended within this."""


def review(case: Case, now: float) -> Reviewed:
    """Return what is to be told at ``now``. What it returns told is not told again."""
    return _Review(case, now).run()


class _Review:
    def __init__(self, case: Case, now: float) -> None:
        self.case = case
        self.now = now
        self.at = int(now)
        self.incident = case.incident
        self.members = case.members
        self.open = [m for m in case.members if m.alert.is_open]
        self.lines: list[tuple[str, Line]] = []
        self.wakes: list[float] = []
        self.returned = False

    def run(self) -> Reviewed:
        self.end_or_go_on()
        self.end_acts()
        told = {}
        shown = self.digest()
        for target, terms in self.case.terms.items():
            telling = self.case.tellings.get(target, Telling(target=target, receiver=terms.receiver))
            told[target] = self.edited(self.told(telling, terms), shown)
        for target in self.escalated(told):
            line = self.line(MessageKind.ESCALATION)
            self.lines.append((target, line))
            told[target] = replace(
                self.opened(told.get(target, Telling(target=target, receiver="")), self.open), shown=shown
            )
        wake_at = min((at for at in self.wakes if at > self.now), default=None)
        return Reviewed(incident=self.incident, tellings=told, lines=tuple(self.lines), wake_at=wake_at)

    # What the incident is

    def end_or_go_on(self) -> None:
        """Resolve the incident with its last alert."""
        if not self.open and self.incident.is_open:
            ends = [m.alert.resolved_at for m in self.members if m.alert.resolved_at is not None]
            self.incident = replace(self.incident, resolved_at=max(ends, default=self.at))

    def end_acts(self) -> None:
        """End an acknowledgement after its time or at a higher severity, and a snooze after its time."""
        incident = self.incident
        if not incident.is_open:
            return
        if incident.acked_at is not None:
            timeouts = [t.acknowledgement_timeout_s for t in self.case.terms.values()]
            ends = [incident.acked_at + t for t in timeouts if t is not None]
            heard = [m for m in self.open if not m.covered_by]
            worse = self.level(heard) > (incident.acked_severity or Severity.INFO)
            if worse or (ends and min(ends) <= self.now):
                self.incident = replace(self.incident, acked_by=None, acked_at=None, acked_severity=None)
                self.returned = True
            self.wakes += ends
        if incident.snoozed_until is not None:
            if incident.is_snoozed(self.now):
                self.wakes.append(incident.snoozed_until)
            else:
                self.incident = replace(self.incident, snoozed_by=None, snoozed_until=None)
                self.returned = True

    # What one target is told

    def told(self, telling: Telling, terms: Terms) -> Telling:
        quiet = bool(terms.muted) or self.incident.is_snoozed(self.now)
        audible = [] if quiet else [m for m in self.open if not m.covered_by]
        if terms.muted and self.open:
            self.wakes.append((self.at // MINUTE_S + 1) * MINUTE_S)
        telling = self.noted(telling, audible)
        if telling.is_open and telling.episode < self.incident.episode:
            telling = replace(telling, is_open=False)
        if not telling.is_open:
            return self.begun(telling, terms, audible, quiet=quiet)
        if not self.open:
            return self.ended(telling, terms, quiet=quiet)
        return self.went_on(telling, terms, audible)

    def begun(self, telling: Telling, terms: Terms, audible: Sequence[Member], *, quiet: bool) -> Telling:
        """Tell the beginning of the episode if it is time."""
        if not terms.opens or telling.episode == self.incident.episode:
            return telling
        if not audible:
            telling = replace(telling, waiting_since=None)
            return telling if quiet else self.caught_up(telling, terms)
        since = self.now if telling.waiting_since is None else min(telling.waiting_since, self.now)
        if since + terms.group_wait_s > self.now:
            self.wakes.append(since + terms.group_wait_s)
            return replace(telling, waiting_since=since)
        opened = self.opened(telling, audible)
        if telling.episode and self.flaps(audible):
            return opened
        kind = MessageKind.REOPENING if telling.episode else MessageKind.OPENING
        self.say(telling.target, kind, audible, joined=[m.alert.id for m in audible])
        return opened

    def caught_up(self, telling: Telling, terms: Terms) -> Telling:
        """Tell an episode whose beginning and end became known at once, if it is neither short nor old."""
        lasting = [m for m in self.members if not m.covered_by and _lasted(m.alert) >= terms.group_wait_s]
        fresh = [m for m in lasting if (m.alert.resolved_at or 0) >= self.now - CATCH_UP_S]
        if self.open or not fresh:
            return telling
        opened = self.opened(telling, fresh)
        kind = MessageKind.REOPENING if telling.episode else MessageKind.OPENING
        self.say(telling.target, kind, fresh, joined=[m.alert.id for m in fresh])
        return self.ended(opened, terms, quiet=False)

    def ended(self, telling: Telling, terms: Terms, *, quiet: bool) -> Telling:
        known = [m for m in self.members if m.alert.id in telling.told]
        covered = bool(known) and all(m.covered_by for m in known)
        single = self.single(known or self.members)
        by_hand = bool(known) and all(m.alert.reason is Reason.MANUAL for m in known)  # which was told
        silent = quiet or covered or by_hand or not terms.send_resolved or single or telling.flapping
        if not silent:
            self.say(telling.target, MessageKind.RESOLVED, known or self.members, left=sorted(telling.told))
        return replace(telling, is_open=False, told=frozenset(), severity=None)

    def went_on(self, telling: Telling, terms: Terms, audible: Sequence[Member]) -> Telling:
        over = {m.alert.id for m in self.members if self.single([m])}
        if over & telling.told:  # that a call stays over is no news
            level = min(telling.severity or Severity.INFO, self.level(self.open))
            telling = replace(telling, told=telling.told - over, severity=level)
        now_told = {m.alert.id for m in audible} | {
            m.alert.id for m in self.open if m.alert.id in telling.told
        }
        joined, left = sorted(now_told - telling.told), sorted(telling.told - now_told)
        level, before = self.level(audible), telling.severity or Severity.INFO
        fresh = replace(telling, told=frozenset(now_told), severity=level or before, waiting_since=None)
        rises, changes = level > before, bool(joined or left) or level < before
        since = (telling.waiting_since or self.now) if audible and changes else None
        telling = replace(telling, waiting_since=since)
        if rises or (since is not None and self.flush_due(since, terms)):
            if not self.flaps(audible):
                kind = MessageKind.ROSE if rises else MessageKind.MEMBERS
                self.say(telling.target, kind, audible, joined=joined, left=left)
            return fresh
        if not audible or self.flaps(audible):
            return telling
        if self.returned:
            self.say(telling.target, MessageKind.RETURNED, audible)
        elif self.incident.acked_by is None and self.reminder_due(telling, terms):
            self.say(telling.target, MessageKind.REMINDER, audible)
            return replace(telling, reminded_at=self.now)
        return telling

    def opened(self, telling: Telling, members: Sequence[Member]) -> Telling:
        return replace(
            telling,
            episode=self.incident.episode,
            is_open=True,
            told=frozenset(m.alert.id for m in members),
            severity=self.level(members),
            waiting_since=None,
            reminded_at=None,
            delivered_at=None,
        )

    def noted(self, telling: Telling, audible: Sequence[Member]) -> Telling:
        """Say once that the alerts flap: from then on only the first message tells of it."""
        watched = audible if self.open else [m for m in self.members if m.alert.id in telling.told]
        flapping = self.flaps(watched)
        if flapping and not telling.flapping and telling.episode:
            self.say(telling.target, MessageKind.FLAPPING, watched)
        return replace(telling, flapping=flapping) if watched else telling

    def edited(self, telling: Telling, shown: str) -> Telling:
        """Bring the first message up to date, if there is one and it is not."""
        if not telling.episode or telling.shown == shown:
            return telling
        kinds = [line.kind for target, line in self.lines if target == telling.target]
        if kinds != [MessageKind.OPENING]:
            self.lines.append((telling.target, self.line(MessageKind.EDIT)))
        return replace(telling, shown=shown)

    def escalated(self, told: Mapping[str, Telling]) -> Iterator[str]:
        """Yield the targets that are told now, because nobody acknowledged in time."""
        if self.incident.acked_by is not None or self.incident.is_snoozed(self.now):
            return
        heard = [m for m in self.open if not m.covered_by]
        for target, terms in self.case.terms.items():
            telling = told.get(target)
            if terms.escalate_after_s is None or terms.muted or not heard:
                continue
            if telling is None or not telling.is_open:
                continue
            due_at = self.incident.episode_at + terms.escalate_after_s
            if due_at > self.now:
                self.wakes.append(due_at)
                continue
            for further in terms.escalate_to:
                there = told.get(further)
                if there is None or there.episode < self.incident.episode:
                    yield further

    # When

    def flush_due(self, since: float, terms: Terms) -> bool:
        """Return whether an instant of the grid has come after ``since``; if not, wake at it."""
        first = self.incident.episode_at + terms.group_wait_s
        step = max(1, terms.group_interval_s)
        due_at = first + max(0, math.ceil((since - first) / step)) * step
        if due_at > self.now:
            self.wakes.append(due_at)
        return due_at <= self.now

    def reminder_due(self, telling: Telling, terms: Terms) -> bool:
        """Return whether the last message that arrived is ``repeat_interval`` old and none is on its way."""
        if telling.delivered_at is None:
            return False
        if telling.reminded_at is not None and telling.reminded_at > telling.delivered_at:
            return False
        due_at = telling.delivered_at + terms.repeat_interval_s
        self.wakes.append(due_at)
        return due_at <= self.now

    # Words

    def say(
        self,
        target: str,
        kind: MessageKind,
        members: Sequence[Member],
        *,
        joined: Sequence[int] = (),
        left: Sequence[int] = (),
    ) -> None:
        self.lines.append((target, self.line(kind, members, joined, left)))

    def line(
        self,
        kind: MessageKind,
        members: Sequence[Member] = (),
        joined: Sequence[int] = (),
        left: Sequence[int] = (),
    ) -> Line:
        lead = lead_of([m.alert for m in members or self.members])
        return Line(
            kind=kind,
            at=self.at,
            severity=self.level(members or self.open or self.members),
            value=lead.value if lead else None,
            joined=tuple(joined),
            left=tuple(left),
        )

    def level(self, members: Sequence[Member]) -> Severity:
        return max((m.alert.severity for m in members), default=Severity.INFO)

    def flaps(self, members: Sequence[Member]) -> bool:
        return bool(members) and all(m.flaps for m in members)

    def single(self, members: Sequence[Member]) -> bool:
        return bool(members) and all(m.alert.reason is Reason.ONE_SHOT for m in members)

    def digest(self) -> str:
        """Return what changes whenever the first message would show something else."""
        incident = self.incident
        about = (incident.episode, incident.resolved_at, incident.acked_by, incident.snoozed_until)
        alerts = [(m.alert.id, *_shown(m.alert), m.covered_by, m.flaps) for m in self.members]
        return hashlib.sha256(repr((about, alerts)).encode()).hexdigest()[:16]


def lead_of(alerts: Sequence[Alert]) -> Alert | None:
    """Return the alert that stands for all: of those that fire, else of all, the most severe, then the
    first."""
    firing = [a for a in alerts if a.is_open]
    return min(firing or alerts, key=lambda a: (-a.severity, a.fired_at or 0, a.id), default=None)


def _lasted(alert: Alert) -> int:
    if alert.fired_at is None or alert.resolved_at is None:
        return 0
    return alert.resolved_at - alert.fired_at


def _shown(alert: Alert) -> tuple[object, ...]:
    return (
        alert.state,
        alert.severity,
        _rounded(alert.value),
        alert.threshold,
        _rounded(alert.peak),
        alert.reason,
        alert.resolved_at,
        len(alert.affected.users),
        alert.affected.events,
    )


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
