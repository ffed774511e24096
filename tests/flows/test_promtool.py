"""promtool as an oracle: where a rule means the same in both, our verdicts are those of Prometheus.

It lists alerts that fire, so pending ones are compared only by when they fire. What differs on purpose is
marked: docs/adr/0007.
"""

import random
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from benchmarks.rules.twins import Twin
from bot.flows.replay import Replay
from bot.model.time import MINUTE_S
from bot.rules import Source, load
from bot.rules.notation import values
from tests.rules.worlds import world

pytestmark = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed: make promtool, as root"
)

Firing = Mapping[str, Sequence[bool]]
"""Whether each alert fires in each minute."""

TWINS = [
    Twin(
        name=f"{aggregate.capitalize()}{minutes}For{for_min}Keep{keep_min}{side}",
        metric="pcu",
        aggregate=aggregate,
        minutes=minutes,
        op=op,
        threshold=threshold,
        for_min=for_min,
        keep_min=keep_min,
    )
    for aggregate, minutes in (("avg", 3), ("max", 5), ("min", 1), ("p90", 7))
    for for_min, keep_min in ((0, 0), (2, 0), (0, 3), (3, 2))
    for side, op, threshold in (("High", ">", 50.005), ("Low", "<", 30.005))
]


def ours(rules: str, samples: Sequence[float | None]) -> Firing:
    """Return what our judge makes of one sample a minute."""
    seen = world({"pcu": {n * MINUTE_S: v for n, v in enumerate(samples) if v is not None}})
    judged = load([Source("a.yml", f"version: 1\ngroups:\n  - name: g\n    rules:\n{rules}")])
    replay = Replay(judged, lambda _needs: seen)
    firing: dict[str, list[bool]] = {rule.name: [] for rule in judged.rules}
    for minute in range(0, len(samples) * MINUTE_S, MINUTE_S):
        replay.advance(minute, minute + MINUTE_S)
        for name, line in firing.items():
            line.append(any(alert.is_open for alert in replay.open(name)))
    return firing


def told_otherwise(folder: Path, rules: str, samples: str, firing: Firing, every: str = "1m") -> str:
    """Return what promtool says against this, empty where it agrees."""
    (folder / "rules.yml").write_text(f"groups:\n  - name: g\n    interval: {every}\n    rules:\n{rules}")
    lines = [f"rule_files: [rules.yml]\nevaluation_interval: {every}\ntests:\n  - interval: 1m"]
    lines += [f"    input_series: [{{series: 'pcu{{project=\"p\"}}', values: '{samples}'}}]"]
    lines += ["    alert_rule_test:"]
    for name, line in firing.items():
        for minute, fires in enumerate(line):
            alert = "{exp_labels: {project: p}}" if fires else ""
            lines.append(f"      - {{eval_time: {minute}m, alertname: {name}, exp_alerts: [{alert}]}}")
    (folder / "test.yml").write_text("\n".join(lines) + "\n")
    ended = subprocess.run(
        ["promtool", "test", "rules", folder / "test.yml"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def without_texts(rules: str) -> str:
    return "".join(line for line in rules.splitlines(keepends=True) if "annotations:" not in line)


@pytest.mark.parametrize("seed", range(3))
def test_promtool_agrees_on_generated_series(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    level, samples = 40.0, []
    for _ in range(80):
        level = min(90.0, max(5.0, level + chance.uniform(-15, 15)))
        samples.append(round(level, 2))
    firing = ours(without_texts("".join(twin.ours() for twin in TWINS)), samples)
    assert any(any(line) for line in firing.values())
    theirs = without_texts("".join(twin.theirs() for twin in TWINS))
    assert told_otherwise(tmp_path, theirs, " ".join(map(str, samples)), firing) == ""


CASES = {
    "R01": ("1 6 6 6 6.5 7 5 6 6 5 6 6 6 6", "3m", "0s", "IPPPFFIPPIPPPF", "1m"),
    "R03": ("1 6 6 1 6 1", "30s", "0s", "IPFIPI", "1m"),
    "R05": ("6 1x10", "1m", "1m", "PIIIIIIIIIII", "1m"),
    "R17": ("6 1 1 1 1", "0s", "90s", "FFFII", "1m"),
    "R07: theirs repeats the last sample, ours does not": ("1 6 _x9", "3m", "0s", "IPPPF", "1m"),
    "R15: theirs sees each tenth minute, ours all": (
        "6 1x8 6 1x8 6",
        "10m",
        "0s",
        "P" + "I" * 9 + "F",
        "10m",
    ),
}
DIFFERENT = [name for name in CASES if ": theirs" in name]


@pytest.mark.parametrize("name", CASES)
def test_promtool_on_the_portable_cases(tmp_path: Path, name: str) -> None:
    series, for_, keep, letters, every = CASES[name]
    rule = f"      - alert: A\n        {{}}\n        for: {for_}\n        keep_firing_for: {keep}\n"
    upstream = {"A": [letter == "F" for letter in letters]}
    assert told_otherwise(tmp_path, rule.format("expr: pcu > 5"), series, upstream, every) == ""
    metric = 'metric: {name: pcu, aggregate: last, window: 1m, op: ">", threshold: 5}'
    ours_alone = ours(rule.format(metric), values(series))["A"][: len(letters)]
    assert (ours_alone == upstream["A"]) == (name not in DIFFERENT)
