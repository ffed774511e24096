"""The demo without a browser: a scripted person who acknowledges, asks, and waits for the end."""

import html
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from bot.cli.demo import CHANNEL, CNAME

if TYPE_CHECKING:
    from bot.simulator.slack import SlackSimulator

Message = dict[str, Any]
_DATE = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
_ROOM = CHANNEL.lstrip("#")


def play(slack: "SlackSimulator", wall: Callable[[], float], for_s: float) -> int:
    """Play the story within ``for_s`` seconds; return 0 only if each of its four steps was seen."""
    print_news = _printer(slack)
    deadline = _Deadline(slack, wall, for_s, print_news)
    seen = {
        "an incident was opened": deadline.until(lambda: bool(_roots(slack))),
        "it was acknowledged": False,
        "/agora-call was answered with calls": False,
        "it was resolved": False,
    }
    if seen["an incident was opened"]:
        root = _roots(slack)[0]
        _say("alice", "clicks Acknowledge")
        slack.click(channel=_ROOM, ts=root["ts"], action_id="incident_acknowledge")
        seen["it was acknowledged"] = deadline.until(
            lambda: any("acknowledged" in _plain(m) for m in _thread(slack, root["ts"]))
        )
        _say("alice", f"types /agora-call {CNAME}")
        slack.command("/agora-call", CNAME, channel=_ROOM)
        seen["/agora-call was answered with calls"] = deadline.until(lambda: _answered(slack))
        seen["it was resolved"] = deadline.until(
            lambda: any("Resolved" in _plain(m) for m in _thread(slack, root["ts"]))
        )
    print_news()
    click.echo("")
    for step, happened in seen.items():
        click.echo(f"  {'ok     ' if happened else 'MISSING'} {step}")
    for violation in slack.violations():
        click.echo(f"  Slack would have refused: {violation}")
    return 0 if all(seen.values()) and not slack.violations() else 1


class _Deadline:
    """Waits for steps of the story, all within the same span."""

    def __init__(
        self, slack: "SlackSimulator", wall: Callable[[], float], for_s: float, print_news: Callable[[], None]
    ) -> None:
        self._slack = slack
        self._wall = wall
        self._print_news = print_news
        self._ends_at = wall() + for_s

    def until(self, holds: Callable[[], bool]) -> bool:
        def looked(_slack: "SlackSimulator") -> bool:
            self._print_news()
            return holds()

        return self._slack.wait_for(looked, max(0.0, self._ends_at - self._wall()))


def _printer(slack: "SlackSimulator") -> Callable[[], None]:
    """Return a function that prints every message that was posted or edited since it was last called."""
    shown: dict[str, str] = {}

    def print_news() -> None:
        for message in slack.messages(_ROOM):
            text = _plain(message)
            if shown.get(message["ts"]) != text:
                who = "agora-bot" if message["user"] == "U_BOT" else message["user"]
                mark = "edits" if message["ts"] in shown else "says"
                if message.get("thread_ts") not in (None, message["ts"]):
                    mark = "adds to the thread"
                shown[message["ts"]] = text
                _say(who, f"{mark}:\n" + "\n".join(f"      {line}" for line in text.splitlines()))

    return print_news


def _say(who: str, what: str) -> None:
    click.echo(f"  {who} {what}")


def _roots(slack: "SlackSimulator") -> list[Message]:
    roots = slack.messages(_ROOM, roots_only=True)
    return [m for m in roots if (m.get("metadata") or {}).get("event_type") == "agora_bot_incident"]


def _thread(slack: "SlackSimulator", ts: str) -> list[Message]:
    return [m for m in slack.messages(_ROOM) if m.get("thread_ts") == ts and m["ts"] != ts]


def _answered(slack: "SlackSimulator") -> bool:
    return any(
        m.get("ephemeral_to") and '"call_details"' in repr(m).replace("'", '"') for m in slack.messages(_ROOM)
    )


def _plain(message: Message) -> str:
    """Return a message as a terminal shows it: the text of its sections, or its push text."""
    texts = [
        b.get("text", {}).get("text", "") for b in message.get("blocks") or [] if b.get("type") == "section"
    ]
    text = "\n".join(filter(None, texts)) or message.get("text", "")
    return html.unescape(_DATE.sub(r"\1", text)).strip()
