"""`agora-bot rules explain`: why an alert fired, or did not."""

from pathlib import Path

import click

from bot.cli.backtest import read_rules
from bot.cli.data import Refused, instant, open_database
from bot.config import SettingsInvalid, read_settings


@click.command()
@click.argument("name")
@click.option("--at", metavar="T", help="The minute; the last that was judged if absent.")
@click.option("--project", metavar="P", help="The project; may be left out where there is one.")
@click.option(
    "--label", "labels", multiple=True, metavar="K=V", help="A label of the alert, like cname=room-1."
)
@click.option(
    "--rules",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of the rules; RULES_DIR if absent, else the shipped ones.",
)
def explain(
    name: str, at: str | None, project: str | None, labels: tuple[str, ...], folder: Path | None
) -> None:
    """Say why the rule NAME fired or did not in one minute: each condition, the window, and the clocks.

    T is a date with a time (2026-11-23T10:00), UTC unless it ends in an offset, a span back from now (90m),
    or now. The stored history is judged again by these rules; nothing is written.
    """
    from bot.clock import Clock
    from bot.flows.explain_stored import Unexplained, explained
    from bot.render.explain_text import explain_text
    from bot.store import DatabaseUnavailable, SchemaBehind

    wanted = _labels(labels)
    project = project or wanted.pop("project", None)
    moment = instant(at, Clock.wall(), "--at") if at else None
    try:
        settings = read_settings()
        rules = read_rules(folder or settings.rules_dir)
        with open_database(settings) as database:
            told = explained(database, rules, name, project=project, labels=wanted, at=moment)
            click.echo(explain_text(told), nl=False)
    except SettingsInvalid as invalid:
        raise Refused("; ".join(invalid.problems)) from None
    except Unexplained as refused:
        raise Refused(str(refused)) from None
    except (DatabaseUnavailable, SchemaBehind) as gone:
        raise click.ClickException(str(gone)) from None


def _labels(told: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in told:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise Refused(f"--label {one!r} is no label; write it like cname=room-1")
        found[name] = value
    return found
