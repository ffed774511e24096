"""All that happened to an incident, as ``timeline.j2`` gets it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.incident import Card, Line, MessageKind
from bot.render import words
from bot.render.alert_words import began_at

SHOWN = 30
_TOGETHER = 6
"""Lines in one section: Slack takes 3,000 characters in each."""
_NOTE = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One thing that happened. ``about`` is a note, whom somebody assigned, or a call; ``call`` links to
    it."""

    kind: str
    at: str
    severity: str
    actor: str
    until_at: str
    about: str
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineView:
    """The names of ``timeline.j2``: when it ``began``, how many rows are left out, and the rest a few at a
    time."""

    began: str
    earlier: str
    parts: tuple[tuple[TimelineRow, ...], ...]


def timeline_view(card: Card, history: Sequence[Line]) -> TimelineView:
    """Return the last things that happened, oldest first."""
    lines = [line for line in history if line.kind is not MessageKind.EDIT]
    rows = [_row(line) for line in lines[-SHOWN:]]
    left_out = len(lines) - len(rows)
    return TimelineView(
        began=words.moment(began_at(card.alerts)),
        earlier=f"{left_out:,}" if left_out else "",
        parts=tuple(tuple(rows[n : n + _TOGETHER]) for n in range(0, len(rows), _TOGETHER)),
    )


def _row(line: Line) -> TimelineRow:
    linked = line.kind is MessageKind.LINKED
    about = words.mention(line.about) if line.kind is MessageKind.ASSIGNED else words.plain(line.about, _NOTE)
    return TimelineRow(
        kind=line.kind.value,
        at=words.moment(line.at),
        severity=line.severity.word,
        actor=words.mention(line.actor) if line.actor else "Somebody",
        until_at=words.moment(line.until) if line.until is not None else "",
        about=words.code(line.about) if linked else about,
        call=words.console_call(line.about) if linked else "",
    )
