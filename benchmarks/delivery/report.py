"""The page of figures: one part for each of the two runs, written by itself."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.delivery.crash import OUTAGE_S, Outcome
from benchmarks.delivery.load import Measured

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks-delivery.md"
_HEAD = "# Benchmarks of delivery\n\nWritten by `make crash` and `make load`; do not edit.\n"


def crash_part(outcomes: Sequence[Outcome]) -> str:
    """Return what the kills came to."""
    rows = "\n".join(
        f"| {o.kind} | {o.workers} | {o.seed} | {o.kills} | {o.outages} | {o.incidents} | {o.messages} |"
        f" {o.tried_again} | {len(o.wrong)} |"
        for o in outcomes
    )
    return f"""## Workers killed at random instants

Workers get SIGKILL at a random instant after their first to sixth request to Slack, while incidents open,
rise, resolve and open again in two channels, at times all at once. The local Slack, with its rate limits on,
answers slowly, drops the connection before or after it posted, never answers after it posted, answers 429 and
500, and is down for {OUTAGE_S // 3600} h at a stretch. The clock runs faster than the wall and is set forward
between two lives. Afterwards each channel is compared with the story that was played: one first message for
each incident, every change below it once and in order, and the first message showing the end. *Tried again*
are messages whose first try may have arrived.

| database | workers at a time | seed | kills | outages | first messages | messages | tried again | wrong |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}
"""


def load_part(measured: Measured) -> str:
    """Return how the queue, the memory and the work went."""
    samples = measured.samples
    shown = [*samples[:: max(1, len(samples) // 12)], samples[-1]]
    rows = "\n".join(
        f"| {s.at_s / 60:.0f} | {s.opened} | {s.waiting} | {s.resident_mib:.0f} | {s.cpu_s:.0f} |"
        for s in dict.fromkeys(shown)
    )
    last = samples[-1]
    each_s = last.at_s / measured.incidents
    return f"""## Many incidents at once

{measured.incidents:,} incidents open within ten minutes. One worker, SQLite, one channel, the local Slack
with its rate limits on; time is virtual, requests are real ({os.getloadavg()[0]:.1f} processes were running
at the end). Incidents told twice or not at all, and requests refused for their pace: {len(measured.wrong)}.
The last one was told after {last.at_s / 3600:.1f} h, that is {each_s:.2f} s each; Slack takes one message
a second. All but the first few stand in the thread of one summary. Memory is what the worker holds then.

| minute | opened | waiting | memory, MiB | CPU so far, s |
|---:|---:|---:|---:|---:|
{rows}
"""


def write(text: str) -> None:
    """Put a part into the page in place of the one with its heading."""
    parts = {_heading(part): part for part in (_parts(PAGE.read_text()) if PAGE.exists() else ())}
    parts[_heading(text)] = text
    PAGE.write_text(
        "\n".join([_HEAD, *(part.strip() + "\n" for _, part in sorted(parts.items(), reverse=True))])
    )


def _parts(page: str) -> Sequence[str]:
    return re.split(r"(?m)^(?=## )", page)[1:]


def _heading(part: str) -> str:
    return part.partition("\n")[0]
