"""What the doctor says of a call, at the head of a message: what, when, why, how surely, what to do."""

from dataclasses import dataclass

from bot.model.diagnosis import (
    Band,
    CallVerdict,
    Cause,
    CauseKind,
    Diagnosis,
    Level,
    Pictures,
    Stretch,
    Strip,
    Trouble,
)
from bot.model.feedback import Verdict
from bot.render import words
from bot.render.table import monospaced
from bot.render.values import Value

_SIGNS = {
    CallVerdict.CLEAN: (":large_green_circle:", "Good call"),
    CallVerdict.DEGRADED: (":large_yellow_circle:", "Degraded call"),
    CallVerdict.BAD: (":red_circle:", "Bad call"),
    CallVerdict.FAILED: (":red_circle:", "Failed call"),
    CallVerdict.INSUFFICIENT_DATA: (":white_circle:", "No verdict"),
}
_BANDS = {Band.CONFIRMED: "Cause", Band.LIKELY: "Likely cause", Band.POSSIBLE: "Possible cause"}
_GLYPHS = {
    Level.BAD: "█",
    Level.WARNING: "▒",
    Level.OK: "─",
    Level.OFF: "·",
    Level.ABSENT: " ",
    Level.UNKNOWN: "?",
}
_WORST = (Level.BAD, Level.WARNING, Level.OK, Level.UNKNOWN, Level.OFF, Level.ABSENT)
LEGEND = "█ bad  ▒ over a warning line  ─ fine  · off  ? unknown"
COLUMNS = 36
USERS_MAX = 8
EVIDENCE_MAX = 3
OTHERS_MAX = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """The names of ``view.verdict``: mrkdwn, code blocks that may be empty, and values of two buttons."""

    headline: str
    plain: str
    cause: str
    reasons: str
    others: tuple[str, ...]
    next_step: str
    strips: str
    matrix: str
    right_value: str
    wrong_value: str


def verdict_view(said: Verdict, found: Diagnosis, drawn: Pictures | None) -> VerdictView:
    """Return the verdict with its first trouble in full, and others in a line each."""
    sign, title = _SIGNS[found.verdict]
    first = found.incidents[0] if found.incidents else None
    return VerdictView(
        headline=f"{sign} *{title}*: {words.plain(found.headline)}",
        plain=f"{title}: {words.plain(found.headline)}",
        cause=_cause(first) if first else "",
        reasons=_reasons(first.cause) if first else "",
        others=tuple(_line(one) for one in found.incidents[1 : 1 + OTHERS_MAX]),
        next_step=words.plain(first.next_step) if first else "",
        strips=_strips(found, drawn.strips) if drawn and first else "",
        matrix=_matrix(drawn) if drawn and first else "",
        right_value=answer_value(said, right=True),
        wrong_value=answer_value(said, right=False),
    )


def answer_value(said: Verdict, *, right: bool) -> str:
    """Return the value of a button that says whether a verdict was right; empty where it is too long."""
    try:
        return Value.encode_verdict(said, right=right)
    except ValueError:
        return ""


def _cause(one: Trouble) -> str:
    worst = f", at worst {one.worst:.0f} % of 20 s" if one.worst is not None else ""
    span = f"{words.moment(one.start)}, {words.duration(one.end - one.start)}{worst}"
    return f"{_named(one.cause)} · {span}"


def _named(cause: Cause) -> str:
    if cause.kind is CauseKind.UNDETERMINED or cause.band is Band.UNDETERMINED:
        return "*Cause undetermined*"
    whose = f" at {words.code(cause.uid, 40)}" if cause.uid else ""
    kind = cause.kind.value.replace("_", " ")
    return f"*{_BANDS[cause.band]}: {kind}*{whose}, {100 * cause.confidence:.0f} %"


def _reasons(cause: Cause) -> str:
    """Return what speaks for a cause, and what against it or was not told."""
    lines = [f"For: {words.plain(one.text, 200)}" for one in cause.evidence[:EVIDENCE_MAX]]
    doubts = [*cause.against, *(f"not known: {what}" for what in cause.missing)]
    lines += [f"Against: {words.plain(doubt, 200)}" for doubt in doubts[:EVIDENCE_MAX]]
    if cause.agora_agrees is not None:
        lines.append(f"Agora's own diagnosis {'agrees' if cause.agora_agrees else 'says otherwise'}")
    return "\n".join(lines)


def _line(one: Trouble) -> str:
    return f"Also {one.media.value}: {_cause(one)}"


def _strips(found: Diagnosis, strips: tuple[Strip, ...]) -> str:
    rows = [
        (words.clean(one.uid, 12), side, _drawn(stretches, found.start, found.end))
        for one in strips[:USERS_MAX]
        for side, stretches in (("in", one.received), ("out", one.sent))
        if side == "in" or any(s.level not in (Level.UNKNOWN, Level.ABSENT) for s in stretches)
    ]
    end = words.utc(found.end, "%H:%M")
    scale = f"{words.utc(found.start, '%H:%M')} UTC".ljust(COLUMNS - len(end)) + end
    return monospaced(("User", "", scale), rows)


def _drawn(stretches: tuple[Stretch, ...], start: int, end: int) -> str:
    """Return a strip as characters, each the worst of its part of the call."""
    step = max(1.0, (end - start) / COLUMNS)
    text = ""
    for column in range(COLUMNS):
        first, last = start + column * step, start + (column + 1) * step
        there = {one.level for one in stretches if one.start < last and one.end > first}
        text += _GLYPHS[next((level for level in _WORST if level in there), Level.ABSENT)]
    return f"|{text}|"


def _matrix(drawn: Pictures) -> str:
    """Return the bad time of the first trouble in percent, by receiver (row) and sender."""
    users = drawn.users[:USERS_MAX]
    if not drawn.scenes or len(users) < 2:
        return ""
    names, cells = [words.clean(uid, 10) for uid in users], drawn.scenes[0].cells
    senders = [n for n in range(len(users)) if any(row[n] is not None for row in cells)]
    rows = [
        (name, *("" if (cell := row[n]) is None else f"{cell:.0f}" for n in senders))
        for name, row in zip(names, cells, strict=False)
    ]
    header = ("to \\ from", *(names[n] for n in senders))
    return monospaced(header, rows, right=frozenset(range(1, len(header))))
