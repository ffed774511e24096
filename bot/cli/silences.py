"""`agora-bot silences`: keep alerts quiet for a while, see what is quiet, and end it."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bot.cli.data import Refused, open_database
from bot.config import SettingsInvalid, read_settings
from bot.model.silence import Silence
from bot.model.time import DAY_S
from bot.rules.duration import seconds, written

if TYPE_CHECKING:
    from bot.store import Database

_ENDED = 50


@click.group()
def silences() -> None:
    """Keep alerts quiet for a while; what they do stays under watch."""


@silences.command()
@click.argument("matchers", nargs=-1, required=True, metavar="MATCHER...")
@click.option("--for", "lasts", metavar="SPAN", help="How long, like 2h or 1d12h.")
@click.option("--until", "until", metavar="T", help="When it ends, instead of --for.")
@click.option("--from", "start", default="now", show_default=True, metavar="T", help="When it begins.")
@click.option("--comment", required=True, help="Why: whoever misses an alert will want to know.")
@click.option("--author", help="Who; the name of your account if absent.")
@click.option("--dry-run", is_flag=True, help="Only tell what it would hide.")
def add(
    matchers: tuple[str, ...],
    lasts: str | None,
    until: str | None,
    start: str,
    comment: str,
    author: str | None,
    dry_run: bool,
) -> None:
    """Silence the alerts for which every MATCHER holds: 'alertname="VideoFreezeHigh"' 'project=~"school-.*"'.

    Matchers are Alertmanager's: =, !=, and =~, !~ with regular expressions for the whole value. T is a date
    with a time (2026-11-23T10:00, UTC unless it ends in an offset) or a span from now (2h).
    """
    from bot.clock import Clock
    from bot.flows.silence_words import long_words, reach_words
    from bot.flows.silencing import checked, reach, silence
    from bot.model.audit import Asker

    if (lasts is None) == (until is None):
        raise click.UsageError("say how long it lasts: --for 2h, or --until 2026-11-23T10:00")
    now = Clock.wall()
    starts_at = _moment(start, now, "--from")
    ends_at = starts_at + _span(lasts) if lasts is not None else _moment(until or "", now, "--until")
    wanted = Silence(
        matchers=matchers,
        starts_at=starts_at,
        ends_at=ends_at,
        author=author or getpass.getuser(),
        comment=comment,
    )
    with _opened() as database:
        if dry_run:
            checked(wanted, now)
            click.echo(f"would be made. {reach_words(reach(database, matchers, now))}")
            return
        made, found = silence(database, wanted, now, Asker(user=wanted.author))
    click.echo(f"silence {made.id} {_when(made, now)}. {reach_words(found)}")
    if warning := long_words(made):
        click.echo(warning, err=True)


@silences.command("list")
@click.option("--all", "everything", is_flag=True, help=f"Also the last {_ENDED} that are over.")
def list_(everything: bool) -> None:
    """Show what is silenced, by whom and why."""
    from bot.clock import Clock
    from bot.flows.silencing import in_force

    now = Clock.wall()
    with _opened() as database:
        lasting, ended = in_force(database, now, ended=_ENDED if everything else 0)
    for one, hides in lasting:
        _show(one, now, f"hides {hides} firing alert{'s' if hides != 1 else ''}")
    for one in ended:
        _show(one, now, "over")
    if not lasting and not ended:
        click.echo("nothing is silenced")


@silences.command()
@click.argument("silence_id", type=click.IntRange(min=1, max=2**31 - 1), metavar="ID")
def end(silence_id: int) -> None:
    """End a silence now; alerts that it hid and that still fire are told."""
    from bot.clock import Clock
    from bot.flows.silencing import end as end_now
    from bot.model.audit import Asker

    with _opened() as database:
        end_now(database, silence_id, Clock.wall(), Asker(user=getpass.getuser()))
    click.echo(f"silence {silence_id} is over; what it hid and still fires is told now")


@contextmanager
def _opened() -> "Iterator[Database]":
    from bot.flows.silencing import SilenceRefused
    from bot.store import DatabaseUnavailable, SchemaBehind

    try:
        with open_database(read_settings()) as database:
            yield database
    except SettingsInvalid as invalid:
        raise Refused("; ".join(invalid.problems)) from None
    except SilenceRefused as refused:
        raise Refused(str(refused)) from None
    except (DatabaseUnavailable, SchemaBehind) as gone:
        raise click.ClickException(str(gone)) from None


def _show(one: Silence, now: float, state: str) -> None:
    click.echo(f"{one.id}  {_when(one, now)}  {state}  by {one.author}: {one.comment}")
    click.echo(f"    {', '.join(one.matchers)}")


def _when(one: Silence, now: float) -> str:
    begins = f"from {_utc(one.starts_at)} " if one.starts_at > now else ""
    left = f" ({written(one.ends_at - int(now))} left)" if one.is_active(now) else ""
    return f"{begins}until {_utc(one.ends_at)}{left}"


def _utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%MZ")


def _span(told: str) -> int:
    try:
        return seconds(told)
    except ValueError as wrong:
        raise Refused(f"--for: {wrong}") from None


def _moment(told: str, now: float, option: str) -> int:
    """Return Unix seconds of ``now``, a span from now, or an ISO date; else raise Refused."""
    if told == "now":
        return int(now)
    try:
        return int(now) + seconds(told)
    except ValueError:
        pass  # no span, so it is a date
    try:
        date = datetime.fromisoformat(told)
        instant = int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise Refused(
            f"{option} {told!r} is no date; write 2026-11-23T10:00, a span from now like 2h, or now"
        ) from None
    if abs(instant - now) > 3660 * DAY_S:
        raise Refused(f"{option} {told} is more than ten years away")
    return instant
