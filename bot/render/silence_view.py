"""Silences as ``silences.j2`` gets them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.silence import Silence
from bot.render import words
from bot.render.values import Value

SHOWN = 20
"""Each takes two of the 50 blocks of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceRow:
    """One silence: ``when`` and ``about`` are mrkdwn."""

    number: str
    when: str
    matchers: str
    about: str
    button_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencesView:
    """The names of ``silences.j2``."""

    title: str
    hint: str
    rows: tuple[SilenceRow, ...]
    more: int


def silences_view(
    title: str, kept: Sequence[tuple[Silence, int | None]], hint: str, now: int
) -> SilencesView:
    """Return silences, each with how many alerts it hides now, None where that is told otherwise."""
    return SilencesView(
        title=words.plain(title, 200),
        hint=words.sentence(hint, 1000),
        rows=tuple(_row(silence, hides, now) for silence, hides in kept[:SHOWN]),
        more=max(0, len(kept) - SHOWN),
    )


def _row(silence: Silence, hides: int | None, now: int) -> SilenceRow:
    about = [words.plain(silence.comment, 300), f"by {words.mention(silence.author)}"]
    about += [] if hides is None else [f"hides {words.count(hides, 'firing alert')}"]
    return SilenceRow(
        number=str(silence.id),
        when=when(silence, now),
        matchers=words.code(", ".join(silence.matchers), 400),
        about=" · ".join(about),
        button_value=Value.encode_silence(silence.id),
    )


def when(silence: Silence, now: int) -> str:
    """Return how long a silence lasts yet, or when it begins; instants show in the reader's time zone."""
    end = words.moment(silence.ends_at)
    if silence.starts_at > now:
        return (
            f"{words.moment(silence.starts_at)} to {end}, begins in {words.duration(silence.starts_at - now)}"
        )
    return f"until {end}, {words.duration(silence.ends_at - now)} left"
