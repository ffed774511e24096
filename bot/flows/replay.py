"""Rules over history, by the judge of the live bot: what would have fired and when, and what was said of it.

History is taken in pieces, so that memory does not grow with its length; alerts that are open at the end of a
piece go on in the next one, as they do from tick to tick in the live bot.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.flows.judge import judge_rule
from bot.incidents import Change, Moment
from bot.model.alert import Alert, Life
from bot.model.observation import Observations
from bot.model.time import DAY_S, MINUTE_S
from bot.model.verdict import Labels
from bot.rules import Rule, RuleSet, spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the judge has to see: ``[start, end)``, these metrics, and ``earlier`` (metric, start, end)."""

    start: int
    end: int
    metrics: tuple[str, ...]
    earlier: frozenset[tuple[str, int, int]] = frozenset()


Read = Callable[[Needs], Observations]
"""Returns what is known; more than is needed does no harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One life of an alert that fired: ``alert`` as it was last, and its moments in order."""

    rule: Rule
    alert: Alert
    moments: tuple[Moment, ...]


@dataclass(slots=True)
class _Open:
    alert: Alert
    moments: list[Moment] = field(default_factory=list)


class Replay:
    """Rules on their way through history. ``advance`` may be called again for the time after."""

    def __init__(self, rules: RuleSet, read: Read, *, piece_s: int = DAY_S) -> None:
        self._rules = list(rules.in_order())
        self._referred_to = {alert for rule in self._rules for alert in rule.refers_to}
        self._read = read
        self._piece_s = piece_s
        self._open: dict[str, dict[Labels, _Open]] = defaultdict(dict)
        self._lives: dict[str, list[Life]] = defaultdict(list)
        self._ended: list[Episode] = []

    def advance(self, start: int, end: int) -> None:
        """Judge the minutes of ``[start, end)``, both minute starts."""
        for first in range(start, end, self._piece_s):
            minutes = range(first, min(first + self._piece_s, end), MINUTE_S)
            if minutes:
                self._judge(minutes)

    def read_by(self, read: Read) -> None:
        """Read what comes next in another way."""
        self._read = read

    def restart(self, survive: Callable[[list[Alert]], list[Alert]]) -> None:
        """Go on with what ``survive`` makes of the open alerts, as after a restart of the bot."""
        for alert, held in self._open.items():
            kept = survive([one.alert for one in held.values()])
            self._open[alert] = {i.labels: _Open(i, held[i.labels].moments) for i in kept}

    def open(self, alert: str) -> list[Alert]:
        """Return the alerts of that name that are pending, firing or recovering, in order of labels."""
        return [held.alert for _, held in sorted(self._open[alert].items())]

    @property
    def lives(self) -> Mapping[str, Sequence[Life]]:
        """The lives of the alerts that composites look at, by name."""
        return self._lives

    def episodes(self) -> list[Episode]:
        """Return every life that fired so far, in order of time, those that go on included."""
        going_on = [
            Episode(rule=rule, alert=held.alert, moments=tuple(held.moments))
            for rule in self._rules
            for held in self._open[rule.name].values()
            if held.alert.is_open
        ]
        return sorted([*self._ended, *going_on], key=_when)

    def _judge(self, minutes: range) -> None:
        seen = self._read(needs(self._rules, minutes))
        for rule in self._rules:
            before = {labels: held.alert for labels, held in self._open[rule.name].items()}
            for change in judge_rule(rule, seen, minutes, before, self._lives):
                self._take(rule, change)
        self._forget(minutes[0] - DAY_S)

    def _take(self, rule: Rule, change: Change) -> None:
        if change.life is None:
            return
        labels = change.life.labels
        self._remember(rule, change.life)
        held = self._open[rule.name].pop(labels, None) if change.before is not None else None
        moments = [*(held.moments if held else ()), *change.moments]
        if change.after is None:
            return
        if change.after.resolved_at is None:
            self._open[rule.name][labels] = _Open(change.after, moments)
        else:
            self._ended.append(Episode(rule=rule, alert=change.after, moments=tuple(moments)))

    def _remember(self, rule: Rule, life: Life) -> None:
        if rule.name not in self._referred_to:
            return
        key = (life.labels, life.pending_at)
        others = [known for known in self._lives[rule.name] if (known.labels, known.pending_at) != key]
        self._lives[rule.name] = [*others, life]

    def _forget(self, before: int) -> None:
        for name, lives in self._lives.items():
            self._lives[name] = [life for life in lives if life.ended_at is None or life.ended_at >= before]


def needs(rules: Iterable[Rule], minutes: range) -> Needs:
    """Return what rules have to see to judge ``minutes``."""
    windows = [(rule, spans(rule, minutes)) for rule in rules]
    return Needs(
        start=min((recent[0] for _, (recent, *_) in windows), default=minutes[0]),
        end=minutes[-1] + MINUTE_S,
        metrics=tuple(sorted({name for rule, _ in windows for name in rule.metrics})),
        earlier=frozenset(
            (name, *span) for rule, (_, *earlier) in windows for span in earlier for name in rule.metrics
        ),
    )


def _when(episode: Episode) -> tuple[int, str, Labels]:
    return episode.alert.fired_at or 0, episode.alert.alertname, episode.alert.labels
