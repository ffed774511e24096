"""`agora-bot rules routes`: who gets an alert with these labels."""

from collections.abc import Sequence
from pathlib import Path

import click

from bot.flows.rulebook import read_file
from bot.rules import Problem, RulesInvalid
from bot.rules.duration import written
from bot.rules.report import as_text
from bot.rules.routing import Match, load_routing, receivers_for


def tell_routes(pairs: Sequence[str], expected: str | None, file: Path) -> int:
    """Print the receivers with their timers and return the exit code."""
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise click.UsageError(f"{wrong[0]!r} is no label; write it like severity=critical")
    if not file.is_file():
        raise click.UsageError(f"{file} is not there; without it every alert goes to SLACK_CHANNEL")
    try:
        source = read_file(file)
        if isinstance(source, Problem):
            raise RulesInvalid([source])
        routing = load_routing(source)
    except RulesInvalid as invalid:
        for problem in invalid.problems:
            click.echo(as_text(problem))
        return 1
    found = receivers_for(
        routing, {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
    )
    for match in found:
        click.echo(_said(match))
    names = ",".join(match.receiver for match in found)
    if expected is not None and names != expected.replace(" ", ""):
        click.echo(f"expected {expected}, got {names}", err=True)
        return 1
    return 0


def _said(match: Match) -> str:
    way = "".join(f".routes[{number}]" for number in match.path)
    times = {
        "group_wait": match.group_wait_s,
        "group_interval": match.group_interval_s,
        "repeat_interval": match.repeat_interval_s,
        "reopen_within": match.reopen_within_s,
        "acknowledgement_timeout": match.acknowledgement_timeout_s,
        "escalate_after": match.escalate_after_s,
    }
    said = [f"{name} {written(seconds)}" for name, seconds in times.items() if seconds is not None]
    said += [f"escalate_to {match.escalate_to}"] if match.escalate_to else []
    said += [f"muted in {name}" for name in match.mute_time_intervals]
    said += [f"only in {name}" for name in match.active_time_intervals]
    return f"{match.receiver}  (route{way})  group_by [{', '.join(match.group_by)}], {', '.join(said)}"
