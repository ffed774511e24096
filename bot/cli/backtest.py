"""`agora-bot rules backtest`: try rules on history before they page anyone."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.data import Refused, open_database, window_of
from bot.cli.destination import Taken, destination
from bot.config import Settings, SettingsInvalid, default_folder, read_settings
from bot.model.time import MINUTE_S, Window, floor_minute

if TYPE_CHECKING:
    from bot.flows.backtest import Found, Tried
    from bot.flows.routes import Routes
    from bot.flows.stored import Stored
    from bot.rules import RuleSet

_NO_CHANNEL = "SLACK_CHANNEL (not set)"


@click.command()
@click.option("--from", "start", required=True, metavar="T", help="First instant.")
@click.option("--to", "end", default="now", show_default=True, metavar="T", help="Instant to stop before.")
@click.option("--rule", "names", multiple=True, metavar="NAME", help="Only this rule; may be repeated.")
@click.option("--project", "projects", multiple=True, metavar="P", help="Only this project; all if absent.")
@click.option(
    "--compare",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Say what differs from the rules of DIR.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True
)
@click.option("--out", default="-", show_default=True, metavar="FILE", help="Where to; - is standard output.")
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@click.option(
    "--rules",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of the rules; RULES_DIR if absent, else the shipped ones.",
)
@click.option(
    "--history",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="History to use instead of DATABASE_URL: what agora-bot data export wrote of metrics, events or"
    " calls, as jsonl or csv; may be repeated.",
)
def backtest(
    start: str,
    end: str,
    names: tuple[str, ...],
    projects: tuple[str, ...],
    compare: Path | None,
    form: str,
    out: str,
    force: bool,
    folder: Path | None,
    files: tuple[Path, ...],
) -> None:
    """Say what rules would have fired on history, when, for how long, and the messages they would have sent.

    T is a date (2026-11-23), a date with a time (2026-11-23T10:00), both UTC unless they end in an offset, a
    span back from now (7d, 24h, 1h30m), or now. History is only read; nothing is sent.
    """
    from bot.clock import Clock
    from bot.flows.backtest import UnknownRule
    from bot.flows.given import NoHistory
    from bot.flows.stored import UnknownProject
    from bot.render import TemplatesInvalid
    from bot.store import DatabaseUnavailable, SchemaBehind

    asked = window_of(start, end, Clock.wall())
    first, last = floor_minute(asked.start + MINUTE_S - 1), floor_minute(asked.end)
    if first >= last:
        raise Refused(f"no whole minute lies between --from {start} and --to {end}")
    window = Window(start=first, end=last)
    try:
        settings = read_settings()
        tried = _tried(folder or settings.rules_dir, names)
        other = _tried(compare, names, may_lack=True) if compare else None
        with ExitStack() as stack:
            opened = _history(settings, files, projects, tried, other, window)
            history, notes = stack.enter_context(opened)
            stream = stack.enter_context(destination(out, force=force))
            found = _found(settings, tried, other, history, window, notes)
            stream.write(_written(form, found, history).encode())
    except SettingsInvalid as invalid:
        raise Refused("; ".join(invalid.problems)) from None
    except (Taken, UnknownProject, UnknownRule, NoHistory, TemplatesInvalid) as refused:
        raise Refused(str(refused)) from None
    except (DatabaseUnavailable, SchemaBehind) as gone:
        raise click.ClickException(str(gone)) from None
    except OSError as error:
        where = "standard output" if out == "-" else out
        raise click.ClickException(f"{where} cannot be written: {error.strerror or error}") from None


def read_rules(folder: Path) -> "RuleSet":
    """Return the rules of a folder; where one is bad, print every problem and exit with 2."""
    from bot.flows.rulebook import read_folder

    reading = read_folder(folder)
    if reading.rules is None:
        for problem in reading.problems:
            click.echo(str(problem), err=True)
        click.echo(f"{len(reading.problems)} problem(s) in {folder}; correct them and try again", err=True)
        sys.exit(2)
    return reading.rules


def read_routes(folder: Path, rules: "RuleSet") -> "Routes":
    """Return the routes of a folder; where they are bad, print every problem and exit with 2."""
    from bot.flows.routes import Routes
    from bot.flows.rulebook import read_routing

    routing, problems = read_routing(folder, rules.rules)
    if routing is None:
        for problem in problems:
            click.echo(str(problem), err=True)
        sys.exit(2)
    return Routes(spec=routing)


def _tried(folder: Path, names: Sequence[str], *, may_lack: bool = False) -> "Tried":
    from bot.flows.backtest import Tried, chosen

    rules = read_rules(folder)
    there = {rule.name for rule in rules.rules}
    wanted = [name for name in names if name in there] if may_lack else names
    if names and not wanted:
        from bot.rules import RuleSet

        rules = RuleSet(rules=(), digest=rules.digest)
    return Tried(
        folder=str(folder),
        rules=chosen(rules, wanted),
        routes=read_routes(folder, rules),
        shown=frozenset(names),
    )


@contextmanager
def _history(
    settings: Settings,
    files: Sequence[Path],
    projects: Sequence[str],
    tried: "Tried",
    other: "Tried | None",
    window: Window,
) -> "Iterator[tuple[Stored, list[str]]]":
    """Open the database, or one that is made of the files and goes when it is done with."""
    from bot.flows.given import take_files
    from bot.flows.replay import needs
    from bot.flows.stored import stored
    from bot.store import Database

    if not files:
        with open_database(settings) as database:
            history = stored(database, projects)
            yield history, history.notes(tried.rules.rules)
        return
    rules = [*tried.rules.rules, *(other.rules.rules if other else ())]
    needed = needs(rules, window.minutes())
    first = min([needed.start, *(start for _, start, _ in needed.earlier)])
    with tempfile.TemporaryDirectory(prefix="agora-bot-history-") as folder:
        database = Database(f"sqlite:///{folder}/history.sqlite3", default_folder("migrations"))
        try:
            database.upgrade()
            taken = take_files(database, files, Window(start=first, end=window.end))
            yield stored(database, projects), taken.notes()
        finally:
            database.close()


def _found(
    settings: Settings,
    tried: "Tried",
    other: "Tried | None",
    history: "Stored",
    window: Window,
    notes: Sequence[str],
) -> "Found":
    from bot.flows import backtest as flow
    from bot.flows.lives import Telling
    from bot.render import Renderer

    telling = Telling(
        renderer=Renderer(settings.templates_dir), channel=settings.slack_channel or _NO_CHANNEL
    )
    return flow.backtest(
        tried, history, history.projects, window.start, window.end, telling, other=other, notes=notes
    )


def _written(form: str, found: "Found", history: "Stored") -> str:
    if form == "json":
        from bot.render.backtest_json import as_json

        return as_json(found.backtest)
    if form == "html":
        from bot.flows.pictures import pictures
        from bot.render.backtest_page import page

        return page(found.backtest, pictures(found, history))
    from bot.render.backtest_text import text

    return text(found.backtest)
