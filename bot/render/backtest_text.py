"""A backtest as text for a terminal."""

import textwrap
from collections.abc import Iterator, Sequence

from bot.model.backtest import Backtest, Difference, Fired
from bot.render import backtest_words as say
from bot.render import words
from bot.render.table import aligned

MESSAGES_SHOWN = 200
_WIDTH = 100


def text(found: Backtest) -> str:
    """Return the whole answer, the sentence that sums it up first."""
    parts = [[say.headline(found), f"{found.folder}, {say.span(found)}; all times are UTC"]]
    parts += [_notes(found), _fired(found), _compared(found), _messages(found), _known(found)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _notes(found: Backtest) -> list[str]:
    told = (textwrap.fill(words.clean(note, 2000), _WIDTH, subsequent_indent="  ") for note in found.notes)
    return [f"! {note}" for note in told]


def _fired(found: Backtest) -> list[str]:
    if not found.fired:
        return []
    header = ("ALERT", "WHERE", "FIRED", "ENDED", "FOR", "SEVERITY", "WORST VALUE", "")
    rows = [_row(one, found.end) for one in found.fired]
    return aligned([header, *rows])


def _row(one: Fired, end: int) -> Sequence[str]:
    since = words.utc(one.fired_at) + (" or before" if one.from_start else "")
    until = words.utc(one.resolved_at) if one.resolved_at is not None else say.STILL
    lasted = say.lasted(one, end)
    why = say.ended(one)
    return one.alert, say.place(one), since, until, lasted, one.severity.word, say.peak(one), why


def _messages(found: Backtest) -> list[str]:
    told = sorted(
        (message for one in found.fired for message in one.messages), key=lambda message: message.sent_at
    )
    if not told:
        return []
    channels = words.listed(dict.fromkeys(message.channel for message in told))
    lines = [f"Messages to {channels}, each with the earliest time it would have been sent:"]
    for message in told[:MESSAGES_SHOWN]:
        begun = f"{words.utc(message.sent_at)}  {message.kind.value:7}  "
        body = [
            words.clean(message.text, 1000),
            *([words.clean(message.summary, 1000)] * bool(message.summary)),
        ]
        for n, line in enumerate(body):
            first = begun if n == 0 else " " * len(begun)
            lines.append(textwrap.fill(line, 120, initial_indent=first, subsequent_indent=" " * len(begun)))
    if len(told) > MESSAGES_SHOWN:
        lines.append(f"and {len(told) - MESSAGES_SHOWN:,} more; --format json lists all")
    return lines


def _compared(found: Backtest) -> list[str]:
    comparison = found.comparison
    if comparison is None:
        return []
    lines = [say.compared(comparison)]
    if comparison.only_here:
        lines.append(f"Rules only here: {words.listed(comparison.only_here)}")
    if comparison.only_there:
        lines.append(f"Rules only there: {words.listed(comparison.only_there)}")
    if comparison.differences:
        header = ("", "ALERT", "WHERE", "FIRED", "FOR", "SEVERITY", "DIFFERENCE")
        lines += aligned([header, *(_difference(d, found.end) for d in comparison.differences)])
    return lines


def _difference(difference: Difference, end: int) -> Sequence[str]:
    here, there = difference.here, difference.there
    one = here or there
    if one is None:
        return ()
    if here and there:
        sign, what = "~", f"here {say.changes(here, there, end)}"
    else:
        sign, what = ("+", "only here") if here else ("-", "only there")
    fired = words.utc(one.fired_at)
    return sign, one.alert, say.place(one), fired, say.lasted(one, end), one.severity.word, what


def _known(found: Backtest) -> list[str]:
    if not found.judged:
        return []
    lines = ["How much of the span is known, by rule:"]
    by_share: dict[str, list[str]] = {}
    for one in found.judged:
        by_share.setdefault(say.share(one), []).append(one.alert)
    lines += list(_listed(by_share))
    return [
        *lines,
        *(textwrap.fill(line, _WIDTH, subsequent_indent="  ") for line in say.blind(found.judged)),
    ]


def _listed(by_share: dict[str, list[str]]) -> Iterator[str]:
    for share, names in sorted(by_share.items(), key=lambda item: -float(item[0].split()[0])):
        first = f"{share:>8}  "
        yield textwrap.fill(
            words.listed(names), _WIDTH, initial_indent=first, subsequent_indent=" " * len(first)
        )
