"""A backtest as one page that needs nothing but itself: pictures, lives, messages, differences."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from bot.model.backtest import Backtest, Curve, Difference, Fired, Told
from bot.model.verdict import Severity
from bot.render import backtest_words as say
from bot.render import words
from bot.render.picture import Picture, picture

SHOWN = 100
"""Lives, and messages, that one card lists; the rest is counted."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One life of an alert in words; ``notable`` is what is out of the ordinary about its end."""

    place: str
    fired: str
    ended: str
    lasted: str
    severity: str
    peak: str
    notable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message in words."""

    sent: str
    kind: str
    severity: str
    text: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One rule in one project."""

    anchor: str
    alert: str
    title: str
    project: str
    times: str
    lasted: str
    severity: str
    peak: str
    what: str
    picture: Picture | None
    close_up: Picture | None
    close_up_of: str
    lives: tuple[Life, ...]
    more_lives: int
    messages: tuple[Said, ...]
    more_messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """How much of the span one rule could judge."""

    alert: str
    share: str
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One line of the comparison."""

    sign: str
    kind: str
    alert: str
    place: str
    fired: str
    lasted: str
    severity: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """The names of ``backtest_page.html``: finished words and shapes."""

    headline: str
    folder: str
    span: str
    tiles: tuple[tuple[str, str], ...]
    channel: str
    notes: tuple[str, ...]
    cards: tuple[Card, ...]
    compared: str
    rules_only_here: str
    rules_only_there: str
    changed: tuple[Changed, ...]
    known: tuple[Known, ...]
    blind: tuple[str, ...]
    undrawn: int


def page(found: Backtest, curves: Sequence[Curve]) -> str:
    """Return the page. Other people's names are escaped; its policy allows no script, and nothing from
    elsewhere."""
    style = (_HERE / "backtest_page.css").read_text("utf-8")
    policy = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((_HERE / "backtest_page.html").read_text("utf-8"))
    return template.render(view=view(found, curves), style=style, style_hash=policy)


def view(found: Backtest, curves: Sequence[Curve]) -> PageView:
    """Return what the page says."""
    lives: dict[tuple[str, str], list[Fired]] = defaultdict(list)
    for one in found.fired:
        lives[one.alert, one.project].append(one)
    drawn: dict[tuple[str, str], list[Curve]] = defaultdict(list)
    for curve in curves:
        drawn[curve.alert, curve.project].append(curve)
    cards = [_card(n, some, drawn[key], found) for n, (key, some) in enumerate(_worst_first(lives))]
    comparison = found.comparison
    changed = comparison.differences if comparison else ()
    return PageView(
        headline=say.headline(found),
        folder=words.clean(found.folder, 200),
        span=say.span(found),
        tiles=tuple(_tiles(found)),
        channel=_names(dict.fromkeys(m.channel for one in found.fired for m in one.messages)),
        notes=tuple(words.clean(note, 2000) for note in found.notes),
        cards=tuple(cards),
        compared=words.clean(say.compared(comparison), 2000) if comparison else "",
        rules_only_here=_names(comparison.only_here) if comparison else "",
        rules_only_there=_names(comparison.only_there) if comparison else "",
        changed=tuple(line for d in changed if (line := _changed(d, found.end))),
        known=tuple(Known(alert=j.alert, share=say.share(j), percent=j.percent) for j in found.judged),
        blind=tuple(words.clean(sentence, 2000) for sentence in say.blind(found.judged)),
        undrawn=sum(card.picture is None for card in cards),
    )


def _names(names: Iterable[str]) -> str:
    return words.listed(words.clean(name, 120) for name in names)


def _worst_first(
    lives: dict[tuple[str, str], list[Fired]],
) -> list[tuple[tuple[str, str], list[Fired]]]:
    def rank(item: tuple[tuple[str, str], list[Fired]]) -> tuple[int, int, str, str]:
        (alert, project), some = item
        return -max(one.severity for one in some), some[0].fired_at, alert, project

    return sorted(lives.items(), key=rank)


def _tiles(found: Backtest) -> list[tuple[str, str]]:
    firing_s = sum(one.lasted_s(found.end) for one in found.fired)
    critical = sum(one.severity is Severity.CRITICAL for one in found.fired)
    messages = sum(len(one.messages) for one in found.fired)
    minutes = sum(one.minutes for one in found.judged)
    known = 100 * sum(one.known for one in found.judged) / minutes if minutes else 0.0
    days = max((found.end - found.start) / 86_400, 1 / 24)
    return [
        ("alerts fired", f"{len(found.fired):,}"),
        ("of them critical", f"{critical:,}"),
        ("time firing, added up", words.duration(firing_s)),
        ("messages a day", words.number(messages / days)),
        ("of the span is known", f"{words.number(known)} %"),
    ]


def _card(number: int, some: Sequence[Fired], curves: Sequence[Curve], found: Backtest) -> Card:
    first = some[0]
    whole, closer = [*curves, None, None][:2]
    messages = sorted((m for one in some for m in one.messages), key=lambda message: message.sent_at)
    worst = max(some, key=lambda one: (one.severity, one.lasted_s(found.end)))
    return Card(
        anchor=f"a{number}",
        alert=words.clean(first.alert, 120),
        title=words.title_of(first.alert),
        project=words.clean(first.project, 80),
        times=say.times(len(some)),
        lasted=words.duration(sum(one.lasted_s(found.end) for one in some)),
        severity=worst.severity.word,
        peak=say.peak(_peak(some)),
        what=_what(whole) if whole else "",
        picture=picture(whole, some) if whole else None,
        close_up=picture(closer, some) if closer else None,
        close_up_of=words.utc(closer.start) if closer else "",
        lives=tuple(_life(one, found.end) for one in some[:SHOWN]),
        more_lives=max(0, len(some) - SHOWN),
        messages=tuple(_said(message) for message in messages[:SHOWN]),
        more_messages=max(0, len(messages) - SHOWN),
    )


def _peak(some: Sequence[Fired]) -> Fired:
    known = [one for one in some if one.peak is not None] or list(some)
    return (min if some[0].low_is_bad else max)(known, key=lambda one: one.peak or 0.0)


def _what(curve: Curve) -> str:
    """Return what the picture shows."""
    if curve.lanes:
        return "the alerts that it looks at"
    return words.clean(f"{curve.title}, {curve.unit}" if curve.unit else curve.title, 120)


def _life(one: Fired, end: int) -> Life:
    still = one.resolved_at is None
    return Life(
        place=words.clean(words.listed(f"{name} {value}" for name, value in one.place), 80),
        fired=words.utc(one.fired_at) + (" or before" if one.from_start else ""),
        ended=say.STILL if still else words.utc(one.resolved_at or 0),
        lasted=say.lasted(one, end),
        severity=one.severity.word,
        peak=say.peak(one),
        notable=say.ended(one),
    )


def _said(message: Told) -> Said:
    return Said(
        sent=words.utc(message.sent_at),
        kind=message.kind.value,
        severity=message.severity.word,
        text=words.clean(message.text, 1000),
        summary=words.clean(message.summary, 1000),
    )


def _changed(difference: Difference, end: int) -> Changed | None:
    here, there = difference.here, difference.there
    one = here or there
    if one is None:
        return None
    if here and there:
        sign, kind, what = "~", "changed", f"here {say.changes(here, there, end)}"
    else:
        sign, kind, what = ("+", "here", "only here") if here else ("−", "there", "only there")
    return Changed(
        sign=sign,
        kind=kind,
        alert=words.clean(one.alert, 120),
        place=words.clean(say.place(one), 120),
        fired=words.utc(one.fired_at),
        lasted=say.lasted(one, end),
        severity=one.severity.word,
        what=what,
    )
