"""`agora-bot rules reload`: all or nothing, with the difference to the rules in force."""

from pathlib import Path

import click

from bot.cli.process import refuse
from bot.clock import Clock
from bot.config import SettingsInvalid, read_settings
from bot.flows.rulebook import Difference, read_folder, read_routing, reload
from bot.rules.report import as_text
from bot.store import DatabaseUnavailable, SchemaBehind
from bot.wiring import known_database


def ask_for_reload(folder: Path) -> int:
    """Return the exit code, after everything was said."""
    reading = read_folder(folder)
    found = (*reading.problems, *read_routing(folder)[1])
    errors = [problem for problem in found if problem.weight == "error"]
    if reading.rules is None or errors:
        for problem in errors:
            click.echo(as_text(problem))
        click.echo(f"{len(errors)} problem(s); the rules in force stay", err=True)
        return 1
    try:
        database = known_database(read_settings())
        difference = reload(database, reading.rules, Clock().now())
        database.close()
    except SettingsInvalid as invalid:
        refuse(invalid.problems, "agora-bot cannot reload the rules:")
    except (DatabaseUnavailable, SchemaBehind) as gone:
        refuse([str(gone)], "agora-bot cannot reload the rules:")
    for line in _said(difference):
        click.echo(line)
    click.echo("running bots read their rule files within seconds")
    return 0


def _said(difference: Difference) -> list[str]:
    marks = (("+", difference.added), ("~", difference.changed), ("-", difference.removed))
    lines = [f"{mark} {name}" for mark, names in marks for name in names] or ["no rule differs"]
    if difference.open:
        lines.append(
            f"{difference.open} open incident(s) of rules that are gone or switched off will be closed"
        )
    return lines
