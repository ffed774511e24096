"""`agora-bot rules`: look after the rule files."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.config import default_folder

if TYPE_CHECKING:
    from bot.rules import RuleSet


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
    for warning in _without_data(reading.rules):
        click.echo(warning)
    click.echo(f"{len(reading.rules.rules)} rules in {folder} are good")


@rules.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), envvar="RULES_DIR")
def reload(folder: Path | None) -> None:
    """Have running bots read their rule files now; print what changes. Exit 1 when a file is bad."""
    from bot.cli.rules_reload import ask_for_reload

    sys.exit(ask_for_reload(folder or default_folder("rules")))


def _without_data(rules: "RuleSet") -> Iterator[str]:
    """Yield a line for each rule that the settings leave without data; none without settings."""
    from bot.agora import profile
    from bot.config import SettingsInvalid, read_settings
    from bot.flows.blind import blind_rules, fed_by_alerts, said
    from bot.watched import read_watched

    try:
        settings = read_settings()
        watched = read_watched(settings)
    except SettingsInvalid:
        return
    if not settings.takes_alerts:
        for name in fed_by_alerts(rules):
            yield f"note: {name} waits for Agora's own alerts; AGORA_ALERT_SECRET is not set"
    for account in watched.accounts:
        known = profile(account.dialect, account.plan)
        for name, lacking in blind_rules(rules, known, alerts=settings.takes_alerts).items():
            yield f"warning: {name} gets no data from {account.name}: its {said(known)} has no {lacking}"
