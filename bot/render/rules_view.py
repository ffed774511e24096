"""Rules and why they fired, as ``rules.j2`` and ``explanation.j2`` get them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.explanation import Check, Explanation, Holds
from bot.model.message import Block
from bot.model.rule_state import RuleState
from bot.model.time import MINUTE_S
from bot.render import words
from bot.render.explain_text import row_cells
from bot.render.table import monospaced

SHOWN = 60
ROWS_SHOWN = 8
_CHECKS = 12
_HEADER = ("Rule", "State", "Judged", "Asks for")
_ROW_HEADER = ("Minute", "Value", "Limit", "Samples", "Judged", "State after it", "Then")
_MARKS = {
    Holds.YES: ":white_check_mark:",
    Holds.NO: ":x:",
    Holds.UNKNOWN: ":grey_question:",
    Holds.TOLD: ":small_blue_diamond:",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView:
    """The names of ``rules.j2``. ``table`` and ``text_table`` say the same, with new blocks and without."""

    total: str
    firing: str
    notes: tuple[str, ...]
    table: Block
    text_table: str
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationView:
    """The names of ``explanation.j2``: all are finished words, ``rows`` a table as text."""

    answer: str
    rule: str
    notes: tuple[str, ...]
    checks: tuple[str, ...]
    clocks: tuple[str, ...]
    rows: str


def rules_view(states: Sequence[RuleState], now: int) -> RulesView:
    """Return the rules: those that fire first, then those that are quiet on purpose or without data."""
    ordered = sorted(states, key=lambda s: (-s.firing, s.pause is None, not s.blind, -s.severity, s.name))
    cells = [_cells(state, now) for state in ordered[:SHOWN]]
    firing = [state for state in states if state.firing]
    return RulesView(
        total=words.count(len(states), "rule"),
        firing=words.count(len(firing), "rule") if firing else "",
        notes=tuple(note for state in ordered if (note := _note(state, now)))[:10],
        table=_table(cells),
        text_table=monospaced(_HEADER[:3], [cell[:3] for cell in cells]),
        more=max(0, len(states) - SHOWN),
    )


def _cells(state: RuleState, now: int) -> tuple[str, ...]:
    ago = "-" if state.judged_until is None else f"{words.duration(now - state.judged_until - MINUTE_S)} ago"
    return (words.clean(state.name, 60), _state(state), ago, words.clean(state.asks, 120))


def _state(state: RuleState) -> str:
    if not state.enabled:
        return "off"
    if state.pause is not None:
        return "paused"
    if state.firing:
        return f"firing ({state.firing:,})"
    return "no data" if state.blind else "watching"


def _note(state: RuleState, now: int) -> str:
    name = words.plain(state.name, 80)
    if state.pause is not None:
        left = words.duration(state.pause.ends_at - now)
        who, why = words.mention(state.pause.author), words.plain(state.pause.reason, 200)
        return f":double_vertical_bar: *{name}* is paused by {who} for {left} more: {why}"
    return f":see_no_evil: *{name}*: {words.plain(state.blind, 200)}" if state.blind and state.enabled else ""


def _table(cells: Sequence[Sequence[str]]) -> Block:
    rows = [[{"type": "raw_text", "text": text or "-"} for text in row] for row in (_HEADER, *cells)]
    return {
        "type": "data_table",
        "caption": "The rules in force",
        "page_size": 25,
        "row_header_column_index": 0,
        "rows": rows,
    }


def explanation_view(found: Explanation) -> ExplanationView:
    """Return the answer first, then what it rests on."""
    rows = [row_cells(row, found.unit) for row in found.rows[-ROWS_SHOWN:]]
    return ExplanationView(
        answer=words.plain(found.answer, 1500),
        rule=words.plain(found.rule, 500),
        notes=tuple(words.plain(note, 300) for note in found.notes[:5]),
        checks=tuple(_check(check) for check in found.checks[:_CHECKS]),
        clocks=tuple(words.plain(clock, 200) for clock in found.clocks[:4]),
        rows=monospaced(_ROW_HEADER, rows, right=frozenset({1, 2, 3})) if rows else "",
    )


def _check(check: Check) -> str:
    wanted = f", wanted {words.plain(check.wanted, 120)}" if check.wanted else ""
    return f"{_MARKS[check.holds]} {words.plain(check.name, 120)}: {words.plain(check.seen, 160)}{wanted}"
