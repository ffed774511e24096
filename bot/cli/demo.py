"""`agora-bot demo`: both simulators, the bot and a page, in one process on a fast clock."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.simulator.slack import SlackSimulator

CUSTOMER, SECRET, APP_ID = "demo-customer", "demo-secret", "demo-app"
SIGNING_SECRET, BOT_TOKEN = "demo-signing-secret", "xoxb-demo"
CHANNEL, CNAME = "#rtc-quality", "lesson-algebra-7b"
FIRST_TROUBLE, FIRST_TROUBLE_IN_S = "uplink_loss", 60


def _span(_context: click.Context, _option: click.Parameter, value: str) -> float:
    try:
        seconds = float(value.removesuffix("s"))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise click.BadParameter("write seconds, like 60s")
    return seconds


@click.command()
@click.option("--headless", is_flag=True, help="No page: play a person, print the conversation, check it.")
@click.option("--for", "for_s", default="60s", callback=_span, help="How long --headless may take.")
@click.option("--speed", type=click.IntRange(1, 120), help="Demo minutes a wall minute (30; headless 60).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port of the page; 0 takes a free one.",
)
@click.option("--log", "log_level", default="ERROR", show_default=True, help="Level of the bot's log.")
def demo(headless: bool, for_s: float, speed: int | None, port: int, log_level: str) -> None:
    """See it work: a pretend Agora in trouble, the bot, and a pretend Slack to talk with it."""
    from bot.clock import Clock
    from bot.telemetry import set_up_logging

    set_up_logging(log_level, "text", ())
    clock = Clock(speed or (60 if headless else 30))
    with tempfile.TemporaryDirectory(prefix="agora-bot-demo-") as folder:
        if headless:
            from bot.cli.headless import play

            with running(Path(folder), clock, 0) as (slack, _page):
                sys.exit(play(slack, clock.wall, for_s))
        from bot.cli.process import stop_signal

        wait_for_stop = stop_signal()
        with running(Path(folder), clock, port) as (_slack, page):
            click.echo(f"\n  agora-bot demo: open  {page}\n")
            click.echo(
                f"  A demo minute takes {60 / clock.speed:g} s. Trouble begins by itself: a host's uplink"
            )
            click.echo(f"  fails. Watch {CHANNEL}, then type  /agora-call {CNAME}\n\n  Ctrl+C ends it.")
            wait_for_stop()
            click.echo("\n  stopping")


@contextmanager
def running(folder: Path, clock: "Clock", port: int) -> Iterator[tuple["SlackSimulator", str]]:
    """Run everything until the block ends; give the Slack and the address of its page. The first trouble
    begins a demo minute after the start."""
    from pydantic import SecretStr

    from bot.cli.process import refuse
    from bot.config import Settings
    from bot.model.project import Dialect
    from bot.simulator.agora import SCENARIOS, AgoraSimulator
    from bot.simulator.slack import Injection, SlackSimulator
    from bot.watched import read_watched
    from bot.wiring import Parts, Web, Worker, open_database

    agora = AgoraSimulator(now=clock.now, credentials={CUSTOMER: SECRET}, projects={APP_ID: CUSTOMER})

    def injection(name: str) -> Injection:
        scenario = SCENARIOS[name]

        def run() -> None:
            agora.inject(name)

        return Injection(name=name, title=scenario.title, description=scenario.description, run=run)

    slack = SlackSimulator(
        now=clock.now,
        wall=clock.wall,
        signing_secret=SIGNING_SECRET,
        bot_token=BOT_TOKEN,
        injections=[injection(name) for name in SCENARIOS if name != "quiet"],
        status=lambda: f"1 demo minute = {60 / clock.speed:g} s",
    )
    try:
        agora_url = agora.start()
        page = slack.start(port=port)
    except OSError as error:
        refuse(
            [f"port {port} is taken ({error.strerror}); choose another with --port"], "the demo cannot start:"
        )
    settings = Settings(
        agora_api_url=agora_url,
        agora_api_dialect=Dialect.BETA,
        agora_customer_id=CUSTOMER,
        agora_customer_secret=SecretStr(SECRET),
        agora_app_id=APP_ID,
        agora_project_name="demo",
        slack_api_url=slack.api_url,
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_app_token=SecretStr(""),
        slack_channel=CHANNEL,
        database_url=f"sqlite:///{folder / 'demo.sqlite3'}",
        host="127.0.0.1",
        port=0,
    )
    parts = Parts(settings, read_watched(settings), clock, open_database(settings))
    web, worker = Web(parts), Worker(parts)
    web.start()
    slack.connect(f"http://127.0.0.1:{web.port}/slack/events")
    worker.start()
    agora.inject(FIRST_TROUBLE, in_s=FIRST_TROUBLE_IN_S)
    try:
        yield slack, page
    finally:
        web.close()
        worker.close()
        parts.close()
        slack.stop()
        agora.stop()
