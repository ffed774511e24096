"""`agora-bot rules`: look after the rule files."""

import sys
from pathlib import Path

import click

from bot.config import default_folder


@click.group()
def rules() -> None:
    """Look after the rule files."""


@rules.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), envvar="RULES_DIR")
def check(folder: Path | None) -> None:
    """Check every rule file of FOLDER (RULES_DIR, else the shipped rules); exit 2 when one is bad."""
    from bot.flows.rulebook import read_folder

    folder = folder or default_folder("rules")
    reading = read_folder(folder)
    for problem in reading.problems:
        click.echo(str(problem))
    if reading.rules is None:
        click.echo(f"{len(reading.problems)} problem(s); a running bot keeps its last good rules", err=True)
        sys.exit(2)
    click.echo(f"{len(reading.rules.rules)} rules in {folder} are good")
