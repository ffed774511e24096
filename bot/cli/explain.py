"""`agora-bot rules explain`: why an alert fired, or did not."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.backtest import read_rules
from bot.cli.data import Refused, instant, open_database
from bot.config import SettingsInvalid, read_settings
from bot.model.time import MINUTE_S, floor_minute

if TYPE_CHECKING:
    from bot.flows.stored import Stored
    from bot.rules import Rule


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
    from bot.flows.backtest import UnknownRule, chosen
    from bot.flows.explain import Question, explain
    from bot.flows.stored import UnknownProject, stored
    from bot.render.explain_text import explain_text
    from bot.store import DatabaseUnavailable, SchemaBehind

    wanted = _labels(labels)
    project = project or wanted.pop("project", None)
    try:
        settings = read_settings()
        rules = chosen(read_rules(folder or settings.rules_dir), [name])
        rule = next(rule for rule in rules.rules if rule.name == name)
        _check_labels(rule, wanted)
        with open_database(settings) as database:
            every = stored(database)
            where = stored(database, [project]).projects[0] if project else _only(every)
            told = instant(at, Clock.wall(), "--at") if at else _last_judged(every, rule, where)
            history = every if rule.limit else stored(database, [where])
            question = Question(rule=rule, project=where, labels=wanted, at=floor_minute(told))
            click.echo(explain_text(explain(question, rules, history)), nl=False)
    except SettingsInvalid as invalid:
        raise Refused("; ".join(invalid.problems)) from None
    except (UnknownProject, UnknownRule) as refused:
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


def _check_labels(rule: "Rule", wanted: dict[str, str]) -> None:
    for name, value in wanted.items():
        if name not in rule.by and rule.labels.get(name) != value:
            raise Refused(
                f"--label {name}={value}: alerts of {rule.name} are told apart by {', '.join(rule.by)}"
            )


def _only(history: "Stored") -> str:
    projects = history.projects
    if len(projects) == 1:
        return projects[0]
    if not projects:
        raise Refused("nothing is stored yet; explain needs what a running bot has read")
    shown = ", ".join(projects[:20]) + (" ..." if len(projects) > 20 else "")
    raise Refused(f"choose a project with --project: {shown}")


def _last_judged(history: "Stored", rule: "Rule", project: str) -> int:
    """Return the last minute that the running bot has judged, else the last that its feeds cover."""
    from bot.store import alerts, observations

    with history.database.reading() as tx:
        judged = alerts.last_judged(tx, project, rule.name)
        states = observations.feed_states(tx, project)
    if judged is not None:
        return judged
    covered = [state.watermark for state in states if state.feed in rule.feeds or not rule.feeds]
    if not covered:
        raise Refused(f"no minute of {project} was judged by {rule.name} yet; choose one with --at")
    return min(covered) - MINUTE_S
