"""`agora-bot rules`: look after the rule files."""

import sys
from pathlib import Path

import click

from bot.cli.backtest import backtest
from bot.cli.explain import explain
from bot.config import default_folder

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def rules() -> None:
    """Look after the rule files."""


@rules.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[PATH]...")
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True
)
def check(paths: tuple[Path, ...], strict: bool, form: str) -> None:
    """Check rule files, or all of a folder (RULES_DIR, else the shipped rules).

    Exit 0 where they can be used, 1 where they cannot.
    """
    from bot.cli.rules_check import check_rules

    sys.exit(check_rules(paths or (rules_folder(),), strict=strict, form=form))


@rules.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True))
def reload(folder: Path | None) -> None:
    """Have running bots read their rule files now, and print what changes.

    Exit 1 where a file is bad: then the rules in force stay.
    """
    from bot.cli.rules_reload import ask_for_reload

    sys.exit(ask_for_reload(folder or rules_folder()))


@rules.command()
@click.option("--check", "file", type=click.Path(path_type=Path, exists=True), help="Exit 1 if FILE is old.")
def schema(file: Path | None) -> None:
    """Print the JSON Schema of rule files, for editors to complete and explain."""
    from bot.rules.json_schema import rules_schema

    if file is None:
        click.echo(rules_schema(), nl=False)
    elif file.read_text("utf-8", "replace") != rules_schema():
        click.echo(f"{file} is not of this version; write it anew: agora-bot rules schema > {file}", err=True)
        sys.exit(1)


@rules.command()
@click.argument("labels", nargs=-1, required=True, metavar="LABEL=VALUE...")
@click.option("--verify.receivers", "expected", help="Exit 1 unless just these receivers, by commas, get it.")
@click.option("--config", type=click.Path(path_type=Path, exists=True), help="Another routing.yml.")
def routes(labels: tuple[str, ...], expected: str | None, config: Path | None) -> None:
    """Say who gets an alert with these labels, and when."""
    from bot.cli.rules_routes import tell_routes

    sys.exit(tell_routes(labels, expected, config or rules_folder() / "routing.yml"))


@rules.command("test")
@click.argument("files", nargs=-1, type=_FILE, metavar="[FILE]...")
@click.option("--run", "only", help="Run the tests whose names match this regular expression.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit's XML to this file.")
@click.option("--coverage", is_flag=True, help="Name the rules without a test.")
def test(files: tuple[Path, ...], only: str | None, junit: Path | None, coverage: bool) -> None:
    """Run unit tests of rules: FILEs, or all in tests/ of the rules' folder.

    Exit 0 where all pass, 1 where one fails or cannot be read.
    """
    from bot.cli.rules_test import test_rules

    found = files or tuple(sorted((rules_folder() / "tests").glob("*.y*ml")))
    if not found:
        raise click.UsageError(f"{rules_folder() / 'tests'} holds no test; see docs/reference/rule-tests.md")
    sys.exit(test_rules(found, only, junit, coverage=coverage))


def rules_folder() -> Path:
    """Return RULES_DIR, else the shipped rules."""
    import os

    return Path(os.environ["RULES_DIR"]) if os.environ.get("RULES_DIR") else default_folder("rules")


rules.add_command(backtest)
rules.add_command(explain)
