"""`make bench-rules`: the rule engine beside `promtool test rules`, on events, and in a live tick."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rules import backtest, events, tick
from benchmarks.rules.measure import Cost, alone, per_doubling
from benchmarks.rules.report import Contest, Sizes, page

REPORT = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks-rules.md"
PROJECTS = 50
CONTEST_DAYS = (1.0, 2.0, 4.0)
DAYS = (7.5, 15.0, 30.0)
EVENTS = (250_000, 500_000, 1_000_000)
TICK_PROJECTS = (250, 500, 1000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    parser.add_argument("--full", action="store_true", help="run promtool over the whole month, not 4 days")
    chosen = parser.parse_args()
    if not shutil.which("promtool"):
        parser.error("promtool is not installed; apt-get install prometheus, then run this again")
    text = page(
        contests=[contest(days) for days in (*CONTEST_DAYS, *(DAYS[-1:] if chosen.full else ()))],
        backtests=_sizes("days", DAYS, [_backtest(days) for days in DAYS]),
        events=_sizes("events", EVENTS, [_said(alone(events.from_columns, n)[0], n) for n in EVENTS]),
        in_memory=_sizes(
            "projects", TICK_PROJECTS, [_said(alone(tick.in_memory, n), n) for n in TICK_PROJECTS]
        ),
        stored={
            kind: _sizes(
                "projects", TICK_PROJECTS, [_said(alone(tick.stored, n, kind)[0], n) for n in TICK_PROJECTS]
            )
            for kind in ("SQLite", "PostgreSQL")
        },
        load=os.getloadavg()[0],
    )
    if chosen.write:
        REPORT.write_text(text)
    print(text)


def contest(days: float) -> Contest:
    """Return what both judges need for the same series; stop where they disagree."""
    with tempfile.TemporaryDirectory(prefix="bench-rules-") as name:
        folder = Path(name)
        alone(backtest.prepare, folder, PROJECTS, days)
        ours, fired = alone(backtest.ours, folder)
        path, checked = alone(backtest.write_test, folder, fired)
        theirs, agrees, said = backtest.promtool(path)
        if not agrees:
            sys.exit(f"promtool does not agree, so nothing was compared:\n{said[:4000]}")
        read_only, _ = alone(backtest.write_test, folder, (), checks=False)
        reading, _, _ = backtest.promtool(read_only)
    print(
        f"{days:g} days: ours {ours.cpu_s:.2f} s, promtool {theirs.cpu_s:.2f} s", file=sys.stderr, flush=True
    )
    return Contest(days=days, ours=ours, theirs=theirs, reading=reading, fired=len(fired), checked=checked)


def _backtest(days: float) -> Cost:
    with tempfile.TemporaryDirectory(prefix="bench-rules-") as name:
        alone(backtest.prepare, Path(name), PROJECTS, days)
        return _said(alone(backtest.ours, Path(name))[0], days)


def _said(cost: Cost, size: float) -> Cost:
    print(f"{size:g}: {cost.cpu_s:.2f} s, {cost.peak_mib:.0f} MiB", file=sys.stderr, flush=True)
    return cost


def _sizes(unit: str, sizes: Sequence[float], costs: Sequence[Cost]) -> Sizes:
    growth = per_doubling(sizes, [cost.cpu_s for cost in costs])
    return Sizes(unit=unit, sizes=tuple(sizes), costs=tuple(costs), growth=growth)


if __name__ == "__main__":
    main()
