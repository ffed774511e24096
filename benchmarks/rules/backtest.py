"""A month of metrics through twenty rules: ours and `promtool test rules`, over the same series."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.rules.history import BEGINS, History
from benchmarks.rules.measure import Cost, Stopwatch, command
from benchmarks.rules.twins import TWINS, our_rules, their_rules
from bot.flows.replay import Episode, Replay
from bot.model.time import MINUTE_S

SPANS_CHECKED = 5
_MINUTES_CHECKED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """From which minute until before which an alert of a project fired; ``end`` None: it goes on."""

    alert: str
    project: str
    start: int
    end: int | None

    def at(self, minute: int) -> bool:
        return self.start <= minute and (self.end is None or minute < self.end)


def prepare(folder: Path, projects: int, days: float) -> None:
    """Write the history of a backtest."""
    History.make(projects, days).save(folder)


def ours(folder: Path) -> tuple[Cost, list[Fired]]:
    """Return the cost of a backtest over what ``prepare`` wrote, and what fired."""
    watch = Stopwatch()
    with watch:
        fired = [_fired(episode) for episode in backtest(History.load(folder))]
    return watch.cost(), fired


def backtest(history: History) -> list[Episode]:
    """Return what fired in all of a history."""
    replay = Replay(our_rules(), history.read)
    replay.advance(BEGINS, BEGINS + history.minutes * MINUTE_S)
    return replay.episodes()


def _fired(episode: Episode) -> Fired:
    alert = episode.alert
    return Fired(
        alert=alert.alertname,
        project=alert.project,
        start=_minute(alert.fired_at or 0),
        end=_minute(alert.resolved_at) if alert.resolved_at else None,
    )


def _minute(instant: int) -> int:
    return (instant - BEGINS) // MINUTE_S


def write_test(folder: Path, fired: Sequence[Fired], *, checks: bool = True) -> tuple[Path, int]:
    """Write promtool's files: the series, the rules, and what must fire at sampled minutes.

    Return the path of the test, and how many minutes of alerts it looks at. Without ``checks`` it only has to
    read the series.
    """
    history = History.load(folder)
    (folder / "rules.yml").write_text(their_rules())
    path = folder / ("test.yml" if checks else "read.yml")
    sampled = list(_checks(fired, history.minutes)) if checks else []
    with path.open("w") as file:
        file.write("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n")
        file.write("  - interval: 1m\n    input_series:\n")
        for name, lines in history.values.items():
            for project, line in zip(history.projects, lines, strict=True):
                file.write(
                    f"      - series: '{name}{{project=\"{project}\"}}'\n        values: '{_text(line)}'\n"
                )
        file.write("    alert_rule_test:\n")
        for check in sampled or [("VideoFreeze", 0, [])]:
            file.writelines(_check_text(*check))
    return path, len(sampled)


def promtool(test: Path) -> tuple[Cost, bool, str]:
    """Return the cost of promtool's run, whether it agrees, and what it said."""
    cost, code, said = command(["promtool", "test", "rules", test])
    return cost, code == 0, said


def _text(line: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    return " ".join("_" if value != value else f"{value:g}" for value in line.tolist())


def _checks(fired: Sequence[Fired], minutes: int) -> Iterator[tuple[str, int, Sequence[str]]]:
    """Yield alert, minute, and the projects in which it fires then: around sampled beginnings and ends, at
    some minutes more, and at the last one."""
    chance = random.Random(1)
    by_alert: dict[str, list[Fired]] = defaultdict(list)
    for span in fired:
        by_alert[span.alert].append(span)
    for alert in (twin.name for twin in TWINS):
        spans = by_alert[alert]
        looked_at = {minutes - 1, *(chance.randrange(minutes) for _ in range(_MINUTES_CHECKED))}
        for span in chance.sample(spans, min(SPANS_CHECKED, len(spans))):
            end = minutes if span.end is None else span.end
            looked_at |= {span.start - 1, span.start, end - 1, end}
        for minute in sorted(m for m in looked_at if 0 <= m < minutes):
            yield alert, minute, sorted({span.project for span in spans if span.at(minute)})


def _check_text(alert: str, minute: int, projects: Sequence[str]) -> Iterator[str]:
    yield f"      - eval_time: {minute}m\n        alertname: {alert}\n        exp_alerts:\n"
    for project in projects:
        summary = json.dumps(f"{alert} in {project}")
        yield f"          - exp_labels: {{project: {project}}}\n"
        yield f"            exp_annotations: {{summary: {summary}}}\n"
    if not projects:
        yield "          []\n"
