"""Where alerts go and what hides them, by routing.yml and the silences in force (pure)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.incidents import Terms
from bot.model.alert import Alert
from bot.model.silence import Silence
from bot.model.verdict import Labels
from bot.model.verdict import labels as labels_of
from bot.rules.matcher import Matcher, all_hold
from bot.rules.routing import Match, is_active, receivers_for
from bot.rules.routing_grammar import InhibitRule, PagerDutyConfig, RoutingSpec, SlackConfig, WebhookConfig

Config = SlackConfig | WebhookConfig | PagerDutyConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The routing in force."""

    spec: RoutingSpec

    def groups(self, alert: Alert, told: Collection[str] = ()) -> Mapping[Labels, int]:
        """Return the groups that an alert belongs to, with how long each may be reopened; where some targets
        were ``told`` of it already, only the groups that reach others."""
        seen = matched(alert)
        found: dict[Labels, int] = {}
        for match in receivers_for(self.spec, seen):
            if not told or not self.configs(match.receiver).keys() <= set(told):
                group = group_of(match, seen)
                found[group] = max(found.get(group, 0), match.reopen_within_s)
        return found

    def terms(
        self, group: Labels, alerts: Iterable[Alert], told: Collection[str], now: float
    ) -> dict[str, Terms]:
        """Return how each target wants to be told of the alerts of a group.

        Where routes differ, the most severe alert's counts among those that are open and not muted, with the
        shortest ``group_wait``. Targets that were ``told`` stay, whatever route leads there now; those of
        ``escalate_to`` wait.
        """
        ways: dict[str, list[tuple[tuple[bool, bool, bool, int], Terms]]] = defaultdict(list)
        for alert in alerts:
            seen = matched(alert)
            for match in receivers_for(self.spec, seen):
                elsewhere = group_of(match, seen) != group
                for target, config in self.configs(match.receiver).items():
                    if not elsewhere or target in told:
                        terms = self._terms(match, config, now)
                        rank = (not alert.is_open, bool(terms.muted), elsewhere, -alert.severity)
                        ways[target].append((rank, terms))
        found = {target: _chosen(known) for target, known in ways.items()}
        further = {t for terms in found.values() for t in terms.escalate_to}
        for target in [*told, *sorted(further)]:
            known = self.config(target)
            found.setdefault(
                target,
                Terms(receiver="", opens=False, send_resolved=known.send_resolved if known else True),
            )
        return found

    def configs(self, receiver: str) -> dict[str, Config]:
        """Return what a receiver stands for, by target."""
        found: dict[str, Config] = {}
        for one in self.spec.receivers:
            if one.name == receiver:
                found |= {f"slack:{config.channel}": config for config in one.slack_configs}
                found |= {f"webhook:{receiver}:{n}": c for n, c in enumerate(one.webhook_configs)}
                found |= {f"pagerduty:{receiver}:{n}": c for n, c in enumerate(one.pagerduty_configs)}
        return found

    def receiver(self, target: str) -> str:
        """Return the name of the first receiver that stands for a target, empty where none does."""
        names = (one.name for one in self.spec.receivers if target in self.configs(one.name))
        return next(names, "")

    def config(self, target: str) -> Config | None:
        """Return what the files say of a target, None where they know it no more."""
        for receiver in self.spec.receivers:
            found = self.configs(receiver.name).get(target)
            if found is not None:
                return found
        return None

    def _terms(self, match: Match, config: Config, now: float) -> Terms:
        return Terms(
            receiver=match.receiver,
            group_wait_s=match.group_wait_s,
            group_interval_s=match.group_interval_s,
            repeat_interval_s=match.repeat_interval_s,
            acknowledgement_timeout_s=match.acknowledgement_timeout_s,
            escalate_after_s=match.escalate_after_s,
            escalate_to=tuple(self.configs(match.escalate_to)) if match.escalate_to else (),
            send_resolved=config.send_resolved,
            muted=self._muted(match, now),
        )

    def _muted(self, match: Match, now: float) -> str:
        """Return the calendar that keeps a route quiet, empty where none does."""
        intervals = {interval.name: interval for interval in self.spec.time_intervals}
        for name in match.mute_time_intervals:
            if name in intervals and is_active(intervals[name], now):
                return name
        active = match.active_time_intervals
        if active and not any(name in intervals and is_active(intervals[name], now) for name in active):
            return f"outside of {', '.join(active)}"
        return ""


def _chosen(ways: Sequence[tuple[tuple[bool, bool, bool, int], Terms]]) -> Terms:
    """Return the terms of the lowest rank, the earlier of equals; they wait no longer than others of its
    kind."""
    rank, terms = min(ways, key=lambda way: way[0])
    waits = [other.group_wait_s for at, other in ways if at[:2] == rank[:2]]
    return replace(terms, group_wait_s=min(waits))


def matched(alert: Alert) -> dict[str, str]:
    """Return the labels that matchers look at."""
    return {**dict(alert.labels), "alertname": alert.alertname, "severity": alert.severity.word}


def group_of(match: Match, seen: Mapping[str, str]) -> Labels:
    """Return what the alerts of a group share; ``...`` keeps every label, so that each alert is alone."""
    if "..." in match.group_by:
        return labels_of(**{name: value for name, value in seen.items() if name != "severity"})
    return labels_of(**{name: seen.get(name, "") for name in match.group_by})


def covers(
    alerts: Sequence[Alert],
    firing: Sequence[Alert],
    spec: RoutingSpec,
    silences: Sequence[Silence],
    now: float,
) -> dict[int, tuple[str, ...]]:
    """Return by id of alert what hides it, in words; ``firing`` are those that may hide others."""
    found: dict[int, list[str]] = defaultdict(list)
    active = [(silence, _parsed(silence)) for silence in silences if silence.is_active(now)]
    sources = [(rule, _sources(rule, firing)) for rule in spec.inhibit_rules]
    for alert in alerts:
        seen = matched(alert)
        for silence, matchers in active:
            if all_hold(matchers, seen):
                found[alert.id].append(silence.name)
        for rule, by_equal in sources:
            if by_equal and all_hold(rule.target_matchers, seen):
                both = all_hold(rule.source_matchers, seen)
                hiders = [] if both else by_equal.get(_equal(rule, seen), [])
                found[alert.id] += [name for name in hiders if name not in found[alert.id]]
    return {id_: tuple(words) for id_, words in found.items() if words}


def is_source(alert: Alert, spec: RoutingSpec) -> bool:
    """Return whether an alert may hide others."""
    seen = matched(alert)
    return any(all_hold(rule.source_matchers, seen) for rule in spec.inhibit_rules)


def next_change(silences: Iterable[Silence], now: float) -> float | None:
    """Return when the next silence begins or ends."""
    edges = [edge for s in silences for edge in (s.starts_at, s.ends_at) if edge > now]
    return min(edges, default=None)


def _sources(rule: InhibitRule, firing: Sequence[Alert]) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for alert in firing:
        seen = matched(alert)
        if alert.is_open and all_hold(rule.source_matchers, seen):
            names = found[_equal(rule, seen)]
            if alert.alertname not in names:
                names.append(alert.alertname)
    return found


def _equal(rule: InhibitRule, seen: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(seen.get(name, "") for name in rule.equal)


def _parsed(silence: Silence) -> tuple[Matcher, ...]:
    return tuple(Matcher.parse(text) for text in silence.matchers)
