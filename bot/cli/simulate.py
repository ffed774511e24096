"""`agora-bot simulate`: a pretend Agora and a pretend Slack, for trying a bot against."""

import click


@click.group()
def simulate() -> None:
    """Serve a pretend Agora or a pretend Slack on this machine."""


@simulate.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8081, show_default=True)
@click.option("--customer-id", default="demo-customer", show_default=True)
@click.option("--customer-secret", default="demo-secret", show_default=True)
@click.option("--app-id", "app_ids", multiple=True, default=("demo-app",), show_default=True)
@click.option(
    "--plan",
    type=click.Choice(["standard", "premium", "enterprise"]),
    help="Serve today's API within this plan; without it, the API of 2019.",
)
@click.option("--scenario", help="Start this trouble a minute from now; see GET /_sim/scenarios.")
def agora(
    host: str,
    port: int,
    customer_id: str,
    customer_secret: str,
    app_ids: tuple[str, ...],
    plan: str | None,
    scenario: str | None,
) -> None:
    """Serve Agora's API of 2019 or of today with its limits, delays and caps, and scripted trouble."""
    from bot.cli.process import refuse, stop_signal
    from bot.clock import Clock
    from bot.simulator.agora import AgoraSimulator

    wait_for_stop = stop_signal()
    simulator = AgoraSimulator(
        now=Clock().now,
        credentials={customer_id: customer_secret},
        projects=dict.fromkeys(app_ids, customer_id),
        plan=plan,
    )
    try:
        address = simulator.start(host, port)
        if scenario:
            simulator.inject(scenario, in_s=60)
    except (OSError, ValueError) as error:
        refuse([str(error)], "the simulator cannot start:")
    click.echo(f"Agora is simulated at {address}; scenarios: {address}/_sim/scenarios")
    click.echo(f"AGORA_API_URL={address} AGORA_CUSTOMER_ID={customer_id} AGORA_APP_ID={app_ids[0]}")
    wait_for_stop()
    simulator.stop()


@simulate.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8082, show_default=True)
@click.option("--app-url", default="http://127.0.0.1:3000/slack/events", show_default=True)
@click.option("--signing-secret", default="demo-signing-secret", show_default=True)
@click.option("--bot-token", default="xoxb-demo", show_default=True)
def slack(host: str, port: int, app_url: str, signing_secret: str, bot_token: str) -> None:
    """Serve a strict Slack with a page to look at."""
    from bot.cli.process import refuse, stop_signal
    from bot.clock import Clock
    from bot.simulator.slack import SlackSimulator

    wait_for_stop, clock = stop_signal(), Clock()
    simulator = SlackSimulator(
        now=clock.now, wall=clock.wall, signing_secret=signing_secret, bot_token=bot_token
    )
    try:
        page = simulator.start(host, port)
    except OSError as error:
        refuse([f"cannot listen on {host}:{port} ({error.strerror})"], "the simulator cannot start:")
    simulator.connect(app_url)
    click.echo(f"Slack is simulated at {page}; requests of people go to {app_url}")
    click.echo(
        f"SLACK_API_URL={simulator.api_url} SLACK_BOT_TOKEN={bot_token} SLACK_SIGNING_SECRET={signing_secret}"
    )
    wait_for_stop()
    simulator.stop()
