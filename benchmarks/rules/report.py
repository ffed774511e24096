"""The page of `make bench-rules`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.rules.measure import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Both judges over the same days; ``reading`` is what promtool needs to read the series only."""

    days: float
    ours: Cost
    theirs: Cost
    reading: Cost
    fired: int
    checked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The costs of rising sizes, and the factor by which the processor time grows when the size doubles."""

    unit: str
    sizes: tuple[float, ...]
    costs: tuple[Cost, ...]
    growth: float


def page(
    *,
    contests: Sequence[Contest],
    backtests: Sizes,
    events: Sizes,
    in_memory: Sizes,
    stored: Mapping[str, Sizes],
    load: float,
) -> str:
    """Return the page."""
    last = contests[-1]
    return TEXT.format(
        load=load,
        contest="\n".join([_row(HEAD), "|" + "---:|" * len(HEAD), *map(_contest, contests)]),
        backtest=_table(backtests),
        events=_table(events),
        in_memory=_table(in_memory),
        stored="\n\n".join(f"The whole tick on {kind}:\n\n{_table(sizes)}" for kind, sizes in stored.items()),
        days=last.days,
        month_min=last.theirs.cpu_s * backtests.sizes[-1] / last.days / 60,
        measured="measured" if last.days == backtests.sizes[-1] else "extrapolated linearly",
        ratio=last.theirs.cpu_s / last.ours.cpu_s,
        judging=(last.theirs.cpu_s - last.reading.cpu_s) / last.ours.cpu_s,
    )


def _contest(each: Contest) -> str:
    ratio = each.theirs.cpu_s / each.ours.cpu_s
    cells = (
        f"{each.days:g}",
        f"{each.fired}",
        f"{each.checked}",
        _seconds(each.ours),
        _seconds(each.theirs),
        f"{each.reading.cpu_s:.1f}",
        f"{each.ours.peak_mib:.0f}",
        f"{each.theirs.peak_mib:.0f}",
        f"**{ratio:.1f}**",
    )
    return _row(cells)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(sizes: Sizes) -> str:
    lines = [f"| {sizes.unit} | CPU, s | by the clock, s | peak, MiB |", "|---:|---:|---:|---:|"]
    for size, cost in zip(sizes.sizes, sizes.costs, strict=True):
        shown = f"{size:,}".removesuffix(".0").replace(",", " ")
        lines.append(f"| {shown} | {cost.cpu_s:.2f} | {cost.wall_s:.2f} | {cost.peak_mib:.0f} |")
    return "\n".join([*lines, "", f"Twice the {sizes.unit} take {sizes.growth:.2f} times as long."])


def _seconds(cost: Cost) -> str:
    return f"{cost.cpu_s:.1f} ({cost.wall_s:.1f})"


HEAD = (
    "days",
    "alerts fired",
    "samples compared",
    "ours, CPU s (clock)",
    "promtool, CPU s (clock)",
    "of it reading",
    "ours, MiB",
    "promtool, MiB",
    "times",
)

TEXT = """# Benchmarks of the rule engine

Written by `make bench-rules`; do not edit.

Each figure comes from a process of its own. CPU is processor time of all its threads, which a busy machine
inflates less than time by the clock; {load:.1f} processes were running when this was written.

## A backtest beside promtool

Fifty projects, six rates and the number of users of each, one value a minute with noise, a daily course,
0.5 % of the minutes missing, and three outbreaks a day. Twenty alerts on them: means, extremes and
percentiles over 3 to 15 minutes, `for`, `keep_firing_for`, and a least number of users. `promtool test rules`
(Prometheus 2.42 of Debian) judges the same series by the same alerts in PromQL. What fires, of which projects
and with which text, is compared at sampled minutes, among them those just before and at the beginning and the
end of alerts; a disagreement ends the run before any time is told.

{contest}

Ours reads the series from files of numpy arrays, promtool from its YAML: without reading, promtool takes
{judging:.1f} times as long as we do with it, over {days:g} days. A month of promtool is {month_min:.1f}
minutes of processor time, {measured}.

Target: ten times faster; thirty days in under 10 s on two cores and under 1 GiB. One process, one thread:

{backtest}

## Diagnosis events

Events of 20 projects, 20 000 an hour, in 200 channels of each, with one to three causes; and twenty outbreaks
an hour. Twenty rules count distinct users by channel and cause in windows of ten minutes. Pieces of six hours
are judged one after another; making the events is not counted. Target: a million in under 10 s, and memory
that does not grow with their number.

{events}

## A live tick

Ten rules on metrics and ten on causes judge one more minute of each project; one project in fifty has trouble
with its freeze rate, one with CPUs, and each has one diagnosis event a minute. Mean of five ticks in a row,
after one that is not counted. Target: a thousand projects in under 1 s.

From observations in memory to changes:

{in_memory}

{stored}

The whole tick reads cursors, open incidents, points, events and coverage, judges, writes incidents, messages
and cursors, and commits. What PostgreSQL's own process does counts only by the clock.
"""
