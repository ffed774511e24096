"""`agora-bot doctor`: is everything set up, and what to do next where it is not."""

import sys
from collections.abc import Iterator
from contextlib import closing

import click

from bot.config import Settings, SettingsInvalid, missing, read_settings
from bot.model.finding import Finding, Health, doubtful, ill, well
from bot.watched import Watched, read_watched


@click.command()
def doctor() -> None:
    """Check settings, database, rules, Slack and Agora; exit 1 where something failed.

    Spends at most one request per endpoint and account of Agora's quota, and a second one only where the
    first of Agora's hosts cannot be reached.
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
    from bot.flows.blind import blind_rules, fed_by_alerts, said
    from bot.flows.rulebook import read_folder

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
        if blind := blind_rules(reading.rules, known, alerts=settings.takes_alerts):
            names = (
                f"{len(blind)} get no data from account {account.name} ({said(known)}): {', '.join(blind)}"
            )
            yield doubtful("rules", names, "agora-bot rules check says what each of them lacks.")


def _running(settings: Settings, watched: Watched | None, *, slack: bool) -> Iterator[Finding]:
    """Yield what only the world can tell: database, Slack, clock, Agora."""
    from bot.agora import profile
    from bot.clock import Clock
    from bot.flows.checkup import check_agora, check_clock
    from bot.slack.app import web_client
    from bot.slack.checkup import Checkup
    from bot.store import DatabaseUnavailable, SchemaBehind
    from bot.wiring import asking_once, known_database

    clock = Clock()
    if slack:
        client = web_client(settings.slack_api_url, settings.slack_bot_token.get_secret_value())
        checkup = Checkup(client, settings.slack_channel, clock.wall())
        yield from checkup.findings()
        yield check_clock(checkup.skew_s)
    try:
        database = known_database(settings)
    except DatabaseUnavailable as error:
        yield ill(
            "database",
            str(error),
            "Check DATABASE_URL; Agora is not asked, because requests are counted there.",
        )
        return
    except SchemaBehind as error:
        yield doubtful(
            "database", str(error), "`web` and `worker` do it at their start, too; then look again."
        )
        return
    yield well("database", "answers, with the tables of this version")
    for account in watched.accounts if watched else ():
        projects = tuple(p for p in watched.projects if p.account == account.name) if watched else ()
        with closing(asking_once(settings, account, database, clock)) as agora:
            yield from check_agora(agora, projects, profile(account.dialect, account.plan), clock.now())
    database.close()
