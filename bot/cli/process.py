"""`agora-bot web`, `worker` and `run`: start, wait for a signal, stop."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import click

from bot.config import Settings, SettingsInvalid, missing, read_settings
from bot.watched import Watched, read_watched


def refuse(problems: list[str], heading: str) -> NoReturn:
    """Print every problem and end with exit code 2."""
    click.echo(heading, err=True)
    for problem in problems:
        click.echo(f"  {problem}", err=True)
    sys.exit(2)


def checked(*, for_web: bool) -> tuple[Settings, Watched]:
    """Return the settings, or end with every problem in plain words."""
    heading = "agora-bot cannot start; settings are environment variables, see docs/reference/settings.md:"
    problems: list[str] = []
    try:
        settings = read_settings()
    except SettingsInvalid as invalid:
        if invalid.usable is None:
            refuse(invalid.problems, heading)
        problems, settings = invalid.problems, invalid.usable
    problems += missing(settings, web=for_web)
    try:
        watched = read_watched(settings)
    except SettingsInvalid as invalid:
        problems += invalid.problems
    if problems:
        refuse(problems, heading)
    return settings, watched


def stop_signal() -> Callable[[], None]:
    """Watch for SIGTERM and SIGINT from now on; return a function that returns once one has come."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)

    def wait() -> None:
        # A signal that comes just before an untimed wait blocks is seen only when the wait ends.
        while not stop.wait(1):
            pass

    return wait


def serve(*, with_web: bool, with_worker: bool) -> None:
    """Run the parts until a signal comes, then stop them in order."""
    settings, watched = checked(for_web=with_web)
    wait_for_stop = stop_signal()
    from bot.clock import Clock
    from bot.render import TemplatesInvalid
    from bot.store import DatabaseUnavailable
    from bot.telemetry import log, set_up_logging
    from bot.web.server import AddressInUse
    from bot.wiring import Parts, Web, Worker, open_database

    secrets = [*settings.secrets(), *(account.secret.get_secret_value() for account in watched.accounts)]
    set_up_logging(settings.log_level, settings.log_format, secrets)
    try:
        parts = Parts(settings, watched, Clock(), open_database(settings))
        web_part = Web(parts) if with_web else None
    except (DatabaseUnavailable, AddressInUse, TemplatesInvalid) as error:
        refuse([str(error)], "agora-bot cannot start:")
    worker_part = Worker(parts) if with_worker else None
    for part in (worker_part, web_part):
        if part:
            part.start()
    if worker_part:
        signal.signal(signal.SIGHUP, lambda *_: worker_part.reload())
    log("process").info("started", projects=[p.name for p in watched.projects])
    wait_for_stop()
    log("process").info("stopping")
    for part in (web_part, worker_part):
        if part:
            part.close()
    parts.close()
    log("process").info("stopped")
    # Python waits for every thread, also for one whose request to Agora hangs. All that counts is in the
    # database by now, so what is left behind may end here.
    logging.shutdown()
    os._exit(0)


@click.command()
def web() -> None:
    """Answer Slack's commands and buttons, and monitoring."""
    serve(with_web=True, with_worker=False)


@click.command()
def worker() -> None:
    """Poll Agora, judge by the rules, tell Slack."""
    serve(with_web=False, with_worker=True)


@click.command()
def run() -> None:
    """Do the work of `web` and `worker` in one process."""
    serve(with_web=True, with_worker=True)
