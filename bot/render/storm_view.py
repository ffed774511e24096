"""A storm as ``storm.j2`` gets it: how many incidents, how bad, and the worst of them as a table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.message import Block
from bot.model.storm import Storm, StormRow
from bot.model.verdict import Severity
from bot.render import words
from bot.render.look import look_of_severity
from bot.render.table import monospaced

SHOWN = 20
_HEADER = ("Incident", "Alert", "Where", "Severity", "State")


@dataclass(frozen=True, slots=True, kw_only=True)
class StormView:
    """The names of ``storm.j2``. ``table`` and ``text_table`` say the same, with new blocks and without."""

    is_open: bool
    emoji: str
    color: str
    total: str
    firing: str
    severities: str
    began_at: str
    more: int
    table: Block
    text_table: str


def storm_view(storm: Storm, rows: Sequence[StormRow], now: int) -> StormView:
    """Return the storm as it stands."""
    ordered = sorted(rows, key=lambda row: (not row.is_open, -row.severity, row.incident_id))
    firing = [row for row in rows if row.is_open]
    counts = Counter(row.severity for row in firing)
    worst = look_of_severity(max((row.severity for row in firing), default=Severity.INFO))
    cells = [_cells(row) for row in ordered[:SHOWN]]
    return StormView(
        is_open=bool(firing),
        emoji=":tornado:" if firing else ":white_check_mark:",
        color=worst.color if firing else "#2eb886",
        total=words.count(len(rows), "incident"),
        firing=f"{len(firing):,}",
        severities=words.listed(f"{counts[level]:,} {level.word}" for level in sorted(counts, reverse=True)),
        began_at=words.moment(int(storm.started_at)),
        more=max(0, len(rows) - SHOWN),
        table=_table(cells),
        text_table=monospaced(_HEADER, cells),
    )


def _cells(row: StormRow) -> tuple[str, ...]:
    labels = dict(row.group)
    where = [value for name, value in row.group if name != "alertname" and value]
    return (
        f"#{row.incident_id}",
        words.clean(words.title_of(labels.get("alertname", "")) or "Several alerts", 60),
        words.clean(" ".join(where), 60) or "-",
        row.severity.word,
        "firing" if row.is_open else "resolved",
    )


def _table(cells: Sequence[Sequence[str]]) -> Block:
    rows = [[{"type": "raw_text", "text": text} for text in row] for row in (_HEADER, *cells)]
    return {
        "type": "data_table",
        "caption": "The incidents of this storm, the worst first",
        "page_size": 10,
        "row_header_column_index": 0,
        "rows": rows,
    }
