"""`make bench-quota`: how much of the diagnosis feed is seen with 1000 requests a day, and how soon."""

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quota.contest import Outcome, bot, fixed, oracle, outbreak_rows, watched
from benchmarks.quota.traffic import DAY_S, LOADS, Day, Load

REPORT = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"
DAY_BEGINS = 20_000 * DAY_S
DRY_S = 23.75 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One day: its rows, what an oracle could show, and what bot and fixed poller saw."""

    rows: int
    outbreak_rows: int
    oracle: int
    bot: Outcome
    fixed: Outcome


def day_of(job: tuple[str, int]) -> Result:
    name, seed = job
    day = Day(next(load for load in LOADS if load.name == name), seed, DAY_BEGINS)
    return Result(
        rows=len(day.truth),
        outbreak_rows=outbreak_rows(day),
        oracle=oracle(day),
        bot=watched(day, bot),
        fixed=watched(day, fixed),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quota", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    chosen = parser.parse_args()
    results: dict[str, list[Result]] = {load.name: [] for load in LOADS}
    jobs = [(load.name, seed) for seed in range(chosen.seeds) for load in LOADS]
    with ProcessPoolExecutor(2) as pool:
        for (name, seed), result in zip(jobs, pool.map(day_of, jobs), strict=True):
            results[name].append(result)
            print(f"{name} {seed}: {result.bot.seen}/{result.oracle}", file=sys.stderr, flush=True)
    text = report(results, chosen.seeds)
    if chosen.write:
        REPORT.write_text(text)
    print(text)


def report(results: dict[str, list[Result]], seeds: int) -> str:
    """Return the page: a table of all loads, and how to read it."""
    head = "| | " + " | ".join(load.name for load in LOADS) + " | target |"
    lines = [head, "|---|" + "---:|" * (len(LOADS) + 1)]
    for title, cell, target in ROWS:
        cells = " | ".join(cell(results[load.name]) for load in LOADS)
        lines.append(f"| {title} | {cells} | {target} |")
    loads = "\n".join(f"- **{load.name}**: {_described(load)}" for load in LOADS)
    return TEXT.format(seeds=seeds, loads=loads, table="\n".join(lines))


def _described(load: Load) -> str:
    usual = f"{load.usual} rows a minute on average, three in the morning least"
    if not load.outbreaks[1]:
        return usual + "."
    return (
        f"{usual}, and {load.outbreaks[0]} to {load.outbreaks[1]} outbreaks of {load.lasts_min[0]} to "
        f"{load.lasts_min[1]} minutes with {load.strength[0]} to {load.strength[1]} rows a minute more."
    )


def _percentile(values: Sequence[float], percent: int) -> float:
    return values[min(len(values) - 1, len(values) * percent // 100)] if values else float("nan")


def _mean(numbers: Sequence[float], digits: int = 2) -> str:
    known = [n for n in numbers if n == n]
    return f"{statistics.mean(known):.{digits}f}" if known else "none"


def _spread(of: Callable[[Result], float]) -> Callable[[list[Result]], str]:
    def cell(days: list[Result]) -> str:
        found = [of(day) for day in days if of(day) == of(day)]
        return f"{statistics.mean(found):.2f} ({min(found):.2f} to {max(found):.2f})" if found else "none"

    return cell


def _seconds(of: Callable[[Result], Sequence[float]], percent: int) -> Callable[[list[Result]], str]:
    return lambda days: _mean([_percentile(of(day), percent) for day in days], 0)


def _outbreak_gain(day: Result) -> float:
    return day.bot.outbreak_seen / max(1, day.fixed.outbreak_seen) if day.outbreak_rows else float("nan")


ROWS: tuple[tuple[str, Callable[[list[Result]], str], str], ...] = (
    ("rows a day", lambda days: _mean([d.rows for d in days], 0), ""),
    ("recall, bot", _spread(lambda d: d.bot.seen / d.rows), ""),
    ("recall, 90 s poller", _spread(lambda d: d.fixed.seen / d.rows), ""),
    ("recall, oracle", _spread(lambda d: d.oracle / d.rows), ""),
    ("**bot / oracle**", _spread(lambda d: d.bot.seen / d.oracle), "0.95"),
    ("bot / 90 s poller, rows of outbreaks", _spread(_outbreak_gain), "2 in storms"),
    ("latency p50, s", _seconds(lambda d: d.bot.latency_s, 50), ""),
    ("latency p95, s", _seconds(lambda d: d.bot.latency_s, 95), "180 in calm"),
    ("latency p50, rows of outbreaks, s", _seconds(lambda d: d.bot.outbreak_latency_s, 50), ""),
    ("latency p95, rows of outbreaks, s", _seconds(lambda d: d.bot.outbreak_latency_s, 95), "60 in storms"),
    ("requests a day, most", lambda days: str(max(d.bot.requests for d in days)), "1000"),
    ("requests beyond a limit", lambda days: str(sum(d.bot.violations for d in days)), "0"),
    (
        "days that ran dry before 23:45 UTC",
        lambda days: str(sum(d.bot.last_request_s < DRY_S for d in days)),
        "0",
    ),
)

TEXT = """# Benchmarks

Written by `make bench-quota`; do not edit.

## The quota: how much of `live/diagnosis` is seen

One day of one project for each of {seeds} seeds and three loads, in virtual time, over HTTP from the
simulated Agora with its limits. A row can be read 60 to 120 s after its minute; an answer shows ten rows of
its own choice and takes 0.2 s. Figures are means over the seeds, with the range where it matters.

{loads}

{table}

- **recall** is the share of the day's rows that were read while Agora kept them.
- The **90 s poller** asks once each 90 s for what is new, 960 times a day. The **oracle** knows all rows
  beforehand: what it shows is an upper bound of what any 1000 requests can, ten rows each.
- **latency** runs from the moment at which a row can be read until it is stored.
- In storms the project's freeze rate rises as well, as it does in the simulator's own scenario; the bot takes
  that as its signal. In the ordinary load outbreaks show in the diagnosis feed only.

What limits storms: the heaviest of these days have more rows than 1000 requests can show. Of the 960 planned
requests, one each 300 s is kept to see the next outbreak at all. Nobody knows how dense an outbreak is nor
how long it lasts, and windows are whole seconds, so a slice is not filled with ten new rows. The first minute
of an outbreak waits until the next poll finds it.
"""

if __name__ == "__main__":
    main()
