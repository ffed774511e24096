"""`agora-bot rules check`: everything that is wrong or doubtful in rule files, at once."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.agora import profile
from bot.clock import Clock
from bot.config import SettingsInvalid, read_settings
from bot.flows.blind import blind_rules, crowded, fed_by_alerts
from bot.flows.rulebook import read_file, read_files, read_folder, read_routing, rule_files
from bot.flows.selection import needs_of, select, slow_feeds
from bot.model.project import Dialect
from bot.model.time import DAY_S, MINUTE_S
from bot.rules import Examined, Problem, RuleSet
from bot.rules.report import as_annotation, as_json, as_text
from bot.rules.routing import ROUTING, examine_routing
from bot.watched import PROJECTS, described

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
    today = datetime.fromtimestamp(Clock.wall(), UTC).date().isoformat()
    found = read_files(files, _tested(paths), today) if files else Examined(rules=None, problems=())
    problems = list(found.problems)
    for file in routings:
        source = read_file(file)
        known = found.rules.rules if found.rules else None
        problems += [source] if isinstance(source, Problem) else examine_routing(source, known, today)[1]
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
    for warning in (*_without_data(found.rules, paths), *_unset(paths)):
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


def _without_data(rules: RuleSet, paths: Iterable[Path]) -> Iterable[str]:
    """Yield a line for each rule that settings and projects.yml leave without data, whatever the secrets."""
    try:
        settings = read_settings()
        watched, _ = described(settings, _described_in(paths) or settings.rules_dir)
    except SettingsInvalid as invalid:
        yield from (f"warning: {problem}" for problem in invalid.problems)
        return
    if not settings.takes_alerts:
        for name in fed_by_alerts(rules):
            yield f"note: {name} waits for Agora's own alerts; AGORA_ALERT_SECRET is not set"
    needs = needs_of(rules)
    for rule in rules.rules:
        if max(rule.offsets_s, default=0) > settings.retention_metrics_days * DAY_S:
            kept = f"RETENTION_METRICS_DAYS keeps {settings.retention_metrics_days} days"
            yield f"warning: [baseline/retention] {rule.name} compares with days before; {kept}"
    for account in watched.accounts:
        if account.dialect is Dialect.CURRENT and account.plan is None:
            yield f"warning: account {account.name} has no plan, which says what rules get; set AGORA_PLAN"
            continue
        known = profile(account.dialect, account.plan)
        projects = [p for p in watched.projects if p.account == account.name]
        selection = select(known, projects, needs)
        if full := crowded(known, projects, selection):
            yield f"warning: account {account.name}: {full}"
        for feed, apart_s in slow_feeds(known, selection).items():
            pace = f"its quota lets {feed} be read every {apart_s // MINUTE_S} minutes"
            yield f"warning: [source/budget] {account.name}: {pace}, so alerts come that late"
        for name, why in blind_rules(rules, known, projects, alerts=settings.takes_alerts).items():
            yield f"warning: {name} gets no data from {account.name}: {why}"


def _described_in(paths: Iterable[Path]) -> Path | None:
    """Return the first folder of the rules that has a projects.yml of its own."""
    folders = (path if path.is_dir() else path.parent for path in paths)
    return next((folder for folder in folders if (folder / PROJECTS).exists()), None)
