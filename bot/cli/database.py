"""`agora-bot db`: the tables."""

import click

from bot.config import SettingsInvalid, default_folder, read_settings


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables of DATABASE_URL to this version."""
    from bot.cli.process import refuse
    from bot.store import Database, DatabaseUnavailable

    try:
        database = Database(read_settings().database_url, default_folder("migrations"))
        database.upgrade()
    except SettingsInvalid as invalid:
        refuse(invalid.problems, "agora-bot cannot upgrade the database:")
    except DatabaseUnavailable as gone:
        refuse([str(gone)], "agora-bot cannot upgrade the database:")
    database.close()
    click.echo("the database is up to date")
