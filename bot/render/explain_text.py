"""An explanation as text for a terminal: the answer first, then what it rests on."""

import textwrap
from collections.abc import Sequence

from bot.model.explanation import Check, Explanation, Holds, Row, Sample
from bot.model.verdict import Outcome
from bot.render import words
from bot.render.table import aligned

_WIDTH = 100
_MARKS = {Holds.YES: "✓", Holds.NO: "✗", Holds.UNKNOWN: "?", Holds.TOLD: "·"}
_OUTCOMES = {
    Outcome.MATCH: "holds",
    Outcome.HELD: "held up",
    Outcome.MISS: "healthy",
    Outcome.QUIET: "too quiet",
    Outcome.UNKNOWN: "unknown",
    Outcome.NO_DATA: "no data",
    Outcome.GONE: "gone",
    Outcome.DROPPED: "over limit",
}
_BARS = "▁▂▃▄▅▆▇█"
_SHOWN = 30


def explain_text(found: Explanation) -> str:
    """Return the whole explanation."""
    head = textwrap.fill(words.clean(found.answer, 2000), _WIDTH)
    rule = textwrap.fill(f"Rule: {words.clean(found.rule, 500)}", _WIDTH, subsequent_indent="      ")
    parts = [[head, *_notes(found)], [rule], _checks(found.checks)]
    parts += [_lists(found), _samples(found), [f"State: {clock}" for clock in found.clocks[:1]]]
    parts[-1] += [f"       {clock}" for clock in found.clocks[1:]]
    parts += [_rows(found.rows, found.unit)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _notes(found: Explanation) -> list[str]:
    return [
        f"! {textwrap.fill(words.clean(note, 2000), _WIDTH, subsequent_indent='  ')}" for note in found.notes
    ]


def _checks(checks: Sequence[Check]) -> list[str]:
    rows = [(_MARKS[check.holds], check.name, check.seen, check.wanted) for check in checks]
    return aligned([("", "CONDITION", "SEEN", "WANTED"), *rows], widest=100)


def _lists(found: Explanation) -> list[str]:
    width = max((len(name) for name, _ in found.lists), default=0)
    return [
        textwrap.fill(
            words.clean(told, 2000),
            _WIDTH,
            initial_indent=f"{name:{width}}  ",
            subsequent_indent=" " * (width + 2),
        )
        for name, told in found.lists
    ]


def _samples(found: Explanation) -> list[str]:
    if not found.samples:
        return []
    shown = found.samples[-_SHOWN:]
    span = f"{words.utc(shown[0].minute, '%H:%M')} to {words.utc(shown[-1].minute, '%H:%M')}"
    lines = [f"Window, {found.sampled}, {span}: {_sparkline(shown)}"]
    texts = [f"{words.utc(s.minute, '%H:%M')} {_sample(s)}" for s in shown]
    return [*lines, *textwrap.wrap("  ".join(t.replace(" ", "\u00a0") for t in texts), _WIDTH)]


def _sample(sample: Sample) -> str:
    if sample.value is None:
        return "no data" if sample.known else "unknown"
    return words.number(sample.value) + ("" if sample.known else "?")


def _sparkline(samples: Sequence[Sample]) -> str:
    values = [sample.value for sample in samples if sample.value is not None]
    if not values:
        return ""
    low, high = min(0.0, *values) if len(values) > 1 else min(0.0, values[0]), max(values)
    height = (high - low) or 1.0
    last = len(_BARS) - 1
    return "".join(
        " " if sample.value is None else _BARS[round(last * (sample.value - low) / height)]
        for sample in samples
    )


def _rows(rows: Sequence[Row], unit: str) -> list[str]:
    header = ("MINUTE", "VALUE", "THRESHOLD", "SAMPLES", "JUDGED", "STATE AFTER IT", "")
    return aligned([header, *(row_cells(row, unit) for row in rows)], right=frozenset({1, 2, 3}))


def row_cells(row: Row, unit: str) -> Sequence[str]:
    """Return one judged minute as cells: minute, value, threshold, samples, judged, state, what happened."""
    judged = _OUTCOMES[row.outcome] if row.outcome is not None else "nothing counts"
    if row.outcome is Outcome.HELD and row.state in ("inactive", "pending"):
        judged = _OUTCOMES[Outcome.MISS]
    state = row.state + (f" ({row.severity.word})" if row.severity and row.state != "resolved" else "")
    value = words.known(row.value, unit)
    threshold = words.known(row.threshold, unit) if value else ""
    samples = str(row.samples) if row.outcome is not None else ""
    return words.utc(row.minute, "%H:%M"), value, threshold, samples, judged, state, row.happened
