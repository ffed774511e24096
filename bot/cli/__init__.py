"""The keyboard door: `agora-bot <command>`. Heavy modules are imported inside the commands."""

import click

from bot.cli.data import data
from bot.cli.database import db
from bot.cli.demo import demo
from bot.cli.diagnose import diagnose
from bot.cli.doctor import doctor
from bot.cli.process import run, web, worker
from bot.cli.rules import rules
from bot.cli.settings import settings
from bot.cli.silences import silences
from bot.cli.simulate import simulate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="agora-bot")
def main() -> None:
    """Watches the quality of Agora calls and tells Slack who suffers, when, and why."""


for command in (demo, doctor, run, web, worker, rules, silences, db, data, simulate, settings, diagnose):
    main.add_command(command)
