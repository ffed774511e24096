"""`agora-bot rules check`: everything that is wrong or doubtful in rule files, at once."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from bot.agora import profile
from bot.config import SettingsInvalid, read_settings
from bot.flows.blind import blind_rules, fed_by_alerts, said
from bot.flows.rulebook import read_file, read_files, read_folder, read_routing, rule_files
from bot.rules import Examined, Problem, RuleSet
from bot.rules.report import as_annotation, as_json, as_text
from bot.rules.routing import ROUTING, examine_routing
from bot.watched import read_watched

_TESTED = re.compile(r"(?:^|[\s{,])alertname:\s*[\"']?([A-Za-z_][A-Za-z0-9_]*)", re.MULTILINE)


def check_rules(paths: Sequence[Path], *, strict: bool, form: str) -> int:
    """Print what is found and return the exit code: 0 where the rules can be used as they are, else 1."""
    found = _examined(paths)
    problems = found.problems
    if form == "json":
        click.echo(as_json(problems))
    else:
        shown = as_annotation if form == "github" else as_text
        for problem in problems:
            click.echo(shown(problem))
    weights = {"error", "warning"} if strict else {"error"}
    failed = any(problem.weight in weights for problem in problems)
    if form == "text":
        _sum_up(found, paths)
    return int(failed)


def _examined(paths: Sequence[Path]) -> Examined:
    routings = [path / ROUTING if path.is_dir() else path for path in paths]
    routings = [path for path in routings if path.name == ROUTING and path.is_file()]
    files = [file for path in paths for file in (rule_files(path) if path.is_dir() else [path])]
    files = [file for file in files if file not in routings]
    if not files and not routings:
        return read_folder(paths[0])
    found = read_files(files, _tested(paths)) if files else Examined(rules=None, problems=())
    problems = list(found.problems)
    for file in routings:
        source = read_file(file)
        known = found.rules.rules if found.rules else None
        problems += [source] if isinstance(source, Problem) else examine_routing(source, known)[1]
    return replace(found, problems=tuple(sorted(problems)))


def _tested(paths: Iterable[Path]) -> set[str]:
    """Return the alerts that the unit tests beside the rules name."""
    folders = {path if path.is_dir() else path.parent for path in paths}
    texts = [file.read_text("utf-8", "replace") for folder in folders for file in folder.glob("tests/*.y*ml")]
    return {name for text in texts for name in _TESTED.findall(text)}


def _sum_up(found: Examined, paths: Sequence[Path]) -> None:
    counts = Counter(problem.weight for problem in found.problems)
    said = ", ".join(f"{count} {weight}{'s' * (count > 1)}" for weight, count in sorted(counts.items()))
    if counts["error"]:
        click.echo(f"{said}; a running bot keeps its last good rules", err=True)
        return
    if found.rules is None:
        return
    for warning in (*_without_data(found.rules), *_unset(paths)):
        click.echo(warning)
    where = ", ".join(map(str, paths))
    click.echo(f"{len(found.rules.rules)} rules in {where} are good{f' ({said})' if said else ''}")


def _unset(paths: Sequence[Path]) -> Iterable[str]:
    """Yield a line for each environment variable of routing.yml that is not set here."""
    for folder in {path if path.is_dir() else path.parent for path in paths}:
        routing, _ = read_routing(folder)
        for receiver in routing.receivers if routing else ():
            names = [name for c in receiver.webhook_configs for name in (c.url_env, c.secret_env) if name]
            names += [config.routing_key_env for config in receiver.pagerduty_configs]
            for name in names:
                if not os.environ.get(name):
                    yield f"warning: receiver {receiver.name} needs {name}, which is not set here"


def _without_data(rules: RuleSet) -> Iterable[str]:
    """Yield a line for each rule that the settings leave without data; none without settings."""
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
