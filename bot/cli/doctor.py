"""`agora-bot doctor`: is everything set up, and what to do next where it is not."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import click

from bot.config import Settings, SettingsInvalid, missing, read_settings
from bot.model.finding import Finding, Health, doubtful, ill, well
from bot.watched import Watched, read_watched

if TYPE_CHECKING:  # loaded by the steps that need them
    from bot.clock import Clock
    from bot.store import Database


@click.command()
def doctor() -> None:
    """Check settings, database, rules, Slack and Agora; exit 1 where something failed.

    Spends at most one request per endpoint and account of Agora's quota, and a second one only where the
    first of Agora's hosts cannot be reached. Without a database they are not counted, and it says how many.
    """
    worst = Health.OK
    for finding in findings():
        click.echo(line(finding))
        worst = max(worst, finding.health, key=list(Health).index)
    sys.exit(1 if worst is Health.FAILED else 0)


def line(finding: Finding) -> str:
    """Return a row of the table: state, what, what it said, and below it the next step."""
    row = f"{finding.health.value:<8} {finding.what:<28} {finding.said}"
    return f"{row}\n{'':<37} -> {finding.next_step}" if finding.next_step else row


def findings() -> Iterator[Finding]:
    """Yield what is found, in the order in which it should be mended."""
    settings, watched = None, None
    try:
        settings = read_settings()
    except SettingsInvalid as invalid:
        settings = invalid.usable
        yield from _lines(invalid.problems)
    if settings is None:
        return
    lacking = missing(settings, web=True)
    yield from _lines(lacking)
    try:
        watched = read_watched(settings)
    except SettingsInvalid as invalid:
        yield from _lines(invalid.problems)
    else:
        names = ", ".join(
            f"{a.name} ({a.dialect}{f', {a.plan}' if a.plan else ''})" for a in watched.accounts
        )
        yield well("settings", f"{len(watched.projects)} project(s); accounts: {names}")
    yield from _rules(settings, watched)
    yield from _running(settings, watched, slack=bool(settings.slack_bot_token.get_secret_value()))


def _lines(problems: list[str]) -> Iterator[Finding]:
    for problem in problems:
        name, _, said = problem.partition(": ")
        what, _, step = said.partition("; ")
        yield ill(name, what or "see docs/reference/settings.md", step)


def _rules(settings: Settings, watched: Watched | None) -> Iterator[Finding]:
    from bot.agora import profile
    from bot.flows.blind import blind_rules, crowded, fed_by_alerts, said
    from bot.flows.rulebook import read_folder
    from bot.flows.selection import needs_of, select

    reading = read_folder(settings.rules_dir)
    if reading.rules is None:
        problems = f"{len(reading.problems)} problem(s) in {settings.rules_dir}"
        yield ill("rules", problems, "Run agora-bot rules check.")
        return
    yield well("rules", f"{len(reading.rules.rules)} in {settings.rules_dir}")
    waiting = ", ".join(fed_by_alerts(reading.rules)) or "no rule"
    heard = "taken" if settings.takes_alerts else "not taken, AGORA_ALERT_SECRET is not set"
    yield well("Agora's own alerts", f"{heard}; for them: {waiting}")
    for account in watched.accounts if watched else ():
        known = profile(account.dialect, account.plan)
        projects = [p for p in watched.projects if p.account == account.name] if watched else []
        if full := crowded(known, projects, select(known, projects, needs_of(reading.rules))):
            step = "See docs/reference/projects.md: fewer products, rules or projects on the account."
            yield doubtful("quota", f"account {account.name}: {full}", step)
        if blind := blind_rules(reading.rules, known, projects, alerts=settings.takes_alerts):
            names = (
                f"{len(blind)} get no data from account {account.name} ({said(known)}): {', '.join(blind)}"
            )
            yield doubtful("rules", names, "agora-bot rules check says what each of them lacks.")


def _running(settings: Settings, watched: Watched | None, *, slack: bool) -> Iterator[Finding]:
    """Yield what only the world can tell: database, Slack, clock, Agora."""
    from bot.clock import Clock
    from bot.flows.checkup import check_clock
    from bot.slack.app import web_client
    from bot.slack.checkup import Checkup
    from bot.store import ledger
    from bot.wiring import passing_database

    clock = Clock()
    if slack:
        client = web_client(settings.slack_api_url, settings.slack_bot_token.get_secret_value())
        checkup = Checkup(client, settings.slack_channel, clock.wall())
        yield from checkup.findings()
        yield check_clock(checkup.skew_s)
    database, found = _database(settings)
    yield found
    with ExitStack() as stack:
        counted = stack.enter_context(closing(database) if database else passing_database())
        yield from _agora(settings, watched, clock, counted, history=database is not None)
        if database is None:
            with counted.transaction() as tx:
                spent = sum(use.used for use in ledger.used_today(tx, clock.now()))
            if spent:
                yield doubtful("quota", f"{spent} requests to Agora were not counted", "Mend the database.")


def _database(settings: Settings) -> "tuple[Database | None, Finding]":
    """Return the database where it can be used, and what is to be said of it."""
    from bot.store import DatabaseUnavailable, SchemaBehind
    from bot.wiring import known_database

    try:
        return known_database(settings), well("database", "answers, with the tables of this version")
    except DatabaseUnavailable as error:
        return None, ill("database", str(error), "Check DATABASE_URL.")
    except SchemaBehind as error:
        step = "`web` and `worker` do it at their start, too; then look again."
        return None, doubtful("database", str(error), step)


def _agora(
    settings: Settings, watched: Watched | None, clock: "Clock", database: "Database", *, history: bool
) -> Iterator[Finding]:
    """Yield what each account's Agora says; ``database`` counts the requests, and may have a ``history``."""
    from bot.agora import profile
    from bot.flows.checkup import check_agora, looked_at
    from bot.flows.pace import follows_up
    from bot.wiring import asking_once

    for account in watched.accounts if watched else ():
        projects = tuple(p for p in watched.projects if p.account == account.name) if watched else ()
        if history and follows_up(profile(account.dialect, account.plan)):
            yield from (looked_at(database, project, clock.now()) for project in projects)
        with closing(asking_once(settings, account, database, clock)) as agora:
            yield from check_agora(agora, projects, profile(account.dialect, account.plan), clock.now())
