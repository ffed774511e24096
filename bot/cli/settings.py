"""`agora-bot settings`: what can be set."""

import click

from bot.config import reference


@click.command()
def settings() -> None:
    """Print the table of settings (docs/reference/settings.md)."""
    click.echo(reference(), nl=False)
