"""Try rules on history: what would have fired, what would have been said, and how much is known.

The judge is that of the live bot. History passes by in pieces; what stays is what fired.
"""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.flows.differences import differences
from bot.flows.judged import Tally
from bot.flows.lives import Key, Telling, fired, key_of, messages
from bot.flows.replay import Episode, Read, Replay, needs
from bot.flows.routes import Routes
from bot.model.backtest import Backtest, Comparison, Fired
from bot.model.observation import Observations
from bot.model.time import DAY_S, HOUR_S, MINUTE_S
from bot.model.verdict import Outcome
from bot.render import words
from bot.rules import Rule, RuleSet, evaluate

_PROJECT_DAYS = 100
"""How many days of one project a piece of history may hold: about 200 MB with a dozen metrics."""


class UnknownRule(Exception):
    """No rule has this name; the message names a similar one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A rule set to try: ``shown`` are the names of those that are told of, all where it is empty."""

    folder: str
    rules: RuleSet
    routes: Routes
    shown: frozenset[str] = frozenset()

    def tells_of(self, name: str) -> bool:
        return not self.shown or name in self.shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer, and the lives and the rules that it is made of, for pictures."""

    backtest: Backtest
    episodes: tuple[Episode, ...]
    rules: tuple[Rule, ...]


def backtest(
    tried: Tried,
    read: Read,
    projects: Sequence[str],
    start: int,
    end: int,
    telling: Telling,
    *,
    other: Tried | None = None,
    notes: Sequence[str] = (),
) -> Found:
    """Return what would have fired in ``[start, end)``, both minute starts; with ``other``, what differs."""
    rules = list(tried.rules.in_order())
    every = [*rules, *(other.rules.in_order() if other else ())]
    tally = Tally([rule for rule in rules if tried.tells_of(rule.name)], rules, projects)
    piece = _Piece()
    replays = [Replay(one.rules, piece) for one in (tried, other) if one]
    piece_s = piece_length(len(projects))
    early: set[Key] = set()
    for first in range(start, end, piece_s):
        last = min(first + piece_s, end)
        minutes = range(first, last, MINUTE_S)
        piece.seen = read(needs(every, minutes))
        tally.add(piece.seen, minutes)
        for replay in replays:
            replay.advance(first, last)
            if first == start:
                early |= _early(replay, piece.seen, start)
    episodes = tuple(replays[0].episodes())
    here = _fired(tried, episodes, telling, end, early)
    result = Backtest(
        folder=tried.folder,
        start=start,
        end=end,
        projects=tuple(projects),
        rules=sum(tried.tells_of(rule.name) for rule in rules),
        fired=tuple(here),
        judged=tally.judged(),
        notes=(*notes, *_notes(tried, here, start)),
    )
    if other:
        there = _fired(other, replays[1].episodes(), telling, end, early)
        result = replace(result, comparison=_compared(tried, other, here, there, end))
    return Found(backtest=result, episodes=episodes, rules=tuple(rules))


def chosen(rules: RuleSet, names: Collection[str]) -> RuleSet:
    """Return the named rules with those that they refer to, all where none is named; raise UnknownRule."""
    by_name = {rule.name: rule for rule in rules.rules}
    kept: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in by_name:
            raise UnknownRule(_unknown(name, list(by_name)))
        if name not in kept:
            kept.add(name)
            waiting += [other for other in by_name[name].refers_to if other in by_name]
    if not names:
        return rules
    return replace(rules, rules=tuple(rule for rule in rules.rules if rule.name in kept))


def piece_length(projects: int) -> int:
    """Return how long a piece of history may be: a day, or less where there are many projects."""
    hours = DAY_S * _PROJECT_DAYS // max(1, projects) // HOUR_S
    return min(max(hours, 1), 24) * HOUR_S


def _fired(
    tried: Tried, episodes: Sequence[Episode], telling: Telling, end: int, early: Collection[Key]
) -> list[Fired]:
    said = messages(episodes, telling, tried.routes, end)
    chosen = [episode for episode in episodes if tried.tells_of(episode.rule.name)]
    return [fired(episode, said.get(key_of(episode), ()), end, early) for episode in chosen]


class _Piece:
    """The piece of history that all replays judge: read once, as much as any of them needs."""

    seen: Observations

    def __call__(self, _needs: object) -> Observations:
        return self.seen


def _early(replay: Replay, seen: Observations, start: int) -> set[Key]:
    """Return the lives that held as soon as anything was known: nobody knows when they began."""
    found = set()
    for life in replay.episodes():
        alert, labels, began = key_of(life)
        if began - start >= life.rule.window_s:
            continue
        before = evaluate(life.rule, seen, range(start, began, MINUTE_S), also=[labels], states=replay.lives)
        outcomes = [series.outcome for series in before if series.labels == labels]
        if all((outcome == Outcome.UNKNOWN).all() for outcome in outcomes):
            found.add((alert, labels, began))
    return found


def _unknown(name: str, known: Sequence[str]) -> str:
    similar = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {similar[0]}?" if similar else f"there are {', '.join(sorted(known))}"
    return f"no rule is called {name!r}; {hint}"


def _notes(tried: Tried, here: Sequence[Fired], start: int) -> list[str]:
    """Return what makes the answer less than it looks."""
    found = []
    early = sorted({one.alert for one in here if one.from_start})
    if early:
        since = words.utc(start)
        found.append(
            f"{', '.join(early)} held as soon as anything was known after {since} UTC:"
            " it may have begun before. Begin earlier to see."
        )
    off = sorted(rule.name for rule in tried.rules.rules if not rule.enabled and tried.tells_of(rule.name))
    if off:
        found.append(f"Switched off, so not tried: {', '.join(off)}.")
    return found


def _compared(
    tried: Tried, other: Tried, here: Sequence[Fired], there: Sequence[Fired], end: int
) -> Comparison:
    same, found = differences(here, there, end)
    mine = {rule.name for rule in tried.rules.in_order()}
    theirs = {rule.name for rule in other.rules.in_order()}
    return Comparison(
        folder=other.folder,
        same=same,
        differences=tuple(found),
        only_here=tuple(sorted(mine - theirs)),
        only_there=tuple(sorted(theirs - mine)),
    )
