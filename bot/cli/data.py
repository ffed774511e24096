"""`agora-bot data`: take out what is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.destination import Taken, destination
from bot.config import Settings, SettingsInvalid, default_folder, read_settings
from bot.flows.export_columns import COLUMNS, ORDER, What
from bot.flows.export_formats import Format, FormatUnavailable, writer_of
from bot.model.time import Window
from bot.rules.duration import seconds

if TYPE_CHECKING:
    from bot.store import Database


class Refused(click.ClickException):
    """The question cannot be answered as it was asked."""

    exit_code = 2


def _columns() -> str:
    """Return every column with its meaning, as paragraphs that click leaves as they are."""
    parts = []
    for what, columns in COLUMNS.items():
        width = max(len(column.name) for column in columns)
        lines = [f"  {column.name:{width}}  {column.meaning}" for column in columns]
        parts.append("\n".join(["\b", f"Columns of {what.value}, {ORDER[what]}:", *lines]))
    return "\n\n".join(parts)


@click.group()
def data() -> None:
    """Take out what is stored."""


@data.command(epilog=_columns())
@click.option("--from", "start", required=True, metavar="T", help="First instant.")
@click.option("--to", "end", default="now", show_default=True, metavar="T", help="Instant to stop before.")
@click.option(
    "--format", "form", type=click.Choice([f.value for f in Format]), default="csv", show_default=True
)
@click.option("--what", type=click.Choice([w.value for w in What]), default="metrics", show_default=True)
@click.option("--project", help="Only this project; all if absent.")
@click.option(
    "--output", default="-", show_default=True, metavar="FILE", help="Where to; - is standard output."
)
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
def export(start: str, end: str, form: str, what: str, project: str | None, output: str, force: bool) -> None:
    """Write stored metrics, events, finished calls, alerts, feedback or audit as CSV, JSON Lines or Parquet.

    T is a date (2026-11-23), a date with a time (2026-11-23T10:00), both UTC unless they end in an offset, a
    span back from now (7d, 24h, 1h30m), or now. FILE appears when it is complete.

    In CSV, text that begins like a formula (= + - @, a tab, a line end) or with an apostrophe gets a leading
    apostrophe. Parquet takes pip install 'agora-bot[parquet]'.
    """
    from bot.clock import Clock
    from bot.flows.export import UnknownProject, rows
    from bot.store import DatabaseUnavailable, SchemaBehind

    window, asked = window_of(start, end, Clock.wall()), What(what)
    try:
        write = writer_of(Format(form))
        with open_database(read_settings()) as database, destination(output, force=force) as stream:
            count = write(COLUMNS[asked], rows(database, asked, window, project), stream)
    except SettingsInvalid as invalid:
        raise Refused("; ".join(invalid.problems)) from None
    except (FormatUnavailable, Taken, UnknownProject) as refused:
        raise Refused(str(refused)) from None
    except (DatabaseUnavailable, SchemaBehind) as gone:
        raise click.ClickException(str(gone)) from None
    except OSError as error:
        where = "standard output" if output == "-" else output
        raise click.ClickException(f"{where} cannot be written: {error.strerror or error}") from None
    click.echo(f"{count} rows of {what}", err=True)


@contextmanager
def open_database(settings: Settings) -> "Iterator[Database]":
    """Open the database, which must be there with today's tables: reading makes neither."""
    from bot.store import Database, DatabaseUnavailable

    file = settings.database_url.removeprefix("sqlite:///").partition("?")[0]
    if settings.database_url.startswith("sqlite:") and not Path(file).is_file():
        raise DatabaseUnavailable(f"there is no database {file}; check DATABASE_URL")
    database = Database(settings.database_url, default_folder("migrations"))
    try:
        database.check_schema()
        yield database
    finally:
        database.close()


def window_of(start: str, end: str, now: float) -> Window:
    """Return the span of ``--from`` and ``--to``; raise Refused."""
    first, last = instant(start, now, "--from"), instant(end, now, "--to")
    if first >= last:
        raise Refused(f"--from {start} is not before --to {end}")
    return Window(start=first, end=last)


def instant(told: str, now: float, option: str) -> int:
    """Return Unix seconds of ``now``, a span back from it, or an ISO date; else raise Refused."""
    if told == "now":
        return int(now)
    try:
        return int(now) - seconds(told)
    except ValueError:
        pass  # no span, so it is a date
    try:
        date = datetime.fromisoformat(told)
        return int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise Refused(
            f"{option} {told!r} is no date; write 2026-11-23, 2026-11-23T10:00, a span back like 7d, or now"
        ) from None
