"""What happens to the metrics of some projects, and what each channel must hear of it.

Three states a minute, one character each: ``.`` healthy, ``w`` warning, ``c`` critical. What is to be told is
read off these strings, without any code of the bot.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from random import Random

from bot.flows.correlate import Rulebook
from bot.flows.routes import Routes
from bot.model.catalog import Feed
from bot.model.observation import MetricPoint
from bot.model.time import MINUTE_S
from bot.rules import Source, load
from bot.rules.routing import load_routing
from bot.store import Database, alerts, observations

CHANNELS = ("rtc-quality", "general")
REOPEN_WITHIN_MIN = 10
RULE = "Freeze"
RULES = f"""
version: 1
groups:
  - name: g
    query_offset: 0m
    rules:
      - alert: {RULE}
        metric: {{name: videoFreezeRate, aggregate: last, window: 1m, op: ">",
                 thresholds: {{warning: 5, critical: 10}}}}
        for: 0m
        keep_firing_for: 0m
"""
ROUTING = f"""
version: 1
route: {{receiver: both, group_wait: 0s, repeat_interval: 400h, reopen_within: {REOPEN_WITHIN_MIN}m}}
receivers:
  - name: both
    slack_configs: [{", ".join(f'{{channel: "#{name}"}}' for name in CHANNELS)}]
"""
_VALUES = {".": 1.0, "w": 7.0, "c": 20.0}
Told = dict[str, list[list[str]]]
"""By project the incidents in order, each as the kinds of its messages in order."""


def book() -> Rulebook:
    """Return the one rule, told at once in two channels."""
    routing = load_routing(Source(name="routing.yml", text=ROUTING))
    return Rulebook(rules=load([Source(name="r.yml", text=RULES)]), routes=Routes(spec=routing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The states of each project from the minute ``start`` on."""

    start: int
    states: Mapping[str, str]

    @property
    def minutes(self) -> int:
        return len(next(iter(self.states.values())))

    def to_tell(self) -> Told:
        """Return what each channel must hear."""
        return {project: _incidents(states) for project, states in self.states.items()}

    def feed(self, database: Database) -> None:
        """Store all of it beforehand, as if every minute had been polled; the judge goes by the clock."""
        minutes = [self.start + MINUTE_S * n for n in range(self.minutes)]
        end = minutes[-1] + MINUTE_S
        with database.transaction() as tx:
            for project, states in self.states.items():
                points = [
                    MetricPoint(metric="videoFreezeRate", minute=minute, value=_VALUES[state])
                    for minute, state in zip(minutes, states, strict=True)
                ]
                observations.save_points(tx, project, points, self.start)
                observations.mark_known(tx, project, Feed.EXPERIENCE, minutes, cut=frozenset())
                observations.claim_poll(
                    tx, project, Feed.EXPERIENCE, now=self.start, lease_s=0, since=self.start
                )
                observations.poll_succeeded(tx, project, Feed.EXPERIENCE, watermark=end, now=self.start)
            alerts.move_cursors(tx, list(self.states), RULE, before=None, minute=self.start - MINUTE_S)


def write(random: Random, *, start: int, projects: int, minutes: int) -> Story:
    """Return a story in which all projects fail at times alone and once together, and end healthy."""
    return Story(
        start=start, states={f"p{n}": _states(random, minutes, minutes // 2) for n in range(projects)}
    )


def _states(random: Random, minutes: int, together: int) -> str:
    states = ""
    while len(states) < minutes:
        states += "." * random.choice((1, 3, 10, 11, 40, 80, 120))
        states += "w" * random.randint(0, 3) + "c" * random.randint(0, 3)
    return f"{states[:together]}....wwcc....{states[together : minutes - 16]}...."[:minutes]


def _incidents(states: str) -> list[list[str]]:
    found: list[list[str]] = []
    ended_at = -1
    for match in re.finditer("[wc]+", states):
        goes_on = bool(found) and match.start() - ended_at <= REOPEN_WITHIN_MIN
        if not goes_on:
            found.append([])
        levels = [level for level, _ in groupby(match.group())]
        found[-1] += ["reopening" if goes_on else "opening", *("rose" for _ in levels[1:]), "resolved"]
        ended_at = match.end()
    return found
